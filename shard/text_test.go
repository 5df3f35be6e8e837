package shard_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/shard"
)

func TestTextRoundTrip(t *testing.T) {
	for _, conf := range []shard.Config{
		{Nodes: []shard.Node{{Name: "a"}}},
		{Nodes: []shard.Node{{Name: "b", Weight: 0.1}, {Name: "a", Weight: 1e-100, Zone: "z"}, {Name: "c", Zone: "ü \n\""}}, Tag: "{}"},
		{Nodes: []shard.Node{{Name: " \n weight 3 zone \xff"}, {Name: `"`, Weight: 1}}, Tag: "\n\xff", Slots: 2},
	} {
		ring, err := shard.Build(conf)
		if err != nil {
			t.Fatal(err)
		}
		text, err := ring.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		back, err := shard.Parse(text)
		if err != nil {
			t.Errorf("Parse: %v\n%s", err, text)
			continue
		}
		if !reflect.DeepEqual(ring, back) {
			t.Errorf("parsed ring differs from\n%s", text)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	text, err := build(t, "a", "b").MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":        {"", "line 1"},
		"no digest":      {good[:strings.Index(good, "digest")], "digest"},
		"another digest": {strings.Replace(good, `"b"`, `"c"`, 1), "digest"},
		"behind digest":  {good + "node \"c\"\n", "line 8"},
		"unquoted":       {strings.Replace(good, `"b"`, `b`, 1), "line 6"},
		"weight":         {strings.Replace(good, `"b"`, `"b" weight x`, 1), "line 6"},
		"more":           {strings.Replace(good, `"b"`, `"b" colour "red"`, 1), "line 6"},
		"placement":      {strings.Replace(good, "hrw1", "hrw2", 1), `"hrw2"`},
		"slots":          {strings.Replace(good, "slots 2", "slots x", 1), "line 4"},
		"setting":        {"colour red\n" + good, "line 1"},
	} {
		if _, err := shard.Parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	ring, err := shard.Build(shard.Config{Slots: 2, Nodes: []shard.Node{{Name: "a", Weight: 2, Zone: "z"}, {Name: "b"}}})
	if err != nil {
		f.Fatal(err)
	}
	text, _ := ring.MarshalText()
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Count(string(text), "\n") > 50 || strings.Contains(string(text), "slots 1") {
			return // large tables are not what is tried here
		}
		ring, err := shard.Parse(text)
		if err != nil {
			return
		}
		again, _ := ring.MarshalText()
		if back, err := shard.Parse(again); err != nil || back.Digest() != ring.Digest() {
			t.Errorf("%q became %q: %v", text, again, err)
		}
	})
}

func TestDigestTellsRingsApart(t *testing.T) {
	nodes := []shard.Node{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	seen := make(map[uint64]string)
	for name, conf := range map[string]shard.Config{
		"plain":  {Nodes: nodes},
		"tag":    {Nodes: nodes, Tag: "{}"},
		"slots":  {Nodes: nodes, Slots: 1 << 10},
		"fewer":  {Nodes: nodes[:2]},
		"weight": {Nodes: append([]shard.Node{{Name: "d", Weight: 3}}, nodes...)},
		"other":  {Nodes: append([]shard.Node{{Name: "d"}}, nodes...)},
	} {
		ring, err := shard.Build(conf)
		if err != nil {
			t.Fatal(err)
		}
		if was := seen[ring.Digest()]; was != "" {
			t.Errorf("%s and %s have the same digest", name, was)
		}
		seen[ring.Digest()] = name
	}
}
