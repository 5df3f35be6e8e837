package shard_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

// Applying the moves to the old owners gives the new ones, at the edges of every range and anywhere.
func TestDiffIsExact(t *testing.T) {
	prev, next := mixed(t, 20, 3), mixed(t, 17, 3)
	finer, err := shard.Build(shard.Config{Nodes: next.Nodes(), Slots: 1 << 12})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []*shard.Ring{next, finer, prev} {
		for _, rings := range [][2]*shard.Ring{{prev, to}, {to, prev}} {
			checkDiff(t, rings[0], rings[1])
		}
	}
}

func checkDiff(t *testing.T, prev, next *shard.Ring) {
	t.Helper()
	moves, err := shard.Diff(prev, next)
	if err != nil {
		t.Fatal(err)
	}
	hashes := []uint64{0, math.MaxUint64}
	for _, m := range moves {
		last, share := uint64(0), 0.0
		for i, r := range m.Ranges {
			if r.Last < r.First || i > 0 && r.First <= last+1 {
				t.Fatalf("ranges of %s to %s: %v after %x", m.From, m.To, r, last)
			}
			last = r.Last
			share += (float64(r.Last-r.First) + 1) / (1 << 64)
			hashes = append(hashes, r.First-1, r.First, r.Last, r.Last+1)
		}
		if math.Abs(share-m.Share) > 1e-12 || m.From == m.To {
			t.Fatalf("move from %s to %s: share %v, ranges cover %v", m.From, m.To, m.Share, share)
		}
	}
	for range 10_000 {
		hashes = append(hashes, rand.Uint64())
	}
	for _, h := range hashes {
		from, to := prev.Nodes()[prev.Index(h)].Name, next.Nodes()[next.Index(h)].Name
		if got := moved(moves, from, h); got != to {
			t.Fatalf("hash %x: moves say %s to %s, the ring says %s", h, from, got, to)
		}
	}
}

func moved(moves []shard.Move, from string, h uint64) (to string) {
	to = from
	for _, m := range moves {
		for _, r := range m.Ranges {
			if r.First <= h && h <= r.Last {
				if m.From != from || to != from {
					return "two nodes"
				}
				to = m.To
			}
		}
	}
	return to
}

func TestDiffRefuses(t *testing.T) {
	plain := build(t, "a")
	tagged, err := shard.Build(shard.Config{Nodes: plain.Nodes(), Tag: "{}"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shard.Diff(plain, tagged); !errors.Is(err, shard.ErrIncomparable) {
		t.Errorf("other tag: error %v", err)
	}
}

func TestRangesCoverAll(t *testing.T) {
	ring := mixed(t, 20, 3)
	next := make(map[uint64]uint64) // first to last
	total := 0.0
	for _, n := range ring.Nodes() {
		before := uint64(0)
		for r := range ring.Ranges(n.Name) {
			if r.First < before {
				t.Fatalf("%s: ranges are not in order", n.Name)
			}
			before = r.Last
			next[r.First] = r.Last
			if ring.Nodes()[ring.Index(r.First)].Name != n.Name || ring.Nodes()[ring.Index(r.Last)].Name != n.Name {
				t.Fatalf("%s does not own the ends of %v", n.Name, r)
			}
		}
		total += share(ring, n.Name)
	}
	at := uint64(0)
	for {
		last, ok := next[at]
		if !ok {
			t.Fatalf("no range begins at %x", at)
		}
		if last == math.MaxUint64 {
			break
		}
		at = last + 1
	}
	if math.Abs(total-1) > 1e-9 {
		t.Errorf("shares add up to %v", total)
	}
	for range ring.Ranges("nobody") {
		t.Error("an unknown node has a range")
	}
	for range ring.Ranges("node-0") {
		break // must stop
	}
}
