package resp

import "bytes"

// inline finds a request that is a line of words, for people with telnet. Words may be quoted as in Redis:
// "a\n\x00" with escapes, 'a' with \' as the only one.
func (s *Scanner) inline(buf []byte) (int, error) {
	limit := min(len(buf), s.Limits.inline()+1)
	end := bytes.IndexByte(buf[s.pos:limit], '\n')
	if end < 0 {
		if s.pos = limit; limit > s.Limits.inline() {
			return s.fail("too big inline request")
		}
		return 0, nil
	}
	end += s.pos
	line := buf[:end]
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return s.fail("NUL in inline request")
	}
	for at := 0; ; {
		for at < len(line) && isSpace(line[at]) {
			at++
		}
		if at == len(line) {
			break
		}
		word, next, ok := unquote(line, at)
		if !ok {
			return s.fail("unbalanced quotes in request")
		}
		if len(s.args) == s.Limits.args() {
			return s.fail("too many words in inline request")
		}
		s.args = append(s.args, word)
		at = next
	}
	s.phase = frameStart
	return end + 1, nil
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// endsWord reports whether a word ends at i.
func endsWord(line []byte, i int) bool {
	return i == len(line) || isSpace(line[i]) && line[i] != '\v' && line[i] != '\f'
}

// unquote unescapes the word at line[at] in place, where it gets no longer, and returns where it lies and where to go on.
func unquote(line []byte, at int) (word span, next int, ok bool) {
	to := at
	word.from = uint32(at)
	quote := byte(0)
	for ; ; at++ {
		switch {
		case quote == 0 && endsWord(line, at):
			word.to = uint32(to)
			return word, at, true
		case at == len(line):
			return word, at, false
		case quote == 0 && (line[at] == '"' || line[at] == '\''):
			quote = line[at]
			continue
		case quote != 0 && line[at] == quote:
			if !isEnd(line, at+1) {
				return word, at, false
			}
			word.to = uint32(to)
			return word, at + 1, true
		}
		c, more := unescape(line[at:], quote)
		line[to] = c
		to++
		at += more
	}
}

// isEnd reports whether what follows a closing quote ends a word: a blank of any kind.
func isEnd(line []byte, i int) bool { return i == len(line) || isSpace(line[i]) }

// unescape returns the byte that b starts with, and how many bytes more than one it took.
func unescape(b []byte, quote byte) (c byte, more int) {
	if quote == 0 || b[0] != '\\' || len(b) < 2 {
		return b[0], 0
	}
	if quote == '\'' {
		if b[1] == '\'' {
			return '\'', 1
		}
		return b[0], 0
	}
	if b[1] == 'x' && len(b) >= 4 {
		hi, ok1 := hexDigit(b[2])
		lo, ok2 := hexDigit(b[3])
		if ok1 && ok2 {
			return hi<<4 | lo, 3
		}
	}
	switch b[1] {
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'b':
		return '\b', 1
	case 'a':
		return '\a', 1
	}
	return b[1], 1
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
