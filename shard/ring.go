package shard

import (
	"bytes"
	"math/bits"
	"slices"
	"unsafe"
)

// A Ring maps keys to the names of nodes; make one with New, Build or Parse. It is immutable: all methods may be called
// concurrently and none blocks. Owner, OwnerString, Hash and Index do not allocate.
type Ring struct {
	conf  Config // with defaults applied
	names []string
	shift uint8 // slot = hash >> shift
	rule  *rendezvous
	other placement // in place of the table, nil for Rendezvous

	slowHash bool // there is a tag, or the hash is not xxHash
	hash32   hash32

	// The owner of each slot, in bytes for up to 256 nodes: half the table is twice the cache. One of the two is nil.
	small []uint8
	large []uint16
}

// newRing returns the ring of c with an empty table.
func newRing(c Config) *Ring {
	c.Nodes = slices.Clone(c.Nodes)
	r := &Ring{
		conf:     c,
		names:    make([]string, len(c.Nodes)),
		slowHash: c.Tag != "" || c.Hash != XXH64,
		hash32:   newHash32(c.Hash),
	}
	for i, n := range c.Nodes {
		r.names[i] = n.Name
	}
	if c.Placement != Rendezvous {
		r.other = newPlacement(c)
		return r
	}
	r.shift = uint8(64 - bits.TrailingZeros(uint(c.Slots)))
	r.rule = newRendezvous(c.Nodes)
	if len(c.Nodes) <= 256 {
		r.small = make([]uint8, c.Slots)
	} else {
		r.large = make([]uint16, c.Slots)
	}
	return r
}

func (r *Ring) set(slot, owner int) {
	if r.small != nil {
		r.small[slot] = uint8(owner)
	} else {
		r.large[slot] = uint16(owner)
	}
}

// Owner returns the name of the node that owns key. It does not allocate and does not keep key.
// All keys of one node get the same string, so a caller may compare string data before contents.
func (r *Ring) Owner(key []byte) string { return r.names[r.Index(r.Hash(key))] }

// OwnerString is Owner for a string.
func (r *Ring) OwnerString(key string) string {
	return r.Owner(unsafe.Slice(unsafe.StringData(key), len(key))) // Owner does not write
}

// Index returns the owner of hash h as an index into Nodes, for callers that keep a table of their own. Only what Hash
// returns is a hash.
func (r *Ring) Index(h uint64) int {
	if r.small != nil {
		return int(r.small[h>>(r.shift&63)])
	}
	return r.index(h)
}

// index is apart from Index so that Index is inlined where it matters.
//
//go:noinline
func (r *Ring) index(h uint64) int {
	if r.other != nil {
		return r.other.index(h)
	}
	return int(r.large[h>>(r.shift&63)])
}

// Nodes returns a copy of the nodes, in the order in which they were given.
func (r *Ring) Nodes() []Node { return slices.Clone(r.conf.Nodes) }

// Tag returns the part of key that a tag selects: with "{}" what lies between the first '{' and the first '}' behind it,
// as Redis Cluster and twemproxy do; the bytes may be any two, equal ones too. Where nothing lies between them, or one
// is missing, and for a tag that is not two bytes, it returns key itself. The result is a part of key.
func Tag(key []byte, tag string) []byte {
	if len(tag) != 2 {
		return key
	}
	first := bytes.IndexByte(key, tag[0]) + 1
	n := bytes.IndexByte(key[first:], tag[1])
	if first == 0 || n <= 0 {
		return key
	}
	return key[first : first+n]
}
