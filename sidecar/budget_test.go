package sidecar_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// moment is the longest that Run may take once the budget is used up.
const moment = 150 * time.Millisecond

// runBudget runs components whose ctx ends after a minute, and returns Run's error and how long the stop took.
func runBudget(t *testing.T, budget time.Duration, components ...sidecar.Component) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Minute, cancel)
	begin := time.Now()
	l := quiet()
	l.Budget = budget
	err := l.Run(ctx, components...)
	return time.Since(begin) - time.Minute, err
}

// hang returns a Component whose functions ignore their ctx until release is closed.
func hang(name string, release <-chan struct{}) sidecar.Component {
	return sidecar.Go(name, func(context.Context) error { <-release; return nil })
}

func TestBudgetShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(d time.Duration) func(context.Context) error {
			return func(ctx context.Context) error { <-ctx.Done(); time.Sleep(d); return nil }
		}
		took, err := runBudget(t, 0, sidecar.Go("a", slow(12*time.Second)), sidecar.Go("b", slow(12*time.Second)))
		if took != 24*time.Second || err != nil {
			t.Errorf("Run took %v and returned %v, want 24s and nil", took, err)
		}
		took, err = runBudget(t, 0, sidecar.Go("a", slow(13*time.Second)), sidecar.Go("b", slow(13*time.Second)))
		if took < 25*time.Second || took > 25*time.Second+moment {
			t.Errorf("Run took %v, want the 25 s that are the default", took)
		}
		wantNotStopped(t, err, "a")
		time.Sleep(time.Minute) // for those left behind
	})
}

func wantNotStopped(t *testing.T, err error, names ...string) {
	t.Helper()
	failed, ok := errors.AsType[*sidecar.ComponentError](err)
	if !ok || failed.Name != names[0] {
		t.Errorf("Run = %v, want a ComponentError of %q", err, names[0])
		return
	}
	for _, want := range append(slices.Clone(names), "not stopped", "budget") {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Run = %v, want it to say %q", err, want)
		}
	}
}

// Everybody that remains is told at once when the budget is used up, and Stop is called even though Serve hangs.
func TestBudgetUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var j journal
		noted := func(name string) sidecar.Component {
			return sidecar.Component{
				Name:  name,
				Serve: func(ctx context.Context) error { <-ctx.Done(); j.add(name + " told"); return nil },
				Stop: func(ctx context.Context) error {
					if ctx.Err() == nil {
						t.Errorf("the ctx of %s's Stop has not ended", name)
					}
					j.add(name + " stop")
					return nil
				},
			}
		}
		hung := hang("hung", release)
		hung.Stop = func(ctx context.Context) error { j.add("hung stop"); return nil }
		took, err := runBudget(t, 7*time.Second, noted("alpha"), noted("beta"), hang("dead", release), hung)
		if took < 7*time.Second || took > 7*time.Second+moment {
			t.Errorf("Run took %v, want a little over 7s", took)
		}
		wantNotStopped(t, err, "hung", "dead")
		if strings.Contains(err.Error(), "alpha") || strings.Contains(err.Error(), "beta") {
			t.Errorf("Run = %v, want it to name only what hung", err)
		}
		for _, event := range []string{"alpha told", "alpha stop", "beta told", "beta stop", "hung stop"} {
			if !j.has(event) {
				t.Errorf("%q did not happen: %q", event, j.events)
			}
		}
		close(release)
	})
}

// A component that returns in the last moment has held up the stop all the same, and its own error says more.
func TestBudgetLastMoment(t *testing.T) {
	late := func(err error) func(context.Context) error {
		return func(ctx context.Context) error { <-ctx.Done(); time.Sleep(5*time.Second + moment/5); return err }
	}
	synctest.Test(t, func(t *testing.T) {
		took, err := runBudget(t, 5*time.Second, sidecar.Go("a", untilDone), sidecar.Go("late", late(nil)))
		if want := 5*time.Second + moment/5; took != want {
			t.Errorf("Run took %v, want %v", took, want)
		}
		wantNotStopped(t, err, "late")

		_, err = runBudget(t, 5*time.Second, sidecar.Go("a", untilDone), sidecar.Go("late", late(errBoom)))
		checkFailure(t, err, "late", errBoom)
	})
}

func TestBudgetStartHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var j journal
		deaf := sidecar.Component{Name: "deaf", Start: func(context.Context) error { <-release; return nil }}
		took, err := runBudget(t, 5*time.Second, j.component("first"), deaf)
		if took < 5*time.Second || took > 5*time.Second+moment {
			t.Errorf("Run took %v, want a little over 5s", took)
		}
		if failed, ok := errors.AsType[*sidecar.ComponentError](err); !ok || failed.Name != "deaf" {
			t.Errorf("Run = %v, want a ComponentError of deaf", err)
		}
		if !j.has("first told") {
			t.Error("the component in front was not told")
		}
		close(release)
		time.Sleep(time.Minute)
	})
}

// A Start that is slow to give way holds up the others, and is waited for.
func TestBudgetStartSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		slow := sidecar.Component{Name: "slow", Start: func(ctx context.Context) error {
			<-ctx.Done()
			if j.has("first told") {
				t.Error("the component in front was told before this one had started")
			}
			time.Sleep(3 * time.Second)
			return ctx.Err()
		}}
		took, err := runBudget(t, time.Minute, j.component("first"), slow)
		if took != 5*time.Second || err != nil { // 3 s, and 2 s of first
			t.Errorf("Run took %v and returned %v, want 5s and nil", took, err)
		}
	})
}

// The failure that caused the stop is returned although others did not stop after it.
func TestBudgetAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		err := quiet().Run(t.Context(), hang("hung", release), sidecar.Go("broken", after(time.Second, errBoom)))
		checkFailure(t, err, "broken", errBoom)
	})
}

// Components that hang keep the goroutines they run in, and Run leaves none of its own beside them.
func TestNoLeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		runBudget(t, time.Second, sidecar.Go("fine", untilDone), hang("hung", release), hang("hung too", release))
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, left := range []string{"stopPart", "watch", "stopRest", "callStart"} {
			if strings.Contains(string(stacks), "(*runner)."+left) {
				t.Errorf("%s is left behind", left)
			}
		}
		if !strings.Contains(string(stacks), "(*runner).serve") {
			t.Error("nothing hangs, so nothing was tested")
		}
		close(release)
	})
}
