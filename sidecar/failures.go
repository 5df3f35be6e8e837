package sidecar

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// failures keeps the first failure of a run and logs the others.
type failures struct {
	log *slog.Logger
	mu  sync.Mutex
	err *ComponentError
}

func (f *failures) add(name string, err error) *ComponentError {
	e := &ComponentError{Name: name, Err: err}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = e
	} else {
		f.log.Error("failed as well", "component", name, "err", err)
	}
	return e
}

func (f *failures) first() *ComponentError {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// interrupted tells whether err says no more than that ctx ended.
func interrupted(ctx context.Context, err error) bool {
	if ctx.Err() == nil {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}
