package sidecar_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// A run is what came of Exec.
type run struct {
	code           int
	stdout, stderr string
}

func execute(t *testing.T, s *sidecar.Spec, args, env []string, f func(context.Context) error) run {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := s.Exec(t.Context(), args, env, strings.NewReader(""), &stdout, &stderr, f)
	return run{code, stdout.String(), stderr.String()}
}

// greeter is a Spec that says where it listens, and greets.
func greeter() *sidecar.Spec {
	return &sidecar.Spec{
		Name:    "greeter",
		Summary: "Greets whoever asks.",
		Version: "v1.2.3",
		Params: []sidecar.Param{
			{Name: "listen", Value: new("127.0.0.1:8080"), Usage: "`address` to listen on"},
			{Name: "greeting", Value: new("hello"), Usage: "what to say"},
			{Name: "old", Value: new(""), Deprecated: "use -greeting", Also: []string{"OLD_GREETING"}},
		},
		Ports: []sidecar.Port{{Name: "http", Param: "listen"}},
	}
}

const greeterHint = "greeter: 'greeter -help' shows what there is\n"

func TestExecRun(t *testing.T) {
	ok := func(context.Context) error { return nil }
	fail := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	usage := &sidecar.UsageError{Text: "the greeting is rude"}
	tests := []struct {
		name string
		args string
		env  string
		f    func(context.Context) error
		want run
	}{
		{"ok", "-greeting hi", "", ok, run{}},
		{"failed", "", "", fail(errBoom), run{code: 1, stderr: "greeter: boom\n"}},
		{"two lines", "", "", fail(errors.Join(errBoom, errBoom)), run{code: 1, stderr: "greeter: boom\ngreeter: boom\n"}},
		{"usage", "", "", fail(usage), run{code: 2, stderr: "greeter: the greeting is rude\n" + greeterHint}},
		{"usage within", "", "", fail(errors.Join(errBoom, fmt.Errorf("well: %w", usage))), run{code: 2, stderr: "greeter: boom\ngreeter: well: the greeting is rude\n" + greeterHint}},
		{"parse", "-greting hi -listen", "", ok, run{code: 2, stderr: "greeter: -greting is unknown; did you mean -greeting?\ngreeter: -listen: a value is missing\n" + greeterHint}},
		{"variable", "", "GREETER_GREETNG=hi", ok, run{code: 2, stderr: "greeter: GREETER_GREETNG is unknown; did you mean GREETER_GREETING?\n" + greeterHint}},
		{"deprecated flag", "-old hi", "", ok, run{stderr: "greeter: -old is deprecated: use -greeting\n"}},
		{"deprecated variable", "", "OLD_GREETING=hi", ok, run{stderr: "greeter: OLD_GREETING is deprecated: use -greeting\n"}},
		{"unknown command", "sepc", "", ok, run{code: 2, stderr: "greeter: \"sepc\" is no command; did you mean spec?\n" + greeterHint}},
		{"no command at all", "run-away", "", ok, run{code: 2, stderr: "greeter: \"run-away\" is no command; there are help, probe, spec, version, and flags\n" + greeterHint}},
		{"component", "", "", fail(&sidecar.ComponentError{Name: "http", Err: errBoom}), run{code: 1, stderr: "greeter: http: boom\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := execute(t, greeter(), strings.Fields(tt.args), []string{tt.env}, tt.f)
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// Run sees the parameters set, and the ctx of Exec.
func TestExecParams(t *testing.T) {
	type key struct{}
	s, seen := greeter(), ""
	s.Exec(context.WithValue(t.Context(), key{}, "value"), []string{"-greeting", "hi"}, nil, nil, &bytes.Buffer{}, &bytes.Buffer{},
		func(ctx context.Context) error {
			seen = *s.Params[1].Value.(*string) + ctx.Value(key{}).(string)
			return nil
		})
	if seen != "hivalue" {
		t.Errorf("run saw %q", seen)
	}
}

// Listeners are announced on stderr, and to the Lifecycle's Listening too.
func TestExecListening(t *testing.T) {
	var told string
	l := quiet()
	l.Listening = func(name string, addr net.Addr) { told += name + " " + addr.String() }
	got := execute(t, greeter(), nil, nil, func(ctx context.Context) error {
		return l.Run(ctx,
			sidecar.Listen("http", "127.0.0.1:0", idle),
			sidecar.Go("done", func(context.Context) error { return nil }))
	})
	if want := "listening " + told + "\n"; got.code != 0 || got.stderr != want || !strings.HasPrefix(told, "http 127.0.0.1:") {
		t.Errorf("got %+v, want code 0 and %q", got, want)
	}
}

// Who cannot listen learns which parameter to change.
func TestExecPortTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, tt := range []struct {
		component, addr string
		code            int
		hint            string
	}{
		{"http", ln.Addr().String(), 1, " (change it with -listen or GREETER_LISTEN)\n"},
		{"http", "nonsense", 2, " (change it with -listen or GREETER_LISTEN)\n" + greeterHint},
		{"other", ln.Addr().String(), 1, "\n"},
	} {
		s := greeter()
		got := execute(t, s, []string{"-listen", tt.addr}, nil, func(ctx context.Context) error {
			return quiet().Run(ctx, sidecar.Listen(tt.component, tt.addr, idle))
		})
		if got.code != tt.code || !strings.HasPrefix(got.stderr, "greeter: "+tt.component+": ") || !strings.HasSuffix(got.stderr, tt.hint) {
			t.Errorf("%s on %s: got %+v, want code %d and %q", tt.component, tt.addr, got, tt.code, tt.hint)
		}
		if strings.Contains(got.stderr, "change it") != strings.Contains(tt.hint, "change it") {
			t.Errorf("%s on %s: got %+v", tt.component, tt.addr, got)
		}
	}
}

// Commands and help work in whatever environment, and run nothing.
func TestExecCommands(t *testing.T) {
	bad := []string{"GREETER_GREETNG=x"}
	version := fmt.Sprintf("greeter v1.2.3 %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	tests := []struct {
		args   string
		code   int
		stdout string // how it begins
		stderr string
	}{
		{"help", 0, "greeter: Greets", ""},
		{"-h", 0, "greeter: Greets", ""},
		{"-help", 0, "greeter: Greets", ""},
		{"--help", 0, "greeter: Greets", ""},
		{"-greeting hi -x -h word", 0, "greeter: Greets", ""},
		{"spec -h", 0, "greeter: Greets", ""},
		{"probe --help", 0, "greeter: Greets", ""},
		{"version", 0, version, ""},
		{"-version", 0, version, ""},
		{"--version", 0, version, ""},
		{"spec", 0, "{\n  \"name\": \"greeter\"", ""},
		{"spec -o json", 0, "{\n  \"name\": \"greeter\"", ""},
		{"spec --o=json", 0, "{\n  \"name\": \"greeter\"", ""},
		{"spec -o help", 0, "greeter: Greets", ""},
		{"spec -o dockerfile", 2, "", "greeter: there is no form \"dockerfile\"; there are help and json\n" + greeterHint},
		{"spec -p json", 2, "", "greeter: -p is unknown\n" + greeterHint},
		{"spec json", 2, "", "greeter: \"json\": not expected, there are only flags\n" + greeterHint},
		{"version now", 2, "", "greeter: version: \"now\" is not expected\n" + greeterHint},
		{"help me", 2, "", "greeter: help: \"me\" is not expected\n" + greeterHint},
		{"probe", 2, "", "greeter: probe: it needs one URL\n" + greeterHint},
		{"probe a b", 2, "", "greeter: probe: it needs one URL\n" + greeterHint},
	}
	for _, tt := range tests {
		got := execute(t, greeter(), strings.Fields(tt.args), bad, func(context.Context) error {
			t.Errorf("%q runs the program", tt.args)
			return nil
		})
		if got.code != tt.code || !strings.HasPrefix(got.stdout, tt.stdout) || got.stderr != tt.stderr || (tt.stdout == "") != (got.stdout == "") {
			t.Errorf("%q: got %+v, want %d, %q, %q", tt.args, got, tt.code, tt.stdout, tt.stderr)
		}
	}
}

// A program may have a -version of its own, and one that takes the rest has no unknown commands.
func TestExecOwn(t *testing.T) {
	version, words, ran := "", []string(nil), false
	s := &sidecar.Spec{Name: "it", Params: []sidecar.Param{
		{Name: "version", Value: &version},
		{Name: "exec", Value: &words, Rest: true},
	}}
	got := execute(t, s, []string{"-version", "2", "sepc", "-h"}, nil, func(context.Context) error { ran = true; return nil })
	if got != (run{}) || !ran || version != "2" || len(words) != 2 {
		t.Errorf("got %+v, version %q, words %q", got, version, words)
	}
	if got := execute(t, s, []string{"sepc"}, nil, func(context.Context) error { return nil }); got != (run{}) || words[0] != "sepc" {
		t.Errorf("got %+v, words %q", got, words)
	}
	if got := execute(t, s, []string{"version"}, nil, nil); got.code != 0 || !strings.HasPrefix(got.stdout, "it (devel) go") {
		t.Errorf("version: got %+v", got)
	}
}

// What is written after Exec set the parameters has their defaults still.
func TestExecDefaults(t *testing.T) {
	s := greeter()
	for _, form := range []string{"json", "help"} {
		got := execute(t, s, []string{"-greeting", "servus"}, nil, func(context.Context) error {
			var b bytes.Buffer
			if err := s.Write(&b, form); err != nil || strings.Contains(b.String(), "servus") || !strings.Contains(b.String(), "hello") {
				t.Errorf("%s, %v:\n%s\nwant the default in it", form, err, b.String())
			}
			return nil
		})
		if got.code != 0 {
			t.Errorf("got %+v", got)
		}
		*s.Params[1].Value.(*string) = "hello"
	}
	*s.Params[1].Value.(*string) = "moin"
	if got := execute(t, s, []string{"help"}, nil, nil); !strings.Contains(got.stdout, "default moin") {
		t.Errorf("a later Exec shows old defaults:\n%s", got.stdout)
	}
}
