package shard

import (
	"testing"

	"github.com/cespare/xxhash/v2"
)

func TestHashIsXXH64(t *testing.T) {
	ring, err := New("a")
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 100)
	for i := range key {
		key[i] = byte(i*37 + 200)
	}
	for n := range key {
		if got, want := ring.Hash(key[:n]), xxhash.Sum64(key[:n]); got != want {
			t.Errorf("Hash of %d bytes = %x, want %x", n, got, want)
		}
	}
}
