package shard

import (
	"iter"
	"slices"
)

// modula is twemproxy's: each node stands in a list as often as its weight says, and the hash modulo the length of
// the list decides.
type modula struct {
	order []int    // nodes in twemproxy's order
	ends  []uint64 // of the places of each in the list
}

func newModula(nodes []Node, order []int) *modula {
	m := &modula{order: order}
	end := uint64(0)
	for _, i := range order {
		end += uint64(nodes[i].weight())
		m.ends = append(m.ends, end)
	}
	return m
}

// at returns where in the order the owner of h stands.
func (m *modula) at(h uint64) int {
	place := h % m.ends[len(m.ends)-1]
	i, exact := slices.BinarySearch(m.ends, place)
	if exact {
		i++ // ends are exclusive
	}
	return i
}

func (m *modula) index(h uint64) int { return m.order[m.at(h)] }

func (m *modula) walk(h uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range around(m.at(h), len(m.order)) {
			if !yield(m.order[i]) {
				return
			}
		}
	}
}
