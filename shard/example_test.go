package shard_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/fairleadgo/fairlead/shard"
)

func Example() {
	ring, err := shard.New("red", "green", "blue")
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range []string{"ada", "grace", "edsger"} {
		fmt.Println(user, "lives on", ring.OwnerString(user))
	}
	// Output:
	// ada lives on blue
	// grace lives on green
	// edsger lives on blue
}

// A node with twice the weight gets twice the keys; a tag keeps related keys together.
func ExampleConfig() {
	ring, err := shard.Build(shard.Config{
		Nodes: []shard.Node{{Name: "small"}, {Name: "large", Weight: 2}},
		Tag:   "{}",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.OwnerString("{user:42}:name") == ring.OwnerString("{user:42}:mail"))
	// Output: true
}

func ExampleRing_Prefer() {
	ring, _ := shard.New("red", "green", "blue")
	healthy := func(node string) bool { return node != "red" }

	for node := range ring.Prefer(ring.Hash([]byte("user:42"))) {
		if healthy(node) {
			fmt.Println("ask", node)
			break
		}
	}
	// Output: ask blue
}

func ExampleRing_Replicas() {
	ring, _ := shard.Build(shard.Config{Nodes: []shard.Node{
		{Name: "a1", Zone: "a"}, {Name: "a2", Zone: "a"}, {Name: "a3", Zone: "a"}, {Name: "b1", Zone: "b"},
	}})
	var buf [2]string
	fmt.Println(ring.Replicas(buf[:0], ring.Hash([]byte("key")), 2))
	// Output: [a1 b1]
}

func ExampleDiff() {
	prev, _ := shard.Build(shard.Config{Nodes: []shard.Node{{Name: "a"}, {Name: "b"}}})
	next, _ := prev.Rebuild([]shard.Node{{Name: "a"}, {Name: "b"}, {Name: "c", Weight: 2}})

	moves, _ := shard.Diff(prev, next)
	for _, m := range moves {
		fmt.Printf("%.0f %% of all keys move from %s to %s\n", 100*m.Share, m.From, m.To)
	}
	// Output:
	// 25 % of all keys move from a to c
	// 25 % of all keys move from b to c
}

// Range and Move tell a migration which hashes to copy, and from where.
func ExampleMove() {
	m := shard.Move{From: "a", To: "b", Share: 0.25, Ranges: []shard.Range{{First: 0, Last: 1<<62 - 1}}}
	for _, r := range m.Ranges {
		fmt.Printf("copy %016x to %016x from %s to %s\n", r.First, r.Last, m.From, m.To)
	}
	// Output: copy 0000000000000000 to 3fffffffffffffff from a to b
}

func ExampleNodeError() {
	_, err := shard.New("red", "green", "red")
	if node, ok := errors.AsType[*shard.NodeError](err); ok {
		fmt.Println(node.Index, node.Name, node.Err)
	}
	// Output: 2 red duplicate name
}

// Processes that must agree on owners exchange the ring as text.
func ExampleParse() {
	ring, _ := shard.New("red", "green")
	text, _ := ring.MarshalText()

	same, err := shard.Parse(text)
	fmt.Println(err, same.Digest() == ring.Digest())
	// Output: <nil> true
}

// Weights are shares, zones keep replicas apart.
func ExampleNode() {
	ring, _ := shard.Build(shard.Config{Nodes: []shard.Node{
		{Name: "old", Weight: 1, Zone: "cellar"},
		{Name: "new", Weight: 3, Zone: "attic"},
	}})
	share := 0.0
	for r := range ring.Ranges("new") {
		share += float64(r.Last-r.First) / (1 << 64)
	}
	fmt.Printf("%.0f %%\n", 100*share)
	// Output: 75 %
}

// A ring that agrees with a twemproxy configuration: its distribution, hash and hash tag.
func ExamplePlacement() {
	ring, err := shard.Build(shard.Config{
		Placement: shard.Ketama,
		Hash:      "fnv1a_64",
		Nodes:     []shard.Node{{Name: "10.0.0.1:6379"}, {Name: "10.0.0.2:6379"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.OwnerString("user:42"))
	// Output: 10.0.0.2:6379
}

func ExampleHash() {
	for _, h := range []shard.Hash{"md5", "murmur", shard.XXH64} {
		_, err := shard.Build(shard.Config{Placement: shard.Modula, Hash: h, Nodes: []shard.Node{{Name: "a"}}})
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
	// Hash "xxh64" is not one of modula
}

// The slots of a Redis Cluster of two.
func ExampleRange() {
	ring, _ := shard.Build(shard.Config{Placement: shard.RedisCluster, Nodes: []shard.Node{{Name: "a"}, {Name: "b"}}})
	for r := range ring.Ranges("b") {
		fmt.Println(r.First, r.Last)
	}
	// Output: 8192 16383
}

func ExampleSlot() {
	fmt.Println(shard.Slot([]byte("{user:42}:name")) == shard.Slot([]byte("{user:42}:mail")))
	// Output: true
}

// A hot key overflows to the next in preference, and comes back when there is room.
func ExampleBounded() {
	ring, _ := shard.New("red", "green", "blue")
	bounded, _ := shard.NewBounded(ring, 1.25)

	used := make(map[string]int)
	for range 12 {
		node, release := bounded.Acquire([]byte("hot"))
		defer release()
		used[node]++
	}
	fmt.Println(used)
	// Output: map[blue:2 green:5 red:5]
}
