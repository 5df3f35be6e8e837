package sidecar

import (
	"context"
)

// A Component is a part of a program that starts and stops. Any of its functions may be nil; the zero Component does
// nothing. Run calls each function at most once, in the order Start, Serve, Stop.
type Component struct {
	// Name tells the component from others in errors and logs. It may be empty.
	Name string

	// Start returns once others may rely on the component, or why they cannot. Its ctx ends when the program is to stop;
	// a Start that then returns the ctx's error was interrupted, which is no failure. What Start left behind when it
	// failed is its own to tidy up: neither Serve nor Stop is called.
	Start func(ctx context.Context) error

	// Serve does the work until ctx ends, and returns nil or the ctx's error then. If it returns earlier, the program
	// stops: nil means that its work was done, an error that it failed. A program in which nothing serves runs until it
	// is told to stop.
	Serve func(ctx context.Context) error

	// Stop tidies up after Serve, also when Serve never ran because the stop came first. Its ctx ends with the budget.
	// Once the budget is used up, Stop is called with a ctx that has ended, and does not wait for a Serve that hangs.
	Stop func(ctx context.Context) error
}

// Go is a component that runs serve, as Component.Serve describes.
func Go(name string, serve func(ctx context.Context) error) Component {
	return Component{Name: name, Serve: serve}
}

// OnStop is a component that only stops, such as http.Server.Shutdown or split.Tee.Shutdown. It is told after all the
// components behind it have stopped.
func OnStop(name string, stop func(ctx context.Context) error) Component {
	return Component{Name: name, Stop: stop}
}

// A ComponentError is what Run returns: which component failed, and how. Spec.Main adds the parameter to change
// if it is the address of a Port of that name.
type ComponentError struct {
	Name string // of the component; may be empty
	Err  error  // never nil from Run
}

// Error returns the name and the text of e.Err.
func (e *ComponentError) Error() string {
	if e.Name == "" {
		return e.Err.Error()
	}
	return e.Name + ": " + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *ComponentError) Unwrap() error { return e.Err }
