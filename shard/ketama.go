package shard

import (
	"crypto/md5"
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
	"strconv"
)

// ketama is twemproxy's: points on a ring of 32 bits, whose number depends on all weights, in its own rounding. The owner of
// a hash is the first point from it on. Where a textbook has a binary search, buckets of hashes say where to begin.
type ketama struct {
	points  []uint32 // ascending
	owners  []uint16 // of the points
	buckets []uint32 // by the top bits of a hash: the first point from the beginning of the bucket on
	shift   uint8
}

// pointsPerServer is how many points a server of mean weight has, rounding aside; pointsPerHash how many one MD5 sum gives.
const (
	pointsPerServer = 160
	pointsPerHash   = 4
)

// newKetama takes the nodes in twemproxy's order.
func newKetama(nodes []Node, order []int) *ketama {
	total := uint32(0)
	for _, n := range nodes {
		total += uint32(n.weight())
	}
	all := make([]uint64, 0, pointsPerServer*len(nodes)) // a point in the upper half, its owner in the lower one
	for _, i := range order {
		for group := range ketamaGroups(nodes[i].weight(), total, len(nodes)) {
			sum := ketamaSum(nodes[i].Name, group)
			for p := range pointsPerHash {
				all = append(all, uint64(binary.LittleEndian.Uint32(sum[4*p:]))<<32|uint64(i))
			}
		}
	}
	all = sortPoints(all)
	k := &ketama{points: make([]uint32, len(all)), owners: make([]uint16, len(all))}
	for i, p := range all {
		k.points[i], k.owners[i] = uint32(p>>32), uint16(p)
	}
	k.fillBuckets()
	return k
}

// ketamaGroups is how many groups of four points a node gets. Each step is rounded to 32 bits, as there: 25 equal nodes get
// 39 groups each, not 40.
func ketamaGroups(weight float64, total uint32, nodes int) int {
	pct := float32(float32(weight) / float32(total))
	count := float32(float32(float32(pct*pointsPerServer)/pointsPerHash) * float32(nodes))
	return int(math.Floor(float64(float32(float64(count) + 1e-10))))
}

// ketamaSum is the MD5 sum that gives the points of a group. Twemproxy cuts what it sums at 272 bytes.
func ketamaSum(name string, group int) [md5.Size]byte {
	text := strconv.AppendInt(append([]byte(name), '-'), int64(group), 10)
	return md5.Sum(text[:min(len(text), 272)])
}

// sortPoints sorts by the upper half, and leaves those with the same one in their order, which decides between them there:
// a radix sort in three passes.
func sortPoints(all []uint64) []uint64 {
	const digit = 11
	other := make([]uint64, len(all))
	for shift := 32; shift < 64; shift += digit {
		var next [1<<digit + 1]int
		for _, p := range all {
			next[p>>shift&(1<<digit-1)+1]++
		}
		for i := range next[1:] {
			next[i+1] += next[i]
		}
		for _, p := range all {
			at := &next[p>>shift&(1<<digit-1)]
			other[*at] = p
			*at++
		}
		all, other = other, all
	}
	return all
}

// fillBuckets makes at least two buckets for each point.
func (k *ketama) fillBuckets() {
	size := bits.Len(uint(2 * len(k.points)))
	k.shift = uint8(32 - size)
	k.buckets = make([]uint32, 1<<size)
	p := 0
	for i := range k.buckets {
		for p < len(k.points) && k.points[p] < uint32(i)<<k.shift {
			p++
		}
		k.buckets[i] = uint32(p)
	}
}

// at returns the point that owns hash h.
func (k *ketama) at(h uint32) int {
	i := int(k.buckets[h>>k.shift])
	for i < len(k.points) && k.points[i] < h {
		i++
	}
	if i == len(k.points) {
		return 0
	}
	return i
}

func (k *ketama) index(h uint64) int { return int(k.owners[k.at(uint32(h))]) }

func (k *ketama) walk(h uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range around(k.at(uint32(h)), len(k.points)) {
			if !yield(int(k.owners[i])) {
				return
			}
		}
	}
}

// runs goes from point to point. The first one also owns what lies behind the last.
func (k *ketama) runs() iter.Seq[run] {
	return func(yield func(run) bool) {
		at := run{owner: k.index(0)}
		for _, p := range k.points {
			owner := k.index(uint64(p) + 1) // beyond the last it is the first point's
			if owner == at.owner || p == math.MaxUint32 {
				continue
			}
			at.Last = uint64(p)
			if !yield(at) {
				return
			}
			at = run{Range{First: at.Last + 1}, owner}
		}
		at.Last = math.MaxUint32
		yield(at)
	}
}
