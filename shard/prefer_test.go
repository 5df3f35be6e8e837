package shard_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

// mixed is a ring of nodes with several weights and zones.
func mixed(t testing.TB, n, zones int) *shard.Ring {
	t.Helper()
	conf := shard.Config{Slots: 1 << 10}
	for i := range n {
		conf.Nodes = append(conf.Nodes, shard.Node{
			Name: fmt.Sprint("node-", i), Weight: float64(i % 4), Zone: fmt.Sprint("zone-", i%zones),
		})
	}
	ring, err := shard.Build(conf)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestPrefer(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 9, 10, 40} {
		ring := mixed(t, n, 3)
		for i := range uint64(200) {
			h := i * 0x9e3779b97f4a7c15
			order := slices.Collect(ring.Prefer(h))
			if order[0] != ring.Nodes()[ring.Index(h)].Name {
				t.Fatalf("%d nodes: first is %s, not the owner", n, order[0])
			}
			sorted := slices.Sorted(slices.Values(order))
			if len(order) != n || len(slices.Compact(sorted)) != n {
				t.Fatalf("%d nodes: order is %q", n, order)
			}
		}
	}
}

func TestPreferStops(t *testing.T) {
	ring := mixed(t, 20, 3)
	for stop := 1; stop <= 20; stop++ {
		seen := 0
		for range ring.Prefer(1) {
			if seen++; seen == stop {
				break
			}
		}
		if seen != stop {
			t.Errorf("stopped after %d, want %d", seen, stop)
		}
	}
}

// When the owner leaves, the next in order owns the key: for every slot, down to the last node.
func TestNextTakesOver(t *testing.T) {
	ring := mixed(t, 12, 3)
	for slot := range uint64(1 << 10) {
		h := slot << 54
		order := slices.Collect(ring.Prefer(h))
		rest := ring
		for i, want := range order {
			if got := rest.Nodes()[rest.Index(h)].Name; got != want {
				t.Fatalf("slot %d: owner after %d left = %s, want %s", slot, i, got, want)
			}
			if i == len(order)-1 {
				break
			}
			nodes := slices.DeleteFunc(rest.Nodes(), func(n shard.Node) bool { return n.Name == want })
			next, err := shard.Build(shard.Config{Nodes: nodes, Slots: 1 << 10})
			if err != nil {
				t.Fatal(err)
			}
			rest = next
			if slot%64 != 0 {
				break // the first step for all slots, the whole way for some
			}
		}
	}
}

func TestReplicas(t *testing.T) {
	for _, zones := range []int{1, 2, 3, 5, 20} {
		ring := mixed(t, 40, zones)
		zoneOf := make(map[string]string)
		for _, n := range ring.Nodes() {
			zoneOf[n.Name] = n.Zone
		}
		for range 100 {
			h := rand.Uint64()
			order := slices.Collect(ring.Prefer(h))
			all := ring.Replicas(nil, h, 99)
			if len(all) != 40 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 40 {
				t.Fatalf("%d zones: all replicas are %q", zones, all)
			}
			if all[0] != order[0] {
				t.Fatalf("%d zones: first is %s, owner %s", zones, all[0], order[0])
			}
			for n := range all {
				got := ring.Replicas([]string{"kept"}, h, n)
				if got[0] != "kept" || !slices.Equal(got[1:], all[:n]) {
					t.Fatalf("%d zones: %d replicas are %q, want the first of %q", zones, n, got, all)
				}
				if err := spread(all[:n], order, zoneOf, zones); err != nil {
					t.Fatalf("%d zones, %d replicas: %v", zones, n, err)
				}
			}
		}
	}
}

// spread checks that replicas stand in as many zones as there can be, as evenly as can be, and that each zone gives its
// nodes in the order of preference.
func spread(replicas, order []string, zoneOf map[string]string, zones int) error {
	per := make(map[string][]string)
	for _, r := range replicas {
		per[zoneOf[r]] = append(per[zoneOf[r]], r)
	}
	if want := min(len(replicas), zones); len(per) != want {
		return fmt.Errorf("%d zones covered, want %d", len(per), want)
	}
	for zone, got := range per {
		if len(got) > (len(replicas)+zones-1)/zones {
			return fmt.Errorf("%s has %d of %d", zone, len(got), len(replicas))
		}
		var want []string
		for _, name := range order {
			if zoneOf[name] == zone {
				want = append(want, name)
			}
		}
		if !slices.Equal(got, want[:len(got)]) {
			return fmt.Errorf("%s gives %q, prefers %q", zone, got, want)
		}
	}
	return nil
}
