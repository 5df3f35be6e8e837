package shard

import (
	"iter"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

const maglevSize = 65537

// maglev is the table of Google's Maglev (Eisenbud and others, 2016) as Envoy fills it: nodes by name, in turns, each as often
// as its weight says, take the next free entry of their own permutation. Weights are shares of their sum, as there.
type maglev struct {
	table []uint16
	nodes int
}

// A maglevTurn is a node while the table is filled.
type maglevTurn struct {
	node         int
	offset, skip uint64
	next         uint64
	weight, due  float64
}

func (t *maglevTurn) place() uint64 { return (t.offset + t.skip*t.next) % maglevSize }

func newMaglev(nodes []Node) *maglev {
	m := &maglev{table: make([]uint16, maglevSize), nodes: len(nodes)}
	taken := make([]bool, maglevSize)
	turns, heaviest := maglevTurns(nodes)
	for left, round := maglevSize, 1; left > 0; round++ {
		for i := range turns {
			t := &turns[i]
			if left == 0 || float64(round)*t.weight < t.due {
				continue
			}
			t.due += heaviest
			for taken[t.place()] {
				t.next++
			}
			taken[t.place()] = true
			m.table[t.place()] = uint16(t.node)
			t.next++
			left--
		}
	}
	return m
}

func maglevTurns(nodes []Node) (turns []maglevTurn, heaviest float64) {
	sum := 0.0
	for _, n := range nodes {
		sum += n.weight()
	}
	for i, n := range nodes {
		seeded := xxhash.NewWithSeed(1)
		seeded.WriteString(n.Name)
		turns = append(turns, maglevTurn{
			node:   i,
			offset: xxhash.Sum64String(n.Name) % maglevSize,
			skip:   seeded.Sum64()%(maglevSize-1) + 1,
			weight: n.weight() / sum,
		})
		heaviest = max(heaviest, n.weight()/sum)
	}
	slices.SortFunc(turns, func(a, b maglevTurn) int { return strings.Compare(nodes[a.node].Name, nodes[b.node].Name) })
	return turns, heaviest
}

func (m *maglev) index(h uint64) int { return int(m.table[h%maglevSize]) }

func (m *maglev) walk(h uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range around(int(h%maglevSize), maglevSize) {
			if !yield(int(m.table[i])) {
				return
			}
		}
	}
}
