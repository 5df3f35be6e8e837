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
