package sidecar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A binding is a Param with the names that set it.
type binding struct {
	Param
	value     value
	flags     []string // the first is its own
	variables []string // in the order they are looked at; may be empty
	direct    string   // the variable that would hold a Secret itself
}

// bindings are the parameters of a Spec by name.
type bindings struct {
	all       []*binding
	flags     map[string]*binding
	variables map[string]*binding
	secrets   map[string]*binding // by the flags and variables that would hold them
	rest      *binding            // takes what is left over; may be nil
}

// bind returns the parameters of s, and what is wrong with them.
func (s *Spec) bind() (*bindings, error) {
	bs := &bindings{
		flags:     map[string]*binding{},
		variables: map[string]*binding{},
		secrets:   map[string]*binding{},
	}
	var errs []error
	for _, p := range s.Params {
		b, err := newBinding(p, s.prefix())
		if err == nil {
			err = bs.add(b)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("parameter %q: %w", p.Name, err))
		}
	}
	for _, b := range bs.all {
		errs = append(errs, bs.shadowed(b))
	}
	return bs, errors.Join(errs...)
}

func newBinding(p Param, prefix string) (*binding, error) {
	v, err := valueOf(p)
	if err := errors.Join(err, paramMistakes(p, v)); err != nil {
		return nil, err
	}
	b := &binding{Param: p, value: v}
	flag, variable := p.Name, prefix+inCapitals(p.Name)
	if p.Secret {
		b.direct = variable
		flag, variable = flag+"-file", variable+"_FILE"
	}
	b.flags, b.variables = []string{flag}, []string{variable}
	for _, name := range p.Also {
		if isVariable(name) {
			b.variables = append(b.variables, name)
		} else {
			b.flags = append(b.flags, name)
		}
	}
	b.variables = slices.DeleteFunc(b.variables, isServiceLink)
	return b, nil
}

// paramMistakes returns what is wrong with p apart from the types of Value, Min and Max.
func paramMistakes(p Param, v value) error {
	var errs []error
	mistake := func(wrong bool, text string) {
		if wrong {
			errs = append(errs, errors.New(text))
		}
	}
	for _, name := range append([]string{p.Name}, p.Also...) {
		mistake(!validName(name), fmt.Sprintf("%q is no name for a flag", name))
		mistake(name == "h" || name == "help", "-h and -help are for help")
	}
	list := v.kind == "list" || v.kind == ""
	mistake(p.Split != "" && !list, "Split is for lists")
	mistake(p.Rest && !list, "Rest is for lists")
	mistake(p.Rest && p.Secret, "Rest is not for a Secret")
	mistake(p.Secret && (p.Enum != nil || p.Min != nil || p.Max != nil), "a Secret has no Enum, Min or Max: they would tell about it")
	mistake(p.Enum != nil && v.kind == "bool", "a bool needs no Enum")
	return errors.Join(errs...)
}

// add puts b among the parameters unless a name of it is taken.
func (bs *bindings) add(b *binding) error {
	var errs []error
	for _, f := range b.flags {
		if bs.flags[f] != nil {
			errs = append(errs, fmt.Errorf("the flag -%s exists already", f))
		}
		bs.flags[f] = b
	}
	for _, v := range b.variables {
		if bs.variables[v] != nil {
			errs = append(errs, fmt.Errorf("the variable %s exists already", v))
		}
		bs.variables[v] = b
	}
	if b.Secret {
		bs.secrets[b.Name], bs.secrets[b.direct] = b, b
	}
	if b.Rest {
		if bs.rest != nil {
			errs = append(errs, fmt.Errorf("%q takes the Rest already", bs.rest.Name))
		}
		bs.rest = b
	}
	bs.all = append(bs.all, b)
	return errors.Join(errs...)
}

// shadowed returns an error if a name of b would hold a Secret itself.
func (bs *bindings) shadowed(b *binding) error {
	for _, name := range slices.Concat(b.flags, b.variables) {
		if secret := bs.secrets[name]; secret != nil {
			return fmt.Errorf("parameter %q: the name %s would hold the Secret %q itself", b.Name, name, secret.Name)
		}
	}
	return nil
}

// names returns how b is set, for texts: "-listen or GREETER_LISTEN".
func (b *binding) names() string {
	if len(b.variables) == 0 {
		return "-" + b.flags[0]
	}
	return "-" + b.flags[0] + " or " + b.variables[0]
}

// notDirectly refuses a name that would hold the secret itself.
func (b *binding) notDirectly(name string) error {
	return usagef("%s is refused: a secret is read from a file; name that with %s", name, b.names())
}

// isAlso tells whether name is one of another program.
func (b *binding) isAlso(name string) bool { return slices.Contains(b.Also, name) }

func (b *binding) isList() bool { return b.value.kind == "list" }
func (b *binding) isBool() bool { return b.value.kind == "bool" }

// valueName returns the name of the value for help, and Usage without the quotes around it.
func (b *binding) valueName() (name, usage string) {
	before, rest, ok := strings.Cut(b.Usage, "`")
	quoted, after, closed := strings.Cut(rest, "`")
	switch {
	case ok && closed:
		name, usage = quoted, before+quoted+after
	case b.isBool():
		usage = b.Usage
	case b.isList(), b.value.kind == "text":
		name, usage = "value", b.Usage
	default:
		name, usage = strings.TrimSuffix(b.value.kind, "64"), b.Usage
	}
	if b.Secret {
		name = "path"
	}
	return name, usage
}
