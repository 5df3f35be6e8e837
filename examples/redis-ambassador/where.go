package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/fairleadgo/fairlead/shard"
	"github.com/fairleadgo/fairlead/sidecar"
)

// tellWhere prints each line of in, a tab and the shard that owns the key in the line.
func (c *config) tellWhere(in io.Reader, out io.Writer) error {
	if len(c.shards) == 0 {
		return &sidecar.UsageError{Text: "-where needs -shards"}
	}
	ring, _, err := c.proxy(nil)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	return errors.Join(c.eachLine(ring, bufio.NewReader(in), w), w.Flush())
}

// eachLine takes a line for what stands before a line feed, and the last one without it; a carriage return belongs to
// the key, an empty line is the empty key.
func (c *config) eachLine(ring *shard.Ring, in *bufio.Reader, out *bufio.Writer) error {
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err == errLongLine {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err != nil && err != io.EOF {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		key := line
		if c.hex {
			key = make([]byte, hex.DecodedLen(len(line)))
			if _, err := hex.Decode(key, line); err != nil {
				return fmt.Errorf("line %d: %q is not hexadecimal", n, shorten(line))
			}
		}
		out.Write(line)
		out.WriteByte('\t')
		out.WriteString(ring.Owner(key))
		if err := out.WriteByte('\n'); err != nil {
			return err
		}
	}
}

// maxLine is more than a key can have, also in hexadecimal, in this proxy.
const maxLine = 64 << 20

var errLongLine = errors.New("longer than 64 MiB")

// readLine is in.ReadBytes with a bound.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
		if len(line) > maxLine {
			return nil, errLongLine
		}
	}
}

func shorten(line []byte) []byte { return line[:min(len(line), 64)] }
