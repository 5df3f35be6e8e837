package sidecar

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A part is a component that has started.
type part struct {
	Component
	ctx    context.Context // of Serve
	cancel context.CancelCauseFunc
	served chan struct{} // closed once Serve has returned

	stopped chan struct{} // closed once Stop has returned as well
}

// start starts c and its Serve. It returns false when no further component is to start.
func (r *runner) start(c Component) bool {
	if r.asked.Err() != nil {
		return false
	}
	if err := r.callStart(c); err != nil {
		if errors.Is(err, errGivenUp) || !interrupted(r.asked, err) {
			r.ask(r.failures.add(c.Name, err))
		}
		return false
	}
	p := &part{Component: c, served: make(chan struct{}), stopped: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancelCause(r.drainless())
	r.parts = append(r.parts, p)
	r.log.Debug("started", "component", c.Name)
	if c.Serve == nil || r.asked.Err() != nil {
		close(p.served)
		return true
	}
	go r.serve(p)
	return true
}

// drainless is drain's values without its end, for a Serve that is told in its turn.
func (r *runner) drainless() context.Context { return context.WithoutCancel(r.drain) }

var errGivenUp = errors.New("had not started when it was given up")

// callStart returns what c.Start returns, or gives it up when there is no more time.
func (r *runner) callStart(c Component) error {
	if c.Start == nil {
		return nil
	}
	result := make(chan error, 1)
	go func() { result <- c.Start(r.asked) }()
	select {
	case err := <-result:
		return err
	case <-r.drain.Done():
	}
	// The components behind this one still need their part of the last moment.
	select {
	case err := <-result:
		return err
	case <-time.After(lastMoment / 2):
		return fmt.Errorf("%w: %w", errGivenUp, context.Cause(r.drain))
	}
}

// serve runs the Serve of p, whose return means that the program stops.
func (r *runner) serve(p *part) {
	defer close(p.served)
	err := p.Serve(p.ctx)
	switch {
	case err == nil:
		r.ask(fmt.Errorf("%s is done", p.Name))
	case interrupted(p.ctx, err) || interrupted(r.asked, err):
	default:
		r.ask(r.failures.add(p.Name, err))
	}
}
