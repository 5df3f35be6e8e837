//go:build !linux

package sidecar_test

// helperUnix is for Linux.
func helperUnix(name string) { panic("no helper " + name) }
