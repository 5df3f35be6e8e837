package metrics_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/adapter/metrics"
)

// fixed is a source of always the same.
func fixed(name string, families ...*metrics.Family) metrics.Source {
	return metrics.Source{Name: name, Gather: func(context.Context) ([]*metrics.Family, error) { return families, nil }}
}

// scrape returns the answer to GET /metrics with headers in turn.
func scrape(h http.Handler, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/metrics", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// get returns the samples of a page that must be valid, by series.
func get(t *testing.T, h http.Handler, headers ...string) map[string]float64 {
	t.Helper()
	w := scrape(h, headers...)
	p, err := parsePage(w.Body.String())
	if w.Code != http.StatusOK || err != nil {
		t.Fatalf("status %d, %v\n%s", w.Code, err, w.Body)
	}
	got := map[string]float64{}
	for _, s := range p.samples {
		got[s.series] = s.value
	}
	return got
}

// logged is a logger and what it has written.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func TestExporterPage(t *testing.T) {
	h := metrics.Handler(fixed("b", gauge("z", 1), gauge("m", 2)), fixed("a", gauge("a", 3)))
	w := scrape(h)
	want := `# TYPE a gauge
a 3
# TYPE m gauge
m 2
# HELP source_up Whether the source gave its metrics.
# TYPE source_up gauge
source_up{source="b"} 1
source_up{source="a"} 1
# TYPE z gauge
z 1
`
	if diff := cmp.Diff(want, w.Body.String()); diff != "" || w.Code != 200 {
		t.Errorf("status %d (-want +got)\n%s", w.Code, diff)
	}
	for name, want := range map[string]string{
		"Content-Type":     "text/plain; version=0.0.4; charset=utf-8",
		"Content-Length":   strconv.Itoa(len(want)),
		"Content-Encoding": "",
		"Vary":             "Accept-Encoding",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if w := scrape(&metrics.Exporter{}); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") == "" {
		t.Errorf("zero Exporter: %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestExporterMethods(t *testing.T) {
	h := metrics.Handler(fixed("a", gauge("a", 3)))
	length := scrape(h).Header().Get("Content-Length")
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405, "OPTIONS": 405} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != want || (want == 405) != (w.Header().Get("Allow") == "GET, HEAD") {
			t.Errorf("%s: %d, Allow %q, want %d", method, w.Code, w.Header().Get("Allow"), want)
		}
		if method == "HEAD" && (w.Body.Len() > 0 || w.Header().Get("Content-Length") != length) {
			t.Errorf("HEAD: %q, length %s, want none and %s", w.Body, w.Header().Get("Content-Length"), length)
		}
	}
}

func TestExporterGzip(t *testing.T) {
	h := metrics.Handler(fixed("a", wide(100)...))
	plain := scrape(h).Body.String()
	for accept, want := range map[string]bool{
		"gzip": true, "GZIP": true, "x-gzip": true, "*": true, "deflate, gzip;q=0.5": true, "gzip; q=1.0, identity; q=0.5": true,
		"": false, "gzip;q=0": false, "gzip; Q=0.0": false, "identity": false, "*;q=0": false, "gzip;q=0, *": false,
		"br": false, "gzip;q=x": false, "gzip;q=NaN": false, "gzip;q=0.1, identity": false,
	} {
		w := scrape(h, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%q: gzip %v, want %v", accept, got, want)
			continue
		}
		if got := w.Header().Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
			t.Errorf("%q: length %s of %d", accept, got, w.Body.Len())
		}
		body := io.Reader(w.Body)
		if want {
			zip, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = zip
		}
		if got, err := io.ReadAll(body); string(got) != plain || err != nil {
			t.Errorf("%q: %v, a page of %d bytes, want %d", accept, err, len(got), len(plain))
		}
	}
}

func TestExporterMerges(t *testing.T) {
	metric := func(v float64, pairs ...string) metrics.Metric {
		return metrics.Metric{Labels: labels(pairs...), Value: v}
	}
	first := &metrics.Family{Name: "jobs_total", Kind: metrics.Counter, Metrics: []metrics.Metric{metric(1, "q", "b"), metric(2, "q", "a")}}
	second := &metrics.Family{Name: "jobs", Help: "Jobs.", Kind: metrics.Counter, Metrics: []metrics.Metric{
		metric(3, "q", "c"), metric(4, "q", "a"), metric(5, "q", "d", "empty", ""), metric(6, "q", "d"),
	}}
	log, said := logged()
	e := &metrics.Exporter{Logger: log, Sources: []metrics.Source{
		fixed("one", first, gauge("mixed", 8)),
		fixed("two", second, gauge("jobs_total", 9), gauge("bad.name", 1), nil),
		fixed("three", gauge("jobs", 7), &metrics.Family{Name: "mixed", Kind: metrics.Summary, Metrics: make([]metrics.Metric, 1)},
			&metrics.Family{Name: "late", Kind: metrics.Gauge, Metrics: []metrics.Metric{metric(1, "x-y", "v"), metric(2, "b", "", "a", "z")}}),
	}}
	want := map[string]float64{
		`jobs_total{q="b"}`: 1, `jobs_total{q="a"}`: 2, `jobs_total{q="c"}`: 3, `jobs_total{q="d"}`: 5, `late{a="z"}`: 2,
		`jobs{}`: 7, `mixed{}`: 8, // beside jobs_total
		`source_up{source="one"}`: 1, `source_up{source="two"}`: 1, `source_up{source="three"}`: 1,
	}
	if diff := cmp.Diff(want, get(t, e)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if page := scrape(e).Body.String(); !strings.Contains(page, `jobs_total{q="a"} 2
jobs_total{q="c"} 3
jobs_total{empty="",q="d"} 5
`) || !strings.Contains(page, "# HELP jobs_total Jobs.\n") {
		t.Errorf("metrics are not in the order given, or without help:\n%s", page)
	}
	for _, want := range []string{
		`source=two err="family \"jobs\": 2 of 4 series dropped, such as {q=\"a\"}: is there already"`,
		`source=two err="family \"jobs_total\" dropped: a gauge, but a counter in source \"one\""`,
		`bad.name`, `nil family`,
		`source=three err="family \"mixed\" dropped: a summary, but a gauge in source \"one\""`,
		`source=three err="family \"late\": 1 of 2 series dropped`,
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, said)
		}
	}
	if first.Help != "" || len(first.Metrics) != 2 || first.Name != "jobs_total" {
		t.Errorf("the source's family was changed: %+v", first)
	}
}

func TestSourceLabels(t *testing.T) {
	own := &metrics.Family{Name: "g", Kind: metrics.Gauge, Metrics: []metrics.Metric{
		{Labels: labels("m", "own"), Value: 1}, {Labels: labels("a", "1"), Value: 2},
		{Labels: append(make([]metrics.Label, 0, 9), labels("y", "3", "m", "2")...), Value: 3}, // with room, and not sorted
	}}
	s := fixed("s", own)
	s.Labels = labels("z", "last", "m", "added")
	want := map[string]float64{
		`g{m="own",z="last"}`: 1, `g{a="1",m="added",z="last"}`: 2, `g{m="2",y="3",z="last"}`: 3,
		`source_up{source="s"}`: 1,
	}
	if diff := cmp.Diff(want, get(t, metrics.Handler(s))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	room := own.Metrics[2].Labels
	if diff := cmp.Diff(append(labels("y", "3", "m", "2"), metrics.Label{}), room[:3]); diff != "" {
		t.Errorf("the source's labels were changed: -want +got\n%s", diff)
	}
	s.Labels = nil
	get(t, metrics.Handler(s))
	if room[0].Name != "y" {
		t.Errorf("the source's labels were sorted in place: %v", room)
	}
}

// Sources fail in every way; those that do not are served.
func TestExporterIsolates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		source := func(name string, f func(context.Context) error) metrics.Source {
			return metrics.Source{Name: name, Gather: func(ctx context.Context) ([]*metrics.Family, error) {
				err := f(ctx)
				if errors.Is(err, context.DeadlineExceeded) {
					return nil, err
				}
				return []*metrics.Family{gauge(name, 1)}, err
			}}
		}
		log, said := logged()
		e := &metrics.Exporter{Logger: log, Sources: []metrics.Source{
			fixed("fine", gauge("fine", 1)),
			source("fails", func(context.Context) error { return errors.New("no luck") }),
			source("panics", func(context.Context) error { panic("oh") }),
			source("exits", func(context.Context) error { runtime.Goexit(); return nil }),
			source("hangs", func(context.Context) error { <-release; return nil }),
			source("obeys", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
			source("slow", func(context.Context) error { time.Sleep(4 * time.Second); return nil }),
			{Name: "empty"},
			fixed("twin", gauge("left", 1)),
			{Name: "twin", Gather: func(context.Context) ([]*metrics.Family, error) { return nil, errors.New("ill") }},
			fixed("twin", gauge("right", 1)),
		}}
		start := time.Now()
		want := map[string]float64{
			"fine{}": 1, "fails{}": 1, "slow{}": 1, "left{}": 1, "right{}": 1,
			`source_up{source="fine"}`: 1, `source_up{source="fails"}`: 0, `source_up{source="panics"}`: 0,
			`source_up{source="exits"}`: 0, `source_up{source="hangs"}`: 0, `source_up{source="obeys"}`: 0,
			`source_up{source="slow"}`: 1, `source_up{source="empty"}`: 0, `source_up{source="twin"}`: 0,
		}
		if diff := cmp.Diff(want, get(t, e)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v, want the 5 s that a source has", took)
		}
		for _, want := range []string{"no luck", "panic: oh", "exporter_test.go", "ended its goroutine", "no answer after 5s", "no Gather", "ill"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, said)
			}
		}
		close(release)
	})
}

func TestHungSourceIsNotAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		e := metrics.Handler(metrics.Source{Name: "s", Timeout: time.Second, Gather: func(context.Context) ([]*metrics.Family, error) {
			calls.Add(1)
			<-release
			return []*metrics.Family{gauge("g", 1)}, nil
		}})
		for i, want := range []time.Duration{time.Second, 0, 0} {
			start := time.Now()
			if up := get(t, e)[`source_up{source="s"}`]; up != 0 || time.Since(start) != want {
				t.Errorf("scrape %d: up %v after %v, want 0 after %v", i, up, time.Since(start), want)
			}
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls of a source that hangs, want 1", n)
		}
		close(release)
		synctest.Wait()
		if got := get(t, e); got[`source_up{source="s"}`] != 1 || got["g{}"] != 1 || calls.Load() != 2 {
			t.Errorf("once it is back: %v, %d calls", got, calls.Load())
		}
	})
}

// Two scrapers at the same time wait for one run, and each has its own patience.
func TestScrapersShareARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		e := metrics.Handler(metrics.Source{Name: "s", Gather: func(ctx context.Context) ([]*metrics.Family, error) {
			calls.Add(1)
			select {
			case <-time.After(2 * time.Second):
				return []*metrics.Family{gauge("g", 1)}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}})
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { // starts the run and goes away
			time.AfterFunc(500*time.Millisecond, leave)
			for f, err := range e.Gather(gone) {
				if err != nil && !errors.Is(err, context.Canceled) || f != nil && f.Metrics[0].Value != 0 {
					t.Errorf("who left got %v, %v", f, err)
				}
			}
		})
		time.Sleep(100 * time.Millisecond)
		all.Go(func() {
			start := time.Now()
			if got := get(t, e); got["g{}"] != 1 || time.Since(start) != 1900*time.Millisecond {
				t.Errorf("the patient got %v after %v", got, time.Since(start))
			}
		})
		all.Go(func() {
			start := time.Now()
			got := get(t, e, "X-Prometheus-Scrape-Timeout-Seconds", "1")
			if got[`source_up{source="s"}`] != 0 || time.Since(start) != 900*time.Millisecond {
				t.Errorf("the impatient got %v after %v", got, time.Since(start))
			}
		})
		all.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestScrapeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := metrics.Handler(metrics.Source{Name: "s", Timeout: 3 * time.Second, Gather: func(ctx context.Context) ([]*metrics.Family, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		for header, want := range map[string]time.Duration{
			"": 3 * time.Second, "10": 3 * time.Second, "1": 900 * time.Millisecond, "0.5": 450 * time.Millisecond,
			"0": 3 * time.Second, "-1": 3 * time.Second, "NaN": 3 * time.Second, "x": 3 * time.Second, "1e300": 3 * time.Second,
		} {
			start := time.Now()
			get(t, e, "X-Prometheus-Scrape-Timeout-Seconds", header)
			if took := time.Since(start); took != want {
				t.Errorf("header %q: a page after %v, want %v", header, took, want)
			}
			time.Sleep(3 * time.Second) // the run ends
		}
	})
}

// A scraper in a hurry takes nothing from the others.
func TestHastyScraper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := metrics.Handler(metrics.Source{Name: "s", Gather: func(ctx context.Context) ([]*metrics.Family, error) {
			select {
			case <-time.After(300 * time.Millisecond):
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}})
		var hasty sync.WaitGroup
		hasty.Go(func() {
			if got := get(t, e, "X-Prometheus-Scrape-Timeout-Seconds", "0.1"); got[`source_up{source="s"}`] != 0 {
				t.Errorf("the hasty one got %v", got)
			}
		})
		time.Sleep(30 * time.Millisecond)
		if got := get(t, e, "X-Prometheus-Scrape-Timeout-Seconds", "10"); got[`source_up{source="s"}`] != 1 {
			t.Errorf("the other got %v", got)
		}
		hasty.Wait()
	})
}

func TestGatherErrors(t *testing.T) {
	broken := errors.New("broken")
	e := metrics.Handler(
		metrics.Source{Name: "ill", Gather: func(context.Context) ([]*metrics.Family, error) { return nil, broken }},
		fixed("fine", gauge("a", 1)),
	)
	var names []string
	var last error
	for f, err := range e.Gather(t.Context()) {
		if err == nil {
			names = append(names, f.Name)
		}
		last = err
	}
	if diff := cmp.Diff([]string{"a", "source_up"}, names); diff != "" || !errors.Is(last, broken) {
		t.Errorf("last %v (-want +got)\n%s", last, diff)
	}
	if !strings.Contains(last.Error(), `source "ill"`) {
		t.Errorf("%v does not name the source", last)
	}
	for range e.Gather(t.Context()) {
		break // must not go on
	}
}

func TestConcurrentScrapes(t *testing.T) {
	var calls, running, most atomic.Int64
	counted := metrics.Source{Name: "n", Gather: func(context.Context) ([]*metrics.Family, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		return []*metrics.Family{gauge("calls", float64(calls.Add(1)))}, nil
	}}
	e := metrics.Handler(counted, fixed("wide", wide(20)...))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				w := scrape(e)
				if _, err := parsePage(w.Body.String()); err != nil || !strings.Contains(w.Body.String(), `source_up{source="n"} 1`) {
					t.Errorf("%v\n%s", err, w.Body)
				}
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d runs of one source at a time, want 1", most.Load())
	}
}

// Whatever sources say, the page is valid.
func TestAnyPageIsValid(t *testing.T) {
	samples := 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var sources []metrics.Source
		for i := range 1 + rng.IntN(4) {
			var families []*metrics.Family
			for range rng.IntN(10) {
				families = append(families, randomFamily(rng))
			}
			s := fixed(fmt.Sprint("s", i%3), families...)
			s.Labels = randomLabels(rng)
			sources = append(sources, s)
		}
		w := scrape(metrics.Handler(sources...))
		p, err := parsePage(w.Body.String())
		if w.Code != 200 || err != nil {
			t.Fatalf("seed %d: status %d, %v\n%s", seed, w.Code, err, w.Body)
		}
		samples += len(p.samples)
	}
	if samples < 20000 {
		t.Errorf("only %d samples: the generator makes too little that is valid", samples)
	}
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func randomFamily(rng *rand.Rand) *metrics.Family {
	f := &metrics.Family{
		Name: pick(rng, "a", "b", "c", "d") +
			pick(rng, "", "", "", "_total", "_info", "_sum", "_count", "_bucket", "_gcount", "_gsum", ".x"),
		Help: pick(rng, "", "Help.", "a\nb\\n", "\xff"),
		Kind: metrics.Kind(rng.IntN(9)),
	}
	if f.Name == "d" {
		f.Name = "source_up"
	}
	for range rng.IntN(5) {
		f.Metrics = append(f.Metrics, randomMetric(rng, f.Kind))
	}
	return f
}

func randomMetric(rng *rand.Rand, k metrics.Kind) metrics.Metric {
	m := metrics.Metric{Labels: randomLabels(rng), Value: rng.NormFloat64()}
	if rng.IntN(3) == 0 {
		m.Time = time.UnixMilli(rng.Int64N(1e12))
	}
	if k != metrics.Histogram && k != metrics.GaugeHistogram && k != metrics.Summary && rng.IntN(20) > 0 {
		return m
	}
	m.Dist = &metrics.Distribution{NoCount: rng.IntN(4) == 0, NoSum: rng.IntN(4) == 0, Count: float64(rng.IntN(30))}
	bound, count := -1.0, 0.0
	for range rng.IntN(4) {
		bound += pick(rng, 0.5, 1, 2, 0, inf)
		count += pick(rng, 0.0, 1, 2, 3, 3, -1)
		m.Dist.Buckets = append(m.Dist.Buckets, metrics.Bucket{Bound: bound, Count: count})
		m.Dist.Quantiles = append(m.Dist.Quantiles, metrics.Bucket{Bound: pick(rng, 0, 0.5, 0.9, 1, 2), Count: count})
	}
	return m
}

func randomLabels(rng *rand.Rand) []metrics.Label {
	var made []metrics.Label
	for range rng.IntN(3) {
		made = append(made, metrics.Label{
			Name:  pick(rng, "a", "b", "c", "d", "a", "b", "c", "d", "source", "le", "quantile", "x-y", "__name__"),
			Value: pick(rng, "", "v", "w", "1", "2", "3", "x\"y\\z\n", "\xff", "é"),
		})
	}
	return made
}

// A family whose name is nothing but its suffix is dropped, and the page stays valid.
func TestNameOfSuffixAlone(t *testing.T) {
	e := metrics.Handler(metrics.Source{Name: "s", Gather: func(context.Context) ([]*metrics.Family, error) {
		return []*metrics.Family{
			{Name: "_total", Kind: metrics.Counter, Metrics: []metrics.Metric{{Value: 1}}},
			{Name: "_info", Kind: metrics.Info, Metrics: []metrics.Metric{{Value: 1}}},
			{Name: "good", Kind: metrics.Gauge, Metrics: []metrics.Metric{{Value: 1}}},
		}, nil
	}})
	if got := get(t, e); got["good{}"] != 1 || len(got) != 2 {
		t.Errorf("page has %v", got)
	}
}
