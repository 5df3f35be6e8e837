package sidecar

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// writeHelp writes the help: what the program is, and all that can be set.
func (s *Spec) writeHelp(w io.Writer, bs *bindings) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n", strings.TrimSuffix(s.Name+": "+s.Summary, ": "))
	fmt.Fprintf(&b, "Usage: %s [flags]%s\n", s.Name, restUsage(bs.rest))
	fmt.Fprintf(&b, "       %s help | version | spec [-o json|help] | probe URL\n", s.Name)
	if len(bs.all) > 0 {
		b.WriteString("\nFlags, and the variables that stand in for them:\n")
	}
	defaults := s.defaultsOf(bs)
	for _, p := range bs.all {
		p.writeHelp(&b, showDefault(defaults[p.Name]))
	}
	b.WriteString("\nSignals:\n")
	lines(&b, s.signals())
	b.WriteString("\nExit codes:\n")
	lines(&b, s.exits())
	if s.Source != "" {
		fmt.Fprintf(&b, "\nSource: %s\n", s.Source)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func restUsage(rest *binding) string {
	if rest == nil {
		return ""
	}
	name, _ := rest.valueName()
	return fmt.Sprintf(" [%s ...]", name)
}

func (b *binding) writeHelp(w io.Writer, defaultText string) {
	name, usage := b.valueName()
	if name != "" {
		name = " " + name
	}
	if b.Rest {
		name += " ..."
	}
	fmt.Fprintf(w, "  -%s%s\n", b.flags[0], name)
	if b.Secret {
		usage = "file with the " + strings.TrimPrefix(usage, "the ")
	}
	if text := strings.TrimSpace(usage + notes(b.notes(defaultText))); text != "" {
		fmt.Fprintf(w, "        %s\n", text)
	}
	if b.Deprecated != "" {
		fmt.Fprintf(w, "        deprecated: %s\n", b.Deprecated)
	}
	var names []string
	names = append(names, b.variables...)
	for _, f := range b.flags[1:] {
		names = append(names, "-"+f)
	}
	if len(names) > 0 {
		fmt.Fprintf(w, "        %s\n", strings.Join(names, ", "))
	}
}

// notes returns what else there is to know of b, as phrases.
func (b *binding) notes(defaultText string) (notes []string) {
	add := func(format, text string) {
		if text != "" {
			notes = append(notes, fmt.Sprintf(format, text))
		}
	}
	if b.Required {
		notes = append(notes, "required")
	}
	add("one of %s", strings.Join(b.Enum, ", "))
	add("at least %s", b.value.min)
	add("at most %s", b.value.max)
	if b.isList() && !b.Rest && !b.Secret {
		if b.Split != "" {
			notes = append(notes, fmt.Sprintf("repeat it or separate by %q", b.Split))
		} else {
			notes = append(notes, "repeat it for more")
		}
	}
	if !b.Required && (!b.isBool() || defaultText != "false") {
		add("default %s", defaultText)
	}
	return notes
}

func notes(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, "; ") + ")"
}
