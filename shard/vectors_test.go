package shard_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

var update = flag.Bool("update", false, "write testdata anew: only for a placement with a new name")

// vectorKeys are of many lengths and all bytes.
func vectorKeys() []string {
	keys := []string{"", "a", "user:{42}:name", "{}x", "ключ", "\x00", "\xff\xfe"}
	for i := range 250 {
		keys = append(keys, fmt.Sprintf("key:%0*d", 1+i%40, i*7919), string([]byte{byte(i), byte(i * 3), byte(i * 5)}))
	}
	return keys
}

// The committed owners must not change, ever, and be the same on every processor.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/hrw1-*.ring")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := shard.Parse(text) // compares the digest, and so the whole table
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		owners := strings.TrimSuffix(file, ".ring") + ".owners"
		if *update {
			writeOwners(t, owners, ring)
		}
		checkOwners(t, owners, ring)
	}
}

func writeOwners(t *testing.T, file string, ring *shard.Ring) {
	var b strings.Builder
	for _, key := range vectorKeys() {
		fmt.Fprintf(&b, "%q %s\n", key, strings.Join(ring.Replicas(nil, ring.Hash([]byte(key)), 3), " "))
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func checkOwners(t *testing.T, file string, ring *shard.Ring) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for _, key := range vectorKeys() {
		lines.Scan()
		got := fmt.Sprintf("%q %s", key, strings.Join(ring.Replicas(nil, ring.Hash([]byte(key)), 3), " "))
		if got != lines.Text() {
			t.Fatalf("%s: replicas %s, want %s", file, got, lines.Text())
		}
	}
}
