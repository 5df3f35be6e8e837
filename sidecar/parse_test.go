package sidecar_test

import (
	"errors"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/sidecar"
)

// all has a parameter of each kind.
type all struct {
	String   string
	Bool, On bool
	Int      int
	Int64    int64
	Uint64   uint64
	Float64  float64
	Duration time.Duration
	Size     sidecar.Size
	List     []string
	Split    []string
	Level    slog.Level
	Mode     string
	Modes    []string
}

// defaults are what a new all holds.
func defaults() all {
	return all{String: "default", On: true, Int: 1, Duration: time.Second, List: []string{"x", "y"}, Mode: "fast"}
}

func (a *all) spec() *sidecar.Spec {
	return &sidecar.Spec{Name: "my-prog", Params: []sidecar.Param{
		{Name: "string", Value: &a.String, Usage: "`text` to say", Also: []string{"s", "OTHER_STRING"}},
		{Name: "bool", Value: &a.Bool},
		{Name: "on", Value: &a.On},
		{Name: "int", Value: &a.Int, Min: -10, Max: 10},
		{Name: "int64", Value: &a.Int64, Min: int64(-10)},
		{Name: "uint64", Value: &a.Uint64, Max: 10},
		{Name: "float64", Value: &a.Float64, Min: 0, Max: 1.5},
		{Name: "duration", Value: &a.Duration, Min: time.Millisecond, Max: time.Hour},
		{Name: "size", Value: &a.Size, Max: sidecar.Size(1 << 20)},
		{Name: "list", Value: &a.List},
		{Name: "split-list", Value: &a.Split, Split: ","},
		{Name: "level", Value: &a.Level},
		{Name: "mode", Value: &a.Mode, Enum: []string{"fast", "slow"}},
		{Name: "modes", Value: &a.Modes, Enum: []string{"fast", "slow"}, Split: ","},
	}}
}

func TestParse(t *testing.T) {
	tests := []struct {
		args, env string // separated by blanks, of env by |
		want      func(*all)
	}{
		{"", "", func(*all) {}},

		// The forms of a flag.
		{"-string v", "", func(a *all) { a.String = "v" }},
		{"--string v", "", func(a *all) { a.String = "v" }},
		{"-string=v", "", func(a *all) { a.String = "v" }},
		{"--string=v", "", func(a *all) { a.String = "v" }},
		{"-string=", "", func(a *all) { a.String = "" }},
		{"-string=a=b", "", func(a *all) { a.String = "a=b" }},
		{"-string -int", "", func(a *all) { a.String = "-int" }},
		{"-string --", "", func(a *all) { a.String = "--" }},
		{"-string -", "", func(a *all) { a.String = "-" }},
		{"-string a -string b", "", func(a *all) { a.String = "b" }},
		{"-s v", "", func(a *all) { a.String = "v" }},
		{"-int 2 --", "", func(a *all) { a.Int = 2 }},
		{"--", "", func(*all) {}},

		// Each kind.
		{"-bool", "", func(a *all) { a.Bool = true }},
		{"-bool=true", "", func(a *all) { a.Bool = true }},
		{"-on=false", "", func(a *all) { a.On = false }},
		{"-bool -int 3", "", func(a *all) { a.Bool, a.Int = true, 3 }},
		{"-int -10", "", func(a *all) { a.Int = -10 }},
		{"-int 010", "", func(a *all) { a.Int = 10 }},
		{"-int64 9223372036854775807", "", func(a *all) { a.Int64 = math.MaxInt64 }},
		{"-uint64 10", "", func(a *all) { a.Uint64 = 10 }},
		{"-float64 1.5", "", func(a *all) { a.Float64 = 1.5 }},
		{"-float64 1e-3", "", func(a *all) { a.Float64 = 0.001 }},
		{"-duration 1m30s", "", func(a *all) { a.Duration = 90 * time.Second }},
		{"-duration 1ms", "", func(a *all) { a.Duration = time.Millisecond }},
		{"-size 64KiB", "", func(a *all) { a.Size = 64 << 10 }},
		{"-size 1MiB", "", func(a *all) { a.Size = 1 << 20 }},
		{"-level warn", "", func(a *all) { a.Level = slog.LevelWarn }},
		{"-mode slow", "", func(a *all) { a.Mode = "slow" }},

		// Lists.
		{"-list a", "", func(a *all) { a.List = []string{"a"} }},
		{"-list a -list b,c", "", func(a *all) { a.List = []string{"a", "b,c"} }},
		{"-list=", "", func(a *all) { a.List = nil }},
		{"-split-list a,b -split-list c", "", func(a *all) { a.Split = []string{"a", "b", "c"} }},
		{"-split-list=,a,,b,", "", func(a *all) { a.Split = []string{"a", "b"} }},
		{"-modes fast,slow", "", func(a *all) { a.Modes = []string{"fast", "slow"} }},

		// Variables.
		{"", "MY_PROG_STRING=v", func(a *all) { a.String = "v" }},
		{"", "MY_PROG_STRING=", func(a *all) { a.String = "" }},
		{"", "MY_PROG_STRING=a=b", func(a *all) { a.String = "a=b" }},
		{"", "MY_PROG_STRING=a|MY_PROG_STRING=b", func(a *all) { a.String = "b" }},
		{"", "OTHER_STRING=v", func(a *all) { a.String = "v" }},
		{"", "OTHER_STRING=other|MY_PROG_STRING=own", func(a *all) { a.String = "own" }},
		{"", "MY_PROG_BOOL=1|MY_PROG_ON=false", func(a *all) { a.Bool, a.On = true, false }},
		{"", "MY_PROG_DURATION=5s|MY_PROG_LEVEL=ERROR", func(a *all) { a.Duration, a.Level = 5*time.Second, slog.LevelError }},
		{"", "MY_PROG_LIST= a \n\n b,c \r\n", func(a *all) { a.List = []string{"a", "b,c"} }},
		{"", "MY_PROG_LIST=", func(a *all) { a.List = nil }},
		{"", "MY_PROG_SPLIT_LIST=a, b\nc,", func(a *all) { a.Split = []string{"a", "b", "c"} }},

		// Precedence.
		{"-string flag", "MY_PROG_STRING=variable", func(a *all) { a.String = "flag" }},
		{"-s flag", "OTHER_STRING=variable", func(a *all) { a.String = "flag" }},
		{"-int 2", "MY_PROG_INT=much", func(a *all) { a.Int = 2 }},
		{"-list a", "MY_PROG_LIST=b", func(a *all) { a.List = []string{"a"} }},

		// Variables of others.
		{"", "PATH=/bin|MY_PROG_QUITE_ANOTHER=1|MY_PROGRAM_INT=2|INT=3|OTHER_STRIN=v|nonsense|=C:=x|my_prog_int=4", func(*all) {}},
	}
	for _, tt := range tests {
		got, want := defaults(), defaults()
		tt.want(&want)
		if err := got.spec().Parse(strings.Fields(tt.args), strings.Split(tt.env, "|")); err != nil {
			t.Errorf("Parse(%q, %q) = %v", tt.args, tt.env, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%q, %q) (-want +got):\n%s", tt.args, tt.env, diff)
		}
	}
}

// A blank within the word of a flag is the user's.
func TestParseBlanks(t *testing.T) {
	got := defaults()
	err := got.spec().Parse([]string{"-list", " a b ", "-split-list", " a , b c ", "-string", " s "}, nil)
	want := defaults()
	want.List, want.Split, want.String = []string{" a b "}, []string{"a", "b c"}, " s "
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestParseRefused(t *testing.T) {
	tests := []struct {
		args, env string
		want      string // the lines of the error, separated by |
	}{
		// Flags.
		{"-strin v", "", `-strin is unknown; did you mean -string?`},
		{"-strin=v -int 2", "", `-strin is unknown; did you mean -string?`},
		{"-nothing-like-it", "", `-nothing-like-it is unknown`},
		{"-x", "", `-x is unknown`},
		{"---int 2", "", `--int is unknown; did you mean -int?`},
		{"-hlep", "", `-hlep is unknown; did you mean -help?`},
		{"-=v", "", `- is unknown`},
		{"-string", "", `-string: a value is missing`},
		{"-bool false", "", `-bool false: write -bool=false`},
		{"-bool word", "", `"word": not expected, there are only flags`},
		{"word -int 2", "", `"word": not expected, there are only flags`},
		{"-", "", `"-": not expected, there are only flags`},
		{"-- -int 2", "", `"-int" "2": not expected, there are only flags`},
		{"-h", "", `-help and -version are not answered here`},
		{"--version", "", `-help and -version are not answered here`},

		// Values.
		{"-bool=maybe", "", `-bool: "maybe" is neither true nor false`},
		{"-bool=", "", `-bool: "" is neither true nor false`},
		{"-int many", "", `-int: "many" is no whole number`},
		{"-int 0x10", "", `-int: "0x10" is no whole number`},
		{"-int 11", "", `-int: 11 is more than 10`},
		{"-int -11", "", `-int: -11 is less than -10`},
		{"-int 99999999999999999999", "", `-int: 99999999999999999999 is out of range`},
		{"-int64 -11", "", `-int64: -11 is less than -10`},
		{"-uint64 -1", "", `-uint64: "-1" is no whole number from 0 on`},
		{"-uint64 11", "", `-uint64: 11 is more than 10`},
		{"-float64 x", "", `-float64: "x" is no number`},
		{"-float64 NaN", "", `-float64: "NaN" is no number`},
		{"-float64 -Inf", "", `-float64: "-Inf" is no number`},
		{"-float64 1.51", "", `-float64: 1.51 is more than 1.5`},
		{"-float64 -0.1", "", `-float64: -0.1 is less than 0`},
		{"-duration 5", "", `-duration: "5" is no duration, such as 500ms or 1m30s`},
		{"-duration 1us", "", `-duration: 1us is less than 1ms`},
		{"-duration 61m", "", `-duration: 61m is more than 1h0m0s`},
		{"-size 64KB", "", `-size: "64KB" is no size, such as 64KiB or 1GiB`},
		{"-size 2MiB", "", `-size: 2MiB is more than 1MiB`},
		{"-level loud", "", `-level: slog: level string "loud": unknown name`},
		{"-mode medium", "", `-mode: "medium" is none of fast, slow`},
		{"-modes fast,medium", "", `-modes: "medium" is none of fast, slow`},

		// Variables.
		{"", "MY_PROG_INT=many", `MY_PROG_INT: "many" is no whole number`},
		{"", "MY_PROG_INT=", `MY_PROG_INT: "" is no whole number`},
		{"", "MY_PROG_DURATION=", `MY_PROG_DURATION: "" is no duration, such as 500ms or 1m30s`},
		{"", "OTHER_STRING=|MY_PROG_MODE=", `MY_PROG_MODE: "" is none of fast, slow`},
		{"", "MY_PROG_STRIN=v", `MY_PROG_STRIN is unknown; did you mean MY_PROG_STRING?`},
		{"", "MY_PROG_STIRNG=v", `MY_PROG_STIRNG is unknown; did you mean MY_PROG_STRING?`},
		{"-int 2", "MY_PROG_SPLITLIST=v", `MY_PROG_SPLITLIST is unknown; did you mean MY_PROG_SPLIT_LIST?`},

		// All of them at once.
		{"-x 1 -int many -duration 0s", "MY_PROG_SIZ=1|MY_PROG_MODE=none",
			`-x is unknown|MY_PROG_SIZ is unknown; did you mean MY_PROG_SIZE?|-int: "many" is no whole number|` +
				`-duration: 0s is less than 1ms|MY_PROG_MODE: "none" is none of fast, slow`},
	}
	for _, tt := range tests {
		a := defaults()
		err := a.spec().Parse(strings.Fields(tt.args), strings.Split(tt.env, "|"))
		if err == nil {
			t.Errorf("Parse(%q, %q) = nil, want %s", tt.args, tt.env, tt.want)
			continue
		}
		if diff := cmp.Diff(strings.Split(tt.want, "|"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("Parse(%q, %q) (-want +got):\n%s", tt.args, tt.env, diff)
		}
		if _, ok := errors.AsType[*sidecar.UsageError](err); !ok {
			t.Errorf("Parse(%q, %q) = %T, want a *UsageError in it", tt.args, tt.env, err)
		}
	}
}

func TestParseRequired(t *testing.T) {
	parse := func(args []string, env ...string) error {
		var s string
		var port int
		spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{
			{Name: "source", Value: &s, Required: true},
			{Name: "the-port", Value: &port, Required: true},
		}}
		return spec.Parse(args, env)
	}
	err := parse(nil)
	if want := "-source or IT_SOURCE is required\n-the-port is required"; err == nil || err.Error() != want {
		t.Errorf("Parse() = %v, want %s", err, want)
	}
	if err := parse([]string{"-source", "", "-the-port", "1"}); err != nil {
		t.Errorf("with flags: %v", err)
	}
	if err := parse([]string{"-the-port=1"}, "IT_SOURCE=x"); err != nil {
		t.Errorf("with a variable: %v", err)
	}
}

func TestParseRest(t *testing.T) {
	tests := []struct {
		args string
		want []string
	}{
		{"", []string{"default"}},
		{"-exec cmd -x --y -- z", []string{"cmd", "-x", "--y", "--", "z"}},
		{"-exec=cmd -on", []string{"cmd", "-on"}},
		{"-on -exec cmd -h", []string{"cmd", "-h"}},
		{"-on cmd -x", []string{"cmd", "-x"}},
		{"-on false", []string{"false"}},
		{"-- -cmd -x", []string{"-cmd", "-x"}},
		{"--", []string{"default"}},
	}
	for _, tt := range tests {
		got, on := []string{"default"}, false
		spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{
			{Name: "exec", Value: &got, Rest: true, Split: ","},
			{Name: "on", Value: &on},
		}}
		if err := spec.Parse(strings.Fields(tt.args), nil); err != nil {
			t.Errorf("Parse(%q) = %v", tt.args, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", tt.args, diff)
		}
		if want := strings.HasPrefix(tt.args, "-on"); on != want {
			t.Errorf("Parse(%q): on = %v, want %v", tt.args, on, want)
		}
	}
	var words []string
	spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{{Name: "exec", Value: &words, Rest: true}}}
	if err := spec.Parse([]string{"-exec"}, nil); err == nil || err.Error() != "-exec: a value is missing" {
		t.Errorf("Parse(-exec) = %v, want that a value is missing", err)
	}
	if err := spec.Parse(nil, []string{"IT_EXEC=cmd\n-x"}); err != nil || len(words) != 2 {
		t.Errorf("from the variable came %q, %v", words, err)
	}
}

// The default is not an alias of what a list holds after, and Parse takes what it finds for the default.
func TestParseTwice(t *testing.T) {
	list := []string{"a", "b"}
	original := list
	spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{{Name: "list", Value: &list}}}
	for range 2 {
		if err := spec.Parse([]string{"-list", "c", "-list", "d"}, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"c", "d"}, list); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if original[0] != "a" {
		t.Error("the default was written over")
	}
	if err := spec.Parse(nil, nil); err != nil || len(list) != 2 {
		t.Errorf("without flags: %q, %v", list, err)
	}
}

func TestParsePrefix(t *testing.T) {
	for _, tt := range []struct{ name, prefix, variable string }{
		{"it", "", "IT_X"},
		{"my-prog.v2", "", "MY_PROG_V2_X"},
		{"it", "GITSYNC", "GITSYNC_X"},
	} {
		x := ""
		spec := &sidecar.Spec{Name: tt.name, Prefix: tt.prefix, Params: []sidecar.Param{{Name: "x", Value: &x}}}
		if err := spec.Parse(nil, []string{tt.variable + "=set"}); err != nil || x != "set" {
			t.Errorf("%s did not set it: %q, %v", tt.variable, x, err)
		}
	}
}

// Values of other packages' types are shown and set by their own text.
func TestParseText(t *testing.T) {
	addr := netip.MustParseAddr("192.0.2.1")
	spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{{Name: "addr", Value: &addr}}}
	if err := spec.Parse([]string{"-addr", "::1"}, nil); err != nil || addr.String() != "::1" {
		t.Errorf("addr = %v, %v", addr, err)
	}
	if err := spec.Parse([]string{"-addr", "nowhere"}, nil); err == nil || !strings.HasPrefix(err.Error(), "-addr: ") {
		t.Errorf("Parse = %v, want an error of -addr", err)
	}
}
