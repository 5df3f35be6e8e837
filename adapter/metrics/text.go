package metrics

import (
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
)

// textChunk is how many bytes, or a sample more, Text hands to its writer at a time.
const textChunk = 32 << 10

// Text is the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
//
// Encode writes families and metrics in the order given. Every sample has the name that OpenMetrics has for it, and bounds
// and quantiles are spelt as there and as Prometheus 3 stores them (le="1.0"). For that, a GaugeHistogram becomes three
// families of gauges, an Info a gauge with the suffix _info, a StateSet a gauge, and Unknown is untyped. A histogram
// without a bucket for +Inf gets one of its Count.
//
// An error is: a name that 0.0.4 does not have, a label twice or one that the kind needs for itself, help or a value that
// is not UTF-8, a Dist where none may be or none where one must, buckets out of order, decreasing or, without Count,
// without an end, quantiles twice or not from 0 to 1. Whether names or series repeat is not checked; Exporter sees to that.
func Text() Format {
	return Format{
		Name:       "text",
		MediaTypes: []string{"text/plain; version=0.0.4; charset=utf-8", "text/plain"},
		Encode:     encodeText,
		Loses:      textLoses,
	}
}

func encodeText(w io.Writer, families iter.Seq2[*Family, error]) error {
	t := textWriter{w: w, buf: make([]byte, 0, textChunk+textChunk/8)}
	for f, err := range families {
		if err == nil {
			err = check(f)
		}
		if err != nil {
			t.flush()
			return err
		}
		t.family(f)
		if t.err != nil {
			return t.err
		}
	}
	t.flush()
	return t.err
}

// A textWriter gathers lines in a buffer. After an error of w it writes no more.
type textWriter struct {
	w   io.Writer
	err error
	buf []byte

	stem   string
	labels []byte // of the metric at hand, as they stand between the braces
	time   []byte // of the metric at hand, with the blank before it
}

func (t *textWriter) flush() {
	if t.err == nil && len(t.buf) > 0 {
		_, t.err = t.w.Write(t.buf)
	}
	t.buf = t.buf[:0]
}

func (t *textWriter) family(f *Family) {
	t.stem = f.stem()
	switch f.Kind {
	case Counter:
		t.header(f, "_total", "counter")
		t.values(f, "_total")
	case Gauge, StateSet:
		t.header(f, "", "gauge")
		t.values(f, "")
	case Info:
		t.header(f, "_info", "gauge")
		t.infos(f)
	case Summary:
		t.header(f, "", "summary")
		t.summaries(f)
	case Histogram:
		t.header(f, "", "histogram")
		t.histograms(f)
	case GaugeHistogram:
		t.gaugeHistograms(f)
	default:
		t.header(f, "", "untyped")
		t.values(f, "")
	}
}

func (t *textWriter) header(f *Family, suffix, kind string) {
	if f.Help != "" {
		t.buf = append(append(append(t.buf, "# HELP "...), t.stem...), suffix...)
		t.buf = append(appendHelp(append(t.buf, ' '), f.Help), '\n')
	}
	t.buf = append(append(append(t.buf, "# TYPE "...), t.stem...), suffix...)
	t.buf = append(append(append(t.buf, ' '), kind...), '\n')
}

func (t *textWriter) values(f *Family, suffix string) {
	for i := range f.Metrics {
		m := &f.Metrics[i]
		t.begin(m)
		t.sample(suffix, m.Value)
	}
}

func (t *textWriter) infos(f *Family) {
	for i := range f.Metrics {
		t.begin(&f.Metrics[i])
		t.sample("_info", 1)
	}
}

func (t *textWriter) summaries(f *Family) {
	for i := range f.Metrics {
		m := &f.Metrics[i]
		t.begin(m)
		for _, q := range m.Dist.Quantiles {
			t.bounded("", "quantile", q.Bound, q.Count)
		}
		t.sum("_sum", m.Dist)
		t.count("_count", m.Dist)
	}
}

func (t *textWriter) histograms(f *Family) {
	for i := range f.Metrics {
		m := &f.Metrics[i]
		t.begin(m)
		t.buckets(m.Dist)
		t.sum("_sum", m.Dist)
		t.count("_count", m.Dist)
	}
}

// gaugeHistograms goes over the metrics three times, for three families.
func (t *textWriter) gaugeHistograms(f *Family) {
	t.gauges(f, "_bucket", t.buckets)
	t.gauges(f, "_gcount", func(d *Distribution) { t.count("_gcount", d) })
	t.gauges(f, "_gsum", func(d *Distribution) { t.sum("_gsum", d) })
}

func (t *textWriter) gauges(f *Family, suffix string, part func(*Distribution)) {
	t.header(f, suffix, "gauge")
	for i := range f.Metrics {
		t.begin(&f.Metrics[i])
		part(f.Metrics[i].Dist)
	}
}

func (t *textWriter) buckets(d *Distribution) {
	for _, b := range d.Buckets {
		t.bounded("_bucket", "le", b.Bound, b.Count)
	}
	if !d.bounded() {
		t.bounded("_bucket", "le", math.Inf(1), d.Count)
	}
}

func (t *textWriter) sum(suffix string, d *Distribution) {
	if !d.NoSum {
		t.sample(suffix, d.Sum)
	}
}

func (t *textWriter) count(suffix string, d *Distribution) {
	if !d.NoCount {
		t.sample(suffix, d.Count)
	}
}

// begin prepares what all samples of m share.
func (t *textWriter) begin(m *Metric) {
	t.labels = t.labels[:0]
	for i, l := range m.Labels {
		if i > 0 {
			t.labels = append(t.labels, ',')
		}
		t.labels = append(append(t.labels, l.Name...), '=', '"')
		t.labels = append(appendLabelValue(t.labels, l.Value), '"')
	}
	t.time = t.time[:0]
	if !m.Time.IsZero() {
		t.time = strconv.AppendInt(append(t.time, ' '), m.Time.UnixMilli(), 10)
	}
}

// sample writes a line of the metric that was begun.
func (t *textWriter) sample(suffix string, v float64) {
	t.buf = append(append(t.buf, t.stem...), suffix...)
	if len(t.labels) > 0 {
		t.buf = append(append(append(t.buf, '{'), t.labels...), '}')
	}
	t.end(v)
}

// bounded writes a line with one label more.
func (t *textWriter) bounded(suffix, label string, bound, v float64) {
	t.buf = append(append(append(t.buf, t.stem...), suffix...), '{')
	if len(t.labels) > 0 {
		t.buf = append(append(t.buf, t.labels...), ',')
	}
	t.buf = append(append(t.buf, label...), '=', '"')
	t.buf = append(appendBound(t.buf, bound), '"', '}')
	t.end(v)
}

func (t *textWriter) end(v float64) {
	t.buf = appendFloat(append(t.buf, ' '), v)
	t.buf = append(append(t.buf, t.time...), '\n')
	if len(t.buf) >= textChunk {
		t.flush()
	}
}

// appendFloat writes the shortest decimal that reads as v again, or NaN, +Inf, -Inf.
func appendFloat(b []byte, v float64) []byte {
	if v >= 0 && v < 10 && v == math.Trunc(v) && !math.Signbit(v) {
		return append(b, '0'+byte(v))
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendBound writes v so that it cannot be taken for an integer.
func appendBound(b []byte, v float64) []byte {
	start := len(b)
	b = appendFloat(b, v)
	for _, c := range b[start:] {
		if c == '.' || c == 'e' || c == 'I' {
			return b
		}
	}
	return append(b, ".0"...)
}

func appendHelp(b []byte, s string) []byte {
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '\n') < 0 {
		return append(b, s...)
	}
	for i := range len(s) {
		switch s[i] {
		case '\\':
			b = append(b, `\\`...)
		case '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, s[i])
		}
	}
	return b
}

func appendLabelValue(b []byte, s string) []byte {
	done := 0
	for i := range len(s) {
		var escaped string
		switch s[i] {
		case '\\':
			escaped = `\\`
		case '"':
			escaped = `\"`
		case '\n':
			escaped = `\n`
		default:
			continue
		}
		b = append(append(b, s[done:i]...), escaped...)
		done = i + 1
	}
	return append(b, s[done:]...)
}

func textLoses(f *Family) []string {
	var lost []string
	if f.Kind == Info || f.Kind == StateSet || f.Kind == GaugeHistogram {
		lost = append(lost, "kind "+f.Kind.String())
	}
	if f.Unit != "" {
		lost = append(lost, "unit")
	}
	for _, part := range []struct {
		name string
		in   func(*Metric) bool
	}{
		{"created times", func(m *Metric) bool { return !m.Created.IsZero() }},
		{"exemplars", hasExemplar},
		{"native histograms", func(m *Metric) bool { return m.Dist != nil && m.Dist.Native != nil }},
		{"times below 1 ms", func(m *Metric) bool { return m.Time.Nanosecond()%int(time.Millisecond) != 0 }},
	} {
		for i := range f.Metrics {
			if part.in(&f.Metrics[i]) {
				lost = append(lost, part.name)
				break
			}
		}
	}
	return lost
}

func hasExemplar(m *Metric) bool {
	if m.Exemplar != nil {
		return true
	}
	if m.Dist == nil {
		return false
	}
	for i := range m.Dist.Buckets {
		if m.Dist.Buckets[i].Exemplar != nil {
			return true
		}
	}
	return false
}
