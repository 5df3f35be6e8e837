package metrics

import (
	"io"
	"iter"
)

// A Format is a way to write metrics. Any value with a Name and an Encode is a Format; its functions may be called from
// any number of goroutines. The zero Format can do nothing.
type Format struct {
	Name       string
	MediaTypes []string // what it is asked for by, the best first, which is also the Content-Type of what Encode writes

	// Encode writes families until the first error, that of the sequence, of w or its own for what the format cannot
	// say at all. The families before it are written whole. It neither changes nor keeps families.
	Encode func(w io.Writer, families iter.Seq2[*Family, error]) error

	// Loses describes what Encode leaves out of a family; nil means nothing.
	Loses func(*Family) []string
}
