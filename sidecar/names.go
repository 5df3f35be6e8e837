package sidecar

import (
	"cmp"
	"strings"
)

// prefix returns the prefix of variables, with its _.
func (s *Spec) prefix() string {
	return cmp.Or(s.Prefix, inCapitals(s.Name)) + "_"
}

// inCapitals returns a name as variables have it.
func inCapitals(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// isVariable tells a variable's name from a flag's.
func isVariable(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" &&
		strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && !strings.ContainsAny(name[:1], "0123456789")
}

// isServiceLink tells whether Kubernetes sets a variable of this name for a service in the namespace, so that its value
// says nothing about this program. A service called like the program is enough to fill its prefix with them.
func isServiceLink(name string) bool {
	if strings.HasSuffix(name, "_SERVICE_HOST") || strings.HasSuffix(name, "_PORT") {
		return true
	}
	return strings.Contains(name, "_SERVICE_PORT") || portLink(name)
}

// portLink tells whether name has the form *_PORT_<n>_*.
func portLink(name string) bool {
	for {
		_, after, ok := strings.Cut(name, "_PORT_")
		if !ok {
			return false
		}
		rest := strings.TrimLeft(after, "0123456789")
		if len(rest) < len(after) && strings.HasPrefix(rest, "_") {
			return true
		}
		// The next one may begin with the _ at the end of this one.
		name = "_" + after
	}
}

// validName tells whether a flag, port or program may be called so.
func validName(name string) bool {
	const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	return name != "" && !strings.ContainsAny(name[:1], "._-") && strings.Trim(strings.ToLower(name), lower+digits+"._-") == ""
}
