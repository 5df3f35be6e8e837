package sidecar

import (
	"maps"
	"slices"
	"strings"
)

// variables returns env, entries NAME=value, as a map. What Kubernetes sets for services is left out.
func variables(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, entry := range env {
		name, value, ok := strings.Cut(entry, "=")
		if ok && name != "" && !isServiceLink(name) {
			m[name] = value
		}
	}
	return m
}

// strangers returns an error for each variable that would hold a secret itself, and for each one with the prefix that
// is not known but so near to a known one that it is most likely meant.
func (s *scan) strangers(env map[string]string, prefix string) (errs []error) {
	known := s.variableNames()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if s.variables[name] != nil {
			continue
		}
		if secret := s.secrets[name]; secret != nil {
			errs = append(errs, secret.notDirectly(name))
			continue
		}
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if found, ok := nearest(name, known); ok {
			errs = append(errs, usagef("%s is unknown; did you mean %s?", name, s.offered(found)))
		}
	}
	return errs
}

// variableNames returns all variables, and those that would hold secrets.
func (s *scan) variableNames() (names []string) {
	for _, b := range s.all {
		names = append(names, b.variables...)
		if b.direct != "" {
			names = append(names, b.direct)
		}
	}
	return names
}

// offered returns the variable to use for name, which may be one that would hold a secret.
func (s *scan) offered(name string) string {
	if secret := s.secrets[name]; secret != nil && len(secret.variables) > 0 {
		return secret.variables[0]
	}
	return name
}
