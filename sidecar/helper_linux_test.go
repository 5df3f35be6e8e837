package sidecar_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// helperUnix is the part of helper that is about PID 1.
func helperUnix(name string) {
	programs := map[string]func(context.Context, []string, []string, io.Reader, io.Writer, io.Writer) int{
		"signals": signalsProgram,
		"kill":    killProgram,
		"orphan":  orphanProgram,
		"group":   groupProgram,
		"typed":   typedProgram,
	}
	program, ok := programs[name]
	if !ok {
		panic("no helper " + name)
	}
	sidecar.Main(program)
}

// signalsProgram says which signals it gets, until SIGTERM.
func signalsProgram(_ context.Context, _, _ []string, _ io.Reader, stdout, _ io.Writer) int {
	c := make(chan os.Signal, 16)
	signal.Notify(c, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGURG, syscall.SIGCHLD, syscall.SIGTERM)
	fmt.Fprintln(stdout, "ready")
	for s := range c {
		if s != syscall.SIGURG { // the runtime sends it to itself
			fmt.Fprintln(stdout, "got", s)
		}
		if s == syscall.SIGTERM {
			break
		}
	}
	return 7
}

// killProgram ends by a signal.
func killProgram(context.Context, []string, []string, io.Reader, io.Writer, io.Writer) int {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// groupProgram says whether it leads a process group.
func groupProgram(_ context.Context, _, _ []string, _ io.Reader, stdout, _ io.Writer) int {
	fmt.Fprintln(stdout, syscall.Getpgrp() == os.Getpid())
	return 0
}

// orphanProgram makes an orphan that ends, and waits until nothing is left of it.
func orphanProgram(_ context.Context, _, _ []string, _ io.Reader, stdout, stderr io.Writer) int {
	out, err := exec.Command("sh", "-c", "sleep 0.2 >/dev/null 2>&1 & echo $!").Output()
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	orphan, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || syscall.Kill(orphan, 0) != nil {
		fmt.Fprintln(stderr, "no orphan:", err)
		return 1
	}
	for range 500 {
		if syscall.Kill(orphan, 0) == syscall.ESRCH {
			fmt.Fprintln(stdout, "reaped")
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Fprintln(stderr, "the orphan is a zombie")
	return 1
}

// typedProgram counts the SIGINTs that one Ctrl-C makes, and reads a line.
func typedProgram(_ context.Context, _, _ []string, stdin io.Reader, stdout, _ io.Writer) int {
	c := make(chan os.Signal, 16)
	signal.Notify(c, syscall.SIGINT)
	fmt.Fprintln(stdout, "ready")
	<-c
	count := 1
	for over := time.After(300 * time.Millisecond); ; {
		select {
		case <-c:
			count++
			continue
		case <-over:
		}
		break
	}
	fmt.Fprintln(stdout, "count", count)
	var word string
	fmt.Fscan(stdin, &word)
	fmt.Fprintln(stdout, "word", word)
	return 0
}
