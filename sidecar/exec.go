package sidecar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
)

// Exit codes of every program.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// Main is the function Main with s.Exec: it runs the program with the arguments, environment and files of the process,
// and exits. As PID 1 it runs itself as a child and reaps orphans.
func (s *Spec) Main(run func(ctx context.Context) error) {
	Main(func(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
		return s.Exec(ctx, args, env, stdin, stdout, stderr, run)
	})
}

// Exec runs a program without a process and returns the exit code: it parses flags and environment into the parameters
// and calls run with ctx, or obeys one of these commands in the first argument:
//
//	help             writes all there is to set to stdout, as -h, -help and --help do anywhere
//	version          writes name, version, Go's version and the system to stdout, as -version does
//	spec [-o FORM]   writes the Spec to stdout in a form of Write; json if there is none
//	probe URL        asks the URL as a Kubernetes probe would, within 5 s, and fails if the answer is no success
//
// What is wrong with s is reported first. Errors go to stderr, each line behind the program's name. The code is 0 for an
// orderly end, 2 for a *UsageError, what Parse refuses and a mistake in s, 1 for any other error. Commands and help do
// not look at env. Whoever sets a deprecated parameter is warned on stderr, and each listener that a Run under ctx opens
// is a line "listening NAME ADDR" there. Stdin is for run to use.
func (s *Spec) Exec(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer, run func(context.Context) error) int {
	s.defaults = nil
	bs, err := s.checked()
	if err != nil {
		s.complain(stderr, fmt.Errorf("mistake in the program's Spec: %w", err))
		return exitUsage
	}
	if done, err := s.command(ctx, bs, args, stdout); done || err != nil {
		return s.exit(bs, stderr, err)
	}
	scan := bs.scan(args)
	switch {
	case scan.help:
		return s.exit(bs, stderr, s.Write(stdout, "help"))
	case scan.version:
		return s.exit(bs, stderr, s.writeVersion(stdout))
	}
	s.defaults = bs.currents()
	warnings, err := scan.set(variables(env), s.prefix())
	for _, w := range warnings {
		s.complain(stderr, errors.New(w))
	}
	if err != nil {
		s.complain(stderr, err)
		s.hint(stderr)
		return exitUsage
	}
	ctx = withListening(ctx, func(name string, addr net.Addr) {
		fmt.Fprintf(stderr, "listening %s %s\n", name, addr)
	})
	return s.exit(bs, stderr, run(ctx))
}

// exit reports err and returns the exit code for it.
func (s *Spec) exit(bs *bindings, stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	s.complain(stderr, s.withParam(bs, err))
	if _, ok := errors.AsType[*UsageError](err); ok {
		s.hint(stderr)
		return exitUsage
	}
	return exitFailure
}

// withParam adds to the error of a component that cannot listen the parameter with its address.
func (s *Spec) withParam(bs *bindings, err error) error {
	failed, ok := errors.AsType[*ComponentError](err)
	if !ok || !cannotListen(failed) {
		return err
	}
	i := slices.IndexFunc(s.Ports, func(p Port) bool { return p.Name == failed.Name })
	if i < 0 {
		return err
	}
	return fmt.Errorf("%w (change it with %s)", err, bs.byName(s.Ports[i].Param).names())
}

// cannotListen tells errors that another address would help with from those that none would.
func cannotListen(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "listen"
	}
	_, ok := errors.AsType[*UsageError](err)
	return ok
}

// complain writes err to stderr, each line behind the name of the program.
func (s *Spec) complain(stderr io.Writer, err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(stderr, "%s: %s\n", cmp.Or(s.Name, "program"), line)
	}
}

func (s *Spec) hint(stderr io.Writer) {
	fmt.Fprintf(stderr, "%s: '%s -help' shows what there is\n", s.Name, s.Name)
}
