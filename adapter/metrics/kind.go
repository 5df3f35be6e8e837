package metrics

import "fmt"

// A Kind is the type of a family. The zero Kind is Unknown.
type Kind uint8

// The kinds of OpenMetrics.
const (
	Unknown        Kind = iota // of no known type
	Gauge                      // goes up and down
	Counter                    // only goes up
	Histogram                  // observations in buckets, which only go up
	GaugeHistogram             // what there is now in buckets
	Summary                    // quantiles of observations
	Info                       // facts as labels, with the value 1
	StateSet                   // one metric for each state, 0 or 1, with a label that is named as the family
)

// String returns the word that OpenMetrics has for the kind.
func (k Kind) String() string {
	switch k {
	case Unknown:
		return "unknown"
	case Gauge:
		return "gauge"
	case Counter:
		return "counter"
	case Histogram:
		return "histogram"
	case GaugeHistogram:
		return "gaugehistogram"
	case Summary:
		return "summary"
	case Info:
		return "info"
	case StateSet:
		return "stateset"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// hasDist reports whether the metrics of the kind have a Dist.
func (k Kind) hasDist() bool { return k == Histogram || k == GaugeHistogram || k == Summary }
