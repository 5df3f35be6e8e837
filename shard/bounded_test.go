package shard_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

// A model of places that are given out and back, with nodes that come and go: the bound holds at every step, loads are
// those of the model, and nothing is left at the end.
func TestBoundedModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	nodes := []shard.Node{{Name: "a"}, {Name: "b"}, {Name: "c", Weight: 2}}
	ring, err := shard.Build(shard.Config{Slots: 1 << 10, Nodes: nodes})
	if err != nil {
		t.Fatal(err)
	}
	const factor = 1.25
	b, err := shard.NewBounded(ring, factor)
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		node    string
		release func()
	}
	var places []place
	model := make(map[string]int)
	for i := range 200_000 {
		switch n := rng.IntN(100); {
		case n == 0 && i%10 == 0:
			nodes = step(rng, nodes, i)
			if ring, err = ring.Rebuild(nodes); err != nil {
				t.Fatal(err)
			}
			b.Update(ring)
		case n < 52:
			node, release := b.Acquire(fmt.Appendf(nil, "key:%d", rng.IntN(1+rng.IntN(1000)))) // some keys are hot
			model[node]++
			places = append(places, place{node, release})
			total, sum := 0, 0.0
			for name, w := range weights(ring) {
				total += model[name]
				sum += w
			}
			if limit := int(math.Ceil(factor*weights(ring)[node]/sum*float64(total) + 1e-9)); model[node] > limit {
				t.Fatalf("step %d: %s has %d of %d places, at most %d", i, node, model[node], total, limit)
			}
		case len(places) > 0:
			k := rng.IntN(len(places))
			p := places[k]
			places = append(places[:k], places[k+1:]...)
			p.release()
			p.release() // does nothing
			if model[p.node]--; model[p.node] == 0 {
				delete(model, p.node)
			}
		}
	}
	if got := fmt.Sprint(b.Loads()); got != fmt.Sprint(model) {
		t.Errorf("loads %s, want %v", got, model)
	}
	for _, p := range places {
		p.release()
	}
	if n := len(b.Loads()); n != 0 {
		t.Errorf("%d nodes have load at the end", n)
	}
}

// One request at a time never leaves its owner.
func TestBoundedIdle(t *testing.T) {
	ring := build(t, names("node", 50)...)
	b, err := shard.NewBounded(ring, 1.01)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		key := fmt.Appendf(nil, "key:%d", i)
		node, release := b.Acquire(key)
		if node != ring.Owner(key) {
			t.Fatalf("%q: %s, owner %s", key, node, ring.Owner(key))
		}
		release()
	}
}

func TestBoundedConcurrently(t *testing.T) {
	b, err := shard.NewBounded(build(t, "a", "b", "c"), 1.25)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for n := range 2000 {
				_, release := b.Acquire(fmt.Appendf(nil, "%d:%d", i, n))
				go release()
				release()
			}
		})
	}
	other := build(t, "b", "c", "d")
	for range 100 {
		b.Update(other)
	}
	running.Wait()
	for node, n := range b.Loads() {
		t.Errorf("%s has %d at the end", node, n)
	}
}

func TestBoundedRefuses(t *testing.T) {
	for _, factor := range []float64{1, 0, -1, math.NaN(), math.Inf(1)} {
		if _, err := shard.NewBounded(build(t, "a"), factor); err == nil {
			t.Errorf("factor %v is taken", factor)
		}
	}
}
