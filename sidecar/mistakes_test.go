package sidecar_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// A Spec that cannot be right is refused before anything else, by all that reads it.
func TestSpecMistakes(t *testing.T) {
	one := func(p sidecar.Param) func(*sidecar.Spec) {
		return func(s *sidecar.Spec) { s.Params = append(s.Params, p) }
	}
	str, num, dur, yes, list := new(""), new(1), new(time.Second), new(true), new([]string)
	tests := []struct {
		name string
		edit func(*sidecar.Spec)
		want string
	}{
		{"no name", func(s *sidecar.Spec) { s.Name = "" }, `"" is no name for a program`},
		{"name", func(s *sidecar.Spec) { s.Name = "a b" }, `"a b" is no name for a program`},
		{"prefix", func(s *sidecar.Spec) { s.Prefix = "It" }, `"It" is no prefix`},
		{"digit", func(s *sidecar.Spec) { s.Prefix = "1A" }, `"1A" is no prefix`},

		{"no param name", one(sidecar.Param{Value: str}), `"" is no name for a flag`},
		{"dash", one(sidecar.Param{Name: "-x", Value: str}), `"-x" is no name for a flag`},
		{"equals", one(sidecar.Param{Name: "x=y", Value: str}), `"x=y" is no name for a flag`},
		{"help", one(sidecar.Param{Name: "help", Value: yes}), `-h and -help are for help`},
		{"also h", one(sidecar.Param{Name: "hash", Value: yes, Also: []string{"h"}}), `-h and -help are for help`},
		{"twice", one(sidecar.Param{Name: "listen", Value: str}), `the flag -listen exists already`},
		{"also twice", one(sidecar.Param{Name: "x", Value: str, Also: []string{"listen"}}), `the flag -listen exists already`},
		{"variable twice", one(sidecar.Param{Name: "x", Value: str, Also: []string{"IT_LISTEN"}}), `the variable IT_LISTEN exists already`},
		{"variables alike", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "a-b", Value: str}, sidecar.Param{Name: "a.b", Value: num})
		}, `the variable IT_A_B exists already`},
		{"secret's name", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "key", Value: str, Secret: true}, sidecar.Param{Name: "x", Value: num, Also: []string{"key"}})
		}, `the name key would hold the Secret "key" itself`},
		{"secret's variable", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "x", Value: num, Also: []string{"IT_KEY"}}, sidecar.Param{Name: "key", Value: str, Secret: true})
		}, `the name IT_KEY would hold the Secret "key" itself`},
		{"secret's file", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "key", Value: str, Secret: true}, sidecar.Param{Name: "key-file", Value: str})
		}, `the flag -key-file exists already`},

		{"no value", one(sidecar.Param{Name: "x"}), `Value is nil`},
		{"nil value", one(sidecar.Param{Name: "x", Value: (*string)(nil)}), `Value is nil`},
		{"no pointer", one(sidecar.Param{Name: "x", Value: "text"}), `Value is a string, which is not supported`},
		{"unsupported", one(sidecar.Param{Name: "x", Value: new(int8(1))}), `Value is a *int8, which is not supported`},
		{"min of another type", one(sidecar.Param{Name: "x", Value: num, Min: time.Second}), `Min is the time.Duration 1s`},
		{"max of a duration", one(sidecar.Param{Name: "x", Value: dur, Max: 5}), `Max is the int 5`},
		{"negative min", one(sidecar.Param{Name: "x", Value: new(uint64(1)), Min: -1}), `Min is the int -1`},
		{"min and max", one(sidecar.Param{Name: "x", Value: num, Min: 2, Max: 1}), `Min is more than its Max`},
		{"min of a string", one(sidecar.Param{Name: "x", Value: str, Min: 2}), `only numbers, durations and Size have Min and Max`},
		{"max of a list", one(sidecar.Param{Name: "x", Value: list, Max: 2}), `only numbers, durations and Size have Min and Max`},
		{"split", one(sidecar.Param{Name: "x", Value: str, Split: ","}), `Split is for lists`},
		{"rest", one(sidecar.Param{Name: "x", Value: str, Rest: true}), `Rest is for lists`},
		{"secret rest", one(sidecar.Param{Name: "x", Value: list, Rest: true, Secret: true}), `Rest is not for a Secret`},
		{"rest twice", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "a", Value: list, Rest: true}, sidecar.Param{Name: "b", Value: list, Rest: true})
		}, `"a" takes the Rest already`},
		{"secret enum", one(sidecar.Param{Name: "x", Value: str, Secret: true, Enum: []string{"a"}}), `a Secret has no Enum, Min or Max`},
		{"bool enum", one(sidecar.Param{Name: "x", Value: yes, Enum: []string{"true"}}), `a bool needs no Enum`},

		{"port's name", func(s *sidecar.Spec) { s.Ports = []sidecar.Port{{Param: "listen"}} }, `"" is no name for a port`},
		{"port's param", func(s *sidecar.Spec) { s.Ports[0].Param = "none" }, `port "http": there is no parameter "none"`},
		{"port's kind", func(s *sidecar.Spec) {
			s.Params = append(s.Params, sidecar.Param{Name: "x", Value: num})
			s.Ports[0].Param = "x"
		}, `port "http": parameter "x" holds no address`},
		{"ports alike", func(s *sidecar.Spec) { s.Ports = append(s.Ports, s.Ports[0]) }, `port "http" exists already`},
		{"probe's port", func(s *sidecar.Spec) { s.Probes = sidecar.Probes{Port: "admin", Live: "/livez"} }, `probes: there is no port "admin"`},
		{"no probe's port", func(s *sidecar.Spec) { s.Probes = sidecar.Probes{Live: "/livez"} }, `probes: there is no port ""`},
		{"probe's path", func(s *sidecar.Spec) { s.Probes = sidecar.Probes{Port: "http", Ready: "readyz"} }, `the path "readyz" does not begin with /`},
		{"volume", func(s *sidecar.Spec) { s.Volumes = []sidecar.Volume{{Path: "data"}} }, `volume "data": the path is not absolute`},
		{"exit", func(s *sidecar.Spec) { s.Exits = map[int]string{256: "x"} }, `exit 256: not from 0 to 255`},
		{"stats", func(s *sidecar.Spec) { s.Stats = map[string]any{"x": 1} }, `stats "x": int is no struct`},
		{"no stats", func(s *sidecar.Spec) { s.Stats = map[string]any{"x": nil} }, `stats "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &sidecar.Spec{
				Name:   "it",
				Params: []sidecar.Param{{Name: "listen", Value: new(":80")}},
				Ports:  []sidecar.Port{{Name: "http", Param: "listen"}},
			}
			if err := s.Parse(nil, nil); err != nil {
				t.Fatalf("before the mistake: %v", err)
			}
			tt.edit(s)
			var out, stderr bytes.Buffer
			code := s.Exec(t.Context(), []string{"help"}, nil, nil, &out, &stderr, func(context.Context) error { return nil })
			if code != 2 || !strings.Contains(stderr.String(), tt.want) || out.Len() > 0 {
				t.Errorf("Exec = %d and says %q, want 2 and %q", code, stderr.String(), tt.want)
			}
			for name, err := range map[string]error{"Parse": s.Parse(nil, nil), "Write": s.Write(&out, "json")} {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s = %v, want %q", name, err, tt.want)
				}
				if _, ok := errors.AsType[*sidecar.UsageError](err); ok {
					t.Errorf("%s blames the user: %v", name, err)
				}
			}
		})
	}
}
