package shard

import (
	"cmp"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// rendezvous is the rule "hrw1" over a set of nodes. See the package comment for the definition.
type rendezvous struct {
	names   []string
	hashes  []uint64 // of the names
	weights []float64
	classes []class
	log     *logTable // nil while all weights are equal: then costs need not be known
}

// A class is the nodes of one weight, by name. Within it the largest raw has the least cost, so the logarithm is needed
// for the winners of classes only.
type class struct {
	nodes  []int
	hashes []uint64
}

// A rank is a node's place in the order of one slot.
type rank struct {
	cost float64
	raw  uint64
	node int
}

func newRendezvous(nodes []Node) *rendezvous {
	f := &rendezvous{}
	order := make([]int, len(nodes))
	for i, n := range nodes {
		order[i] = i
		f.names = append(f.names, n.Name)
		f.hashes = append(f.hashes, xxhash.Sum64String(n.Name))
		f.weights = append(f.weights, n.weight())
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.weights[a], f.weights[b]), cmp.Compare(f.names[a], f.names[b]))
	})
	for i, n := range order {
		if i == 0 || f.weights[n] != f.weights[order[i-1]] {
			f.classes = append(f.classes, class{})
		}
		c := &f.classes[len(f.classes)-1]
		c.nodes = append(c.nodes, n)
		c.hashes = append(c.hashes, f.hashes[n])
	}
	if len(f.classes) > 1 {
		f.log = newLogTable()
	}
	return f
}

// winner returns the owner of slot.
func (f *rendezvous) winner(slot uint64) int {
	var best rank
	for i := range f.classes {
		c := &f.classes[i]
		raw, at := c.top(slot)
		next := rank{node: c.nodes[at], raw: raw}
		if f.log == nil {
			return next.node
		}
		next.cost = f.cost(raw, next.node)
		if i == 0 || f.before(next, best) {
			best = next
		}
	}
	return best.node
}

// top returns the largest raw of the class for slot, and whose it is. Of equal ones the first by name wins.
func (c *class) top(slot uint64) (top uint64, at int) {
	seed := slot * golden
	for i, h := range c.hashes {
		if raw := mix(seed ^ h); raw > top {
			top, at = raw, i
		}
	}
	return top, at
}

// rank returns the place of node in the order of slot.
func (f *rendezvous) rank(slot uint64, node int) rank {
	raw := mix(slot*golden ^ f.hashes[node])
	return rank{cost: f.cost(raw, node), raw: raw, node: node}
}

// cost is the only floating-point operation of a placement: one conversion and one division, exact by IEEE 754
// on every processor; there is no sum that a compiler could fuse it with.
func (f *rendezvous) cost(raw uint64, node int) float64 {
	if f.log == nil {
		return 0
	}
	return float64(f.log.minus(raw)) / f.weights[node]
}

// before reports whether a comes before b. It is a total order, and among nodes of one weight the order of raws: a node
// of another weight that joins or leaves does not change it.
func (f *rendezvous) before(a, b rank) bool {
	if a.cost != b.cost {
		return a.cost < b.cost
	}
	if a.raw != b.raw {
		return a.raw > b.raw
	}
	return f.names[a.node] < f.names[b.node]
}

// golden is 2^64 divided by the golden ratio.
const golden = 0x9e3779b97f4a7c15

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014; constants of Stafford's variant 13).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
