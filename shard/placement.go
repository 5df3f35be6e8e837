package shard

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
)

// A placement is what Index does for rings that are not a small table of slots.
type placement interface {
	// index returns the owner of hash h.
	index(h uint64) int

	// walk yields nodes in the order in which they stand in for the owner, who comes first. Nodes may come several
	// times, or not at all.
	walk(h uint64) iter.Seq[int]
}

// A partition is a placement that gives each node ranges of hashes.
type partition interface {
	placement
	runs() iter.Seq[run] // the whole hash space, ascending, neighbours with different owners
}

// newPlacement returns the placement of c, whose nodes it does not change.
func newPlacement(c Config) placement {
	switch c.Placement {
	case Ketama:
		return newKetama(c.Nodes, twemproxyOrder(c.Nodes))
	case Modula:
		return newModula(c.Nodes, twemproxyOrder(c.Nodes))
	case Random:
		return random{len(c.Nodes)}
	case RedisCluster:
		return newCluster(c.Nodes)
	case Jump:
		return jump{len(c.Nodes)}
	}
	return newMaglev(c.Nodes)
}

// twemproxyOrder returns the nodes by name as twemproxy sorts them: shorter ones first.
func twemproxyOrder(nodes []Node) []int {
	order := make([]int, len(nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := nodes[a].Name, nodes[b].Name
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	return order
}

// around yields n nodes by their index, from first on.
func around(first, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield((first + i) % n) {
				return
			}
		}
	}
}

// random is twemproxy's placement that is none.
type random struct{ nodes int }

func (r random) index(uint64) int { return rand.IntN(r.nodes) }

func (r random) walk(uint64) iter.Seq[int] { return around(rand.IntN(r.nodes), r.nodes) }
