package sidecar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Parse sets the parameters through their pointers from args, without the program's name, and env, entries of the form
// NAME=value of which the last counts. A flag goes before an environment variable, before the default; a Secret is read
// from the file that one of them names.
//
// -x v, -x=v and --x are alike; a bool is -x or -x=false, and -- ends the flags. The first use of a list's flag replaces
// the default, further ones append; in its variable, elements are separated by newlines. Blanks around the elements that
// a variable or Split separates are dropped, and so are empty elements. An empty variable is "" for strings, an empty
// list, and a mistake for numbers.
//
// An unknown flag is an error that suggests what was meant, and so is a PREFIX_ variable within two letters of a known
// one; others are ignored. The error lists all mistakes, joined: those of the user as *UsageError, those of files by
// their own. After an error some parameters may have been set. What Parse finds is the value that the pointers hold; a
// second call takes that for the default.
func (s *Spec) Parse(args, env []string) error {
	bs, err := s.checked()
	if err != nil {
		return err
	}
	scan := bs.scan(args)
	if scan.help || scan.version {
		scan.refuse("-help and -version are not answered here")
	}
	_, err = scan.set(variables(env), s.prefix())
	return err
}

// set sets the parameters from the command line and variables. It returns what to warn of.
func (s *scan) set(env map[string]string, prefix string) (warnings []string, err error) {
	errs := append(s.errs, s.strangers(env, prefix)...)
	for _, b := range s.all {
		from, err := s.setOne(b, env)
		switch {
		case err != nil:
			errs = append(errs, err)
		case from == "" && b.Required:
			errs = append(errs, usagef("%s is required", b.names()))
		}
		if from != "" && b.Deprecated != "" {
			warnings = append(warnings, fmt.Sprintf("%s is deprecated: %s", from, b.Deprecated))
		}
	}
	return warnings, errors.Join(errs...)
}

// setOne sets b by the first source that has it, and returns that source's name, "" if there is none.
func (s *scan) setOne(b *binding, env map[string]string) (from string, err error) {
	if args := s.found[b]; len(args) > 0 {
		last := args[len(args)-1]
		return last.name, b.setArguments(args)
	}
	for _, name := range b.variables {
		text, ok := env[name]
		if !ok || b.Secret && text == "" {
			continue
		}
		return name, b.setText(name, text, "\n", b.Split)
	}
	return "", nil
}

// setArguments sets b by its flag: a list by all of them, anything else by the last.
func (b *binding) setArguments(args []argument) error {
	last := args[len(args)-1]
	if !b.isList() || b.Secret {
		return b.setText(last.name, last.text)
	}
	var elements []string
	for _, a := range args {
		switch {
		case a.words != nil:
			elements = append(elements, a.words...)
		case b.Split != "":
			elements = append(elements, splitList(a.text, b.Split)...)
		case a.text != "":
			elements = append(elements, a.text)
		}
	}
	return b.setElements(last.name, elements)
}

// setText sets b by a text, that of a list separated by separators.
func (b *binding) setText(from, text string, separators ...string) error {
	if b.Secret {
		return b.setSecret(from, text)
	}
	if b.isList() {
		return b.setElements(from, splitList(text, separators...))
	}
	if err := b.allowed(from, text); err != nil {
		return err
	}
	if err := b.value.set(text); err != nil {
		return usagef("%s: %v", from, err)
	}
	return nil
}

func (b *binding) setElements(from string, elements []string) error {
	for _, e := range elements {
		if err := b.allowed(from, e); err != nil {
			return err
		}
	}
	b.value.setList(elements)
	return nil
}

// allowed tells whether text is one that Enum has.
func (b *binding) allowed(from, text string) error {
	if b.Enum == nil || slices.Contains(b.Enum, text) {
		return nil
	}
	return usagef("%s: %q is none of %s", from, text, strings.Join(b.Enum, ", "))
}
