package shardtest_test

import (
	"fmt"

	"github.com/fairleadgo/fairlead/shard"
	"github.com/fairleadgo/fairlead/shard/shardtest"
)

func Example() {
	build := func(names []string) (func([]byte) string, error) {
		ring, err := shard.New(names...)
		if err != nil {
			return nil, err
		}
		return ring.Owner, nil
	}
	fmt.Println(shardtest.Test(build, shardtest.Bounds{MaxPeakToMean: 1.1}))
	// Output: <nil>
}

// A placement of one's own, held to what it promises.
func ExampleBuild() {
	var first shardtest.Build = func(names []string) (func([]byte) string, error) {
		if len(names) != 1 {
			return nil, fmt.Errorf("want one name, have %d", len(names))
		}
		return func([]byte) string { return names[0] }, nil
	}
	owner, _ := first([]string{"only"})
	fmt.Println(owner([]byte("key")))
	// Output: only
}

func ExampleBounds() {
	modula := shardtest.Bounds{MaxPeakToMean: 1.1, MaxNeedless: 1} // even, and moves nearly all keys on a change
	fmt.Println(modula.OrderMatters)
	// Output: false
}
