package sidecar

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
)

// checked returns the parameters of s, or all that is wrong with s.
func (s *Spec) checked() (*bindings, error) {
	bs, err := s.bind()
	err = errors.Join(s.nameMistakes(), err, s.portMistakes(bs), s.probeMistakes(), s.otherMistakes())
	return bs, err
}

func (s *Spec) nameMistakes() error {
	if !validName(s.Name) {
		return fmt.Errorf("%q is no name for a program", s.Name)
	}
	if p := s.prefix(); !isVariable(p) {
		return fmt.Errorf("%q is no prefix for variables", strings.TrimSuffix(p, "_"))
	}
	return nil
}

func (s *Spec) portMistakes(bs *bindings) error {
	var errs []error
	seen := map[string]bool{}
	for _, p := range s.Ports {
		b := bs.byName(p.Param)
		switch {
		case !validName(p.Name):
			errs = append(errs, fmt.Errorf("%q is no name for a port", p.Name))
		case seen[p.Name]:
			errs = append(errs, fmt.Errorf("port %q exists already", p.Name))
		case !slices.ContainsFunc(s.Params, func(q Param) bool { return q.Name == p.Param }):
			errs = append(errs, fmt.Errorf("port %q: there is no parameter %q", p.Name, p.Param))
		case b != nil && (b.Secret || b.value.kind != "string" && b.value.kind != "text"):
			errs = append(errs, fmt.Errorf("port %q: parameter %q holds no address", p.Name, p.Param))
		}
		seen[p.Name] = true
	}
	return errors.Join(errs...)
}

func (s *Spec) probeMistakes() error {
	var errs []error
	p := s.Probes
	known := slices.ContainsFunc(s.Ports, func(port Port) bool { return port.Name == p.Port })
	if p != (Probes{}) && !known {
		errs = append(errs, fmt.Errorf("probes: there is no port %q", p.Port))
	}
	for _, probe := range []string{p.Startup, p.Live, p.Ready} {
		if probe != "" && !strings.HasPrefix(probe, "/") {
			errs = append(errs, fmt.Errorf("probes: the path %q does not begin with /", probe))
		}
	}
	return errors.Join(errs...)
}

func (s *Spec) otherMistakes() error {
	var errs []error
	for _, v := range s.Volumes {
		if !path.IsAbs(v.Path) {
			errs = append(errs, fmt.Errorf("volume %q: the path is not absolute", v.Path))
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.Exits)) {
		if code < 0 || code > 255 {
			errs = append(errs, fmt.Errorf("exit %d: not from 0 to 255", code))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Stats)) {
		if t := reflect.TypeOf(s.Stats[name]); t == nil || indirect(t).Kind() != reflect.Struct {
			errs = append(errs, fmt.Errorf("stats %q: %v is no struct", name, t))
		}
	}
	return errors.Join(errs...)
}

// byName returns the parameter of that name, or nil.
func (bs *bindings) byName(name string) *binding {
	for _, b := range bs.all {
		if b.Name == name {
			return b
		}
	}
	return nil
}
