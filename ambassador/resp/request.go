package resp

import "iter"

// Request returns the length of the request that buf starts with, or 0 if it is not complete yet: call again with the
// same bytes and more behind them, in this buffer or in another. After a request was found, call it with what follows.
// Nothing is looked at twice but the digits of a length that arrives in pieces. The error is an *Error.
func (s *Scanner) Request(buf []byte) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.phase == frameStart {
		s.reset(len(buf) == 0)
		if len(buf) == 0 {
			return 0, nil
		}
		s.phase = lineEnd
		if buf[0] != '*' {
			s.phase = inlineEnd
		}
	}
	if s.phase == inlineEnd {
		return s.inline(buf)
	}
	if s.left == 0 {
		if done, err := s.count(buf); !done {
			return 0, err
		}
	}
	for s.whole(buf); s.left > 0; {
		if done, err := s.bulk(buf); !done {
			return 0, err
		}
	}
	s.phase = frameStart
	return s.pos, nil
}

// count reads the line that says how many arguments follow. None or fewer is a request without an answer.
func (s *Scanner) count(buf []byte) (done bool, err error) {
	n, next := length(buf, 1)
	if s.pos = max(s.pos, next); next == 0 {
		n, done, err = s.header(buf, "too big mbulk count string", "invalid multibulk length")
		if !done {
			return false, err
		}
	}
	if n > s.Limits.args() {
		_, err = s.fail("invalid multibulk length")
		return false, err
	}
	s.left, s.start = max(n, 0), s.pos
	return true, nil
}

// whole reads arguments as long as they have arrived and are as they should be: nearly always. The first that is not is
// for bulk to wait for or complain of.
func (s *Scanner) whole(buf []byte) {
	if s.phase != lineEnd || s.pos != s.start {
		return // amid an argument
	}
	at, left, args := s.start, s.left, s.args // in registers
	bulk, total := s.Limits.bulk(), s.Limits.total()
	for left > 0 && at < len(buf) && buf[at] == '$' {
		n, from := length(buf, at+1)
		to := from + n
		if from == 0 || n > bulk || to > total || to+2 > len(buf) || buf[to] != '\r' || buf[to+1] != '\n' {
			break
		}
		args = append(args, span{uint32(from), uint32(to)})
		at = to + 2
		left--
	}
	s.start, s.pos, s.left, s.args = at, at, left, args
}

// length parses a length and the line end behind it, and returns where the next line begins; 0 if the line is longer
// than such lines are, incomplete or wrong.
func length(buf []byte, at int) (n, next int) {
	first := at
	for end := min(at+8, len(buf)-1); at < end; at++ {
		if d := buf[at] - '0'; d <= 9 {
			n = n*10 + int(d)
			continue
		}
		if buf[at] != '\r' || buf[at+1] != '\n' || at == first || buf[first] == '0' && at > first+1 {
			break
		}
		return n, at + 2
	}
	return 0, 0
}

// bulk reads one argument.
func (s *Scanner) bulk(buf []byte) (done bool, err error) {
	if s.phase == lineEnd {
		n, done, err := s.bulkHeader(buf)
		if !done {
			return false, err
		}
		s.start = s.pos + n
		s.phase = stringEnd
	}
	if s.start+2 > len(buf) {
		return false, nil
	}
	if buf[s.start] != '\r' || buf[s.start+1] != '\n' {
		_, err = s.fail("invalid bulk length")
		return false, err
	}
	s.args = append(s.args, span{uint32(s.pos), uint32(s.start)})
	s.start += 2
	s.pos = s.start
	s.phase = lineEnd
	s.left--
	return true, nil
}

func (s *Scanner) bulkHeader(buf []byte) (n int, done bool, err error) {
	const tooLong, invalid = "too big bulk count string", "invalid bulk length"
	if s.start < len(buf) && buf[s.start] != '$' {
		return s.notBulk(buf, tooLong)
	}
	n, done, err = s.header(buf, tooLong, invalid)
	if done && (n < 0 || n > s.Limits.bulk()) {
		_, err = s.fail(invalid)
	} else if done && s.pos+n > s.Limits.total() {
		_, err = s.fail("too big request")
	}
	return n, done && err == nil, err
}

// notBulk complains of a line that should have announced a string, once it is complete, as Redis does.
func (s *Scanner) notBulk(buf []byte, tooLong string) (n int, done bool, err error) {
	text := "expected '$', got '" + string([]byte{buf[s.start]}) + "'"
	if _, done, err = s.header(buf, tooLong, text); done {
		_, err = s.fail(text)
	}
	return 0, false, err
}

// NumArgs returns how many arguments the request last found has; 0 for an empty one, which has no answer.
func (s *Scanner) NumArgs() int { return len(s.args) }

// Arg returns argument i of the request last found, a part of buf, which must start with that request. It panics if
// there is no argument i.
func (s *Scanner) Arg(buf []byte, i int) []byte {
	a := s.args[i]
	return buf[a.from:a.to:a.to]
}

// Args yields the arguments of the request last found, as parts of buf; those of an inline request are unescaped in
// place, by Request.
func (s *Scanner) Args(buf []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range s.args {
			if !yield(s.Arg(buf, i)) {
				return
			}
		}
	}
}
