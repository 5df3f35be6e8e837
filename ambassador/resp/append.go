package resp

import (
	"strconv"
	"strings"
)

// AppendRequest appends a request.
func AppendRequest[T ~string | ~[]byte](dst []byte, args ...T) []byte {
	dst = AppendHeader(dst, '*', len(args))
	for _, a := range args {
		dst = AppendBulk(dst, a)
	}
	return dst
}

// AppendBulk appends a string of any bytes.
func AppendBulk[T ~string | ~[]byte](dst []byte, s T) []byte {
	dst = AppendHeader(dst, '$', len(s))
	dst = append(dst, s...)
	return append(dst, '\r', '\n')
}

// AppendSimple appends a status such as OK; line breaks become spaces.
func AppendSimple(dst []byte, s string) []byte { return appendLine(dst, '+', s) }

// AppendError appends an error such as "ERR no such key"; line breaks become spaces.
func AppendError(dst []byte, s string) []byte { return appendLine(dst, '-', s) }

// AppendInt appends an integer.
func AppendInt(dst []byte, n int64) []byte {
	dst = strconv.AppendInt(append(dst, ':'), n, 10)
	return append(dst, '\r', '\n')
}

// AppendHeader appends the head of an aggregate ('*', '%', '~' or '>') of n elements, of a map n pairs; or that of
// a string of n bytes.
func AppendHeader(dst []byte, k Kind, n int) []byte {
	dst = strconv.AppendInt(append(dst, byte(k)), int64(n), 10)
	return append(dst, '\r', '\n')
}

// AppendNull appends the null of protocol 2 or 3.
func AppendNull(dst []byte, proto int) []byte {
	if proto == 3 {
		return append(dst, "_\r\n"...)
	}
	return append(dst, "$-1\r\n"...)
}

func appendLine(dst []byte, k Kind, s string) []byte {
	dst = append(dst, byte(k))
	if !strings.ContainsAny(s, "\r\n") {
		dst = append(dst, s...)
		return append(dst, '\r', '\n')
	}
	for _, c := range []byte(s) {
		if c == '\r' || c == '\n' {
			c = ' '
		}
		dst = append(dst, c)
	}
	return append(dst, '\r', '\n')
}
