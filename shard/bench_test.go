package shard_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/fairleadgo/fairlead/shard"
)

// BenchmarkLookup shows what a lookup adds to the hash that every lookup needs: compare with xxhash in the same run.
func BenchmarkLookup(b *testing.B) {
	keys := make([][]byte, 1<<16)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key:%012d", i)
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })

	var sum uint64
	b.Run("xxhash", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			sum += xxhash.Sum64(keys[i&(1<<16-1)])
		}
	})
	for _, n := range []int{10, 100, 1000} {
		ring := build(b, names("node", n)...)
		b.Run(fmt.Sprint("Index/", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sum += uint64(ring.Index(ring.Hash(keys[i&(1<<16-1)])))
			}
		})
		b.Run(fmt.Sprint("Owner/", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sum += uint64(len(ring.Owner(keys[i&(1<<16-1)])))
			}
		})
	}
	_ = sum
}

// BenchmarkRatio measures lookups and the hash alone in turns, in short windows of which it takes the best: what is reported
// is times the hash alone, and holds on a machine that is not quiet.
func BenchmarkRatio(b *testing.B) {
	keys := make([][]byte, 1<<16)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key:%012d", i)
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	all := names("node", 100)
	ring := build(b, all...)
	var nodes []shard.Node
	for _, name := range all {
		nodes = append(nodes, shard.Node{Name: name})
	}
	ketama, err := shard.Build(shard.Config{Nodes: nodes, Placement: shard.Ketama})
	if err != nil {
		b.Fatal(err)
	}
	var sum uint64
	sweep := func(f func(key []byte) uint64) func() {
		return func() {
			for _, key := range keys {
				sum += f(key)
			}
		}
	}
	for _, tt := range []struct {
		name    string
		base, f func()
	}{
		{"Index", func() {
			for _, key := range keys {
				sum += xxhash.Sum64(key)
			}
		}, func() {
			for _, key := range keys {
				sum += uint64(ring.Index(ring.Hash(key)))
			}
		}},
		{"Owner", func() {
			for _, key := range keys {
				sum += xxhash.Sum64(key)
			}
		}, func() {
			for _, key := range keys {
				sum += uint64(len(ring.Owner(key)))
			}
		}},
		{"Ketama", sweep(ketama.Hash), sweep(func(key []byte) uint64 { return uint64(ketama.Index(ketama.Hash(key))) })},
	} {
		b.Run(tt.name, func(b *testing.B) {
			base, best := time.Duration(1<<62), time.Duration(1<<62)
			for b.Loop() {
				base, best = min(base, clock(tt.base)), min(best, clock(tt.f))
			}
			b.ReportMetric(float64(best)/float64(base), "x-hash")
			b.ReportMetric(0, "ns/op")
		})
	}
	_ = sum
}

func clock(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func BenchmarkReplicas(b *testing.B) {
	nodes := make([]shard.Node, 100)
	for i := range nodes {
		nodes[i] = shard.Node{Name: fmt.Sprint("node-", i), Zone: fmt.Sprint("zone-", i%3)}
	}
	ring, err := shard.Build(shard.Config{Nodes: nodes})
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]string, 0, 3)
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		dst = ring.Replicas(dst[:0], i*0x9e3779b97f4a7c15, 3)
	}
}

// BenchmarkBuild shows what a change of one node costs beside building anew.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100, 1000} {
		all := names("node", n)
		ring := build(b, all...)
		b.Run(fmt.Sprint("Build/", n), func(b *testing.B) {
			for b.Loop() {
				build(b, all...)
			}
		})
		for name, nodes := range map[string][]shard.Node{
			"add":    append(ring.Nodes(), shard.Node{Name: "new"}),
			"remove": ring.Nodes()[1:],
		} {
			b.Run(fmt.Sprintf("Rebuild-%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := ring.Rebuild(nodes); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	weighted := build(b, "x").Nodes()
	for i, name := range names("node", 100) {
		weighted = append(weighted, shard.Node{Name: name, Weight: float64(i + 2)})
	}
	b.Run("Build/101-weights", func(b *testing.B) {
		for b.Loop() {
			if _, err := shard.Build(shard.Config{Nodes: weighted}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkKetamaBuild shows what a ring of 1,000 nodes costs beside sorting as many points.
func BenchmarkKetamaBuild(b *testing.B) {
	var nodes []shard.Node
	for _, name := range names("10.0.0.1:7", 1000) {
		nodes = append(nodes, shard.Node{Name: name})
	}
	b.Run("Build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := shard.Build(shard.Config{Nodes: nodes, Placement: shard.Ketama}); err != nil {
				b.Fatal(err)
			}
		}
	})
	points := make([]uint32, 160_000)
	for i := range points {
		points[i] = rand.Uint32()
	}
	b.Run("sort", func(b *testing.B) {
		work := make([]uint32, len(points))
		for b.Loop() {
			copy(work, points)
			slices.Sort(work)
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	ring := build(b, names("node", 100)...)
	for b.Loop() {
		ring.Digest()
	}
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return all
}

func build(t testing.TB, names ...string) *shard.Ring {
	t.Helper()
	ring, err := shard.New(names...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
