package redisproxy

import (
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A session is one client: it parses requests, sees that each goes where its answer is, and puts the replies in order.
type session struct {
	endpoint
	id   uint64
	name []byte // by CLIENT SETNAME
	scan resp.Scanner
	in   input
	args []byte // the frame of the request at hand: arg returns parts of it

	// Requests that wait for a reply, a ring: seq first up to next, seq i in slots[i%len(slots)].
	slots       []slot
	first, next uint32
	inflight    int // bytes of these requests
	held        int // bytes of replies that came before their turn

	paused bool // takes no more requests until some are answered or replies are read
	ending bool // takes no more requests at all; over when all are answered and written
	dead   bool // over now; what the shards still answer is dropped

	lastMoved time.Duration // when something was last read or written
}

// A slot is a request that waits for a reply, its own or that of one before it.
type slot struct {
	command *command
	merge   *merge // of a request that was split
	reply   []byte // if it came before its turn
	done    bool
	bytes   int
}

func (l *loop) newSession() *session {
	l.nextID++
	s := &session{endpoint: endpoint{loop: l}, id: l.nextID, lastMoved: l.now}
	s.scan.Limits = l.conf.Limits
	l.sessions[s] = struct{}{}
	s.in.prepare(&l.buffers, 0)
	l.sweepAt(l.now+l.conf.IdleTimeout, l.conf.IdleTimeout)
	return s
}

// pending is how many requests wait for a reply.
func (s *session) pending() int { return int(s.next - s.first) }

// received says that the driver has read n bytes into s.in.space.
func (s *session) received(n int) {
	s.in.received(n)
	s.lastMoved = s.loop.now
	if s.ending {
		s.in.from = len(s.in.buf)
	}
	s.work()
}

// eof says that nothing more can be read. What was read is answered first.
func (s *session) eof() { s.end() }

// end takes no more requests, and gives the client a time to read the replies.
func (s *session) end() {
	s.ending = true
	s.lastMoved = s.loop.now
	s.loop.sweepAt(s.loop.now+s.loop.conf.DrainTimeout, s.loop.conf.DrainTimeout)
	s.mark()
}

// kill ends the session now.
func (s *session) kill() {
	if s.dead {
		return
	}
	s.dead, s.ending, s.paused = true, true, false
	for ; s.first != s.next; s.first++ {
		s.at(s.first).clear(s.loop)
	}
	s.loop.put(s.out)
	s.loop.putSlots(s.slots)
	s.slots, s.out, s.held, s.inflight = nil, nil, 0, 0
	s.mark()
}

// over reports whether the driver may close the connection.
func (s *session) over() bool {
	return s.dead || s.ending && !s.paused && s.pending() == 0 && s.waiting() == 0
}

// release forgets the session. It is the last call, and the driver reads no more.
func (s *session) release() {
	s.kill()
	s.in.drop(&s.loop.buffers)
	delete(s.loop.sessions, s)
}

// full reports whether the session takes no more requests until something was answered, or its answers were read.
func (s *session) full() bool {
	c := s.loop.conf
	return s.pending() >= c.MaxPending || s.inflight >= maxInflight || s.waiting()+s.held >= c.MaxOutput
}

// work takes the requests that were read.
func (s *session) work() {
	for !s.dead {
		frame := s.in.rest()
		if s.ending && len(frame) == 0 {
			break
		}
		if s.paused = s.full(); s.paused {
			break
		}
		n, err := s.scan.Request(frame)
		if err != nil {
			s.loop.table.broken.called()
			s.answer(s.loop.table.broken, resp.AppendError(s.loop.scratch[:0], err.Error()))
			s.quit()
			break
		}
		if n == 0 {
			break
		}
		s.in.from += n
		if s.scan.NumArgs() > 0 {
			s.args = frame[:n]
			s.command()
			s.args = nil
		}
	}
	s.in.prepare(&s.loop.buffers, 0)
}

// quit drops what follows in the input.
func (s *session) quit() {
	s.in.from = len(s.in.buf)
	s.end()
}

// arg returns an argument of the request at hand.
func (s *session) arg(i int) []byte { return s.scan.Arg(s.args, i) }

// canResume puts the session on the list of those to go on at the end of the turn.
func (s *session) canResume() {
	if s.paused && !s.full() {
		s.paused = false
		s.loop.paused = append(s.loop.paused, s)
	}
}

func (s *session) resume() {
	if s.dead {
		return
	}
	s.work()
	s.mark() // the driver may read on, or the session is over
}

// wrote takes back the buffer of a finished write.
func (s *session) wrote(out []byte) {
	s.endpoint.wrote(out)
	s.lastMoved = s.loop.now
	s.canResume()
	s.mark() // it may be over
}

// broke says that nothing can be written any more.
func (s *session) broke(error) { s.kill() }

// tick ends the session if nothing has moved for too long, and no shard is to blame.
func (s *session) tick() {
	timeout := s.loop.conf.IdleTimeout
	if s.ending {
		timeout = min(timeout, s.loop.conf.DrainTimeout)
	}
	end := s.lastMoved + timeout
	if s.pending() > 0 && s.waiting() == 0 {
		end = max(end, s.loop.now+timeout)
	}
	if end <= s.loop.now {
		s.kill()
		return
	}
	s.loop.sweepAt(end, timeout)
}

func (s *session) at(seq uint32) *slot { return &s.slots[int(seq)&(len(s.slots)-1)] }

// reserve gives the request at hand its place in the order of replies.
func (s *session) reserve(c *command) (seq uint32, _ *slot) {
	if s.pending() == len(s.slots) {
		s.growSlots()
	}
	seq = s.next
	s.next++
	at := s.at(seq)
	at.command, at.bytes = c, len(s.args)
	s.inflight += at.bytes
	return seq, at
}

func (s *session) growSlots() {
	larger := s.loop.getSlots(max(fewSlots, 2*len(s.slots)))
	for seq := s.first; seq != s.next; seq++ {
		larger[int(seq)&(len(larger)-1)] = *s.at(seq)
	}
	s.loop.putSlots(s.slots)
	s.slots = larger
}

// answer replies to the request at hand from here. The reply is copied.
func (s *session) answer(c *command, reply []byte) {
	seq, _ := s.reserve(c)
	s.deliver(seq, reply)
}

// deliver takes the reply to request seq, copies it, and passes on what is in order.
func (s *session) deliver(seq uint32, reply []byte) {
	if s.dead {
		return
	}
	at := s.at(seq)
	if reply[0] == '-' || reply[0] == '!' {
		at.command.failed()
	}
	at.done = true
	if seq != s.first {
		if s.behind() {
			return
		}
		at.reply = s.loop.copy(reply)
		s.held += len(reply)
		return
	}
	s.emit(reply)
	s.pop()
	for s.first != s.next && s.at(s.first).done {
		next := s.at(s.first)
		s.held -= len(next.reply)
		s.emit(next.reply)
		s.pop()
	}
	s.canResume()
}

// behind ends the session if its client has fallen too far behind.
func (s *session) behind() bool {
	if s.waiting()+s.held > 2*s.loop.conf.MaxOutput {
		s.loop.stats.slowClients.n++
		s.kill()
	}
	return s.dead
}

// emit appends a reply to the output.
func (s *session) emit(reply []byte) {
	if s.dead || s.behind() {
		return
	}
	s.out = s.loop.append(s.out, reply)
	s.mark()
}

// pop frees the first slot.
func (s *session) pop() {
	if s.dead {
		return // kill has freed all
	}
	at := s.at(s.first)
	s.inflight -= at.bytes
	at.clear(s.loop)
	if s.first++; s.first == s.next && len(s.slots) > fewSlots {
		s.loop.putSlots(s.slots) // what a burst took
		s.slots = nil
	}
}

func (at *slot) clear(l *loop) {
	l.put(at.reply)
	if at.merge != nil {
		at.merge.free(l)
	}
	*at = slot{}
}
