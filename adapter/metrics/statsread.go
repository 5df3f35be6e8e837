package metrics

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A gathering is one run of a plan.
type gathering struct {
	families []Family
	series   []map[string]bool // for each family, what it has
	errs     []error
}

func (p *statsPlan) gather(v reflect.Value) ([]*Family, error) {
	g := gathering{
		families: make([]Family, len(p.families)),
		series:   make([]map[string]bool, len(p.families)),
	}
	for i := range p.families {
		g.families[i] = p.families[i].Family
		g.series[i] = map[string]bool{}
	}
	p.read(&g, v, nil)
	if len(g.errs) > 0 {
		return nil, errors.Join(g.errs...)
	}
	var found []*Family
	for i := range g.families {
		if len(g.families[i].Metrics) > 0 {
			found = append(found, &g.families[i])
		}
	}
	return found, nil
}

func (g *gathering) add(slot int, m Metric) {
	f := &g.families[slot]
	key := seriesKey(m.Labels)
	if g.series[slot][key] {
		g.errs = append(g.errs, fmt.Errorf("%s: two elements with the labels %s", f.Name, labelString(m.Labels)))
		return
	}
	g.series[slot][key] = true
	f.Metrics = append(f.Metrics, m)
}

func throughPointer(r reader) reader {
	if r == nil {
		return nil
	}
	return func(g *gathering, v reflect.Value, labels []Label) {
		if !v.IsNil() {
			r(g, v.Elem(), labels)
		}
	}
}

func throughElements(r reader) reader {
	if r == nil {
		return nil
	}
	return func(g *gathering, v reflect.Value, labels []Label) {
		for i := range v.Len() {
			r(g, v.Index(i), labels)
		}
	}
}

func readStruct(labels []labelField, fields []fieldReader) reader {
	return func(g *gathering, v reflect.Value, around []Label) {
		all := around
		for _, l := range labels {
			all = withLabel(all, Label{l.name, v.FieldByIndex(l.index).String()})
		}
		for _, f := range fields {
			f.read(g, v.Field(f.index), all)
		}
	}
}

// readMap goes by the order of the keys, so that pages can be compared.
func readMap(label string, r reader) reader {
	return func(g *gathering, v reflect.Value, labels []Label) {
		values := make(map[string]reflect.Value, v.Len())
		for it := v.MapRange(); it.Next(); {
			values[it.Key().String()] = it.Value()
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			r(g, values[key], withLabel(labels, Label{label, key}))
		}
	}
}

func readNumber(slot int, t reflect.Type) reader {
	number := numberOf(t)
	return func(g *gathering, v reflect.Value, labels []Label) {
		g.add(slot, Metric{Labels: labels, Value: number(v)})
	}
}

func readTime(slot int) reader {
	return func(g *gathering, v reflect.Value, labels []Label) {
		// The field is exported: it has a tag.
		if t := v.Interface().(time.Time); !t.IsZero() {
			g.add(slot, Metric{Labels: labels, Value: float64(t.Unix()) + float64(t.Nanosecond())/1e9})
		}
	}
}

func readHistogram(slot int, path string, t reflect.Type) reader {
	bounds, counts := numbersOf(t, "Bounds"), numbersOf(t, "Counts")
	sum, _ := t.FieldByName("Sum")
	sumOf := numberOf(sum.Type)
	return func(g *gathering, v reflect.Value, labels []Label) {
		d, err := cumulate(bounds(v), counts(v))
		switch {
		case err != nil:
			g.errs = append(g.errs, fmt.Errorf("%s: %w", path, err))
		case d != nil:
			d.Sum = sumOf(v.FieldByIndex(sum.Index))
			g.add(slot, Metric{Labels: labels, Dist: d})
		}
	}
}

// cumulate makes a distribution of counts that are each of one bucket; nil if there are no bounds.
func cumulate(bounds, counts []float64) (*Distribution, error) {
	if len(bounds) == 0 {
		return nil, nil
	}
	if len(counts) != len(bounds)+1 {
		return nil, fmt.Errorf("%d bounds need %d counts, not %d", len(bounds), len(bounds)+1, len(counts))
	}
	d := &Distribution{Buckets: make([]Bucket, len(counts))}
	for i, n := range counts {
		bound := math.Inf(1)
		if i < len(bounds) {
			bound = bounds[i]
		}
		d.Count += n
		d.Buckets[i] = Bucket{Bound: bound, Count: d.Count}
	}
	return d, d.checkBuckets()
}

// numbersOf returns how to read a field that is a slice or an array of numbers.
func numbersOf(t reflect.Type, field string) func(reflect.Value) []float64 {
	f, _ := t.FieldByName(field)
	number := numberOf(f.Type.Elem())
	return func(v reflect.Value) []float64 {
		list := v.FieldByIndex(f.Index)
		all := make([]float64, list.Len())
		for i := range all {
			all[i] = number(list.Index(i))
		}
		return all
	}
}

// numberOf returns how to read a number of type t.
func numberOf(t reflect.Type) func(reflect.Value) float64 {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return func(v reflect.Value) float64 { return time.Duration(v.Int()).Seconds() }
	case t.Kind() == reflect.Bool:
		return func(v reflect.Value) float64 {
			if v.Bool() {
				return 1
			}
			return 0
		}
	case t.Kind() <= reflect.Int64:
		return func(v reflect.Value) float64 { return float64(v.Int()) }
	case t.Kind() <= reflect.Uint64:
		return func(v reflect.Value) float64 { return float64(v.Uint()) }
	}
	return reflect.Value.Float
}

// withLabel returns labels and one more, sorted, in a new slice.
func withLabel(labels []Label, l Label) []Label {
	i, _ := slices.BinarySearchFunc(labels, l, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	all := make([]Label, 0, len(labels)+1)
	return append(append(append(all, labels[:i]...), l), labels[i:]...)
}
