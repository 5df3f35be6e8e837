package metrics_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/adapter/metrics"
)

var inf = math.Inf(1)

func gauge(name string, v float64) *metrics.Family {
	return &metrics.Family{Name: name, Kind: metrics.Gauge, Metrics: []metrics.Metric{{Value: v}}}
}

// everyKind is one family of each kind, with the page it makes.
func everyKind() ([]*metrics.Family, string) {
	buckets := []metrics.Bucket{{Bound: 0.005, Count: 1}, {Bound: 1, Count: 3}, {Bound: inf, Count: 4}}
	families := []*metrics.Family{
		{Name: "jobs", Help: "Jobs\ndone \\ \"ok\".", Kind: metrics.Counter, Metrics: []metrics.Metric{
			{Labels: labels("queue", "a\\b\"c\nd"), Value: 7},
			{Labels: labels("queue", "", "zone", "ü"), Value: 1234567, Time: time.UnixMilli(1700000000123)},
		}},
		{Name: "old_total", Kind: metrics.Counter, Metrics: []metrics.Metric{{Value: 1}}},
		{Name: "odd", Kind: metrics.Gauge, Metrics: []metrics.Metric{
			{Labels: labels("v", "nan"), Value: math.NaN()}, {Labels: labels("v", "inf"), Value: inf},
			{Labels: labels("v", "-inf"), Value: -inf}, {Labels: labels("v", "-0"), Value: math.Copysign(0, -1)},
			{Labels: labels("v", "small"), Value: 1e-9, Time: time.UnixMilli(-1)},
		}},
		{Name: "any", Metrics: []metrics.Metric{{Value: 0.1}}},
		{Name: "wait_seconds", Kind: metrics.Histogram, Metrics: []metrics.Metric{
			{Dist: &metrics.Distribution{Count: 4, Sum: 9.5, Buckets: buckets}},
			{Labels: labels("a", "b"), Dist: &metrics.Distribution{Count: 5, NoSum: true, Buckets: buckets[:2]}},
			{Labels: labels("a", "c"), Dist: &metrics.Distribution{NoCount: true, Buckets: buckets}},
		}},
		{Name: "held", Help: "Held.", Kind: metrics.GaugeHistogram, Metrics: []metrics.Metric{
			{Dist: &metrics.Distribution{Count: 4, Sum: -2, Buckets: buckets}},
		}},
		{Name: "took", Kind: metrics.Summary, Metrics: []metrics.Metric{{Dist: &metrics.Distribution{
			Count: 2, Sum: 3, Quantiles: []metrics.Bucket{{Bound: 0, Count: 1}, {Bound: 0.99, Count: math.NaN()}},
		}}}},
		{Name: "build", Kind: metrics.Info, Metrics: []metrics.Metric{{Labels: labels("version", "1.2")}}},
		{Name: "state", Kind: metrics.StateSet, Metrics: []metrics.Metric{
			{Labels: labels("state", "on"), Value: 1}, {Labels: labels("state", "off")},
		}},
		{Name: "nothing", Help: "Has no metrics.", Kind: metrics.Gauge},
	}
	return families, `# HELP jobs_total Jobs\ndone \\ "ok".
# TYPE jobs_total counter
jobs_total{queue="a\\b\"c\nd"} 7
jobs_total{queue="",zone="ü"} 1.234567e+06 1700000000123
# TYPE old_total counter
old_total 1
# TYPE odd gauge
odd{v="nan"} NaN
odd{v="inf"} +Inf
odd{v="-inf"} -Inf
odd{v="-0"} -0
odd{v="small"} 1e-09 -1
# TYPE any untyped
any 0.1
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.005"} 1
wait_seconds_bucket{le="1.0"} 3
wait_seconds_bucket{le="+Inf"} 4
wait_seconds_sum 9.5
wait_seconds_count 4
wait_seconds_bucket{a="b",le="0.005"} 1
wait_seconds_bucket{a="b",le="1.0"} 3
wait_seconds_bucket{a="b",le="+Inf"} 5
wait_seconds_count{a="b"} 5
wait_seconds_bucket{a="c",le="0.005"} 1
wait_seconds_bucket{a="c",le="1.0"} 3
wait_seconds_bucket{a="c",le="+Inf"} 4
wait_seconds_sum{a="c"} 0
# HELP held_bucket Held.
# TYPE held_bucket gauge
held_bucket{le="0.005"} 1
held_bucket{le="1.0"} 3
held_bucket{le="+Inf"} 4
# HELP held_gcount Held.
# TYPE held_gcount gauge
held_gcount 4
# HELP held_gsum Held.
# TYPE held_gsum gauge
held_gsum -2
# TYPE took summary
took{quantile="0.0"} 1
took{quantile="0.99"} NaN
took_sum 3
took_count 2
# TYPE build_info gauge
build_info{version="1.2"} 1
# TYPE state gauge
state{state="on"} 1
state{state="off"} 0
# HELP nothing Has no metrics.
# TYPE nothing gauge
`
}

func TestText(t *testing.T) {
	families, want := everyKind()
	got, err := encode(families...)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if _, err := parsePage(got); err != nil {
		t.Error(err)
	}
}

func TestTextRefuses(t *testing.T) {
	dist := func(k metrics.Kind, d metrics.Distribution) *metrics.Family {
		return &metrics.Family{Name: "d", Kind: k, Metrics: []metrics.Metric{{Dist: &d}}}
	}
	labelled := func(k metrics.Kind, pairs ...string) *metrics.Family {
		f := &metrics.Family{Name: "l", Kind: k, Metrics: []metrics.Metric{{Labels: labels(pairs...)}}}
		if k == metrics.Histogram || k == metrics.Summary {
			f.Metrics[0].Dist = &metrics.Distribution{}
		}
		return f
	}
	buckets := func(pairs ...float64) metrics.Distribution {
		d := metrics.Distribution{Count: 9}
		for i := 0; i < len(pairs); i += 2 {
			d.Buckets = append(d.Buckets, metrics.Bucket{Bound: pairs[i], Count: pairs[i+1]})
		}
		return d
	}
	for _, test := range []struct {
		want string
		f    *metrics.Family
	}{
		{"nil family", nil},
		{`"" is not`, labelled(metrics.Gauge, "", "v")},
		{`family "": not a metric name`, gauge("", 1)},
		{`family "http.requests": not a metric name`, gauge("http.requests", 1)},
		{`family "1a": not a metric name`, gauge("1a", 1)},
		{"help is not UTF-8", &metrics.Family{Name: "h", Help: "\xff"}},
		{"Kind(99)", &metrics.Family{Name: "k", Kind: 99}},
		{`"a-b" is not a label name`, labelled(metrics.Gauge, "a-b", "v")},
		{`"a:b" is not a label name`, labelled(metrics.Gauge, "a:b", "v")},
		{`"__name__" is not a label name`, labelled(metrics.Gauge, "__name__", "v")},
		{"label a twice", labelled(metrics.Gauge, "a", "1", "a", "2")},
		{"label b twice", labelled(metrics.Gauge, "b", "1", "a", "2", "b", "3")},
		{"label a: \"\\xff\" is not UTF-8", labelled(metrics.Gauge, "a", "\xff")},
		{"the label le", labelled(metrics.Histogram, "le", "1")},
		{"the label quantile", labelled(metrics.Summary, "quantile", "1")},
		{"a histogram without Dist", &metrics.Family{Name: "d", Kind: metrics.Histogram, Metrics: make([]metrics.Metric, 1)}},
		{"a gauge with Dist", dist(metrics.Gauge, metrics.Distribution{})},
		{"bucket 1 after 1", dist(metrics.Histogram, buckets(1, 1, 1, 2))},
		{"bucket 1 after 2", dist(metrics.Histogram, buckets(2, 1, 1, 2))},
		{"bucket 2 holds less", dist(metrics.GaugeHistogram, buckets(1, 2, 2, 1))},
		{"NaN", dist(metrics.Histogram, buckets(math.NaN(), 1))},
		{"NaN", dist(metrics.Histogram, buckets(1, math.NaN()))},
		{"less than the last bucket", dist(metrics.Histogram, buckets(1, 10))},
		{"neither a count", dist(metrics.Histogram, metrics.Distribution{NoCount: true})},
		{"quantile 1.5", dist(metrics.Summary, metrics.Distribution{Quantiles: []metrics.Bucket{{Bound: 1.5}}})},
		{"quantile NaN", dist(metrics.Summary, metrics.Distribution{Quantiles: []metrics.Bucket{{Bound: math.NaN()}}})},
		{"quantile 0.5 twice", dist(metrics.Summary, metrics.Distribution{Quantiles: []metrics.Bucket{{Bound: .5}, {Bound: 1}, {Bound: .5}}})},
	} {
		got, err := encode(gauge("before", 1), test.f, gauge("after", 1))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
		if want := "# TYPE before gauge\nbefore 1\n"; got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

func TestTextStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	var b strings.Builder
	err := metrics.Text().Encode(&b, func(yield func(*metrics.Family, error) bool) {
		_ = yield(gauge("a", 1), nil) && yield(nil, broken) && yield(gauge("b", 1), nil)
	})
	if err != broken || b.String() != "# TYPE a gauge\na 1\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}

	r, w := io.Pipe()
	r.CloseWithError(broken)
	if err := metrics.Text().Encode(w, all(gauge("a", 1))); err != broken {
		t.Errorf("with a broken writer: %v", err)
	}
}

// wide is a family of n series and one of histograms.
func wide(n int) []*metrics.Family {
	counter := &metrics.Family{Name: "http_requests", Help: "Requests.", Kind: metrics.Counter}
	histogram := &metrics.Family{Name: "latency_seconds", Help: "Latency.", Kind: metrics.Histogram}
	for i := range n {
		l := labels("code", "200", "handler", fmt.Sprint("/api/v1/things/", i), "method", "GET")
		counter.Metrics = append(counter.Metrics, metrics.Metric{Labels: l, Value: float64(i) * 1.25})
		if i%10 > 0 {
			continue
		}
		d := &metrics.Distribution{Count: 11, Sum: float64(i)}
		for b := range 10 {
			d.Buckets = append(d.Buckets, metrics.Bucket{Bound: float64(b) / 8, Count: float64(b)})
		}
		d.Buckets = append(d.Buckets, metrics.Bucket{Bound: inf, Count: 11})
		histogram.Metrics = append(histogram.Metrics, metrics.Metric{Labels: l, Dist: d})
	}
	return []*metrics.Family{counter, histogram}
}

// A writer that remembers how it was called.
type chunks struct{ writes, bytes, longest int }

func (c *chunks) Write(b []byte) (int, error) {
	c.writes++
	c.bytes += len(b)
	c.longest = max(c.longest, len(b))
	return len(b), nil
}

func TestTextStreams(t *testing.T) {
	var c chunks
	if err := metrics.Text().Encode(&c, all(wide(10000)...)); err != nil {
		t.Fatal(err)
	}
	if c.longest > 40<<10 || c.writes > c.bytes/(32<<10)+1 {
		t.Errorf("%d writes of up to %d bytes for %d bytes", c.writes, c.longest, c.bytes)
	}
}

// Allocations do not grow with the number of samples.
func TestTextAllocates(t *testing.T) {
	allocs := func(n int) float64 {
		families, text := all(wide(n)...), metrics.Text()
		return testing.AllocsPerRun(10, func() {
			if err := text.Encode(io.Discard, families); err != nil {
				t.Error(err)
			}
		})
	}
	if few, many := allocs(10), allocs(10000); many > few+2 || few > 12 {
		t.Errorf("%v allocations for 30 samples, %v for 23000", few, many)
	}
}

func TestTextLoses(t *testing.T) {
	now := time.Unix(1, 1)
	for _, test := range []struct {
		f    metrics.Family
		want []string
	}{
		{metrics.Family{Kind: metrics.Gauge, Metrics: []metrics.Metric{{Time: time.Unix(1, 1e6)}}}, nil},
		{metrics.Family{Kind: metrics.Info}, []string{"kind info"}},
		{metrics.Family{Kind: metrics.StateSet}, []string{"kind stateset"}},
		{metrics.Family{Kind: metrics.GaugeHistogram}, []string{"kind gaugehistogram"}},
		{metrics.Family{Unit: "seconds"}, []string{"unit"}},
		{metrics.Family{Metrics: []metrics.Metric{{}, {Created: now}}}, []string{"created times"}},
		{metrics.Family{Metrics: []metrics.Metric{{Exemplar: &metrics.Exemplar{}}}}, []string{"exemplars"}},
		{metrics.Family{Metrics: []metrics.Metric{{Time: now}}}, []string{"times below 1 ms"}},
		{metrics.Family{Kind: metrics.Histogram, Metrics: []metrics.Metric{{Dist: &metrics.Distribution{
			Native: &metrics.Native{}, Buckets: []metrics.Bucket{{Exemplar: &metrics.Exemplar{}}},
		}}}}, []string{"exemplars", "native histograms"}},
	} {
		if diff := cmp.Diff(test.want, metrics.Text().Loses(&test.f)); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", test.f, diff)
		}
	}
}

func TestKindString(t *testing.T) {
	var got []string
	for k := range metrics.StateSet + 2 {
		got = append(got, k.String())
	}
	want := "unknown gauge counter histogram gaugehistogram summary info stateset Kind(8)"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzTextEscapes(f *testing.F) {
	f.Add("help", "value")
	f.Add("a\\nb\nc\\\\\"", "a\\nb\nc\\\\\"")
	f.Add(" x ", "} 1\n")
	f.Fuzz(func(t *testing.T, help, value string) {
		family := gauge("g", 1)
		family.Help = help
		family.Metrics[0].Labels = labels("l", value)
		text, err := encode(family)
		if err != nil {
			if strings.ToValidUTF8(help, "") == help && strings.ToValidUTF8(value, "") == value {
				t.Fatal(err)
			}
			return
		}
		p, err := parsePage(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if p.help["g"] != help || p.samples[0].labels["l"] != value {
			t.Errorf("got help %q and value %q, want %q and %q", p.help["g"], p.samples[0].labels["l"], help, value)
		}
	})
}

func TestPromtool(t *testing.T) {
	tool := program(t, "promtool")
	families, _ := everyKind()
	pages := map[string][]*metrics.Family{"every kind": families, "many": wide(1000)}
	for name, families := range pages {
		text, err := encode(families...)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(tool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		// 3 is for advice, such as that a metric should have help.
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 3) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func BenchmarkTextEncode(b *testing.B) {
	families, text := all(wide(1000)...), metrics.Text()
	var size chunks
	if err := text.Encode(&size, families); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size.bytes))
	b.ReportAllocs()
	for b.Loop() {
		if err := text.Encode(io.Discard, families); err != nil {
			b.Fatal(err)
		}
	}
}
