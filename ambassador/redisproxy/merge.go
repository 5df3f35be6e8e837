package redisproxy

import (
	"bytes"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A merge puts together the replies to the parts of one request.
type merge struct {
	kind    kind
	waiting int      // parts without a reply
	values  [][]byte // of mget: the replies, by part
	order   []uint32 // of mget: the part of each key
	sum     int64
	err     []byte // an error that a part got: the whole request gets it
	errPart uint32
}

func (m *merge) free(l *loop) {
	for _, v := range m.values {
		l.put(v)
	}
	l.put(m.err)
}

// part takes the reply to a request, or to a part of one.
func (s *session) part(r request, k *link, reply []byte) {
	if s.dead {
		return
	}
	m := s.at(r.seq).merge
	if m == nil {
		s.deliver(r.seq, reply)
		return
	}
	m.take(s.loop, r.part, k, reply)
	if m.waiting--; m.waiting == 0 {
		s.loop.scratch = m.append(s.loop, s.loop.scratch[:0])
		s.deliver(r.seq, s.loop.scratch)
	}
}

// take takes the reply to one part. Reply may be the loop's scratch.
func (m *merge) take(l *loop, part uint32, k *link, reply []byte) {
	switch {
	case reply[0] == '-' || !m.fits(reply):
		if m.err != nil && m.errPart < part {
			return
		}
		if reply[0] != '-' {
			reply = resp.AppendError(nil, "ERR shard "+k.name+": unexpected reply")
		}
		l.put(m.err)
		m.err, m.errPart = l.copy(reply), part
	case m.kind == kindMGet:
		m.values[part] = l.copy(reply)
	case m.kind == kindSum:
		v, _, _ := resp.Decode(reply)
		m.sum += v.Int
	}
}

// fits reports whether a reply is of the type that the command has.
func (m *merge) fits(reply []byte) bool {
	switch m.kind {
	case kindMGet:
		return reply[0] == '*'
	case kindSum:
		return reply[0] == ':'
	}
	return reply[0] == '+'
}

// append appends the reply to the whole request.
func (m *merge) append(l *loop, dst []byte) []byte {
	switch {
	case m.err != nil:
		return append(dst, m.err...)
	case m.kind == kindSum:
		return resp.AppendInt(dst, m.sum)
	case m.kind == kindMSet:
		return append(dst, "+OK\r\n"...)
	}
	return m.appendValues(l, dst)
}

// appendValues deals the elements of the replies out to the keys. A shard that gave too few, or none, spoils it.
func (m *merge) appendValues(l *loop, dst []byte) []byte {
	rest := make([][]byte, len(m.values))
	for i, v := range m.values {
		rest[i] = v[bytes.IndexByte(v, '\n')+1:]
	}
	start := len(dst)
	dst = resp.AppendHeader(dst, '*', len(m.order))
	scan := &l.split.scan
	for _, part := range m.order {
		n, err := scan.Reply(rest[part])
		if n == 0 || err != nil {
			*scan = resp.Scanner{}
			return append(dst[:start], "-ERR a shard gave too few values\r\n"...)
		}
		dst = append(dst, rest[part][:n]...)
		rest[part] = rest[part][n:]
	}
	return dst
}

// A splitter splits requests by the owners of their keys. Its slices serve one request after the other.
type splitter struct {
	scan  resp.Scanner // of the values of MGET
	parts []keyGroup
	next  []int32 // of each key: the next one of its group, or -1
	turn  uint64
}

// A keyGroupOf says in which group of the request at hand a link's keys are, if turn is that of the splitter.
type keyGroupOf struct {
	turn uint64
	at   int
}

// A keyGroup is the keys of a request that one shard owns, as a list through splitter.next.
type keyGroup struct {
	link        *link
	first, last int32
	n           int
}

// group finds the owner of each key: every step-th argument from 1 on. It returns the name of a shard that there is not,
// if Pick gave one.
func (p *splitter) group(s *session, step int) (unknown string, ok bool) {
	p.parts, p.next = p.parts[:0], p.next[:0]
	p.turn++
	for i := 1; i < s.scan.NumArgs(); i += step {
		k, name := s.loop.owner(s.arg(i))
		if k == nil {
			return name, false
		}
		p.add(k, int32(len(p.next)))
	}
	return "", true
}

// add adds a key to the group of its link.
func (p *splitter) add(k *link, key int32) {
	p.next = append(p.next, -1)
	if k.group.turn != p.turn {
		k.group = keyGroupOf{p.turn, len(p.parts)}
		p.parts = append(p.parts, keyGroup{link: k, first: key, last: key, n: 1})
		return
	}
	p.parts[k.group.at].add(p.next, key)
}

func (g *keyGroup) add(next []int32, key int32) {
	next[g.last] = key
	g.last = key
	g.n++
}

// forwardSplit sends each shard its part of a request with many keys.
func (s *session) forwardSplit(c *command) {
	step := 1
	if c.kind == kindMSet {
		step = 2
	}
	if s.scan.NumArgs() < 1+step || (s.scan.NumArgs()-1)%step != 0 {
		s.wrongArgs(c)
		return
	}
	p := &s.loop.split
	if unknown, ok := p.group(s, step); !ok {
		s.noShard(c, unknown)
		return
	}
	if len(p.parts) == 1 {
		seq, _ := s.reserve(c)
		p.parts[0].link.send(request{session: s, seq: seq}, s.wire())
		return
	}
	seq, at := s.reserve(c)
	at.merge = p.merge(c)
	for i, g := range p.parts {
		if s.dead {
			return
		}
		s.loop.frame = s.appendPart(s.loop.frame[:0], g, p.next, step)
		g.link.send(request{session: s, seq: seq, part: uint32(i)}, s.loop.frame)
	}
}

// merge prepares for the replies to all parts.
func (p *splitter) merge(c *command) *merge {
	m := &merge{kind: c.kind, waiting: len(p.parts)}
	if c.kind != kindMGet {
		return m
	}
	m.values = make([][]byte, len(p.parts))
	m.order = make([]uint32, len(p.next))
	for i, g := range p.parts {
		for key := g.first; key >= 0; key = p.next[key] {
			m.order[key] = uint32(i)
		}
	}
	return m
}

// appendPart appends the request for one shard.
func (s *session) appendPart(dst []byte, g keyGroup, next []int32, step int) []byte {
	dst = resp.AppendHeader(dst, '*', 1+g.n*step)
	dst = resp.AppendBulk(dst, s.arg(0))
	for key := g.first; key >= 0; key = next[key] {
		for i := range step {
			dst = resp.AppendBulk(dst, s.arg(1+int(key)*step+i))
		}
	}
	return dst
}
