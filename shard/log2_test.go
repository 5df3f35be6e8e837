package shard

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestLogarithm(t *testing.T) {
	table := newLogTable()
	raws := []uint64{0, 1, 2, 3, 1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64 - 1, math.MaxUint64}
	for range 100_000 {
		raws = append(raws, rand.Uint64()>>rand.IntN(64))
	}
	for _, raw := range raws {
		got := float64(table.minus(raw)) / (1 << logFrac)
		want := 64 - math.Log2(float64(max(raw, 1)))
		if math.Abs(got-want) > 2e-7 {
			t.Errorf("minus(%#x) = %v, want %v", raw, got, want)
		}
	}
}

// A logarithm that grew with raw anywhere would let nodes of one weight change order when another weight joins.
func TestLogarithmNeverGrows(t *testing.T) {
	table := newLogTable()
	check := func(raw uint64) {
		if table.minus(raw) > table.minus(raw-1) {
			t.Errorf("minus(%#x) > minus(%#x)", raw, raw-1)
		}
	}
	for i := range 64 {
		check(1 << i)
		check(1<<i + 1)
	}
	for i := range uint64(1 << logIndex) {
		check(1<<63 | i<<(63-logIndex))
	}
	for range 100_000 {
		check(max(rand.Uint64()>>rand.IntN(64), 1))
	}
	if table.minus(math.MaxUint64) == 0 {
		t.Error("the largest raw costs nothing: its weight would not count")
	}
}
