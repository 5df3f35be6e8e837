package shard_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

// A step changes a set of nodes at random.
func step(rng *rand.Rand, nodes []shard.Node, fresh int) []shard.Node {
	next := append([]shard.Node(nil), nodes...)
	weights := []float64{0, 1, 2, 0.5, 3.7}
	for range 1 + rng.IntN(3) {
		i := rng.IntN(len(next))
		switch rng.IntN(4) {
		case 0:
			next = append(next, shard.Node{Name: fmt.Sprintf("new-%d-%x", fresh, rng.Uint32()), Weight: weights[rng.IntN(5)]})
		case 1:
			if len(next) > 1 {
				next = append(next[:i], next[i+1:]...)
			}
		case 2:
			next[i].Weight = weights[rng.IntN(5)]
		case 3:
			rng.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
		}
	}
	return next
}

func TestRebuildEqualsBuild(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	conf := shard.Config{Slots: 1 << 12, Tag: "{}", Nodes: []shard.Node{{Name: "first"}}}
	ring, err := shard.Build(conf)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		conf.Nodes = step(rng, conf.Nodes, i)
		rebuilt, err := ring.Rebuild(conf.Nodes)
		if err != nil {
			t.Fatal(err)
		}
		built, err := shard.Build(conf)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(rebuilt, built) {
			t.Fatalf("step %d: rebuilt ring differs from a built one; nodes %+v", i, conf.Nodes)
		}
		ring = rebuilt
	}
}

// Crossing 256 nodes changes the width of the table.
func TestRebuildAcrossWidths(t *testing.T) {
	all := names("node", 300)
	small, large := build(t, all[:256]...), build(t, all...)
	for _, tt := range []struct{ from, to *shard.Ring }{{small, large}, {large, small}} {
		got, err := tt.from.Rebuild(tt.to.Nodes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, tt.to) {
			t.Errorf("rebuilt from %d to %d nodes: not equal to a built ring", len(tt.from.Nodes()), len(tt.to.Nodes()))
		}
	}
}

func TestRebuildRefuses(t *testing.T) {
	ring := build(t, "a", "b")
	if _, err := ring.Rebuild(nil); err == nil {
		t.Error("no nodes: no error")
	}
	if _, err := ring.Rebuild([]shard.Node{{Name: "a"}, {Name: "a"}}); err == nil {
		t.Error("duplicate: no error")
	}
}

// No change moves a key between two nodes that it does not concern.
func TestMovesAreMinimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	nodes := []shard.Node{{Name: "first"}}
	ring, err := shard.Build(shard.Config{Slots: 1 << 12, Nodes: nodes})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		nodes = step(rng, nodes, i)
		next, err := ring.Rebuild(nodes)
		if err != nil {
			t.Fatal(err)
		}
		before, after := weights(ring), weights(next)
		moves, err := shard.Diff(ring, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range moves {
			shrunk := after[m.From] < before[m.From]
			grown := after[m.To] > before[m.To]
			if !shrunk && !grown {
				t.Fatalf("step %d: %.4f of all keys moved from %s to %s, and neither changed", i, m.Share, m.From, m.To)
			}
		}
		ring = next
	}
}

// weights returns the weight of each node; a node that is not there weighs nothing.
func weights(ring *shard.Ring) map[string]float64 {
	all := make(map[string]float64)
	for _, n := range ring.Nodes() {
		all[n.Name] = n.Weight
		if n.Weight == 0 {
			all[n.Name] = 1
		}
	}
	return all
}

// At every size: an added node takes keys only to itself, and what it takes it gives back.
func TestAddAndRemove(t *testing.T) {
	const sizes = 300
	all := names("10.0.0", sizes+1)
	ring, err := shard.Build(shard.Config{Nodes: []shard.Node{{Name: all[0]}}, Slots: 1 << 14})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= sizes; n++ {
		next, err := ring.Rebuild(append(ring.Nodes(), shard.Node{Name: all[n]}))
		if err != nil {
			t.Fatal(err)
		}
		moves, err := shard.Diff(ring, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range moves {
			if m.To != all[n] {
				t.Fatalf("node %d joins: keys move from %s to %s", n, m.From, m.To)
			}
		}
		back, err := next.Rebuild(ring.Nodes())
		if err != nil {
			t.Fatal(err)
		}
		if back.Digest() != ring.Digest() {
			t.Fatalf("node %d joins and leaves: not as before", n)
		}
		ring = next
	}
}
