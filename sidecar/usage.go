package sidecar

import "fmt"

// A UsageError says that what the user asked for makes no sense. Return it from the function given to Spec.Main, as it is
// or wrapped, and the program exits with 2 and says how to get help.
type UsageError struct {
	Text string // a line, in lower case and without a full stop
}

// Error returns e.Text.
func (e *UsageError) Error() string { return e.Text }

func usagef(format string, args ...any) error {
	return &UsageError{Text: fmt.Sprintf(format, args...)}
}
