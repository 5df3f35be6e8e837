package shard

import (
	"iter"
	"math"
	"slices"
)

const clusterSlots = 16384

// Slot returns the Redis Cluster slot of key, 0 to 16383: CRC-16/XMODEM of what the tag "{}" selects, modulo 16384
// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/).
func Slot(key []byte) int {
	c := uint16(0)
	for _, b := range Tag(key, "{}") {
		c = c<<8 ^ xmodem(byte(c>>8)^b)
	}
	return int(c % clusterSlots)
}

// cluster is the 16384 slots of Redis Cluster, dealt out in one range to each node, in the order given and by weight. With
// equal weights the ranges are those of redis-cli --cluster create, which counts in float32.
type cluster struct {
	last []uint64 // slot of each node; one that gets none ends where the one before it does
}

func newCluster(nodes []Node) *cluster {
	total := 0.0
	for _, n := range nodes {
		total += n.weight()
	}
	c := &cluster{}
	cursor, done := float32(0), uint64(0)
	for _, n := range nodes {
		cursor += float32(n.weight() / total * clusterSlots)
		last := math.Round(float64(float32(cursor - 1)))
		done = uint64(min(max(last, float64(done)), clusterSlots-1))
		c.last = append(c.last, done)
	}
	c.last[len(nodes)-1] = clusterSlots - 1
	return c
}

func (c *cluster) index(h uint64) int {
	i, _ := slices.BinarySearch(c.last, h%clusterSlots)
	return i
}

func (c *cluster) walk(h uint64) iter.Seq[int] { return around(c.index(h), len(c.last)) }

func (c *cluster) runs() iter.Seq[run] {
	return func(yield func(run) bool) {
		first := uint64(0)
		for i, last := range c.last {
			if first > last {
				continue // no slot
			}
			if !yield(run{Range{first, last}, i}) {
				return
			}
			first = last + 1
		}
	}
}
