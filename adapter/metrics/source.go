package metrics

import (
	"context"
	"time"
)

// A Source is where a Handler gets families from. Name and Gather are required. A Source is a value; nothing in it
// changes by use.
type Source struct {
	Name string // the label source in what is said about it; need not be unique

	// Gather returns families, which neither it nor the caller changes afterwards. What it returns beside an error is
	// served, too. An Exporter does not call it again while a call is under way; ctx ends at the deadline of the call.
	// If it ignores that, it counts as down until it returns.
	Gather func(ctx context.Context) ([]*Family, error)

	Timeout time.Duration // of a call; 0 means 5 s. A scraper that waits for less goes without the source
	Labels  []Label       // added to every metric that has no label of that name, in any order
}
