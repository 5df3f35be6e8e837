package sidecar

import (
	"strconv"
	"strings"
)

// An argument is a flag of the command line with its text.
type argument struct {
	name  string // as an error says it
	text  string
	words []string // those that a Rest takes
}

// A scan is a command line taken apart. Nothing is set by it.
type scan struct {
	*bindings
	found         map[*binding][]argument
	help, version bool
	errs          []error
}

// scan takes args apart.
func (bs *bindings) scan(args []string) *scan {
	s := &scan{bindings: bs, found: map[*binding][]argument{}}
	for len(args) > 0 {
		switch arg := args[0]; {
		case arg == "--":
			s.leftOver(args[1:])
			return s
		case isFlag(arg):
			args = s.flag(args)
		case s.rest != nil:
			s.leftOver(args)
			return s
		default:
			s.leftOver(args[:1])
			args = args[1:]
		}
	}
	return s
}

// isFlag tells flags from other words. A dash alone is a word.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// leftOver gives words to the parameter that takes the rest, or refuses them.
func (s *scan) leftOver(words []string) {
	switch {
	case len(words) == 0:
	case s.rest != nil:
		s.found[s.rest] = append(s.found[s.rest], argument{name: "-" + s.rest.flags[0], words: words})
	default:
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = strconv.Quote(w)
		}
		s.refuse("%s: not expected, there are only flags", strings.Join(quoted, " "))
	}
}

func (s *scan) refuse(format string, args ...any) {
	s.errs = append(s.errs, usagef(format, args...))
}

// flag takes the flag that args begin with, and returns the arguments behind it.
func (s *scan) flag(args []string) []string {
	name, text, hasText := strings.Cut(strings.TrimPrefix(args[0][1:], "-"), "=")
	args = args[1:]
	b := s.flags[name]
	switch {
	case b == nil:
		return s.noParam(name, hasText, args)
	case b.Rest:
		return s.takeRest(b, name, text, hasText, args)
	case hasText:
	case b.isBool():
		text = "true"
		if s.rest == nil && len(args) > 0 && (args[0] == "true" || args[0] == "false") {
			s.refuse("-%s %s: write -%s=%s", name, args[0], name, args[0])
			return args[1:]
		}
	case len(args) == 0:
		s.refuse("-%s: a value is missing", name)
		return nil
	default:
		text, args = args[0], args[1:]
	}
	s.found[b] = append(s.found[b], argument{name: "-" + name, text: text})
	return args
}

func (s *scan) takeRest(b *binding, name, text string, hasText bool, words []string) []string {
	if hasText {
		words = append([]string{text}, words...)
	}
	if len(words) == 0 {
		s.refuse("-%s: a value is missing", name)
		return nil
	}
	s.found[b] = append(s.found[b], argument{name: "-" + name, words: words})
	return nil
}

// noParam deals with a flag that is no parameter's. A word behind it is most likely its value; it could be a secret and is
// not mentioned.
func (s *scan) noParam(name string, hasText bool, args []string) []string {
	switch secret := s.secrets[name]; {
	case name == "h" || name == "help":
		s.help = true
		return args
	case name == "version":
		s.version = true
		return args
	case secret != nil:
		s.errs = append(s.errs, secret.notDirectly("-"+name))
		if !hasText && len(args) > 0 {
			return args[1:]
		}
		return args
	}
	s.refuse("-%s is unknown%s", name, s.meantFlag(name))
	if !hasText && len(args) > 0 && !isFlag(args[0]) {
		return args[1:]
	}
	return args
}

// meantFlag asks whether the flag near name was meant.
func (s *scan) meantFlag(name string) string {
	names := []string{"help", "version"}
	for _, b := range s.all {
		names = append(names, b.flags...)
		if b.Secret {
			names = append(names, b.Name)
		}
	}
	found, ok := near(name, names)
	if !ok {
		return ""
	}
	if secret := s.secrets[found]; secret != nil {
		found = secret.flags[0]
	}
	return "; did you mean -" + found + "?"
}
