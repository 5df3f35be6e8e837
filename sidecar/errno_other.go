//go:build !windows

package sidecar

import "syscall"

const (
	errInUse   = syscall.EADDRINUSE
	errRefused = syscall.ECONNREFUSED
)
