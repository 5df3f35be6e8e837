package shard

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Digest identifies the placement: equal digests mean equal owners for every key, in any process on any processor.
// It does not depend on the order of nodes where placement does not. With Rendezvous it reads the whole table, about half
// a millisecond; that of Random says only which nodes there are.
func (r *Ring) Digest() uint64 {
	d := xxhash.New()
	if r.other != nil {
		r.digestOther(d)
		return d.Sum64()
	}
	names := slices.Sorted(slices.Values(r.names))
	fmt.Fprintf(d, "%s %s %q %d %q\n", r.conf.Placement, r.conf.Hash, r.conf.Tag, r.conf.Slots, names)
	buf := make([]byte, 0, 4096)
	for slot := range uint64(r.conf.Slots) {
		buf = binary.LittleEndian.AppendUint64(buf, r.rule.hashes[r.Index(slot<<(r.shift&63))])
		if len(buf) == cap(buf) {
			d.Write(buf)
			buf = buf[:0]
		}
	}
	d.Write(buf)
	return d.Sum64()
}

// digestOther writes all that the placement depends on.
func (r *Ring) digestOther(w io.Writer) {
	nodes := slices.Clone(r.conf.Nodes)
	if r.conf.Placement != Jump && r.conf.Placement != RedisCluster {
		slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	}
	fmt.Fprintf(w, "%s %s %q\n", r.conf.Placement, r.conf.Hash, r.conf.Tag)
	for _, n := range nodes {
		fmt.Fprintf(w, "%q %v\n", n.Name, n.weight())
	}
}

// MarshalText returns a stable text from which Parse builds an equal ring: a line for each setting, one for each node
// in the order given, and the digest. It never fails.
func (r *Ring) MarshalText() ([]byte, error) {
	var b []byte
	b = fmt.Appendf(b, "placement %s\nhash %s\ntag %q\nslots %d\n", r.conf.Placement, r.conf.Hash, r.conf.Tag, r.conf.Slots)
	for _, n := range r.conf.Nodes {
		b = fmt.Appendf(b, "node %q", n.Name)
		if n.Weight != 0 {
			b = strconv.AppendFloat(append(b, " weight "...), n.Weight, 'g', -1, 64)
		}
		if n.Zone != "" {
			b = fmt.Appendf(b, " zone %q", n.Zone)
		}
		b = append(b, '\n')
	}
	return fmt.Appendf(b, "digest %016x\n", r.Digest()), nil
}

// Parse returns the ring whose MarshalText wrote text. An error names the line, or is Build's. A ring that this version would place
// differently than the one that wrote text, as the digest shows, is an error too.
func Parse(text []byte) (*Ring, error) {
	var p parser
	line := 0
	for s := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
		line++
		if err := p.line(s); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if len(p.digest) != 16 {
		return nil, fmt.Errorf("digest %q: want 16 hexadecimal digits in the last line", p.digest)
	}
	r, err := Build(p.conf)
	if err != nil {
		return nil, err
	}
	if got := fmt.Sprintf("%016x", r.Digest()); got != p.digest {
		return nil, fmt.Errorf("digest is %s, want %s: the text was changed, or written by a version with other rules", got, p.digest)
	}
	return r, nil
}

// A parser gathers what the lines of a text say.
type parser struct {
	conf   Config
	digest string
}

func (p *parser) line(s string) (err error) {
	if p.digest != "" {
		return fmt.Errorf("%q: nothing may follow the digest", s)
	}
	key, value, _ := strings.Cut(s, " ")
	switch key {
	case "placement":
		p.conf.Placement = Placement(value)
	case "hash":
		p.conf.Hash = Hash(value)
	case "tag":
		p.conf.Tag, err = strconv.Unquote(value)
	case "slots":
		p.conf.Slots, err = strconv.Atoi(value)
	case "node":
		var n Node
		n, err = parseNode(value)
		p.conf.Nodes = append(p.conf.Nodes, n)
	case "digest":
		p.digest = value
	default:
		err = fmt.Errorf("%q: unknown setting", s)
	}
	return err
}

func parseNode(s string) (n Node, err error) {
	if n.Name, s, err = cutQuoted(s); err != nil {
		return n, err
	}
	if rest, ok := strings.CutPrefix(s, " weight "); ok {
		number, _, _ := strings.Cut(rest, " ")
		if n.Weight, err = strconv.ParseFloat(number, 64); err != nil {
			return n, err
		}
		s = rest[len(number):]
	}
	if rest, ok := strings.CutPrefix(s, " zone "); ok {
		if n.Zone, s, err = cutQuoted(rest); err != nil {
			return n, err
		}
	}
	if s != "" {
		return n, fmt.Errorf("%q: want nothing more", s)
	}
	return n, nil
}

func cutQuoted(s string) (value, rest string, err error) {
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s, fmt.Errorf("%q: want a quoted string", s)
	}
	value, err = strconv.Unquote(quoted)
	return value, s[len(quoted):], err
}
