package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// defaultTimeout is that of a Source without its own.
const defaultTimeout = 5 * time.Second

// An answer is what a source returned.
type answer struct {
	families []*Family
	err      error
}

// A run is one call of a source. Whoever scrapes meanwhile waits for the same run.
type run struct {
	ctx    context.Context // ends at the deadline of the run
	start  time.Time
	done   chan struct{} // closed when answer is set
	answer answer
}

// ask waits for the run of source i under way, or starts one.
func (e *Exporter) ask(ctx context.Context, i int) answer {
	r := e.join(ctx, i)
	select {
	case <-r.done:
		return r.answer
	case <-r.ctx.Done():
	case <-ctx.Done():
	}
	select {
	case <-r.done: // in time, if only just
		return r.answer
	default:
	}
	err := cmp.Or(ctx.Err(), r.ctx.Err())
	return answer{err: fmt.Errorf("no answer after %v: %w", time.Since(r.start), err)}
}

// join returns the run of source i under way, which is a new one if there was none.
func (e *Exporter) join(ctx context.Context, i int) *run {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runs == nil {
		e.runs = make([]*run, len(e.Sources))
	}
	if e.runs[i] == nil {
		e.runs[i] = e.start(ctx, i)
	}
	return e.runs[i]
}

// start runs source i in a goroutine, which ends when the source returns. It does not end with ctx, nor by its deadline: others
// may have joined, who wait longer.
func (e *Exporter) start(ctx context.Context, i int) *run {
	r := &run{start: time.Now(), done: make(chan struct{})}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(e.Sources[i].Timeout, defaultTimeout))
	go func() {
		defer func() {
			// First the place is free, then the answer is there: who has it and asks again gets a new run.
			e.mu.Lock()
			e.runs[i] = nil
			e.mu.Unlock()
			close(r.done)
			cancel()
		}()
		r.answer.err = errors.New("the source ended its goroutine")
		r.answer = call(r.ctx, &e.Sources[i])
	}()
	return r
}

// call calls s and turns a panic into an error.
func call(ctx context.Context, s *Source) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = answer{err: &panicError{v, debug.Stack()}}
		}
	}()
	if s.Gather == nil {
		return answer{err: errors.New("the source has no Gather")}
	}
	families, err := s.Gather(ctx)
	return answer{families, err}
}

// A panicError is a panic of a source.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
