//go:build unix

package sidecar_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// A program is told by one signal, says which, and hurries at the second.
func TestSignals(t *testing.T) {
	cmd := helperCommand(t, "stubborn")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(stdout)
	steps := []struct {
		prefix, want string
		send         os.Signal
	}{
		{"ready", "", syscall.SIGTERM},
		{"told: ", "terminated", syscall.SIGINT},
		{"returned: ", "stubborn: had not stopped: received a second signal", nil},
	}
	for _, s := range steps {
		got, err := nextLine(r, s.prefix)
		if err != nil || !strings.Contains(got, s.want) {
			t.Fatalf("after %q came %q, %v, want %q", s.prefix, got, err, s.want)
		}
		if s.send != nil {
			cmd.Process.Signal(s.send)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// One signal ends a program in order, also when Run is told of it twice over: as a signal and by its ctx.
func TestSignalOrderly(t *testing.T) {
	ctx, cancel := signal.NotifyContext(t.Context(), syscall.SIGUSR2)
	defer cancel()
	l := sidecar.Lifecycle{Signals: []os.Signal{syscall.SIGUSR2}}
	err := l.Run(ctx, sidecar.Go("it", func(ctx context.Context) error {
		syscall.Kill(os.Getpid(), syscall.SIGUSR2)
		<-ctx.Done()
		time.Sleep(2 * lastMomentTest)
		return nil
	}))
	if err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

const lastMomentTest = 100 * time.Millisecond

// A signal after Run does what it always does.
func TestSignalsOver(t *testing.T) {
	cmd := helperCommand(t, "over")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := nextLine(bufio.NewReader(stdout), "ready"); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v, want by SIGTERM", cmd.ProcessState)
	}
}

// An empty list catches no signals.
func TestSignalsNone(t *testing.T) {
	others := make(chan os.Signal, 4)
	signal.Notify(others, syscall.SIGUSR1)
	defer signal.Stop(others)
	l := sidecar.Lifecycle{Signals: []os.Signal{}}
	err := l.Run(t.Context(), sidecar.Go("it", func(ctx context.Context) error {
		syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		<-others
		select {
		case <-ctx.Done():
			return errors.New("told, though no signal was to be listened for")
		case <-time.After(lastMomentTest):
			return nil
		}
	}))
	if err != nil {
		t.Error(err)
	}
}

// A program of a Spec says where it listens, and ends with 0 after SIGTERM.
func TestSpecMain(t *testing.T) {
	cmd := helperCommand(t, "spec", "-listen", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr, err := nextLine(bufio.NewReader(stderr), "listening it ")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v, want exit code 0", err)
	}
}
