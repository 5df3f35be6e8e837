package sidecar

import (
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
)

// runAsInit runs this program once more as a child and returns its exit code when it has ended.
func runAsInit() (code int, ok bool) {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals) // before the child is there, so that none is lost
	child, err := startChild()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: cannot run as a child of PID 1: %v\n", os.Args[0], err)
		return exitFailure, true
	}
	go forward(signals, child)
	return reap(child), true
}

// startChild starts this program in a process group of its own, which is the foreground group if stdin is a terminal:
// what is typed there then reaches the child once, and not by way of its parent as well.
func startChild() (pid int, err error) {
	attr := &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	}
	const self = "/proc/self/exe"
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&fs.ModeCharDevice != 0 {
		// The child is in the background still when it asks for the foreground, which would stop it.
		signal.Ignore(syscall.SIGTTOU)
		attr.Sys.Foreground = true
		if pid, err := syscall.ForkExec(self, os.Args, attr); err == nil {
			return pid, nil
		}
		// Some other device, or not our terminal.
		signal.Reset(syscall.SIGTTOU)
		attr.Sys.Foreground = false
	}
	return syscall.ForkExec(self, os.Args, attr)
}

// forward passes signals on to the child, except those that are about this process.
func forward(signals <-chan os.Signal, child int) {
	for s := range signals {
		switch s {
		case syscall.SIGCHLD, syscall.SIGPIPE, syscall.SIGTTIN, syscall.SIGTTOU:
		case syscall.SIGURG: // the runtime preempts goroutines with it
		default:
			syscall.Kill(child, s.(syscall.Signal))
		}
	}
}

// reap waits for processes until the child has ended, and returns its exit code.
func reap(child int) int {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil: // there is nobody left, which cannot be while the child runs
			return exitFailure
		case status.Stopped(): // by Ctrl-Z: there is no shell to go on with, and nobody else to continue it
			syscall.Kill(pid, syscall.SIGCONT)
		case pid != child:
		case status.Signaled():
			return 128 + int(status.Signal())
		default:
			return status.ExitStatus()
		}
	}
}
