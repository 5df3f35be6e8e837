package sidecar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// FuzzParse feeds words and entries, each on a line. Parse must not panic, must refuse what it does not take, and must
// read back what it took when that is written as flags.
func FuzzParse(f *testing.F) {
	f.Add("-string v\n-int\n3", "MY_PROG_STRING=v\nPATH=/bin")
	f.Add("--size=64KiB\n-split-list=a,b\n--\nrest", "MY_PROG_LIST=a")
	f.Add("-=\n-\n---\n-bool=false\nfalse", "=\nA\nMY_PROG_=\nMY_PROG_PORT_1_TCP=x")
	f.Add("-duration\n1h\n-float64\n1e-300\n-level\nINFO+3", "MY_PROG_INT=-0\nMY_PROG_MODES=fast\x00slow")
	f.Fuzz(func(t *testing.T, args, env string) {
		a := defaults()
		err := a.spec().Parse(strings.Split(args, "\n"), strings.Split(env, "\n"))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error says nothing")
			}
			return
		}
		b := defaults()
		if err := b.spec().Parse(a.flags(t), nil); err != nil {
			t.Fatalf("%q gave %+v, which is refused as flags: %v", args, a, err)
		}
		if !a.equal(b) {
			t.Errorf("%q gave %+v, and as flags %+v", args, a, b)
		}
	})
}

// flags returns the command line that sets what a holds.
func (a *all) flags(t *testing.T) []string {
	level, err := a.Level.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{
		"-string=" + a.String, "-bool=" + fmt.Sprint(a.Bool), "-on=" + fmt.Sprint(a.On),
		"-int=" + fmt.Sprint(a.Int), "-int64=" + fmt.Sprint(a.Int64), "-uint64=" + fmt.Sprint(a.Uint64), "-float64=" + fmt.Sprint(a.Float64),
		"-duration=" + a.Duration.String(), "-size=" + a.Size.String(), "-level=" + string(level),
		"-list=", "-split-list=" + strings.Join(a.Split, ","), "-modes=" + strings.Join(a.Modes, ","),
	}
	for _, element := range a.List {
		flags = append(flags, "-list", element)
	}
	if a.Mode != "fast" {
		flags = append(flags, "-mode="+a.Mode)
	}
	return flags
}

func (a *all) equal(b all) bool {
	return a.String == b.String && a.Bool == b.Bool && a.On == b.On && a.Int == b.Int && a.Int64 == b.Int64 &&
		a.Uint64 == b.Uint64 && a.Float64 == b.Float64 && a.Duration == b.Duration && a.Size == b.Size && a.Level == b.Level &&
		a.Mode == b.Mode && slices.Equal(a.List, b.List) && slices.Equal(a.Split, b.Split) && slices.Equal(a.Modes, b.Modes)
}

// FuzzSize checks that each size that is read is written so that it is read again.
func FuzzSize(f *testing.F) {
	for _, text := range []string{"0", "-1", "64KiB", "8EiB", "1 MiB", "-9223372036854775808", "1.5GiB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, b sidecar.Size
		if a.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := b.UnmarshalText([]byte(a.String())); err != nil || a != b {
			t.Errorf("%q is %v, and that is %v, %v", text, a, b, err)
		}
	})
}
