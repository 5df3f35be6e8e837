package metrics

import (
	"context"
	"iter"
	"log/slog"
	"sync"
)

// An Exporter serves the families of all sources as Text. Whatever one source does, the others are served, and the gauge
// source_up with the label source tells of each: 1 if it gave its families, 0 if it failed, panicked or took too long.
// Of sources with the same name all must be fine.
//
// Its fields must not change once it is in use, and it must not be copied then; its methods may be called from any number of
// goroutines. The zero Exporter serves an empty page.
type Exporter struct {
	Sources []Source
	Logger  *slog.Logger // nil discards

	mu   sync.Mutex
	runs []*run // for each source, the one under way
}

// Handler is an Exporter of sources.
func Handler(sources ...Source) *Exporter { return &Exporter{Sources: sources} }

// Gather asks all sources at once and yields what they have, merged: families sorted by name, each with the metrics of its
// sources in the order of Sources, and source_up. Then it yields errors. An error says what a source failed to give, or
// what was dropped because a page with it would not be valid: a family that has the name on the wire of one of another
// kind, a series that is there already, what Text calls an error.
//
// A source has its Timeout and never longer than ctx. If it is at work for somebody else already, Gather waits for that; if
// it is at work beyond its time, it counts as down at once. Sources are asked when the sequence is read, and again for
// every time that it is. What families point to belongs to the sources and must not be changed.
func (e *Exporter) Gather(ctx context.Context) iter.Seq2[*Family, error] {
	return func(yield func(*Family, error) bool) {
		families, errs := e.gather(ctx)
		for _, f := range families {
			if !yield(f, nil) {
				return
			}
		}
		for _, err := range errs {
			if !yield(nil, err) {
				return
			}
		}
	}
}

func (e *Exporter) gather(ctx context.Context) ([]*Family, []error) {
	answers := make([]answer, len(e.Sources))
	var asked sync.WaitGroup
	for i := range e.Sources {
		asked.Go(func() { answers[i] = e.ask(ctx, i) })
	}
	asked.Wait()

	m := newMerger()
	if len(answers) > 0 {
		m.add("source_up", nil, e.up(answers))
	}
	for i, a := range answers {
		if a.err != nil {
			m.fail(e.Sources[i].Name, a.err)
		}
		for _, f := range a.families {
			m.add(e.Sources[i].Name, e.Sources[i].Labels, f)
		}
	}
	return m.sorted(), m.errs
}

// up is the family source_up.
func (e *Exporter) up(answers []answer) *Family {
	f := &Family{Name: "source_up", Help: "Whether the source gave its metrics.", Kind: Gauge}
	index := make(map[string]int)
	for i, a := range answers {
		name := e.Sources[i].Name
		at, known := index[name]
		if !known {
			at = len(f.Metrics)
			index[name] = at
			f.Metrics = append(f.Metrics, Metric{Labels: []Label{{"source", name}}, Value: 1})
		}
		if a.err != nil {
			f.Metrics[at].Value = 0
		}
	}
	return f
}
