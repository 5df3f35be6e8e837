package shard

import (
	"errors"
	"maps"
	"math"
	"sync"
)

// Bounded keeps every node's load within a factor of the mean by passing overflow down Prefer (consistent hashing with
// bounded loads: Mirrokni, Thorup and Zadimoghaddam, 2016; with the next in preference in place of the next on a ring). All
// methods may be called concurrently.
type Bounded struct {
	mu     sync.Mutex
	ring   *Ring
	share  map[string]float64 // of each node of the ring, of all load, by weight
	loads  map[string]int     // places given out, by name, also of nodes that have left
	total  int                // places given out on nodes of the ring
	factor float64
}

// NewBounded bounds loads over r: no node gets a place that would put it above factor times its fair share, by weight, of
// all places given out, this one included and rounded up. A factor of 1.25 is a good start; the closer to 1, the more keys
// leave their owner. It must exceed 1 and be finite.
func NewBounded(r *Ring, factor float64) (*Bounded, error) {
	if !(factor > 1) || math.IsInf(factor, 0) {
		return nil, errors.New("factor: must exceed 1")
	}
	b := &Bounded{factor: factor, loads: make(map[string]int)}
	b.Update(r)
	return b, nil
}

// Acquire returns the node to use for key and a function that gives its place back; calls after the first do nothing, and
// it works when the node has left the ring meanwhile. An idle Bounded always returns the owner.
func (b *Bounded) Acquire(key []byte) (node string, release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total++
	for node = range b.ring.Prefer(b.ring.Hash(key)) {
		if b.loads[node] < b.limit(node) {
			break // one has room: the limits add up to more than the total
		}
	}
	b.loads[node]++
	return node, sync.OnceFunc(func() { b.release(node) })
}

// limit is how many places a node may have, of the total with the one to come.
func (b *Bounded) limit(node string) int {
	return int(math.Ceil(b.factor * b.share[node] * float64(b.total)))
}

func (b *Bounded) release(node string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loads[node]--; b.loads[node] == 0 {
		delete(b.loads, node)
	}
	if _, stays := b.share[node]; stays {
		b.total--
	}
}

// Update goes on with another ring. Loads follow node names; places given out stay valid.
func (b *Bounded) Update(r *Ring) {
	share := make(map[string]float64, len(r.names))
	sum := 0.0
	for _, n := range r.conf.Nodes {
		sum += n.weight()
	}
	for _, n := range r.conf.Nodes {
		share[n.Name] = n.weight() / sum
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ring, b.share, b.total = r, share, 0
	for name := range share {
		b.total += b.loads[name]
	}
}

// Loads returns how many places are given out, by node; nodes without any are left out, and nodes that have left the ring
// are in it until their last place is given back.
func (b *Bounded) Loads() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.loads)
}
