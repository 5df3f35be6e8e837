package sidecar

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Write generates a form of s: "help", a text for a terminal, or "json". Any other is a *UsageError. Defaults are what
// the parameters held before Exec set them, or hold now if it did not. No form shows the value or default of a Secret.
//
// The JSON is one object for tools, stable from version to version: keys may be added, none change. It has
//
//	name, summary, doc, version, license, source, prefix, cpu, memory   texts
//	params      name; flag and variable, the latter absent if there is none; type: string, bool, int, int64, uint64,
//	            float64, duration, size, list or text; default, a text as on the command line, for a list an array,
//	            absent for a secret; usage; enum, min and max, as texts; required, secret, list, rest, reloadable: true
//	            or absent; split; also, further flags and variables; deprecated
//	ports       name, param, address (the default of param), doc
//	volumes     path, doc, writable
//	signals     meaning by name, such as SIGTERM
//	exits       meaning by code
//	probes      port, startup, live, ready
//	stats       name, type (counter, gauge or histogram), help, labels
//
// Params, ports and volumes are in the order of s, stats sorted by name. Flags have no dash in front. What is empty is absent,
// except for name, version, prefix, params, signals and exits.
func (s *Spec) Write(w io.Writer, form string) error {
	bs, err := s.checked()
	if err != nil {
		return err
	}
	switch form {
	case "help":
		return s.writeHelp(w, bs)
	case "json":
		return s.writeJSON(w, bs)
	}
	return usagef("there is no form %q; there are help and json", form)
}

// currents returns what the parameters hold by name, without secrets.
func (bs *bindings) currents() map[string]any {
	m := map[string]any{}
	for _, b := range bs.all {
		if !b.Secret {
			m[b.Name] = b.value.current()
		}
	}
	return m
}

// defaultsOf returns the defaults by name: a string, or the []string of a list.
func (s *Spec) defaultsOf(bs *bindings) map[string]any {
	if s.defaults != nil {
		return s.defaults
	}
	return bs.currents()
}

// signals returns the meaning of signals by name.
func (s *Spec) signals() map[string]string {
	m := map[string]string{
		"SIGTERM": "stops in order; a second one at once",
		"SIGINT":  "stops in order; a second one at once",
	}
	maps.Copy(m, s.Signals)
	return m
}

// exits returns the meaning of exit codes.
func (s *Spec) exits() map[int]string {
	m := map[int]string{
		exitOK:      "orderly end",
		exitFailure: "failed while it ran",
		exitUsage:   "mistake in flags, variables or configuration",
	}
	maps.Copy(m, s.Exits)
	return m
}

// showDefault returns a default as one text, "" if there is nothing to show.
func showDefault(x any) string {
	if list, ok := x.([]string); ok {
		return strings.Join(list, ", ")
	}
	text, _ := x.(string)
	return text
}

// lines writes texts by key, sorted and aligned.
func lines[K interface{ ~int | ~string }](w io.Writer, texts map[K]string) {
	width := 0
	for k := range texts {
		width = max(width, len(fmt.Sprint(k)))
	}
	for _, k := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(w, "  %-*v  %s\n", width, k, texts[k])
	}
}
