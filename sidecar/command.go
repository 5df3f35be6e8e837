package sidecar

import (
	"context"
	"io"
	"slices"
	"strings"
)

// command obeys the command in the first of args. Done is false if there is none.
func (s *Spec) command(ctx context.Context, bs *bindings, args []string, stdout io.Writer) (done bool, err error) {
	if len(args) == 0 || isFlag(args[0]) {
		return false, nil
	}
	name, args := args[0], args[1:]
	if !slices.Contains(commands(), name) {
		if bs.rest != nil {
			return false, nil
		}
		return true, noCommand(name)
	}
	if slices.ContainsFunc(args, isHelp) {
		return true, s.Write(stdout, "help")
	}
	switch name {
	case "spec":
		return true, s.specCommand(args, stdout)
	case "probe":
		if len(args) != 1 {
			return true, usagef("probe: it needs one URL")
		}
		return true, probe(ctx, args[0], s.Name+"-probe")
	}
	if len(args) > 0 {
		return true, usagef("%s: %q is not expected", name, args[0])
	}
	if name == "help" {
		return true, s.Write(stdout, "help")
	}
	return true, s.writeVersion(stdout)
}

func (s *Spec) specCommand(args []string, stdout io.Writer) error {
	form := "json"
	own := Spec{Name: "spec", Params: []Param{{Name: "o", Value: &form}}}
	if err := own.Parse(args, nil); err != nil {
		return err
	}
	return s.Write(stdout, form)
}

func commands() []string { return []string{"help", "probe", "spec", "version"} }

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" || arg == "--h" }

func noCommand(name string) error {
	if found, ok := near(name, commands()); ok {
		return usagef("%q is no command; did you mean %s?", name, found)
	}
	return usagef("%q is no command; there are %s, and flags", name, strings.Join(commands(), ", "))
}
