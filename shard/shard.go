// Package shard decides which node owns a key. It opens no connection and knows no address:
// nodes are names, and what a name stands for is the caller's business. It moves no data either;
// [Diff] says what has to move.
//
// # The default placement
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
//
// The other placements exist to agree with other systems, and share their faults.
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
	Weight float64 // share relative to the others, 1e-100 to 1e100; 0 means 1; anything else is an error
	Zone   string  // failure domain that Replicas spreads over; "" is a zone like any other
}

// A Placement names the rule that maps hashes to nodes. A name never changes its meaning:
// an improved rule gets a new name, so rings of two versions agree or differ visibly.
type Placement string

// The placements. All but Rendezvous exist to agree with other systems. Ketama, Modula and Random take nodes in the order
// of their names, shorter ones first; RedisCluster and Jump in the order given; for the others the order does not matter.
const (
	Rendezvous   Placement = "hrw1"          // the default: no needless move, even load
	Ketama       Placement = "ketama"        // twemproxy's, point for point
	Modula       Placement = "modula"        // twemproxy's; moves nearly all keys on a change
	Random       Placement = "random"        // twemproxy's; any node at any time, for identical replicas only
	RedisCluster Placement = "redis-cluster" // 16384 slots, dealt out in the order given, by weight
	Jump         Placement = "jump"          // jump consistent hashing: only the last node may leave; no weights
	Maglev       Placement = "maglev"        // Envoy's table of 65537; a change moves a few keys needlessly
)

// A Hash names a hash function of keys: "xxh64", or one of twemproxy's, which are "one_at_a_time", "md5", "crc16",
// "crc32", "crc32a", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur" and "jenkins"; or "crc16-slot", that of
// Redis Cluster. Twemproxy's give 32 bits, and 0 for an empty key; Redis Cluster's gives the slot.
type Hash string

// The hashes that placements have by default. Ketama, Modula and Random take any of twemproxy's and no other.
const (
	XXH64     Hash = "xxh64"      // xxHash, 64 bits, seed 0: of Rendezvous, Jump and Maglev
	FNV1a64   Hash = "fnv1a_64"   // twemproxy's, which is not quite FNV-1a
	CRC16Slot Hash = "crc16-slot" // of RedisCluster
)

// Bounds of a Config.
const (
	DefaultSlots = 1 << 18
	maxSlots     = 1 << 24
	maxNodes     = 1<<16 - 1

	maxTwemproxyWeight = 1<<31 - 1 // and of their sum

	// Sums of weights, and costs divided by them, stay far from what a float64 can hold.
	minWeight = 1e-100
	maxWeight = 1e100

	// maxSteps bounds the time of a build to some minutes: slots times nodes.
	maxSteps = 1 << 36
)

// A Config describes a ring. Only Nodes is required.
type Config struct {
	Nodes     []Node    // 1 to 65535
	Placement Placement // "" means Rendezvous
	Hash      Hash      // "" means what the placement is known by
	Tag       string    // two bytes such as "{}": hash only what lies between them, see Tag; "" means whole keys, and "{}" for RedisCluster

	// Slots is the size of the table of Rendezvous, a power of two from 2 to 2^24; 0 means DefaultSlots, whatever the number of nodes:
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
// node that cannot be placed, and what is wrong with the other fields. It copies c.Nodes. Rendezvous takes Slots times
// the number of nodes steps, half a second for 1,000 nodes, and five times that if all weights differ; others much less.
func Build(c Config) (*Ring, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	r := newRing(c)
	if r.other != nil {
		return r, nil
	}
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
		if c.Placement.isTwemproxys() {
			c.Hash = FNV1a64
		} else if c.Placement == RedisCluster {
			c.Hash = CRC16Slot
		}
	}
	if c.Tag == "" && c.Placement == RedisCluster {
		c.Tag = "{}"
	}
	if c.Slots == 0 && c.Placement == Rendezvous {
		c.Slots = DefaultSlots
	}
	return c
}

func (p Placement) isTwemproxys() bool { return p == Ketama || p == Modula || p == Random }

func (c Config) check() error {
	var errs []error
	errs = append(errs, c.checkHash())
	if len(c.Tag) != 0 && len(c.Tag) != 2 {
		errs = append(errs, fmt.Errorf("Tag %q: want two bytes such as %q, or none", c.Tag, "{}"))
	}
	if c.Placement == Rendezvous && (c.Slots < 2 || c.Slots > maxSlots || bits.OnesCount(uint(c.Slots)) != 1) {
		errs = append(errs, fmt.Errorf("Slots %d: want a power of two from 2 to %d", c.Slots, maxSlots))
	}
	if c.Placement != Rendezvous && c.Slots != 0 {
		errs = append(errs, fmt.Errorf("Slots %d: %s has no such table", c.Slots, c.Placement))
	}
	if c.Slots > 0 && len(c.Nodes) > maxSteps/c.Slots {
		errs = append(errs, fmt.Errorf("Slots %d: too many for %d nodes", c.Slots, len(c.Nodes)))
	}
	return errors.Join(append(errs, c.checkNodes())...)
}

// checkHash checks the placement and the hash that it uses.
func (c Config) checkHash() error {
	fits := false
	switch c.Placement {
	case Rendezvous, Jump, Maglev:
		fits = c.Hash == XXH64
	case Ketama, Modula, Random:
		fits = newHash32(c.Hash) != noHash32
	case RedisCluster:
		fits = c.Hash == CRC16Slot
		if c.Tag != "{}" {
			return fmt.Errorf("Tag %q: %s has the tag {}", c.Tag, c.Placement)
		}
	default:
		return fmt.Errorf("Placement %q is unknown", c.Placement)
	}
	if !fits {
		return fmt.Errorf("Hash %q is not one of %s", c.Hash, c.Placement)
	}
	return nil
}

func (c Config) checkNodes() error {
	nodes := c.Nodes
	if len(nodes) == 0 {
		return ErrNoNodes
	}
	if len(nodes) > maxNodes {
		return fmt.Errorf("%d nodes: at most %d", len(nodes), maxNodes)
	}
	var errs []error
	sum := 0.0
	seen := make(map[string]bool, len(nodes))
	for i, n := range nodes {
		err := n.check(seen[n.Name])
		if err == nil {
			err = n.checkWeight(c.Placement)
		}
		if err != nil {
			errs = append(errs, &NodeError{Index: i, Name: n.Name, Err: err})
		}
		seen[n.Name] = true
		sum += n.weight()
	}
	if c.Placement.isTwemproxys() && sum > maxTwemproxyWeight {
		errs = append(errs, fmt.Errorf("weights add up to %v: %s takes up to %d", sum, c.Placement, maxTwemproxyWeight))
	}
	return errors.Join(errs...)
}

func (n Node) check(seen bool) error {
	switch {
	case n.Name == "":
		return errors.New("empty name")
	case seen:
		return ErrDuplicate
	case n.Weight != 0 && !(n.Weight >= minWeight && n.Weight <= maxWeight):
		return fmt.Errorf("weight %v: want a number from %v to %v", n.Weight, minWeight, maxWeight)
	}
	return nil
}

// checkWeight checks that a placement can have such a weight.
func (n Node) checkWeight(p Placement) error {
	w := n.weight()
	switch {
	case p.isTwemproxys() && (w != math.Trunc(w) || w > maxTwemproxyWeight):
		return fmt.Errorf("weight %v: %s takes whole numbers up to %d", n.Weight, p, maxTwemproxyWeight)
	case p == Jump && w != 1:
		return fmt.Errorf("weight %v: %s takes none", n.Weight, p)
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
