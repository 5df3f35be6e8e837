package shard_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/shard"
)

func TestBuildRefuses(t *testing.T) {
	one := []shard.Node{{Name: "a"}}
	for name, tt := range map[string]struct {
		conf shard.Config
		want string // in the text
		is   error
	}{
		"no nodes":        {shard.Config{}, "no nodes", shard.ErrNoNodes},
		"empty name":      {shard.Config{Nodes: []shard.Node{{Name: "a"}, {}}}, `node 1 "": empty name`, nil},
		"duplicate":       {shard.Config{Nodes: []shard.Node{{Name: "a"}, {Name: "b"}, {Name: "a"}}}, `node 2 "a": duplicate`, shard.ErrDuplicate},
		"negative weight": {shard.Config{Nodes: []shard.Node{{Name: "a", Weight: -1}}}, `node 0 "a": weight -1`, nil},
		"NaN":             {shard.Config{Nodes: []shard.Node{{Name: "a", Weight: math.NaN()}}}, "NaN", nil},
		"infinite":        {shard.Config{Nodes: []shard.Node{{Name: "a", Weight: math.Inf(1)}}}, "Inf", nil},
		"too heavy":       {shard.Config{Nodes: []shard.Node{{Name: "a", Weight: 1e101}}}, "weight 1e+101", nil},
		"too light":       {shard.Config{Nodes: []shard.Node{{Name: "a", Weight: 1e-101}}}, "weight 1e-101", nil},
		"sum of weights":  {shard.Config{Placement: shard.Ketama, Nodes: []shard.Node{{Name: "a", Weight: 1<<31 - 1}, {Name: "b"}}}, "add up", nil},
		"placement":       {shard.Config{Nodes: one, Placement: "hrw0"}, `Placement "hrw0"`, nil},
		"hash":            {shard.Config{Nodes: one, Hash: "md4"}, `Hash "md4"`, nil},
		"tag of one byte": {shard.Config{Nodes: one, Tag: "{"}, `Tag "{"`, nil},
		"slots":           {shard.Config{Nodes: one, Slots: 1000}, "Slots 1000", nil},
		"one slot":        {shard.Config{Nodes: one, Slots: 1}, "Slots 1:", nil},
		"negative slots":  {shard.Config{Nodes: one, Slots: -2}, "Slots -2", nil},
		"too many nodes":  {shard.Config{Nodes: make([]shard.Node, 65536)}, "at most 65535", nil},
	} {
		_, err := shard.Build(tt.conf)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: errors.Is(%v, %v) = false", name, err, tt.is)
		}
	}
}

func TestErrorsAreJoined(t *testing.T) {
	_, err := shard.Build(shard.Config{Tag: "x", Nodes: []shard.Node{{Name: "a"}, {Name: "a"}, {Name: ""}}})
	for _, want := range []string{"Tag", "duplicate", "empty"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not speak of %q", err, want)
		}
	}
	node, ok := errors.AsType[*shard.NodeError](err)
	if !ok || node.Index != 1 || node.Name != "a" {
		t.Errorf("first NodeError is %+v, want node 1", node)
	}
}

func TestOneNodeOwnsAll(t *testing.T) {
	ring := build(t, "only")
	for _, key := range []string{"", "a", "\x00\xff", strings.Repeat("long", 100)} {
		if got := ring.OwnerString(key); got != "only" {
			t.Errorf("owner of %q = %q", key, got)
		}
	}
}

func TestOwnersAgree(t *testing.T) {
	conf := shard.Config{Tag: "{}", Slots: 1 << 10}
	for i := range 300 { // more than a byte can number
		conf.Nodes = append(conf.Nodes, shard.Node{Name: fmt.Sprint("n", i)})
	}
	ring, err := shard.Build(conf)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		key := fmt.Sprintf("{%d}:%d", i/2, i)
		owner := ring.Owner([]byte(key))
		if s := ring.OwnerString(key); s != owner {
			t.Fatalf("OwnerString(%q) = %q, Owner %q", key, s, owner)
		}
		if n := ring.Nodes()[ring.Index(ring.Hash([]byte(key)))].Name; n != owner {
			t.Fatalf("Index(Hash(%q)) is %q, Owner %q", key, n, owner)
		}
		if s := ring.OwnerString(fmt.Sprint(i / 2)); s != owner {
			t.Fatalf("owner of the tag of %q = %q, of the key %q", key, s, owner)
		}
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	all := names("node", 50)
	want := build(t, all...).Digest()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if got := build(t, all...).Digest(); got != want {
		t.Errorf("digest of the same names in another order = %x, want %x", got, want)
	}
}

// The bar of the default table: 100 nodes with any names, the largest share at most a tenth over the mean.
func TestBalance(t *testing.T) {
	sets := 100
	if race {
		sets = 5
	}
	worst := 0.0
	for set := range sets {
		rng := rand.New(rand.NewPCG(7, uint64(set)))
		all := make([]string, 100)
		for i := range all {
			all[i] = randomName(rng, set, i)
		}
		peak := peakToMean(build(t, all...), all)
		if peak > 1.10 {
			t.Errorf("set %d (%s ...): largest share is %.3f of the mean", set, all[0], peak)
		}
		worst = max(worst, peak)
	}
	t.Logf("largest share of all sets: %.3f of the mean", worst)
}

// randomName makes names of the shapes that real sets have.
func randomName(rng *rand.Rand, set, i int) string {
	switch set % 4 {
	case 0:
		return fmt.Sprintf("redis-%d.redis.ns%d.svc.cluster.local:6379", i, set)
	case 1:
		return fmt.Sprintf("10.%d.%d.%d:6379", set, i/16, i%16)
	case 2:
		return fmt.Sprintf("10.0.0.%d:%d", set, 7000+i)
	}
	return fmt.Sprintf("%x", rng.Uint64())
}

func peakToMean(ring *shard.Ring, all []string) float64 {
	peak := 0.0
	for _, name := range all {
		peak = max(peak, share(ring, name))
	}
	return peak * float64(len(all))
}

// share returns the part of the hash space that name owns.
func share(ring *shard.Ring, name string) (sum float64) {
	for r := range ring.Ranges(name) {
		sum += (float64(r.Last-r.First) + 1) / (1 << 64)
	}
	return sum
}

func TestWeightsAreShares(t *testing.T) {
	conf := shard.Config{}
	total := 0.0
	for i, w := range []float64{1, 1, 2, 4, 8, 0.5, 0.25, 100, 3.3, 0} {
		conf.Nodes = append(conf.Nodes, shard.Node{Name: fmt.Sprint("node-", i), Weight: w})
		total += max(w, 0.25)
		if w == 0 {
			total += 0.75 // 0 means 1
		}
	}
	ring, err := shard.Build(conf)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range conf.Nodes {
		w := n.Weight
		if w == 0 {
			w = 1
		}
		want := w / total
		sigma := math.Sqrt(want * (1 - want) / shard.DefaultSlots)
		if got := share(ring, n.Name); math.Abs(got-want) > 5*sigma {
			t.Errorf("weight %v: share %.5f, want %.5f within %.5f", n.Weight, got, want, 5*sigma)
		}
	}
}

func TestTag(t *testing.T) {
	for _, tt := range []struct{ key, tag, want string }{
		{"user:{42}:name", "{}", "42"},
		{"{42}", "{}", "42"},
		{"a{}b", "{}", "a{}b"},
		{"a{b", "{}", "a{b"},
		{"a}b{c}", "{}", "c"},
		{"}{", "{}", "}{"},
		{"{{a}}", "{}", "{a"},
		{"{}{a}", "{}", "{}{a}"}, // the first pair is empty: the whole key, as Redis Cluster has it
		{"", "{}", ""},
		{"x|y|z", "||", "y"},
		{"x||z", "||", "x||z"},
		{"x|y", "||", "x|y"},
		{"{a}", "", "{a}"},
		{"{a}", "{", "{a}"},
		{"{a}", "{}}", "{a}"},
	} {
		if got := string(shard.Tag([]byte(tt.key), tt.tag)); got != tt.want {
			t.Errorf("Tag(%q, %q) = %q, want %q", tt.key, tt.tag, got, tt.want)
		}
	}
}

func TestNodesAreACopy(t *testing.T) {
	nodes := []shard.Node{{Name: "a", Zone: "z"}, {Name: "b", Weight: 2}}
	ring, err := shard.Build(shard.Config{Nodes: nodes})
	if err != nil {
		t.Fatal(err)
	}
	want := []shard.Node{{Name: "a", Zone: "z"}, {Name: "b", Weight: 2}}
	nodes[0].Name = "changed"
	ring.Nodes()[1].Name = "changed"
	if diff := cmp.Diff(want, ring.Nodes()); diff != "" {
		t.Errorf("Nodes (-want +got):\n%s", diff)
	}
}

func TestLookupsDoNotAllocate(t *testing.T) {
	ring, err := shard.Build(shard.Config{Tag: "{}", Nodes: []shard.Node{{Name: "a", Zone: "x"}, {Name: "b", Weight: 2}, {Name: "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	key, long := []byte("user:{42}"), strings.Repeat("k", 100)
	dst := make([]string, 0, 3)
	for name, f := range map[string]func(){
		"Owner":      func() { ring.Owner(key) },
		"conversion": func() { ring.Owner([]byte(long[:20])) }, // a key does not escape

		"OwnerString": func() { ring.OwnerString(long) },
		"Index":       func() { ring.Index(ring.Hash(key)) },
		"Replicas":    func() { dst = ring.Replicas(dst[:0], 42, 3) },
		"Prefer": func() {
			for range ring.Prefer(42) {
			}
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
