package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/adapter/metrics"
)

type state uint8

type tally struct {
	Bounds []float64
	Counts []uint64
	Sum    float64
}

type waits struct {
	Bounds []time.Duration
	Counts [3]int
	Sum    time.Duration
	Note   string
}

type base struct {
	Zone string    `label:"zone"`
	Seen time.Time `metric:"seen_seconds"`
}

type shardStats struct {
	base
	Shard   string `label:"shard"`
	Up      bool   `metric:"shard_up" help:"Whether it answers."`
	Latency tally  `metric:"shard_latency_seconds" help:"Latency."`
	Since   time.Time
}

type stats struct {
	Clients  int           `metric:"clients" help:"Clients connected."`
	Accepted uint64        `metric:"clients_total" help:"Clients accepted."`
	Ratio    float32       `metric:"ratio"`
	State    state         `metric:"state"`
	Age      time.Duration `metric:"age_seconds"`
	Never    time.Time     `metric:"never_seconds"`
	Limit    *int          `metric:"limit"`
	Room     *int          `metric:"room"`
	Wait     waits         `metric:"wait_seconds"`
	Untagged int
	hidden   int `metric:"hidden"`
	Err      error
	Shards   []shardStats
	Dropped  map[state2]uint64 `metric:"dropped_total" label:"reason"`
	Users    map[string]*user  `label:"user"`
	Gone     *user
	Pair     [2]struct {
		Side string `label:"side"`
		N    int8   `metric:"side"`
	}
	loop
}

type state2 string

type user struct {
	Logins int `metric:"logins_total"`
}

// A loop leads to itself, but to no metric.
type loop struct{ Next *loop }

func gather(t *testing.T, s metrics.Source) string {
	t.Helper()
	families, err := s.Gather(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := encode(families...)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestStats(t *testing.T) {
	snapshot := stats{
		Clients: -3, Accepted: 7, Ratio: 0.5, State: 2, Age: 1500 * time.Millisecond, Limit: new(9), hidden: 1,
		Wait: waits{Bounds: []time.Duration{time.Millisecond, time.Second}, Counts: [3]int{1, 0, 2}, Sum: time.Minute},
		Shards: []shardStats{
			{base: base{"z", time.Unix(5, 5e8)}, Shard: "b", Up: true,
				Latency: tally{Bounds: []float64{0.1, 1}, Counts: []uint64{5, 2, 1}, Sum: 3.5}},
			{base: base{Zone: "a"}, Shard: "a"},
		},
		Dropped: map[state2]uint64{"slow": 2, "full": 1},
		Users:   map[string]*user{"eve": {Logins: 1}, "bob": nil},
	}
	snapshot.Pair[0].Side, snapshot.Pair[0].N = "left", 1
	snapshot.Pair[1].Side, snapshot.Pair[1].N = "right", 2
	want := `# HELP x_clients Clients connected.
# TYPE x_clients gauge
x_clients -3
# HELP x_clients_total Clients accepted.
# TYPE x_clients_total counter
x_clients_total 7
# TYPE x_ratio gauge
x_ratio 0.5
# TYPE x_state gauge
x_state 2
# TYPE x_age_seconds gauge
x_age_seconds 1.5
# TYPE x_limit gauge
x_limit 9
# TYPE x_wait_seconds histogram
x_wait_seconds_bucket{le="0.001"} 1
x_wait_seconds_bucket{le="1.0"} 1
x_wait_seconds_bucket{le="+Inf"} 3
x_wait_seconds_sum 60
x_wait_seconds_count 3
# TYPE x_seen_seconds gauge
x_seen_seconds{shard="b",zone="z"} 5.5
# HELP x_shard_up Whether it answers.
# TYPE x_shard_up gauge
x_shard_up{shard="b",zone="z"} 1
x_shard_up{shard="a",zone="a"} 0
# HELP x_shard_latency_seconds Latency.
# TYPE x_shard_latency_seconds histogram
x_shard_latency_seconds_bucket{shard="b",zone="z",le="0.1"} 5
x_shard_latency_seconds_bucket{shard="b",zone="z",le="1.0"} 7
x_shard_latency_seconds_bucket{shard="b",zone="z",le="+Inf"} 8
x_shard_latency_seconds_sum{shard="b",zone="z"} 3.5
x_shard_latency_seconds_count{shard="b",zone="z"} 8
# TYPE x_dropped_total counter
x_dropped_total{reason="full"} 1
x_dropped_total{reason="slow"} 2
# TYPE x_logins_total counter
x_logins_total{user="eve"} 1
# TYPE x_side gauge
x_side{side="left"} 1
x_side{side="right"} 2
`
	source := metrics.Stats("x", func() stats { return snapshot })
	if diff := cmp.Diff(want, gather(t, source)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(want, gather(t, source)); diff != "" {
		t.Errorf("second time: -want +got\n%s", diff)
	}
	families, _ := source.Gather(t.Context())
	if families[1].Name != "x_clients" || families[1].Kind != metrics.Counter {
		t.Errorf("got family %q, a %v, want x_clients, a counter", families[1].Name, families[1].Kind)
	}
}

func TestStatsForms(t *testing.T) {
	u := user{3}
	for name, source := range map[string]metrics.Source{
		"pointer":   metrics.Stats("", func() *user { return &u }),
		"slice":     metrics.Stats("", func() []user { return []user{u} }),
		"interface": metrics.Stats("", func() struct{ *user } { return struct{ *user }{&u} }),
	} {
		families, err := source.Gather(t.Context())
		if name == "interface" { // a pointer to what is not exported cannot be read
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			continue
		}
		if text, _ := encode(families...); text != "# TYPE logins_total counter\nlogins_total 3\n" || err != nil {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
	if families, err := metrics.Stats("", func() *user { return nil }).Gather(t.Context()); families != nil || err != nil {
		t.Errorf("nil: got %v, %v", families, err)
	}
}

func source[T any](value T) metrics.Source {
	return metrics.Stats("s", func() T { return value })
}

type tree struct {
	Size     int `metric:"size"`
	Children []tree
}

func TestStatsRefuses(t *testing.T) {
	type labelled struct {
		A string `label:"a"`
		N int    `metric:"n"`
	}
	for _, test := range []struct {
		want string // with the field's name
		s    metrics.Source
	}{
		{"no field has a metric tag", source(struct{ N int }{})},
		{"no field has a metric tag", source[any](nil)},
		{"no snapshot", metrics.Stats[user]("s", nil)},
		{`"a b" is not a metric name`, metrics.Stats("a b", func() user { return user{} })},
		{".C: metric tag on chan int", source(struct {
			C chan int `metric:"c"`
		}{})},
		{".S: metric tag on string", source(struct {
			S string `metric:"s"`
		}{})},
		{".S: metric tag on []int", source(struct {
			S []int `metric:"s"`
		}{})},
		{".N: \"a-b\" is not a metric name", source(struct {
			N int `metric:"a-b"`
		}{})},
		{".N: \"\" is not a metric name", source(struct {
			N int `metric:""`
		}{})},
		{".Help: help is not UTF-8", source(struct {
			Help int "metric:\"a\" help:\"\\xff\""
		}{})},
		{".B: s_a is a gauge with the help \"2\", but in struct", source(struct {
			A int `metric:"a" help:"1"`
			B int `metric:"a" help:"2"`
		}{})},
		{".B: s_a is a histogram with the help", source(struct {
			A int   `metric:"a"`
			B tally `metric:"a"`
		}{})},
		{".B: s_a and s_a_sum both have s_a_sum", source(struct {
			A int   `metric:"a_sum"`
			B tally `metric:"a"`
		}{})},
		{".L: label tag on int", source(struct {
			L int `label:"l"`
			N int `metric:"n"`
		}{})},
		{".L: \"l-l\" is not a label name", source(struct {
			L string `label:"l-l"`
			N int    `metric:"n"`
		}{})},
		{".L: both a label and a metric", source(struct {
			L string `label:"l" metric:"n"`
		}{})},
		{".In.A: label a twice", source(struct {
			Same string `label:"a"`
			In   labelled
		}{})},
		{".B: label zone twice", source(struct {
			base
			B string `label:"zone"`
		}{})},
		{".H: a histogram needs the label le", source(struct {
			L string `label:"le"`
			H tally  `metric:"h"`
		}{})},
		{".M: metric tag on map[string]int without a label tag", source(struct {
			M map[string]int `metric:"m"`
		}{})},
		{".M: a map needs a label tag", source(struct{ M map[string]user }{})},
		{".M: label tag on map[int]int, whose keys are no strings", source(struct {
			M map[int]int `metric:"m" label:"k"`
		}{})},
		{".M: label tag on map[string]int, which holds no metric", source(struct {
			M map[string]int `label:"k"`
		}{})},
		{"tree.Children: metrics_test.tree holds itself", source(tree{})},
		{"s_n: two elements with the labels {a=\"x\"}", source([]labelled{{A: "x"}, {A: "x"}})},
		{"s_logins: two elements with the labels {}", source([]user{{}, {}})},
		{".H: 2 bounds need 3 counts, not 2", source(struct {
			H tally `metric:"h"`
		}{tally{Bounds: []float64{1, 2}, Counts: []uint64{1, 2}}})},
		{".H: bucket 1 after 1", source(struct {
			H tally `metric:"h"`
		}{tally{Bounds: []float64{1, 1}, Counts: []uint64{1, 2, 3}}})},
	} {
		families, err := test.s.Gather(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) || families != nil {
			t.Errorf("got %v, %v, want an error with %q", families, err, test.want)
		}
	}
}

func TestStatsFindsEveryMistake(t *testing.T) {
	_, err := source(struct {
		A chan int `metric:"a"`
		B int      `metric:"b-b"`
		C int      `label:"c"`
	}{}).Gather(t.Context())
	for _, field := range []string{".A:", ".B:", ".C:"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func BenchmarkStats(b *testing.B) {
	snapshot := stats{Shards: make([]shardStats, 100)}
	snapshot.Pair[0].Side = "left"
	for i := range snapshot.Shards {
		snapshot.Shards[i].Shard = strings.Repeat("x", i)
	}
	s := metrics.Stats("x", func() *stats { return &snapshot })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Gather(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

type (
	selfSlice   []selfSlice
	selfPointer *selfPointer
	selfMap     map[string]selfMap
)

// Types that hold themselves end.
func TestStatsOfRecursiveTypes(t *testing.T) {
	type stats struct {
		Jobs uint64 `metric:"jobs_total"`
		List selfSlice
		Next selfPointer
		Tree selfMap
	}
	families, err := metrics.Stats("worker", func() stats { return stats{Jobs: 7} }).Gather(t.Context())
	if err != nil || len(families) != 1 {
		t.Errorf("%d families, %v", len(families), err)
	}
	type bad struct {
		Next selfPointer `metric:"next"`
	}
	if _, err := metrics.Stats("worker", func() bad { return bad{} }).Gather(t.Context()); err == nil {
		t.Error("a pointer to pointers is a metric")
	}
}
