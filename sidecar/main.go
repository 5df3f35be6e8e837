package sidecar

import (
	"context"
	"io"
	"os"
)

// Main runs a program with the arguments, environment and files of the process, and exits with what it returns. Args
// exclude the program's name. It never returns.
//
// As PID 1, which has to reap every orphan and has no default for signals, it stays a plain init on Linux: it runs the
// program as a child with the same arguments, environment and files, forwards signals to it, reaps, and exits with the
// child's code, or 128 and the signal that ended it. On a terminal the child is the foreground group.
func Main(run func(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int) {
	if os.Getpid() == 1 {
		if code, ok := runAsInit(); ok {
			os.Exit(code)
		}
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
