// Package metrics is one model for metrics, a format to write it in, and a handler that serves it.
//
// It is no instrumentation library: programs count in structs of their own, and Stats reads the tags of their fields.
package metrics

import (
	"strings"
	"time"
)

// A Family is the metrics of one name. It says everything that OpenMetrics and native histograms can say.
// The zero Family has no name, and no format can write it.
type Family struct {
	Name    string // without suffixes such as _total
	Help    string // "" if there is none
	Unit    string // "" if there is none
	Kind    Kind
	Metrics []Metric
}

// A Metric is one labelled value of a family. The zero Metric is a 0 without labels.
type Metric struct {
	Labels   []Label       // sorted by name
	Value    float64       // of all kinds without Dist; 1 of an Info, whatever it says
	Dist     *Distribution // of histograms and summaries
	Time     time.Time     // zero if the source gave none
	Created  time.Time     // zero if unknown
	Exemplar *Exemplar     // of counters
}

// A Label is a name and its value. A label without a value is the same as no label.
type Label struct{ Name, Value string }

// stem is the name of f without the suffix that its kind has on the wire, which a family by hand may have, too.
func (f *Family) stem() string {
	switch f.Kind {
	case Counter:
		return strings.TrimSuffix(f.Name, "_total")
	case Info:
		return strings.TrimSuffix(f.Name, "_info")
	}
	return f.Name
}

// wireNames returns all names that a family of this stem and kind has on the wire, that of the family itself first. Two
// families that share one cannot stand on one page, but a gauge clients can stand beside a counter clients_total.
func wireNames(stem string, k Kind) []string {
	switch k {
	case Counter:
		return []string{stem + "_total"}
	case Info:
		return []string{stem + "_info"}
	case Summary:
		return []string{stem, stem + "_count", stem + "_sum"}
	case Histogram:
		return []string{stem, stem + "_bucket", stem + "_count", stem + "_sum"}
	case GaugeHistogram:
		return []string{stem, stem + "_bucket", stem + "_gcount", stem + "_gsum"}
	}
	return []string{stem}
}
