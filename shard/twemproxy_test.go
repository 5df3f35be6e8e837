package shard_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

// twemproxyConfig reads as much of a nutcracker.yml as the vectors need.
func twemproxyConfig(t *testing.T, file string) (conf shard.Config, names []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	setting := func(key string) string {
		if m := regexp.MustCompile(`(?m)^\s+` + key + `: "?([^"\n]*)"?$`).FindStringSubmatch(string(text)); m != nil {
			return m[1]
		}
		return ""
	}
	conf = shard.Config{Placement: shard.Placement(setting("distribution")), Hash: shard.Hash(setting("hash")), Tag: setting("hash_tag")}
	for _, m := range regexp.MustCompile(`(?m)^\s+- (\S+):(\d+)(?: (\S+))?$`).FindAllStringSubmatch(string(text), -1) {
		weight, _ := strconv.ParseFloat(m[2], 64)
		name := m[3]
		switch {
		case name != "":
		case strings.HasPrefix(m[1], "/"):
			name = m[1] + ":"
		default:
			name = strings.TrimSuffix(m[1], ":11211")
		}
		conf.Nodes = append(conf.Nodes, shard.Node{Name: name, Weight: weight})
		names = append(names, name)
	}
	return conf, names
}

// Every key is where the real nutcracker put it.
func TestTwemproxyVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/twemproxy/vectors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for column, name := range strings.Split(lines[0], "\t")[1:] {
		conf, names := twemproxyConfig(t, filepath.Join("testdata/twemproxy", name+".yml"))
		ring, err := shard.Build(conf)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, line := range lines[1:] {
			fields := strings.Split(line, "\t")
			key, err := hex.DecodeString(fields[0])
			if err != nil {
				t.Fatal(err)
			}
			index, _ := strconv.Atoi(fields[column+1])
			if got := ring.Owner(key); got != names[index] {
				t.Errorf("%s: owner of %q is %s, want %s", name, key, got, names[index])
				break
			}
		}
	}
}

// Rounding to 32 bits bites where one would not think so; the counts were confirmed with the real thing.
func TestKetamaPoints(t *testing.T) {
	for _, tt := range []struct {
		weights []float64
		want    string
	}{
		{make([]float64, 25), "[156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156 156]"},
		{[]float64{29, 1, 30}, "[228 8 240]"},
		{[]float64{1, 1, 1}, "[160 160 160]"},
		{[]float64{1, 1000}, "[0 316]"}, // one gets no points, and so no keys
	} {
		conf := shard.Config{Placement: shard.Ketama}
		for i, w := range tt.weights {
			conf.Nodes = append(conf.Nodes, shard.Node{Name: fmt.Sprint("n", i), Weight: w})
		}
		ring, err := shard.Build(conf)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(shard.KetamaPoints(ring)); got != tt.want {
			t.Errorf("weights %v: points %s, want %s", tt.weights, got, tt.want)
		}
	}
}
