package metrics

import "time"

// A Distribution is the value of a histogram, gauge histogram or summary. The zero Distribution has seen nothing.
type Distribution struct {
	Count, Sum     float64
	NoCount, NoSum bool     // the source gave none
	Buckets        []Bucket // of classic histograms: cumulative, the last bound +Inf
	Quantiles      []Bucket // of summaries: Bound is the quantile, Count the value
	Native         *Native  // nil if there is none
}

// A Bucket is an upper bound and what lies below it or on it.
type Bucket struct {
	Bound, Count float64
	Exemplar     *Exemplar // nil if there is none
}

// Native is the sparse part of a native histogram. Positive and Negative are spans, offset
// and length in turn; the counts of their buckets are absolute. The zero Native has schema 0 and no buckets.
type Native struct {
	Schema                         int32
	Zero, ZeroCount                float64 // width and count of the zero bucket
	Positive, Negative             []int32
	PositiveCounts, NegativeCounts []float64
}

// An Exemplar is one observation, usually with a trace.
type Exemplar struct {
	Labels []Label
	Value  float64
	Time   time.Time // zero if the source gave none
}
