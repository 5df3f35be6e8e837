package sidecar_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// asInit runs a helper as PID 1 of a namespace of its own, and skips the test where that is not permitted.
func asInit(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	if os.Getuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	probe := exec.Command("/bin/true")
	probe.SysProcAttr = attr
	if err := probe.Run(); err != nil {
		t.Skipf("no PID namespace can be made here: %v", err)
	}
	cmd := helperCommand(t, name, args...)
	cmd.SysProcAttr = attr
	return cmd
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	failed, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatal(err)
	}
	return failed.ExitCode()
}

func TestInitExit(t *testing.T) {
	for _, code := range []string{"0", "1", "2", "42"} {
		cmd := asInit(t, "exit", code)
		var stdout, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("from stdin"), &stdout, &stderr
		if got := exitCode(t, cmd.Run()); strconv.Itoa(got) != code {
			t.Errorf("exit code %d, want %s", got, code)
		}
		if got, want := stdout.String(), "to stdout\nfrom stdin"; got != want {
			t.Errorf("stdout %q, want %q", got, want)
		}
		if got, want := stderr.String(), "to stderr\n"; got != want {
			t.Errorf("stderr %q, want %q", got, want)
		}
	}
}

func TestInitChild(t *testing.T) {
	for name, want := range map[string]string{
		"pid":    " 1\n",   // the program is a child of PID 1
		"group":  "true\n", // in a group of its own
		"orphan": "reaped\n",
	} {
		out, err := asInit(t, name).Output()
		if err != nil || !strings.HasSuffix(string(out), want) || strings.HasPrefix(string(out), "1 ") {
			t.Errorf("%s: %q, %v, want %q", name, out, err, want)
		}
	}
}

func TestInitKilled(t *testing.T) {
	if got, want := exitCode(t, asInit(t, "kill").Run()), 128+int(syscall.SIGKILL); got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
}

// stopChild stops the child of init, as Ctrl-Z does: init must continue it, for nobody else will.
func stopChild(t *testing.T, init int) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", init)) // one for each thread
	if err != nil {
		t.Fatal(err)
	}
	var children []string
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		children = append(children, strings.Fields(string(text))...)
	}
	if len(children) != 1 {
		t.Fatalf("init has the children %q", children)
	}
	child, err := strconv.Atoi(children[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(child, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

func TestInitSignals(t *testing.T) {
	cmd := asInit(t, "signals")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(stdout)
	if _, err := nextLine(r, "ready"); err != nil {
		t.Fatal(err)
	}
	stopChild(t, cmd.Process.Pid)
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGCHLD, syscall.SIGHUP, syscall.SIGTERM} {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if s == syscall.SIGCHLD {
			continue // is not to arrive
		}
		if got, err := nextLine(r, "got "); err != nil || got != s.String() {
			t.Errorf("got %q, %v, want %q", got, err, s)
		}
	}
	if got := exitCode(t, cmd.Wait()); got != 7 {
		t.Errorf("exit code %d, want 7", got)
	}
}
