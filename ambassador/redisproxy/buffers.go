package redisproxy

import "math/bits"

// buffers keeps byte slices for the next who needs one, so that steady traffic allocates nothing. It keeps at most
// keepBytes of each size, or two, and none above 4 MiB: what a burst took is given back. It belongs to one loop.
type buffers struct {
	free [largestClass + 1][][]byte // by the power of two of their capacity
}

const (
	smallestClass = 6  // 64 bytes
	largestClass  = 22 // 4 MiB
	keepBytes     = 1 << 20
)

// get returns an empty slice with room for n bytes at least.
func (b *buffers) get(n int) []byte {
	class := max(bits.Len(uint(max(n, 1)-1)), smallestClass)
	if class > largestClass {
		return make([]byte, 0, n)
	}
	if k := len(b.free[class]); k > 0 {
		buf := b.free[class][k-1]
		b.free[class] = b.free[class][:k-1]
		return buf
	}
	return make([]byte, 0, 1<<class)
}

// put takes buf back; nobody may use it any more.
func (b *buffers) put(buf []byte) {
	if cap(buf) < 1<<smallestClass {
		return
	}
	class := bits.Len(uint(cap(buf))) - 1
	if class <= largestClass && len(b.free[class]) < max(keepBytes>>class, 2) {
		b.free[class] = append(b.free[class], buf[:0])
	}
}

// copy returns a copy of p.
func (b *buffers) copy(p []byte) []byte { return append(b.get(len(p)), p...) }

// append appends p to buf, which it gives back if it needs a larger one.
func (b *buffers) append(buf, p []byte) []byte {
	buf = b.grow(buf, len(p))
	return append(buf, p...)
}

// grow returns buf with room for n bytes more.
func (b *buffers) grow(buf []byte, n int) []byte {
	if cap(buf)-len(buf) >= n {
		return buf
	}
	larger := append(b.get(max(len(buf)+n, 2*cap(buf))), buf...)
	b.put(buf)
	return larger
}

// A slotPool keeps rings of slots for sessions that pipeline, as buffers keeps bytes.
type slotPool struct {
	free [16][][]slot // by the power of two of their length
}

const (
	fewSlots = 16 // that an idle session keeps
	keepRing = 32 // of each length
)

// getSlots returns n empty slots, n a power of two.
func (p *slotPool) getSlots(n int) []slot {
	if class := bits.Len(uint(n)) - 1; class < len(p.free) && len(p.free[class]) > 0 {
		last := len(p.free[class]) - 1
		ring := p.free[class][last]
		p.free[class] = p.free[class][:last]
		return ring
	}
	return make([]slot, n)
}

// putSlots takes a ring back.
func (p *slotPool) putSlots(ring []slot) {
	if class := bits.Len(uint(len(ring))) - 1; class > 0 && class < len(p.free) && len(p.free[class]) < keepRing {
		clear(ring)
		p.free[class] = append(p.free[class], ring)
	}
}

// An input gathers what was read until it makes a frame.
type input struct {
	buf  []byte
	from int // bytes before it are done with
	want int // how much to read at a time: follows what comes
}

// The bounds of input.want.
const (
	leastRead = 1 << 11
	mostRead  = 1 << 16
)

// rest returns what is not yet done with.
func (in *input) rest() []byte { return in.buf[in.from:] }

// space returns where to read to. Prepare has made it.
func (in *input) space() []byte { return in.buf[len(in.buf):cap(in.buf)] }

// received says that n bytes were read into space.
func (in *input) received(n int) {
	if room := cap(in.buf) - len(in.buf); n == room && in.want < mostRead {
		in.want *= 2
	} else if n < in.want/4 && in.want > leastRead {
		in.want /= 2
	}
	in.buf = in.buf[:len(in.buf)+n]
}

// prepare makes room to read to. An empty buffer is kept if it has no more than keep bytes, or four times what there is
// to read at a time. When a frame fills the buffer, it moves to one twice as large: room grows with what
// arrives, never with what the peer announces.
func (in *input) prepare(b *buffers, keep int) {
	in.want = max(in.want, leastRead)
	rest := in.rest()
	switch {
	case len(rest) == 0:
		in.buf, in.from = in.buf[:0], 0
		if cap(in.buf) < in.want || cap(in.buf) > max(4*in.want, keep) {
			b.put(in.buf)
			in.buf = b.get(in.want)
		}
	case cap(in.buf)-len(in.buf) >= in.want/2:
	case len(rest)+in.want/2 <= cap(in.buf):
		in.buf, in.from = in.buf[:copy(in.buf, rest)], 0
	default:
		larger := append(b.get(max(len(rest)+in.want, 2*len(rest))), rest...)
		b.put(in.buf)
		in.buf, in.from = larger, 0
	}
}

// drop gives the buffer back.
func (in *input) drop(b *buffers) {
	b.put(in.buf)
	*in = input{}
}
