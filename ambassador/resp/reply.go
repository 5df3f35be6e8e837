package resp

import (
	"bytes"
	"fmt"
)

// A Kind is the first byte of a frame: of RESP2 '+', '-', ':', '$' and '*'; of RESP3 also '_' null, '#' boolean, ',' double,
// '(' big number, '!' error, '=' verbatim string, '%' map, '~' set, '>' push and '|' attribute.
type Kind byte

// Reply is Request for replies and pushes: it returns the length of the one that buf starts with, or 0 if it is not
// complete. An attribute and what it describes are one reply.
func (s *Scanner) Reply(buf []byte) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.phase == frameStart {
		if len(buf) == 0 {
			return 0, nil
		}
		s.reset(false)
		s.phase = lineEnd
		s.open = append(s.open, 1) // the reply itself
	}
	for len(s.open) > 0 {
		if done, err := s.element(buf); !done {
			return 0, err
		}
		for len(s.open) > 0 && s.open[len(s.open)-1] == 0 {
			s.open = s.open[:len(s.open)-1]
		}
	}
	s.phase = frameStart
	return s.pos, nil
}

// element reads one element, of an aggregate its head.
func (s *Scanner) element(buf []byte) (done bool, err error) {
	if s.phase == stringEnd {
		return s.payload(buf)
	}
	if s.start >= len(buf) {
		return false, nil
	}
	if s.start >= s.Limits.total() {
		_, err = s.fail("too big reply")
		return false, err
	}
	switch buf[s.start] {
	case '$', '=', '!':
		return s.stringHead(buf)
	case '*', '~', '>', '%', '|':
		return s.aggregate(buf)
	case '+', '-', ':', '_', '#', ',', '(':
		return s.line(buf)
	}
	_, err = s.fail(fmt.Sprintf("unknown reply type %q", buf[s.start]))
	return false, err
}

// took counts an element that is complete.
func (s *Scanner) took() (done bool, err error) {
	s.start = s.pos
	s.open[len(s.open)-1]--
	return true, nil
}

// line reads an element that is a line.
func (s *Scanner) line(buf []byte) (done bool, err error) {
	i := bytes.IndexByte(buf[s.pos:], '\r')
	if i < 0 {
		s.pos = len(buf)
		i = 0
	}
	s.pos += i
	switch {
	case s.pos-s.start > s.Limits.bulk():
		_, err = s.fail("too big reply line")
		return false, err
	case s.pos+1 >= len(buf):
		return false, nil
	case buf[s.pos+1] != '\n' || !validLine(buf[s.start:s.pos]):
		_, err = s.fail("invalid reply line")
		return false, err
	}
	s.pos += 2
	return s.took()
}

// validLine checks those lines that mean something to a proxy; doubles and big numbers are passed on unread.
func validLine(line []byte) bool {
	switch rest := line[1:]; line[0] {
	case ':':
		_, ok := integer(rest)
		return ok
	case '_':
		return len(rest) == 0
	case '#':
		return len(rest) == 1 && (rest[0] == 't' || rest[0] == 'f')
	}
	return true
}

// stringHead reads the line that announces a string.
func (s *Scanner) stringHead(buf []byte) (done bool, err error) {
	kind := buf[s.start]
	n, done, err := s.header(buf, "too big bulk count string", "invalid bulk length")
	if !done {
		return false, err
	}
	if n == -1 && kind == '$' {
		return s.took()
	}
	if n < 0 || n > s.Limits.bulk() || s.pos+n > s.Limits.total() {
		_, err = s.fail("invalid bulk length")
		return false, err
	}
	s.start, s.phase = s.pos+n, stringEnd
	return s.payload(buf)
}

// payload reads a string, which ends at s.start.
func (s *Scanner) payload(buf []byte) (done bool, err error) {
	if s.start+2 > len(buf) {
		return false, nil
	}
	if buf[s.start] != '\r' || buf[s.start+1] != '\n' {
		_, err = s.fail("invalid bulk length")
		return false, err
	}
	s.pos, s.phase = s.start+2, lineEnd
	return s.took()
}

// aggregate reads the head of an aggregate.
func (s *Scanner) aggregate(buf []byte) (done bool, err error) {
	kind := buf[s.start]
	n, done, err := s.header(buf, "too big mbulk count string", "invalid multibulk length")
	if !done {
		return false, err
	}
	if n == -1 && kind == '*' {
		return s.took()
	}
	if n < 0 || n > s.Limits.total() {
		_, err = s.fail("invalid multibulk length")
		return false, err
	}
	if kind == '%' || kind == '|' {
		n *= 2
	}
	if kind == '|' {
		s.open[len(s.open)-1]++ // it is no element: the one it describes follows
	}
	s.took()
	if len(s.open) > s.Limits.depth() {
		_, err = s.fail("too deeply nested reply")
		return false, err
	}
	s.open = append(s.open, n)
	return true, nil
}

// integer parses what follows a colon: 64 bits, with any sign, as servers in the field send it.
func integer(b []byte) (n int64, ok bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, b = b[0] == '-', b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	u := uint64(0)
	for _, c := range b {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		u = u*10 + uint64(d)
	}
	if neg {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u < 1<<63
}
