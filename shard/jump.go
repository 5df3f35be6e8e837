package shard

import "iter"

// jump is jump consistent hashing (Lamping and Veach, 2014) over the nodes in the order given: perfectly even, and only
// the last node can leave without moving keys between others.
type jump struct{ nodes int }

func (j jump) index(h uint64) int {
	b, next := int64(-1), int64(0)
	for next < int64(j.nodes) {
		b = next
		h = h*2862933555777941757 + 1
		next = int64(float64(b+1) * (float64(1<<31) / float64(h>>33+1)))
	}
	return int(b)
}

func (j jump) walk(h uint64) iter.Seq[int] { return around(j.index(h), j.nodes) }
