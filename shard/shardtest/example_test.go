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
