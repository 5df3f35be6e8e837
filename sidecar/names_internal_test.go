package sidecar

import "testing"

func TestIsServiceLink(t *testing.T) {
	for name, want := range map[string]bool{
		"A_SERVICE_HOST":       true,
		"A_B_SERVICE_HOST":     true,
		"A_SERVICE_PORT":       true,
		"A_SERVICE_PORT_HTTP":  true,
		"A_PORT":               true,
		"A_PORT_80_TCP":        true,
		"A_PORT_80_UDP_ADDR":   true,
		"A_PORT_PORT_80_TCP":   true,
		"A_PORT_X_PORT_80_TCP": true,
		"A_SERVICE_HOSTNAME":   false,
		"A_PORTS":              false,
		"A_EXPORT":             false,
		"A_PORT_80":            false,
		"A_PORT_TCP":           false,
		"A_PORT_X80_TCP":       false,
		"A_LISTEN":             false,
		"PORT":                 false, // as platforms set it
		"SERVICE_HOST":         false,
		"":                     false,
	} {
		if got := isServiceLink(name); got != want {
			t.Errorf("isServiceLink(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestIsVariable(t *testing.T) {
	for name, want := range map[string]bool{
		"GITSYNC_REPO": true, "A": true, "A1": true, "_A": true,
		"repo": false, "Repo": false, "A-B": false, "1A": false, "1": false, "": false, "_": false,
	} {
		if got := isVariable(name); got != want {
			t.Errorf("isVariable(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "a", 0}, {"", "a", 1}, {"a", "b", 1}, {"ab", "ba", 2},
		{"listen", "lisen", 1}, {"listen", "listten", 1}, {"listen", "listne", 2},
		{"kitten", "sitting", 3}, {"listen", "admin", 5}, {"a", "abcd", 3},
	}
	for _, tt := range tests {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := distance(pair[0], pair[1]); got != tt.want {
				t.Errorf("distance(%q, %q) = %d, want %d", pair[0], pair[1], got, tt.want)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"listen", "timeout", "lists"}
	for name, want := range map[string]string{"listen": "listen", "listn": "listen", "list": "lists", "timout": "timeout", "tmot": "", "x": ""} {
		if got, ok := nearest(name, names); got != want && ok || ok != (want != "") {
			t.Errorf("nearest(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
}
