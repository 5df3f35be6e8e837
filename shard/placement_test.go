package shard_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
	"github.com/fairleadgo/fairlead/shard/shardtest"
)

// placed builds a ring of a placement over n nodes, weighted where it takes weights.
func placed(t testing.TB, p shard.Placement, n int) *shard.Ring {
	t.Helper()
	conf := shard.Config{Placement: p}
	for i := range n {
		conf.Nodes = append(conf.Nodes, shard.Node{Name: fmt.Sprint("node-", i), Zone: fmt.Sprint("zone-", i%3)})
		if p != shard.Jump {
			conf.Nodes[i].Weight = float64(1 + i%4)
		}
	}
	ring, err := shard.Build(conf)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

var others = []shard.Placement{shard.Ketama, shard.Modula, shard.RedisCluster, shard.Jump, shard.Maglev}

func TestPlacementsKeepTheirPromises(t *testing.T) {
	for p, bounds := range map[shard.Placement]shardtest.Bounds{
		shard.Rendezvous:   {MaxPeakToMean: 1.1},
		shard.Ketama:       {MaxPeakToMean: 1.5, MaxNeedless: 0.05}, // counts of points depend on all nodes
		shard.Modula:       {MaxPeakToMean: 2.5, MaxNeedless: 1},    // and so does its hash
		shard.RedisCluster: {MaxPeakToMean: 1.1, MaxNeedless: 1, OrderMatters: true},
		shard.Jump:         {MaxPeakToMean: 1.05, OrderMatters: true},
		shard.Maglev:       {MaxPeakToMean: 1.1, MaxNeedless: 0.05},
	} {
		err := shardtest.Test(func(names []string) (func([]byte) string, error) {
			conf := shard.Config{Placement: p}
			for _, name := range names {
				conf.Nodes = append(conf.Nodes, shard.Node{Name: name})
			}
			ring, err := shard.Build(conf)
			if err != nil {
				return nil, err
			}
			return ring.Owner, nil
		}, bounds)
		if err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestPlacementsPrefer(t *testing.T) {
	for _, p := range append(others, shard.Random) {
		ring := placed(t, p, 12)
		zoneOf := make(map[string]string)
		for _, n := range ring.Nodes() {
			zoneOf[n.Name] = n.Zone
		}
		for i := range 200 {
			h := ring.Hash(fmt.Appendf(nil, "key:%d", i))
			order := slices.Collect(ring.Prefer(h))
			if p != shard.Random && order[0] != ring.Nodes()[ring.Index(h)].Name {
				t.Fatalf("%s: first is %s, not the owner", p, order[0])
			}
			if len(order) != 12 || len(slices.Compact(slices.Sorted(slices.Values(order)))) != 12 {
				t.Fatalf("%s: order is %q", p, order)
			}
			replicas := ring.Replicas(nil, h, 7)
			if p == shard.Random {
				continue
			}
			if err := spread(replicas, order, zoneOf, 3); err != nil || replicas[0] != order[0] {
				t.Fatalf("%s: %q: %v", p, replicas, err)
			}
			for n := range replicas { // within a round, zones stand in the order of their next nodes
				if n%3 > 0 && slices.Index(order, replicas[n]) < slices.Index(order, replicas[n-1]) {
					t.Fatalf("%s: replicas %q of %q", p, replicas, order)
				}
			}
		}
	}
}

func TestPlacementsText(t *testing.T) {
	seen := make(map[uint64]shard.Placement)
	for _, p := range append(others, shard.Random, shard.Rendezvous) {
		ring := placed(t, p, 5)
		text, err := ring.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		back, err := shard.Parse(text)
		if err != nil {
			t.Errorf("%s: %v\n%s", p, err, text)
			continue
		}
		again, _ := back.MarshalText()
		if string(again) != string(text) || seen[ring.Digest()] != "" {
			t.Errorf("%s: text and back:\n%s%s, digest also of %q", p, text, again, seen[ring.Digest()])
		}
		seen[ring.Digest()] = p
		nodes := append(ring.Nodes()[1:], shard.Node{Name: "new"})
		rebuilt, err := ring.Rebuild(nodes)
		if err != nil {
			t.Fatal(err)
		}
		built, err := shard.Build(shard.Config{Placement: p, Nodes: nodes})
		if err != nil || rebuilt.Digest() != built.Digest() {
			t.Errorf("%s: a rebuilt ring differs from a built one", p)
		}
	}
}

// What Ranges say and what Index says is the same, wherever an edge is.
func TestPlacementsRanges(t *testing.T) {
	for p, last := range map[shard.Placement]uint64{shard.Ketama: math.MaxUint32, shard.RedisCluster: 16383} {
		ring := placed(t, p, 9)
		var all []shard.Range
		for i, n := range ring.Nodes() {
			for r := range ring.Ranges(n.Name) {
				all = append(all, r)
				if ring.Index(r.First) != i || ring.Index(r.Last) != i {
					t.Fatalf("%s: %s does not own %v", p, n.Name, r)
				}
			}
		}
		slices.SortFunc(all, func(a, b shard.Range) int { return int(min(max(int64(a.First)-int64(b.First), -1), 1)) })
		next := uint64(0)
		for _, r := range all {
			if r.First != next {
				t.Fatalf("%s: a range begins at %d, want %d", p, r.First, next)
			}
			next = r.Last + 1
		}
		if next != last+1 {
			t.Errorf("%s: ranges end at %d, want %d", p, next-1, last)
		}
		moves, err := shard.Diff(ring, placed(t, p, 8))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, m := range moves {
			sum += m.Share
		}
		if sum <= 0 || sum > 1 {
			t.Errorf("%s: %v of all keys move", p, sum)
		}
	}
	for _, p := range []shard.Placement{shard.Modula, shard.Jump, shard.Maglev, shard.Random} {
		ring := placed(t, p, 3)
		for range ring.Ranges("node-0") {
			t.Errorf("%s has ranges", p)
		}
		if _, err := shard.Diff(ring, ring); !errors.Is(err, shard.ErrIncomparable) {
			t.Errorf("%s: Diff: %v", p, err)
		}
	}
}

// The bucket index finds the point that a look at all of them finds, at every edge and between.
func TestKetamaIndex(t *testing.T) {
	ring := placed(t, shard.Ketama, 40)
	hashes := []uint32{0, 1, math.MaxUint32 - 1, math.MaxUint32}
	for _, p := range shard.KetamaEdges(ring)[:500] {
		hashes = append(hashes, p-1, p, p+1)
	}
	for range 1000 {
		hashes = append(hashes, rand.Uint32())
	}
	for _, h := range hashes {
		if got, want := ring.Index(uint64(h)), shard.KetamaOwner(ring, h); got != want {
			t.Fatalf("Index(%#x) = %d, want %d", h, got, want)
		}
	}
}

func TestPlacementsRefuse(t *testing.T) {
	node := func(w float64) []shard.Node { return []shard.Node{{Name: "a", Weight: w}} }
	for want, conf := range map[string]shard.Config{
		"whole numbers":                    {Placement: shard.Ketama, Nodes: node(1.5)},
		"ketama takes whole numbers up to": {Placement: shard.Ketama, Nodes: node(1e10)},
		"jump takes none":                  {Placement: shard.Jump, Nodes: node(2)},
		`Hash "xxh64" is not one of modu`:  {Placement: shard.Modula, Nodes: node(1), Hash: shard.XXH64},
		`Hash "md5" is not one of hrw1`:    {Nodes: node(1), Hash: "md5"},
		`Tag "[]"`:                         {Placement: shard.RedisCluster, Nodes: node(1), Tag: "[]"},
		"maglev has no such table":         {Placement: shard.Maglev, Nodes: node(1), Slots: 1024},
	} {
		if _, err := shard.Build(conf); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", conf, err, want)
		}
	}
}

func TestSlot(t *testing.T) {
	for key, want := range map[string]int{
		"": 0, "123456789": 0x31C3, "foo": 12182, "{foo}bar": 12182, "x{foo}y{bar}": 12182, "{}foo": 9500, "foo{bar": 15278,
	} {
		if got := shard.Slot([]byte(key)); got != want {
			t.Errorf("Slot(%q) = %d, want %d", key, got, want)
		}
	}
}

// Three equal nodes get the slots that redis-cli --cluster create gives them.
func TestClusterSlots(t *testing.T) {
	ring, err := shard.Build(shard.Config{Placement: shard.RedisCluster, Nodes: []shard.Node{{Name: "b"}, {Name: "a"}, {Name: "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]shard.Range{"b": {First: 0, Last: 5460}, "a": {First: 5461, Last: 10922}, "c": {First: 10923, Last: 16383}} {
		if got := slices.Collect(ring.Ranges(name)); len(got) != 1 || got[0] != want {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
	// It counts in float32: 78 nodes are the first that show it.
	var many []shard.Node
	for i := range 78 {
		many = append(many, shard.Node{Name: fmt.Sprint(i)})
	}
	large, err := shard.Build(shard.Config{Placement: shard.RedisCluster, Nodes: many})
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(large.Ranges("67")); len(got) != 1 || got[0].Last != 14283 {
		t.Errorf("node 67 of 78 has %v, want its last at 14283", got)
	}
	if got := ring.OwnerString("foo"); got != "c" { // slot 12182
		t.Errorf("owner of foo is %s", got)
	}
}

func TestRandomUsesAllNodes(t *testing.T) {
	ring := placed(t, shard.Random, 5)
	seen := make(map[string]int)
	for range 1000 {
		seen[ring.OwnerString("the same")]++
	}
	if len(seen) != 5 {
		t.Errorf("owners %v", seen)
	}
}
