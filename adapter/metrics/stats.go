package metrics

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// Stats gathers the fields of a struct that carry a metric tag:
//
//	Requests uint64 `metric:"requests_total" help:"Requests received."`
//
// A name that ends in _total is a counter, all others are gauges. Durations become seconds, booleans 0 or 1, a time.Time the
// seconds since 1970 (none if it is zero), and a struct of Bounds, Counts and Sum a histogram: Counts[i] holds what lies
// above Bounds[i-1] and up to Bounds[i], the last element of Counts the rest; without Bounds there is none. A string tagged
// label:"x" labels the struct it is in and all that is nested there. A map with strings as keys is one series for each key
// under the label of its tag, or one struct. Nested and embedded structs, pointers that are not nil, slices and arrays are
// gathered, too; all other fields without a tag and all that are not exported are not.
//
// Name is the source's name and the prefix of every metric, with an underscore between; "" adds nothing. T is a struct or
// leads to one. It is analysed here, once. What is wrong with its fields or tags, or with name, is the error of every
// Gather, and so are two elements with the same labels. Snapshot may be called from any goroutine; what it returns is read
// until Gather returns.
func Stats[T any](name string, snapshot func() T) Source {
	plan, err := newStatsPlan(name, reflect.TypeFor[T]())
	if snapshot == nil {
		err = errors.Join(err, errors.New("no snapshot"))
	}
	return Source{Name: name, Gather: func(context.Context) ([]*Family, error) {
		if err != nil {
			return nil, fmt.Errorf("metrics: stats %q: %w", name, err)
		}
		families, err := plan.gather(reflect.ValueOf(snapshot()))
		if err != nil {
			return nil, fmt.Errorf("metrics: stats %q: %w", name, err)
		}
		return families, nil
	}}
}
