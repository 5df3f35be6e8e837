package sidecar

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// watch asks the runner to stop at the first signal, and makes it hurry at the second, when the budget that began with
// the stop is used up, or when a Run around this one hurries.
func (r *runner) watch(ctx context.Context, signals <-chan os.Signal, budget time.Duration) {
	outer := drainOf(ctx)
	var budgetEnd <-chan time.Time
	asked := r.asked.Done()
	for seen := 0; ; {
		select {
		case <-r.closed:
			return
		case <-asked:
			asked = nil
			timer := time.NewTimer(budget)
			defer timer.Stop()
			budgetEnd = timer.C
		case <-budgetEnd:
			r.hurry(fmt.Errorf("the budget of %v was used up", budget))
			budgetEnd = nil
		case <-outer.Done():
			r.ask(context.Cause(outer))
			r.hurry(context.Cause(outer))
			outer = context.Background()
		case sig := <-signals:
			seen++
			err := fmt.Errorf("received the signal %q", sig.String())
			if seen > 1 {
				err = fmt.Errorf("received a second signal, %q", sig.String())
				r.hurry(err)
			}
			r.ask(err)
		}
	}
}

// signals are those that a run is told of.
type signals struct{ c chan os.Signal }

// notify begins to listen for those in list. Nil means SIGINT and SIGTERM; none are none, though signal.Notify would
// take that for all.
func notify(list []os.Signal) signals {
	if list == nil {
		list = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	if len(list) == 0 {
		return signals{}
	}
	s := signals{c: make(chan os.Signal, 4)}
	signal.Notify(s.c, list...)
	return s
}

func (s signals) stop() {
	if s.c != nil {
		signal.Stop(s.c)
	}
}

type drainKey struct{}

// withDrain returns ctx with itself as the context that ends when stopping must not take longer.
func withDrain(ctx context.Context) context.Context {
	return context.WithValue(ctx, drainKey{}, ctx)
}

// drainOf returns the drain of the Run that made ctx, or a context that never ends.
func drainOf(ctx context.Context) context.Context {
	if drain, ok := ctx.Value(drainKey{}).(context.Context); ok {
		return drain
	}
	return context.Background()
}

var errDrainTime = errors.New("it took too long")

// drainTime returns a context for work that may go on after ctx has ended: until the Run that made ctx must hurry,
// without one for the default budget.
func drainTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if drain := drainOf(ctx); drain.Done() != nil {
		return context.WithCancel(drain)
	}
	return context.WithTimeoutCause(context.WithoutCancel(ctx), defaultBudget, errDrainTime)
}
