package shardtest_test

import (
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/shard/shardtest"
)

// modulo is a placement that keeps what every placement owes, and moves nearly all keys on a change.
func modulo(names []string) (func([]byte) string, error) {
	slices.Sort(names)
	if len(names) == 0 || len(slices.Compact(slices.Clone(names))) < len(names) {
		return nil, errors.New("bad set")
	}
	return func(key []byte) string { return names[crc32.ChecksumIEEE(key)%uint32(len(names))] }, nil
}

func TestFindsBreaches(t *testing.T) {
	type build = shardtest.Build
	for name, tt := range map[string]struct {
		build  build
		bounds shardtest.Bounds
		want   string // "" means no breach
	}{
		"nothing wrong": {modulo, shardtest.Bounds{MaxNeedless: 1, MaxPeakToMean: 1.1}, ""},
		"needless":      {modulo, shardtest.Bounds{}, "needlessly"},
		"panics": {func([]string) (func([]byte) string, error) { panic("no") },
			shardtest.Bounds{}, "panic: no"},
		"foreign": {func(names []string) (func([]byte) string, error) {
			return func([]byte) string { return "nobody" }, nil
		}, shardtest.Bounds{}, "not a node"},
		"empty set": {func(names []string) (func([]byte) string, error) {
			names = append(names, "x")
			return func(key []byte) string { return names[0] }, nil
		}, shardtest.Bounds{}, "an empty set is not refused"},
		"one owns all": {func(names []string) (func([]byte) string, error) {
			return func(key []byte) string { return slices.Min(names) }, nil
		}, shardtest.Bounds{MaxPeakToMean: 1.2}, "of the mean"},
		"order": {func(names []string) (func([]byte) string, error) {
			return func(key []byte) string { return names[0] }, nil
		}, shardtest.Bounds{}, "another order"},
		"forgetful": {func(names []string) (func([]byte) string, error) {
			calls := 0
			return func(key []byte) string { calls++; return names[calls%len(names)] }, nil
		}, shardtest.Bounds{}, "asked twice"},
		"writes": {func(names []string) (func([]byte) string, error) {
			return func(key []byte) string {
				if len(key) > 0 {
					key[0] = 'x'
				}
				return names[0]
			}, nil
		}, shardtest.Bounds{OrderMatters: true}, "written to"},
	} {
		err := shardtest.Test(tt.build, tt.bounds)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
	}
}
