// Package resp finds the frames of the Redis protocol, RESP2 and RESP3, in a byte buffer and appends them to one.
// It reads from nothing, copies nothing and allocates nothing in steady state. It is not a Redis client.
//
// The formats are those of https://redis.io/docs/latest/develop/reference/protocol-spec/, less the streamed types of
// RESP3, which no server sends. Requests are held to what Redis 7 accepts, with two exceptions: it does not look at the
// bytes where CR LF must stand, and it takes bytes behind a NUL for missing; here both are errors, because who passes
// frames on must not pass on what the next reader may read differently.
package resp

import (
	"cmp"
	"math"
)

// An Error is a breach of protocol; its text is what Redis answers before it closes the connection, where Redis has
// a text for it. What follows in the stream cannot be trusted.
type Error struct{ Text string }

// Error returns e.Text, such as "ERR Protocol error: invalid bulk length": fit for AppendError.
func (e *Error) Error() string { return e.Text }

func breach(text string) *Error { return &Error{"ERR Protocol error: " + text} }

// Limits bound what a peer may announce; some are tighter than Redis' own. A peer that exceeds one gets an *Error.
// The zero Limits are the defaults.
type Limits struct {
	Args   int // arguments of a request; 0 means 1048576
	Bulk   int // bytes of one string or line; 0 means 512 MiB
	Inline int // bytes of an inline request, and of a line that announces a length; 0 means 64 KiB
	Depth  int // nesting of a reply; 0 means 128
	Total  int // bytes of a whole frame, at most 2 GiB - 1; 0 means 1 GiB
}

func (l *Limits) args() int   { return cmp.Or(l.Args, 1<<20) }
func (l *Limits) bulk() int   { return cmp.Or(l.Bulk, 512<<20) }
func (l *Limits) inline() int { return cmp.Or(l.Inline, 64<<10) }
func (l *Limits) depth() int  { return cmp.Or(l.Depth, 128) }
func (l *Limits) total() int  { return min(cmp.Or(l.Total, 1<<30), math.MaxInt32) }

// A Scanner finds frames. The zero Scanner is ready to use; a Scanner serves one direction of one connection, and one
// goroutine at a time.
//
// It remembers how far it has looked, so the calls for one frame cost together as much as one call with the whole frame,
// however it arrives. After an error every call returns that error.
type Scanner struct {
	Limits Limits // must not change once in use

	phase phase
	start int   // of the line or string that is being looked at
	pos   int   // bytes before it need no second look
	left  int   // arguments of the request still to come
	open  []int // elements still to come of each open aggregate of a reply
	args  []span
	err   *Error
}

// A span is a part of the buffer.
type span struct{ from, to uint32 }

// A phase is what the scanner looks for at pos.
type phase uint8

const (
	frameStart phase = iota // nothing of the frame seen
	lineEnd                 // the end of the line from start
	stringEnd               // the end of the string that ends at start
	inlineEnd               // the end of the inline request
)

// keepArgs is how many spans a scanner keeps room for when no frame follows at once: what a large one took is given back.
const keepArgs = 1024

// reset makes ready for the next frame.
func (s *Scanner) reset(idle bool) {
	if cap(s.args) > keepArgs && (idle || len(s.args) <= keepArgs) {
		s.args = nil
	}
	s.phase, s.start, s.pos, s.left = frameStart, 0, 0, 0
	s.args, s.open = s.args[:0], s.open[:0]
}

// fail ends the stream.
func (s *Scanner) fail(text string) (int, error) {
	s.err = breach(text)
	return 0, s.err
}

// header looks for the end of the line that started at s.start, which must be CR LF, and returns the number behind its
// first byte. Done is false while the end has not arrived; tooLong and invalid are the texts of what may be wrong.
func (s *Scanner) header(buf []byte, tooLong, invalid string) (n int, done bool, err error) {
	end := s.pos
	limit := s.start + s.Limits.inline()
	for end < len(buf) && buf[end] != '\r' {
		if end++; end > limit {
			_, err = s.fail(tooLong)
			return 0, false, err
		}
	}
	s.pos = end
	if end+1 >= len(buf) {
		return 0, false, nil
	}
	n, ok := number(buf[min(s.start+1, end):end])
	if !ok || buf[end+1] != '\n' {
		_, err = s.fail(invalid)
		return 0, false, err
	}
	s.pos = end + 2
	return n, true, nil
}

// number parses a length as Redis does: no plus sign, no leading zero, no blank; and none that no frame can have.
func number(b []byte) (length int, ok bool) {
	sign := int64(1)
	if len(b) > 1 && b[0] == '-' {
		sign, b = -1, b[1:]
	}
	if len(b) == 0 || len(b) > 10 || b[0] == '0' && (len(b) > 1 || sign < 0) {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return int(sign * n), n <= math.MaxInt32
}
