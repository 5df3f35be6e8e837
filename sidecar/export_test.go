package sidecar

// For the tests outside of the package.
const (
	ErrInUse      = errInUse
	MaxHandshakes = maxHandshakes
)
