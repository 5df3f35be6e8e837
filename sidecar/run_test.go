package sidecar_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/sidecar"
)

var errBoom = errors.New("boom")

// quiet is a Lifecycle for a bubble, to which no signal must be delivered.
func quiet() sidecar.Lifecycle { return sidecar.Lifecycle{Signals: []os.Signal{}} }

// A journal records what happened, in order.
type journal struct {
	mu     sync.Mutex
	events []string
}

func (j *journal) add(event string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, event)
}

func (j *journal) want(t *testing.T, want ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if diff := cmp.Diff(want, j.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func (j *journal) has(event string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Contains(j.events, event)
}

// component records all that is done to it, and takes a second for each step.
func (j *journal) component(name string) sidecar.Component {
	step := func(what string) {
		j.add(name + " " + what)
		time.Sleep(time.Second)
		j.add(name + " " + what + " over")
	}
	return sidecar.Component{
		Name:  name,
		Start: func(context.Context) error { step("start"); return nil },
		Serve: func(ctx context.Context) error {
			<-ctx.Done()
			step("told")
			return nil
		},
		Stop: func(context.Context) error { step("stop"); return nil },
	}
}

// after returns a Serve that returns err after d.
func after(d time.Duration, err error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

func untilDone(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func TestRunOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if err := quiet().Run(ctx, j.component("a"), j.component("b")); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		j.want(t,
			"a start", "a start over",
			"b start", "b start over",
			"b told", "b told over", "b stop", "b stop over",
			"a told", "a told over", "a stop", "a stop over",
		)
	})
}

func TestRunNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		if err := quiet().Run(ctx, sidecar.Component{}); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("Run took %v, want to wait for its ctx", d)
		}
	})
}

func TestRunEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := quiet().Run(ctx, j.component("a")); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		j.want(t)
	})
}

// What ends a program, and what Run makes of it. The component in question stands between two others.
func TestRunEnd(t *testing.T) {
	deadline := context.DeadlineExceeded
	tests := []struct {
		name      string
		component sidecar.Component
		cancel    bool // end ctx after a minute
		want      error
		stopped   bool // its Stop is called
		third     bool // the one behind it starts
	}{
		{name: "done", component: sidecar.Component{Serve: after(time.Second, nil)}, stopped: true, third: true},
		{name: "serve fails", component: sidecar.Component{Serve: after(time.Second, errBoom)}, want: errBoom, stopped: true, third: true},
		{name: "serve canceled of itself", component: sidecar.Component{Serve: after(time.Second, context.Canceled)}, want: context.Canceled, stopped: true, third: true},
		{name: "start fails", component: sidecar.Component{Start: after(time.Second, errBoom)}, want: errBoom},
		{name: "start canceled of itself", component: sidecar.Component{Start: after(time.Second, context.Canceled)}, want: context.Canceled},
		{name: "start late of itself", component: sidecar.Component{Start: after(time.Second, deadline)}, want: deadline},
		{name: "start interrupted", component: sidecar.Component{Start: untilDone}, cancel: true},
		{name: "start interrupted, cause", cancel: true, component: sidecar.Component{
			Start: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
		}},
		{name: "start fails when interrupted", cancel: true, want: errBoom, component: sidecar.Component{
			Start: func(ctx context.Context) error { <-ctx.Done(); return errBoom },
		}},
		{name: "started after all", cancel: true, stopped: true, component: sidecar.Component{
			Start: func(ctx context.Context) error { <-ctx.Done(); return nil },
			Serve: func(context.Context) error { return errBoom }, // must not run
		}},
		{name: "told", component: sidecar.Component{Serve: untilDone}, cancel: true, stopped: true, third: true},
		{name: "told, cause", cancel: true, stopped: true, third: true, component: sidecar.Component{
			Serve: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
		}},
		{name: "fails when told", cancel: true, want: errBoom, stopped: true, third: true, component: sidecar.Component{
			Serve: func(ctx context.Context) error { <-ctx.Done(); return errBoom },
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if tt.cancel {
					time.AfterFunc(time.Minute, func() { cancel(errors.New("enough")) })
				}
				c := tt.component
				c.Name = "it"
				c.Stop = func(context.Context) error { j.add("it stop"); return nil }
				err := quiet().Run(ctx, j.component("first"), c, j.component("third"))
				checkFailure(t, err, "it", tt.want)
				for event, want := range map[string]bool{"it stop": tt.stopped, "third start": tt.third, "third stop": tt.third, "first stop over": true} {
					if got := j.has(event); got != want {
						t.Errorf("%q happened: %v, want %v", event, got, want)
					}
				}
			})
		})
	}
}

// checkFailure checks that err is a *ComponentError of that name around want, or nil if want is.
func checkFailure(t *testing.T, err error, name string, want error) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		return
	}
	failed, ok := errors.AsType[*sidecar.ComponentError](err)
	if !ok || failed.Name != name || !errors.Is(err, want) {
		t.Errorf("Run = %#v, want a ComponentError of %q with %v", err, name, want)
	}
}

func TestRunStopFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		bad := func(context.Context) error { return errBoom }
		err := quiet().Run(ctx, j.component("first"), sidecar.OnStop("bad", bad), j.component("third"))
		checkFailure(t, err, "bad", errBoom)
		if !j.has("first stop over") {
			t.Error("the others were not stopped")
		}
	})
}

// The first failure is returned, later ones are logged and not lost.
func TestRunFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := quiet()
		l.Logger = slog.New(slog.NewTextHandler(&log, nil))
		err := l.Run(t.Context(),
			sidecar.OnStop("tee", func(context.Context) error { return errors.New("tee is stuck") }),
			sidecar.Go("worker", func(ctx context.Context) error { <-ctx.Done(); return errors.New("worker is stuck") }),
			sidecar.Go("broken", after(time.Second, errBoom)),
		)
		checkFailure(t, err, "broken", errBoom)
		for _, want := range []string{"tee is stuck", "worker is stuck", "component=tee"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "component=broken err") {
			t.Errorf("what Run returned is logged too:\n%s", log.String())
		}
	})
}

// A Serve is told in its turn, although the ctx of Run has ended long ago, and learns why.
func TestServeContext(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		time.AfterFunc(time.Minute, func() { cancel(enough) })
		begin := time.Now()
		check := func(ctx context.Context, want time.Duration) {
			<-ctx.Done()
			if d := time.Since(begin); d != want {
				t.Errorf("told after %v, want %v", d, want)
			}
			if !errors.Is(context.Cause(ctx), enough) {
				t.Errorf("cause %v, want %v", context.Cause(ctx), enough)
			}
			if ctx.Value(key{}) != "value" {
				t.Error("the ctx lacks the values of Run's")
			}
		}
		err := quiet().Run(ctx,
			sidecar.Go("first", func(ctx context.Context) error { check(ctx, time.Minute+time.Second); return nil }),
			sidecar.Go("second", func(ctx context.Context) error {
				check(ctx, time.Minute)
				time.Sleep(time.Second)
				return nil
			}),
		)
		if err != nil {
			t.Error(err)
		}
	})
}

func TestStopContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		l := quiet()
		l.Budget = 10 * time.Second
		called := false
		l.Run(ctx, sidecar.OnStop("it", func(ctx context.Context) error {
			called = true
			if ctx.Err() != nil {
				t.Error("the ctx of Stop has ended at once")
			}
			begin := time.Now()
			<-ctx.Done()
			if d := time.Since(begin); d != l.Budget {
				t.Errorf("the ctx of Stop ended after %v, want %v", d, l.Budget)
			}
			return nil
		}))
		if !called {
			t.Error("Stop was not called")
		}
	})
}

func TestComponentError(t *testing.T) {
	for _, tt := range []struct{ name, want string }{{"redis", "redis: boom"}, {"", "boom"}} {
		err := &sidecar.ComponentError{Name: tt.name, Err: errBoom}
		if err.Error() != tt.want || !errors.Is(err, errBoom) {
			t.Errorf("Error() = %q, want %q around errBoom", err, tt.want)
		}
	}
}

// Runs may be nested, and the inner one hurries with the outer.
func TestRunNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		outer, inner := quiet(), quiet()
		outer.Budget, inner.Budget = 5*time.Second, time.Hour
		release := make(chan struct{})
		stuck := sidecar.Go("stuck", func(context.Context) error { <-release; return nil })
		begin := time.Now()
		err := outer.Run(ctx, sidecar.Go("inner", func(ctx context.Context) error { return inner.Run(ctx, stuck) }))
		if d := time.Since(begin); d < time.Minute+outer.Budget || d > time.Minute+outer.Budget+150*time.Millisecond {
			t.Errorf("Run took %v", d)
		}
		if err == nil {
			t.Error("Run = nil, want that it had not stopped")
		}
		close(release)
	})
}

// An inner Run that must give up a Start because the outer one hurries says so, though both have the same cause.
func TestRunNestedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		outer, release := quiet(), make(chan struct{})
		outer.Budget = 5 * time.Second
		var inner error
		outer.Run(ctx, sidecar.Go("inner", func(ctx context.Context) error {
			// Told of nothing but the hurry.
			inner = quiet().Run(context.WithoutCancel(ctx), sidecar.Component{
				Name:  "deaf",
				Start: func(context.Context) error { <-release; return nil },
			})
			return inner
		}))
		time.Sleep(time.Second)
		if failed, ok := errors.AsType[*sidecar.ComponentError](inner); !ok || failed.Name != "deaf" {
			t.Errorf("the inner Run = %v, want a ComponentError of deaf", inner)
		}
		close(release)
	})
}
