// Package shardtest checks that a placement keeps its promises: any function that gives names to keys, not only a ring
// of package shard. It is for tests; it builds the placement some hundred times.
package shardtest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Build makes the placement under test over named nodes and returns its owner function.
type Build func(names []string) (owner func(key []byte) string, err error)

// Bounds are what a placement promises. The zero value asks only for what every placement owes: an owner from the set,
// the same one each time and in each copy, whatever the order of names; sets that make no sense refused with an error
// and not with a panic or a hang; keys neither changed nor kept.
type Bounds struct {
	MaxPeakToMean float64 // of the largest share over 100 nodes, from 100,000 keys; 0 means unchecked
	MaxNeedless   float64 // share of keys, 0 to 1, that may move between two nodes that both stay; 0 means none may
	OrderMatters  bool    // true if the order of names may change owners
}

const (
	keyCount = 100_000
	deadline = 30 * time.Second // for one build
)

// Test returns an error that lists every promise broken, with a key that shows it; nil if there is none.
func Test(build Build, b Bounds) error {
	k := &kit{build: build, bounds: b}
	for _, check := range []func() error{
		k.refusals, k.oneNode, k.members, k.sameAgain, k.order, k.keys, k.balance, k.changes,
	} {
		k.note(guard(check))
	}
	return errors.Join(k.broken...)
}

// A kit tries one placement.
type kit struct {
	build  Build
	bounds Bounds
	broken []error
}

func (k *kit) note(err error) {
	if err != nil {
		k.broken = append(k.broken, err)
	}
}

// guard turns a panic into an error.
func guard(check func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return check()
}

type built struct {
	owner func([]byte) string
	err   error
}

// place builds under a deadline; a panic is an error.
func (k *kit) place(names []string) (func([]byte) string, error) {
	done := make(chan built, 1)
	go func() {
		var b built
		b.err = guard(func() (err error) {
			b.owner, err = k.build(slices.Clone(names))
			return err
		})
		done <- b
	}()
	select {
	case b := <-done:
		return b.owner, b.err
	case <-time.After(deadline):
		return nil, fmt.Errorf("build of %d nodes takes longer than %v", len(names), deadline)
	}
}

func (k *kit) refusals() error {
	var errs []error
	for what, names := range map[string][]string{
		"an empty set":      {},
		"a duplicate name":  {"a", "b", "a"},
		"two names in four": {"a", "b", "a", "b"},
	} {
		if _, err := k.place(names); err == nil {
			errs = append(errs, fmt.Errorf("%s is not refused", what))
		} else if fmt.Sprintf("%.5s", err.Error()) == "panic" {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	return errors.Join(errs...)
}

func (k *kit) oneNode() error {
	owner, err := k.place([]string{"only"})
	if err != nil {
		return fmt.Errorf("one node: %w", err)
	}
	for i := range 1000 {
		if got := owner(key(i)); got != "only" {
			return fmt.Errorf("one node: owner of %q is %q", key(i), got)
		}
	}
	return nil
}

func (k *kit) members() error {
	names := nodeNames(7)
	owner, err := k.place(names)
	if err != nil {
		return err
	}
	for i := range keyCount {
		if got := owner(key(i)); !slices.Contains(names, got) {
			return fmt.Errorf("owner of %q is %q, which is not a node", key(i), got)
		} else if again := owner(key(i)); again != got {
			return fmt.Errorf("asked twice: owner of %q is %q, then %q", key(i), got, again)
		}
	}
	return nil
}

func (k *kit) sameAgain() error {
	return k.agree("built twice", nodeNames(23), nodeNames(23))
}

func (k *kit) order() error {
	if k.bounds.OrderMatters {
		return nil
	}
	turned := nodeNames(23)
	slices.Reverse(turned)
	return k.agree("names in another order", nodeNames(23), turned)
}

// agree reports a key whose owners differ between two builds.
func (k *kit) agree(what string, a, b []string) error {
	one, err := k.place(a)
	if err != nil {
		return err
	}
	two, err := k.place(b)
	if err != nil {
		return err
	}
	for i := range keyCount {
		if x, y := one(key(i)), two(key(i)); x != y {
			return fmt.Errorf("%s: owner of %q is %q, then %q", what, key(i), x, y)
		}
	}
	return nil
}

// keys tries keys that are odd, and that the owner function does not write to or keep.
func (k *kit) keys() error {
	owner, err := k.place(nodeNames(5))
	if err != nil {
		return err
	}
	for _, odd := range [][]byte{nil, {}, {0}, {255}, []byte("{}"), []byte("{a}"), make([]byte, 1<<16)} {
		was := slices.Clone(odd)
		first := owner(odd)
		if !slices.Equal(odd, was) {
			return fmt.Errorf("key %.20q was written to", was)
		}
		for i := range odd {
			odd[i] ^= 0x55 // whoever kept it sees another key
		}
		if again := owner(was); again != first {
			return fmt.Errorf("owner of %.20q is %q, then %q", was, first, again)
		}
	}
	return nil
}

func (k *kit) balance() error {
	if k.bounds.MaxPeakToMean == 0 {
		return nil
	}
	const nodes = 100
	owner, err := k.place(nodeNames(nodes))
	if err != nil {
		return err
	}
	counts := make(map[string]int)
	peak := ""
	for i := range keyCount {
		name := owner(key(i))
		if counts[name]++; counts[name] > counts[peak] {
			peak = name
		}
	}
	// Sampling keys adds noise of its own: four standard deviations of one node's count.
	noise := 1 + 4/math.Sqrt(keyCount/nodes)
	if ratio := float64(counts[peak]) * nodes / keyCount; ratio > k.bounds.MaxPeakToMean*noise {
		return fmt.Errorf("%s owns %.3f of the mean, want at most %.3f", peak, ratio, k.bounds.MaxPeakToMean)
	}
	return nil
}

// changes adds a node to sets of many sizes and takes it away again.
func (k *kit) changes() error {
	var errs []error
	for _, n := range []int{1, 2, 3, 5, 9, 10, 31, 64, 65, 100} {
		names := nodeNames(n + 1)
		small, err := k.place(names[:n])
		if err != nil {
			return err
		}
		large, err := k.place(names)
		if err != nil {
			return err
		}
		if err := k.needless(small, large, names[n]); err != nil {
			errs = append(errs, fmt.Errorf("from %d to %d nodes and back: %w", n, n+1, err))
		}
	}
	return errors.Join(errs...)
}

// needless counts keys that changed hands between nodes that both stay when fresh joins or leaves.
func (k *kit) needless(small, large func([]byte) string, fresh string) error {
	moved, example := 0, ""
	for i := range keyCount / 10 {
		before, after := small(key(i)), large(key(i))
		if before != after && after != fresh {
			moved++
			example = fmt.Sprintf("%q from %s to %s", key(i), before, after)
		}
	}
	if share := float64(moved) / (keyCount / 10); share > k.bounds.MaxNeedless {
		return fmt.Errorf("%.4f of the keys move needlessly, such as %s", share, example)
	}
	return nil
}

func key(i int) []byte { return fmt.Appendf(nil, "key:%d", i) }

func nodeNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("10.0.%d.%d:6379", i/16, i%16)
	}
	return names
}
