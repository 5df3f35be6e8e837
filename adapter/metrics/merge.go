package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A merger makes of the families of many sources such that can stand on one page. It does not change what it is given.
type merger struct {
	families map[string]*mergedFamily // by the first of their names on the wire
	claims   map[string]string        // name on the wire -> family that has it
	errs     []error
}

// A mergedFamily is a Family of its own and where its series come from.
type mergedFamily struct {
	Family
	source string
	series map[string]bool
}

func newMerger() *merger {
	return &merger{families: map[string]*mergedFamily{}, claims: map[string]string{}}
}

func (m *merger) fail(source string, err error) {
	m.errs = append(m.errs, &sourceError{source, err})
}

// add takes a family of a source, with labels for each of its metrics.
func (m *merger) add(source string, labels []Label, f *Family) {
	if err := checkFamily(f); err != nil {
		m.fail(source, err)
		return
	}
	into, err := m.place(source, f)
	if err != nil {
		m.fail(source, fmt.Errorf("family %q dropped: %w", f.Name, err))
		return
	}
	into.Help = cmp.Or(into.Help, f.Help)
	into.Unit = cmp.Or(into.Unit, f.Unit)
	into.Metrics = slices.Grow(into.Metrics, len(f.Metrics))
	var first error // one for each family, that a bad source does not flood the log
	dropped := 0
	for _, metric := range f.Metrics {
		metric.Labels = addLabels(metric.Labels, labels)
		if err := into.add(metric); err != nil {
			first = cmp.Or(first, err)
			dropped++
		}
	}
	if dropped > 0 {
		m.fail(source, fmt.Errorf("family %q: %d of %d series dropped, such as %w", f.Name, dropped, len(f.Metrics), first))
	}
}

// place returns the merged family that f belongs to.
func (m *merger) place(source string, f *Family) (*mergedFamily, error) {
	names := wireNames(f.stem(), f.Kind)
	if known := m.families[names[0]]; known != nil {
		if known.Kind != f.Kind {
			return nil, fmt.Errorf("a %v, but a %v in source %q", f.Kind, known.Kind, known.source)
		}
		return known, nil
	}
	for _, name := range names {
		if other, taken := m.claims[name]; taken {
			return nil, fmt.Errorf("family %q in source %q has %s, too", other, m.families[other].source, name)
		}
	}
	for _, name := range names {
		m.claims[name] = names[0]
	}
	into := &mergedFamily{Family: Family{Name: f.stem(), Kind: f.Kind}, source: source, series: map[string]bool{}}
	m.families[names[0]] = into
	return into, nil
}

func (f *mergedFamily) add(metric Metric) error {
	if err := checkMetric(f.Kind, &metric); err != nil {
		return fmt.Errorf("%s: %w", labelString(metric.Labels), err)
	}
	key := seriesKey(metric.Labels)
	if f.series[key] {
		return fmt.Errorf("%s: is there already", labelString(metric.Labels))
	}
	f.series[key] = true
	f.Metrics = append(f.Metrics, metric)
	return nil
}

// sorted returns the families by name, and those of the same name by that on the wire.
func (m *merger) sorted() []*Family {
	var all []*Family
	for _, name := range slices.Sorted(maps.Keys(m.families)) {
		all = append(all, &m.families[name].Family)
	}
	slices.SortStableFunc(all, func(a, b *Family) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// addLabels returns labels and those of more whose names it does not have, sorted.
func addLabels(labels, more []Label) []Label {
	byName := func(a, b Label) int { return strings.Compare(a.Name, b.Name) }
	all := labels
	for _, l := range more {
		if !hasLabel(all, l.Name) {
			all = append(slices.Clip(all), l)
		}
	}
	if slices.IsSortedFunc(all, byName) {
		return all
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, byName)
	return all
}

// A sourceError says which source an error is about.
type sourceError struct {
	source string
	err    error
}

func (e *sourceError) Error() string { return fmt.Sprintf("metrics: source %q: %v", e.source, e.err) }
func (e *sourceError) Unwrap() error { return e.err }
