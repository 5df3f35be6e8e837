package sidecar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// stop stops the parts in reverse order, and all that remain at once when there is no more time.
func (r *runner) stop() {
	for i, p := range slices.Backward(r.parts) {
		go r.stopPart(p)
		select {
		case <-p.stopped:
		case <-r.drain.Done():
			if !ended(p.stopped) {
				r.stopRest(r.parts[:i], p)
				return
			}
		}
	}
}

// stopPart ends the Serve of p, waits for it and calls Stop.
func (r *runner) stopPart(p *part) {
	p.cancel(context.Cause(r.asked))
	select {
	case <-p.served:
	case <-r.drain.Done():
		select {
		case <-p.served:
		case <-time.After(lastMoment / 2): // it hangs; tidy up all the same
		}
	}
	if p.Stop != nil {
		if err := p.Stop(r.drain); err != nil {
			r.failures.add(p.Name, err)
		}
	}
	select {
	case <-p.served:
		r.log.Debug("stopped", "component", p.Name)
		close(p.stopped)
	case <-r.closed: // left behind
	}
}

// stopRest tells all of rest at once, and gives them and late, which held up the stop, a last moment.
func (r *runner) stopRest(rest []*part, late *part) {
	for _, p := range rest {
		go r.stopPart(p)
	}
	moment := time.NewTimer(lastMoment)
	defer moment.Stop()
	left := r.leftAfter(moment.C, append(slices.Clone(rest), late))
	if len(left) == 0 && r.failures.first() != nil {
		return // why it was cut says more
	}
	others := slices.DeleteFunc(left, func(name string) bool { return name == late.Name })
	r.failures.add(late.Name, notStopped(context.Cause(r.drain), others))
}

// leftAfter returns the names of those parts that have not stopped when the moment comes, the last of them first.
func (r *runner) leftAfter(moment <-chan time.Time, parts []*part) (names []string) {
	over := false
	for _, p := range slices.Backward(parts) {
		if !over {
			select {
			case <-p.stopped:
			case <-moment:
				over = true
			}
		}
		if !ended(p.stopped) {
			names = append(names, p.Name)
		}
	}
	return names
}

func notStopped(cause error, others []string) error {
	if len(others) == 0 {
		return fmt.Errorf("had not stopped: %w", cause)
	}
	return fmt.Errorf("had not stopped, and then neither had %s: %w", strings.Join(others, ", "), cause)
}

func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
