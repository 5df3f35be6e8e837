package resp

import "io"

// A Value is a decoded reply, for tests and tools; proxies pass frames on. The zero Value is no reply.
type Value struct {
	Kind  Kind
	Text  []byte  // of strings and lines, numbers too; a part of the decoded buffer; a verbatim string has its format in front: "txt:"
	Int   int64   // of ':', and 1 for the '#' that is true
	Elems []Value // of aggregates; a map has keys and values in turn
	Null  bool    // '_', "$-1" or "*-1"
}

// Decode decodes the whole reply that buf starts with, n bytes of it, under the default Limits. Attributes are left
// out. The error is io.ErrUnexpectedEOF if buf ends too early, otherwise an *Error. Text lies in buf.
func Decode(buf []byte) (v Value, n int, err error) {
	var s Scanner
	n, err = s.Reply(buf)
	if err != nil {
		return Value{}, 0, err
	}
	if n == 0 {
		return Value{}, 0, io.ErrUnexpectedEOF
	}
	v, _ = decode(buf[:n])
	return v, n, nil
}

// decode decodes a reply that is known to be valid and returns what follows it. The Scanner has bounded its depth.
func decode(buf []byte) (v Value, rest []byte) {
	for {
		line, rest := cutLine(buf[1:])
		v := Value{Kind: Kind(buf[0])}
		switch v.Kind {
		case '$', '=', '!':
			n, _ := number(line)
			if v.Null = n < 0; v.Null {
				return v, rest
			}
			v.Text = rest[:n:n]
			return v, rest[n+2:]
		case '*', '~', '>', '%', '|':
			n, _ := number(line)
			v.Null = n < 0
			if v.Kind == '%' || v.Kind == '|' {
				n *= 2
			}
			v.Elems, rest = decodeN(rest, n)
			if v.Kind != '|' {
				return v, rest
			}
			buf = rest // what the attribute describes
		default:
			v.setLine(line)
			return v, rest
		}
	}
}

func decodeN(buf []byte, n int) (elems []Value, rest []byte) {
	for range n {
		var e Value
		e, buf = decode(buf)
		elems = append(elems, e)
	}
	return elems, buf
}

// setLine sets what a reply of one line says.
func (v *Value) setLine(line []byte) {
	switch v.Kind {
	case ':':
		v.Int, _ = integer(line)
	case '_':
		v.Null = true
	case '#':
		if line[0] == 't' {
			v.Int = 1
		}
	}
	v.Text = line
}

// cutLine cuts buf behind the CR LF that it is known to have.
func cutLine(buf []byte) (line, rest []byte) {
	end := 0
	for buf[end] != '\r' {
		end++
	}
	return buf[:end:end], buf[end+2:]
}
