// Package shard decides which node owns a key. It opens no connection and knows no address:
// nodes are names, and what a name stands for is the caller's business. It moves no data either;
// [Diff] says what has to move.
//
// # Placement
//
// A [Ring] is a table of slots, [Config].Slots of them. A key's slot is the top bits of its hash, so an owner is found
// by one hash and one load. The owner of a slot is the winner of weighted rendezvous hashing (Thaler and Ravishankar,
// 1998; weights after Schindelhauer and Schomaker, 2005):
//
//	raw(slot, node)  = mix(slot*0x9e3779b97f4a7c15 XOR xxhash64(name))    mix is SplitMix64's finalizer
//	cost(slot, node) = -log2(raw / 2^64) / weight                         in fixed point, the same on every processor
//
// The least cost owns the slot; equal costs go by the larger raw, then by name. So placement is a function of the set
// of nodes alone: neither their order nor the history of changes matters. When a node joins, keys move only to it; when
// one leaves, only its keys move, each to the node that was next in [Ring.Prefer].
package shard

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// ErrNoNodes reports a ring without members; ErrDuplicate reports a name that occurs twice.
var (
	ErrNoNodes   = errors.New("no nodes")
	ErrDuplicate = errors.New("duplicate name")
)

// A NodeError says which node of a set cannot be placed and why.
type NodeError struct {
	Index int    // in the set, from 0
	Name  string // may be empty
	Err   error
}

// Error names the node by index and name.
func (e *NodeError) Error() string { return fmt.Sprintf("node %d %q: %v", e.Index, e.Name, e.Err) }

// Unwrap returns e.Err.
func (e *NodeError) Unwrap() error { return e.Err }

// A Node is a member of a ring.
type Node struct {
	Name   string  // identity; unique and not empty
	Weight float64 // share relative to the others; 0 means 1; negative, infinite or NaN is an error
	Zone   string  // failure domain that Replicas spreads over; "" is a zone like any other
}

// A Placement names the rule that maps hashes to nodes. A name never changes its meaning:
// an improved rule gets a new name, so rings of two versions agree or differ visibly.
type Placement string

// Rendezvous is the default placement: no needless move, even load.
const Rendezvous Placement = "hrw1"

// A Hash names a hash function of keys.
type Hash string

// XXH64 is xxHash, 64 bits, seed 0.
const XXH64 Hash = "xxh64"

// Bounds of a Config.
const (
	DefaultSlots = 1 << 18
	maxSlots     = 1 << 24
	maxNodes     = 1<<16 - 1
)

// A Config describes a ring. Only Nodes is required.
type Config struct {
	Nodes     []Node    // 1 to 65535
	Placement Placement // "" means Rendezvous
	Hash      Hash      // "" means XXH64
	Tag       string    // two bytes such as "{}": hash only what lies between them, see Tag; "" means whole keys

	// Slots is the size of the table, a power of two from 2 to 2^24; 0 means DefaultSlots, whatever the number of nodes:
	// a size that followed it would move keys. A slot takes one byte of memory, two from 257 nodes on. With n nodes
	// the standard deviation of a node's share is about sqrt(n/Slots) of it.
	Slots int
}

// New returns a ring of equal nodes with the given names. An error is as Build's.
func New(names ...string) (*Ring, error) {
	nodes := make([]Node, len(names))
	for i, name := range names {
		nodes[i].Name = name
	}
	return Build(Config{Nodes: nodes})
}

// Build returns the ring that c describes, or an error that joins all its mistakes: ErrNoNodes, a *NodeError for each
// node that cannot be placed, and what is wrong with the other fields. It copies c.Nodes. It takes Slots times the
// number of nodes steps.
func Build(c Config) (*Ring, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	r := newRing(c)
	for slot := range c.Slots {
		r.set(slot, r.rule.winner(uint64(slot)))
	}
	return r, nil
}

func (c Config) withDefaults() Config {
	if c.Placement == "" {
		c.Placement = Rendezvous
	}
	if c.Hash == "" {
		c.Hash = XXH64
	}
	if c.Slots == 0 {
		c.Slots = DefaultSlots
	}
	return c
}

func (c Config) check() error {
	var errs []error
	if c.Placement != Rendezvous {
		errs = append(errs, fmt.Errorf("Placement %q is unknown", c.Placement))
	}
	if c.Hash != XXH64 {
		errs = append(errs, fmt.Errorf("Hash %q is unknown", c.Hash))
	}
	if len(c.Tag) != 0 && len(c.Tag) != 2 {
		errs = append(errs, fmt.Errorf("Tag %q: want two bytes such as %q, or none", c.Tag, "{}"))
	}
	if c.Slots < 2 || c.Slots > maxSlots || bits.OnesCount(uint(c.Slots)) != 1 {
		errs = append(errs, fmt.Errorf("Slots %d: want a power of two from 2 to %d", c.Slots, maxSlots))
	}
	return errors.Join(append(errs, checkNodes(c.Nodes))...)
}

func checkNodes(nodes []Node) error {
	if len(nodes) == 0 {
		return ErrNoNodes
	}
	if len(nodes) > maxNodes {
		return fmt.Errorf("%d nodes: at most %d", len(nodes), maxNodes)
	}
	var errs []error
	seen := make(map[string]bool, len(nodes))
	for i, n := range nodes {
		if err := n.check(seen[n.Name]); err != nil {
			errs = append(errs, &NodeError{Index: i, Name: n.Name, Err: err})
		}
		seen[n.Name] = true
	}
	return errors.Join(errs...)
}

func (n Node) check(seen bool) error {
	switch {
	case n.Name == "":
		return errors.New("empty name")
	case seen:
		return ErrDuplicate
	case n.Weight < 0 || math.IsNaN(n.Weight) || math.IsInf(n.Weight, 0):
		return fmt.Errorf("weight %v: want a positive number", n.Weight)
	}
	return nil
}

// weight returns what n.Weight means.
func (n Node) weight() float64 {
	if n.Weight == 0 {
		return 1
	}
	return n.Weight
}
