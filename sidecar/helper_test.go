package sidecar_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// helper is a program, as its own process. It does not return.
func helper(name string) {
	switch name {
	case "exit":
		sidecar.Main(func(_ context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
			code, _ := strconv.Atoi(args[0])
			fmt.Fprintln(stdout, "to stdout")
			fmt.Fprintln(stderr, "to stderr")
			io.Copy(stdout, stdin)
			return code
		})
	case "pid":
		sidecar.Main(func(_ context.Context, _, _ []string, _ io.Reader, stdout, _ io.Writer) int {
			fmt.Fprintln(stdout, os.Getpid(), os.Getppid())
			return 0
		})
	case "spec":
		var listen string
		spec := sidecar.Spec{Name: "it", Params: []sidecar.Param{{Name: "listen", Value: &listen}}}
		spec.Main(func(ctx context.Context) error {
			return sidecar.Run(ctx,
				sidecar.Listen("it", listen, func(ctx context.Context, _ net.Listener) error { return untilDone(ctx) }))
		})
	case "over":
		sidecar.Run(context.Background(), sidecar.Go("it", func(context.Context) error { return nil }))
		fmt.Println("ready")
		time.Sleep(time.Minute)
	case "stubborn":
		stubborn()
	default:
		helperUnix(name)
	}
}

// stubborn needs a second signal, and says what Run returned.
func stubborn() {
	err := sidecar.Run(context.Background(),
		sidecar.Listen("up", "127.0.0.1:0", func(ctx context.Context, _ net.Listener) error {
			fmt.Println("ready")
			<-ctx.Done()
			return nil
		}),
		sidecar.Go("stubborn", func(ctx context.Context) error {
			<-ctx.Done()
			fmt.Println("told:", context.Cause(ctx))
			select {}
		}))
	fmt.Println("returned:", err)
	os.Exit(0)
}

// helperCommand runs the helper of that name, for half a minute at most.
func helperCommand(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	// The race detector would have each of them linger for a second.
	cmd.Env = append(os.Environ(), helperVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// nextLine reads lines until one begins with prefix, and returns what is behind it.
func nextLine(r *bufio.Reader, prefix string) (string, error) {
	for {
		line, err := r.ReadString('\n')
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSpace(rest), nil
		}
		if err != nil {
			return "", fmt.Errorf("no line begins with %q: %w", prefix, err)
		}
	}
}
