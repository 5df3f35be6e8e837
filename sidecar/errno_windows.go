package sidecar

import "syscall"

// Windows sockets have numbers of their own, which package syscall does not name.
const (
	errInUse   = syscall.Errno(10048) // WSAEADDRINUSE
	errRefused = syscall.Errno(10061) // WSAECONNREFUSED
)
