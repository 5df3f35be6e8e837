package sidecar_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/sidecar"
)

var update = flag.Bool("update", false, "write the golden files")

// complete is a Spec that uses every field.
func complete() *sidecar.Spec {
	a := defaults()
	a.Size = 64 << 10
	s := a.spec()
	s.Summary, s.Doc, s.Version = "Does it all.", "# All\n\nIt does <all>.", "v1.0.0"
	s.License, s.Source = "Apache-2.0", "https://example.com/it"
	s.Params = append(s.Params,
		sidecar.Param{Name: "listen", Value: new("127.0.0.1:6379"), Usage: "`address` for clients", Required: true},
		sidecar.Param{Name: "password", Value: new("hunter2"), Usage: "the password of the shards", Secret: true, Reloadable: true},
		sidecar.Param{Name: "port", Value: new(0), Usage: "as others have it", Deprecated: "use -listen"},
		sidecar.Param{Name: "exec", Value: new([]string), Usage: "`command` to run", Rest: true},
	)
	s.Ports = []sidecar.Port{{Name: "redis", Param: "listen", Doc: "for clients"}}
	s.Volumes = []sidecar.Volume{{Path: "/data", Doc: "what is kept", Writable: true}, {Path: "/etc/it"}}
	s.Signals = map[string]string{"SIGHUP": "reads the configuration again"}
	s.Exits = map[int]string{1: "failed, see the log", 3: "lost its lease"}
	s.Probes = sidecar.Probes{Port: "redis", Live: "/livez", Ready: "/readyz"}
	s.Stats = map[string]any{"redis": proxyStats{}}
	s.CPU, s.Memory = "50m", "32Mi"
	return s
}

// Golden files: go test -run TestWriteGolden -update writes them.
func TestWriteGolden(t *testing.T) {
	for form, name := range map[string]string{"json": "spec.json", "help": "help.txt"} {
		var got bytes.Buffer
		if err := complete().Write(&got, form); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(got.String(), "hunter2") {
			t.Errorf("%s has the secret", name)
		}
	}
}

func TestWriteUnknown(t *testing.T) {
	var b bytes.Buffer
	for _, form := range []string{"", "dockerfile", "JSON"} {
		err := complete().Write(&b, form)
		if _, ok := errors.AsType[*sidecar.UsageError](err); !ok || !strings.Contains(err.Error(), "help and json") || b.Len() > 0 {
			t.Errorf("Write(%q) = %v after %q, want a UsageError with the forms", form, err, b.String())
		}
	}
}

func TestWriteFails(t *testing.T) {
	for _, form := range []string{"help", "json"} {
		if err := complete().Write(badWriter{}, form); !errors.Is(err, errBoom) {
			t.Errorf("Write(%q) = %v, want the writer's error", form, err)
		}
	}
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { return 0, errBoom }

// A Spec with nothing in it still has the keys that are always there.
func TestWriteMinimal(t *testing.T) {
	var b bytes.Buffer
	if err := (&sidecar.Spec{Name: "it", Version: "v1"}).Write(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "signals")
	delete(got, "exits")
	want := map[string]any{"name": "it", "version": "v1", "prefix": "IT", "params": []any{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// proxyStats are as packages of this module have them.
type proxyStats struct {
	Clients  int                `metric:"clients" help:"Clients connected."`
	Accepted uint64             `metric:"clients_total" help:"Clients accepted."`
	Age      time.Duration      `metric:"age_seconds" help:"Age of the configuration."`
	Shards   []shardStats       // nested
	Arm      *armStats          // behind a pointer
	Dropped  map[string]uint64  `metric:"dropped_total" label:"reason" help:"What was dropped."`
	Named    map[string]leaf    `label:"name"`
	Self     *proxyStats        // must end
	Loose    map[string]float64 // no metric
	embedded
}

type shardStats struct {
	Shard   string    `label:"shard"`
	Up      bool      `metric:"shard_up" help:"Whether it answers."`
	Latency histogram `metric:"shard_latency_seconds" help:"Time to reply."`
	Deep    struct {
		Zone string `label:"zone"`
		Sent uint64 `metric:"shard_sent_bytes_total" help:"Bytes sent."`
	}
}

type armStats struct {
	Weight float64 `metric:"arm_weight" help:"Weight in force."`
	Arm    string  `label:"arm"` // labels what is in front of it too
}

type leaf struct {
	Value int `metric:"leaf" help:"A leaf."`
}

type embedded struct {
	Errors uint64 `metric:"errors_total" help:"What failed."`
}

type histogram struct {
	Bounds []float64
	Counts []uint64
	Sum    float64
}

func TestWriteStats(t *testing.T) {
	type stat struct {
		Name, Type, Help string
		Labels           []string
	}
	s := &sidecar.Spec{Name: "it", Stats: map[string]any{"redis": &proxyStats{}, "": leaf{}}}
	var b bytes.Buffer
	if err := s.Write(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var got struct{ Stats []stat }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []stat{
		{"leaf", "gauge", "A leaf.", nil},
		{"redis_age_seconds", "gauge", "Age of the configuration.", nil},
		{"redis_arm_weight", "gauge", "Weight in force.", []string{"arm"}},
		{"redis_clients", "gauge", "Clients connected.", nil},
		{"redis_clients_total", "counter", "Clients accepted.", nil},
		{"redis_dropped_total", "counter", "What was dropped.", []string{"reason"}},
		{"redis_errors_total", "counter", "What failed.", nil},
		{"redis_leaf", "gauge", "A leaf.", []string{"name"}},
		{"redis_shard_latency_seconds", "histogram", "Time to reply.", []string{"shard"}},
		{"redis_shard_sent_bytes_total", "counter", "Bytes sent.", []string{"shard", "zone"}},
		{"redis_shard_up", "gauge", "Whether it answers.", []string{"shard"}},
	}
	if diff := cmp.Diff(want, got.Stats); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
