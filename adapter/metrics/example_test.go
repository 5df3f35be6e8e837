package metrics_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"net/http/httptest"
	"os"
	"time"

	"github.com/fairleadgo/fairlead/adapter/metrics"
)

// One page of two parts of a program, each with counters of its own.
func Example() {
	type mail struct {
		Sent uint64 `metric:"sent_total" help:"Mails sent."`
	}
	type disk struct {
		Free float64 `metric:"free_bytes" help:"Room on the disk."`
	}
	handler := metrics.Handler(
		metrics.Stats("mail", func() mail { return mail{Sent: 3} }),
		metrics.Stats("disk", func() disk { return disk{Free: 4096} }),
	)
	// http.Handle("/metrics", handler), and meanwhile:
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	fmt.Print(answer.Body)
	// Output:
	// # HELP disk_free_bytes Room on the disk.
	// # TYPE disk_free_bytes gauge
	// disk_free_bytes 4096
	// # HELP mail_sent_total Mails sent.
	// # TYPE mail_sent_total counter
	// mail_sent_total 3
	// # HELP source_up Whether the source gave its metrics.
	// # TYPE source_up gauge
	// source_up{source="mail"} 1
	// source_up{source="disk"} 1
}

// A program's own counters are a struct.
func ExampleStats() {
	type queue struct {
		Name    string            `label:"queue"`
		Waiting int               `metric:"queue_length" help:"Jobs waiting."`
		Oldest  time.Duration     `metric:"queue_age_seconds" help:"Age of the oldest job."`
		Refused map[string]uint64 `metric:"queue_refused_total" label:"reason" help:"Jobs refused."`
	}
	type stats struct {
		Jobs   uint64 `metric:"jobs_total" help:"Jobs done."`
		Queues []queue
	}
	snapshot := func() stats {
		return stats{Jobs: 7, Queues: []queue{
			{"mail", 2, 1500 * time.Millisecond, map[string]uint64{"full": 1}},
			{"print", 0, 0, nil},
		}}
	}
	families, err := metrics.Stats("worker", snapshot).Gather(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metrics {
			fmt.Println(f.Name, f.Kind, m.Labels, m.Value)
		}
	}
	// Output:
	// worker_jobs counter [] 7
	// worker_queue_length gauge [{queue mail}] 2
	// worker_queue_length gauge [{queue print}] 0
	// worker_queue_age_seconds gauge [{queue mail}] 1.5
	// worker_queue_age_seconds gauge [{queue print}] 0
	// worker_queue_refused counter [{queue mail} {reason full}] 1
}

// A Format is a value that writes families.
func ExampleFormat() {
	text := metrics.Text()
	build := &metrics.Family{Name: "build", Kind: metrics.Info, Metrics: []metrics.Metric{
		{Labels: []metrics.Label{{Name: "version", Value: "1.2"}}, Value: 1},
	}}
	families := func(yield func(*metrics.Family, error) bool) { yield(build, nil) }
	if err := text.Encode(os.Stdout, families); err != nil {
		log.Fatal(err)
	}
	fmt.Println("without its", text.Loses(build))
	// Output:
	// # TYPE build_info gauge
	// build_info{version="1.2"} 1
	// without its [kind info]
}

// A family by hand: labels are sorted by name.
func ExampleFamily() {
	requests := &metrics.Family{
		Name: "http_requests",
		Help: "Requests served.",
		Kind: metrics.Counter,
		Metrics: []metrics.Metric{
			{Labels: []metrics.Label{{Name: "code", Value: "200"}, {Name: "method", Value: "GET"}}, Value: 12},
			{Value: 3, Time: time.UnixMilli(1700000000000)},
		},
	}
	families := func(yield func(*metrics.Family, error) bool) { yield(requests, nil) }
	if err := metrics.Text().Encode(os.Stdout, families); err != nil {
		log.Fatal(err)
	}
	// Output:
	// # HELP http_requests_total Requests served.
	// # TYPE http_requests_total counter
	// http_requests_total{code="200",method="GET"} 12
	// http_requests_total 3 1700000000000
}

func ExampleKind() {
	var k metrics.Kind
	fmt.Println(k, metrics.GaugeHistogram)
	// Output: unknown gaugehistogram
}

// The model says more than a text can.
func ExampleNative() {
	took := &metrics.Family{Name: "took", Unit: "seconds", Kind: metrics.Histogram, Metrics: []metrics.Metric{
		{Dist: &metrics.Distribution{
			Count:  3,
			Sum:    4.5,
			Native: &metrics.Native{Schema: 0, Positive: []int32{0, 2}, PositiveCounts: []float64{1, 2}},
		}},
	}}
	fmt.Println(metrics.Text().Loses(took))
	// Output: [unit native histograms]
}

// An Exemplar leads from a number to a trace.
func ExampleExemplar() {
	errors := &metrics.Family{Name: "errors", Kind: metrics.Counter, Metrics: []metrics.Metric{
		{Value: 1, Exemplar: &metrics.Exemplar{Labels: []metrics.Label{{Name: "trace_id", Value: "4bf92f"}}, Value: 1}},
	}}
	fmt.Println(errors.Metrics[0].Exemplar.Labels, metrics.Text().Loses(errors))
	// Output: [{trace_id 4bf92f}] [exemplars]
}

// Buckets are cumulative, and the last has no bound.
func ExampleDistribution() {
	took := &metrics.Family{Name: "took_seconds", Kind: metrics.Histogram, Metrics: []metrics.Metric{
		{Dist: &metrics.Distribution{Count: 3, Sum: 4.5, Buckets: []metrics.Bucket{
			{Bound: 1, Count: 2}, {Bound: math.Inf(1), Count: 3},
		}}},
	}}
	families := func(yield func(*metrics.Family, error) bool) { yield(took, nil) }
	if err := metrics.Text().Encode(os.Stdout, families); err != nil {
		log.Fatal(err)
	}
	// Output:
	// # TYPE took_seconds histogram
	// took_seconds_bucket{le="1.0"} 2
	// took_seconds_bucket{le="+Inf"} 3
	// took_seconds_sum 4.5
	// took_seconds_count 3
}

// A source is a function with a name, a deadline and labels.
func ExampleSource() {
	thermometer := func(ctx context.Context) ([]*metrics.Family, error) {
		return []*metrics.Family{{Name: "temperature_celsius", Kind: metrics.Gauge, Metrics: []metrics.Metric{{Value: 21.5}}}}, nil
	}
	exporter := metrics.Handler(metrics.Source{
		Name:    "thermometer",
		Gather:  thermometer,
		Timeout: time.Second,
		Labels:  []metrics.Label{{Name: "room", Value: "kitchen"}},
	})
	for f, err := range exporter.Gather(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(f.Name, f.Metrics[0].Labels, f.Metrics[0].Value)
	}
	// Output:
	// source_up [{source thermometer}] 1
	// temperature_celsius [{room kitchen}] 21.5
}

// Whatever one source does, the others are served.
func ExampleExporter() {
	exporter := &metrics.Exporter{Sources: []metrics.Source{
		{Name: "ill", Gather: func(context.Context) ([]*metrics.Family, error) { panic("no disk") }},
		{Name: "fine", Gather: func(context.Context) ([]*metrics.Family, error) {
			return []*metrics.Family{{Name: "load", Kind: metrics.Gauge, Metrics: []metrics.Metric{{Value: 0.5}}}}, nil
		}},
	}}
	for f, err := range exporter.Gather(context.Background()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		for _, m := range f.Metrics {
			fmt.Println(f.Name, m.Labels, m.Value)
		}
	}
	// Output:
	// load [] 0.5
	// source_up [{source ill}] 0
	// source_up [{source fine}] 1
	// metrics: source "ill": panic: no disk
}

func ExampleMetric() {
	m := metrics.Metric{Labels: []metrics.Label{{Name: "code", Value: "200"}}, Value: 12}
	f := &metrics.Family{Name: "requests", Kind: metrics.Counter, Metrics: []metrics.Metric{m}}
	if err := metrics.Text().Encode(os.Stdout, func(yield func(*metrics.Family, error) bool) { yield(f, nil) }); err != nil {
		log.Fatal(err)
	}
	// Output:
	// # TYPE requests_total counter
	// requests_total{code="200"} 12
}

// Label values are any text.
func ExampleLabel() {
	f := &metrics.Family{Name: "up", Kind: metrics.Gauge, Metrics: []metrics.Metric{
		{Labels: []metrics.Label{{Name: "path", Value: "C:\\\n\"tmp\""}}, Value: 1},
	}}
	if err := metrics.Text().Encode(os.Stdout, func(yield func(*metrics.Family, error) bool) { yield(f, nil) }); err != nil {
		log.Fatal(err)
	}
	// Output:
	// # TYPE up gauge
	// up{path="C:\\\n\"tmp\""} 1
}

func ExampleBucket() {
	d := metrics.Distribution{Count: 3, Buckets: []metrics.Bucket{{Bound: 0.1, Count: 2}, {Bound: math.Inf(1), Count: 3}}}
	last := d.Buckets[len(d.Buckets)-1]
	fmt.Println(last.Bound, last.Count == d.Count)
	// Output: +Inf true
}
