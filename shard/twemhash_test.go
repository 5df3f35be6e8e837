package shard

import (
	"fmt"
	"testing"
)

// The vectors were read off the real thing.
func TestTwemproxyHashes(t *testing.T) {
	keys := []string{"hello", "\xff\x80\x7f", "abcdefghijklmn\x90"}
	for name, want := range map[Hash]string{
		"one_at_a_time": "[c8fd181b de102744 eb5b9672]",
		"md5":           "[2a40415d 3bf244dd 76cb8dac]",
		"crc16":         "[6b4fc362 1e925b83 95690a36]",
		"crc32":         "[3610 3ae0 7c93]",
		"crc32a":        "[3610a686 bae01919 7c938852]",
		"fnv1_64":       "[bdbdd4c7 6c127fdf c77c9d68]",
		"fnv1a_64":      "[80aabd0b 720040af 538e64a6]",
		"fnv1_32":       "[b6fa7167 30b30d1f 61ede6a8]",
		"fnv1a_32":      "[4f9f2cab 9cdced6f c2da2b46]",
		"hsieh":         "[13842ac5 cb8cbd91 c2a5b786]",
		"murmur":        "[521b0bff d95850af 9704d1c2]",
		"jenkins":       "[2e0cc8f3 1964a2b8 b5bfbef0]",
	} {
		var got []uint32
		for _, key := range keys {
			got = append(got, newHash32(name).sum([]byte(key)))
		}
		if s := fmt.Sprintf("%x", got); s != want {
			t.Errorf("%s: %s, want %s", name, s, want)
		}
	}
}
