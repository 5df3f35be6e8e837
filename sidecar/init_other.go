//go:build !linux

package sidecar

// runAsInit returns false: no other system has containers whose first process this could be.
func runAsInit() (code int, ok bool) { return 0, false }
