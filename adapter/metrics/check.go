package metrics

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// check returns why f cannot be written, or nil.
func check(f *Family) error {
	if err := checkFamily(f); err != nil {
		return err
	}
	for i := range f.Metrics {
		if err := checkMetric(f.Kind, &f.Metrics[i]); err != nil {
			return fmt.Errorf("metrics: family %q: metric %d: %w", f.Name, i, err)
		}
	}
	return nil
}

// checkFamily looks at all of f but its metrics.
func checkFamily(f *Family) error {
	switch {
	case f == nil:
		return errors.New("metrics: nil family")
	case !isMetricName(f.Name) || !isMetricName(f.stem()):
		return fmt.Errorf("metrics: family %q: not a metric name", f.Name)
	case !utf8.ValidString(f.Help):
		return fmt.Errorf("metrics: family %q: help is not UTF-8", f.Name)
	case f.Kind > StateSet:
		return fmt.Errorf("metrics: family %q: no kind %v", f.Name, f.Kind)
	}
	return nil
}

func checkMetric(k Kind, m *Metric) error {
	if err := checkLabels(k, m.Labels); err != nil {
		return err
	}
	switch {
	case m.Dist == nil && !k.hasDist():
		return nil
	case m.Dist == nil:
		return fmt.Errorf("a %v without Dist", k)
	case k == Histogram, k == GaugeHistogram:
		return m.Dist.checkBuckets()
	case k == Summary:
		return m.Dist.checkQuantiles()
	}
	return fmt.Errorf("a %v with Dist", k)
}

func checkLabels(k Kind, labels []Label) error {
	highest := "" // of the names so far: above it is no double
	for i, l := range labels {
		switch {
		case !isLabelName(l.Name) || l.Name == "__name__":
			return fmt.Errorf("%q is not a label name", l.Name)
		case l.Name == reservedLabel(k):
			return fmt.Errorf("a %v needs the label %s for itself", k, l.Name)
		case !utf8.ValidString(l.Value):
			return fmt.Errorf("label %s: %q is not UTF-8", l.Name, l.Value)
		case l.Name <= highest && hasLabel(labels[:i], l.Name):
			return fmt.Errorf("label %s twice", l.Name)
		}
		highest = max(highest, l.Name)
	}
	return nil
}

// reservedLabel is the label that a metric of this kind may not have.
func reservedLabel(k Kind) string {
	switch k {
	case Histogram, GaugeHistogram:
		return "le"
	case Summary:
		return "quantile"
	}
	return ""
}

func hasLabel(labels []Label, name string) bool {
	for _, l := range labels {
		if l.Name == name {
			return true
		}
	}
	return false
}

// bounded reports whether the last bucket holds everything.
func (d *Distribution) bounded() bool {
	n := len(d.Buckets)
	return n > 0 && math.IsInf(d.Buckets[n-1].Bound, 1)
}

func (d *Distribution) checkBuckets() error {
	if d.NoCount && !d.bounded() {
		return errors.New("neither a count nor a bucket for +Inf")
	}
	for i, b := range d.Buckets {
		switch {
		case math.IsNaN(b.Bound), math.IsNaN(b.Count):
			return errors.New("a bucket is NaN")
		case i > 0 && b.Bound <= d.Buckets[i-1].Bound:
			return fmt.Errorf("bucket %v after %v", b.Bound, d.Buckets[i-1].Bound)
		case i > 0 && b.Count < d.Buckets[i-1].Count:
			return fmt.Errorf("bucket %v holds less than the one below", b.Bound)
		}
	}
	if n := len(d.Buckets); n > 0 && !d.bounded() && d.Count < d.Buckets[n-1].Count {
		return errors.New("the count is less than the last bucket")
	}
	return nil
}

func (d *Distribution) checkQuantiles() error {
	for i, q := range d.Quantiles {
		if !(q.Bound >= 0 && q.Bound <= 1) {
			return fmt.Errorf("quantile %v is not from 0 to 1", q.Bound)
		}
		for _, earlier := range d.Quantiles[:i] {
			if earlier.Bound == q.Bound {
				return fmt.Errorf("quantile %v twice", q.Bound)
			}
		}
	}
	return nil
}

// isMetricName reports whether s is [a-zA-Z_:][a-zA-Z0-9_:]*.
func isMetricName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isNameByte(c, i) && c != ':' {
			return false
		}
	}
	return s != ""
}

// isLabelName reports whether s is [a-zA-Z_][a-zA-Z0-9_]*.
func isLabelName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i], i) {
			return false
		}
	}
	return s != ""
}

func isNameByte(c byte, i int) bool {
	return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || i > 0 && '0' <= c && c <= '9'
}
