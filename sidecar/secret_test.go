package sidecar_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// secretFile returns the path of a file with that content.
func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecret(t *testing.T) {
	for content, want := range map[string]string{
		"hunter2":        "hunter2",
		"hunter2\n":      "hunter2",
		"hunter2\r\n":    "hunter2",
		"hunter2\n\n":    "hunter2\n",
		"hunter2\r":      "hunter2\r",
		" hunter 2 \n":   " hunter 2 ",
		"":               "",
		"a=b\nc=\"d\"\n": "a=b\nc=\"d\"",
	} {
		path := secretFile(t, content)
		for _, way := range []struct{ args, env []string }{
			{args: []string{"-password-file", path}},
			{args: []string{"--password-file=" + path}},
			{args: []string{"-pf", path}},
			{env: []string{"IT_PASSWORD_FILE=" + path}},
			{env: []string{"OTHER_FILE=" + path}},
			{args: []string{"-password-file", path}, env: []string{"IT_PASSWORD_FILE=/none"}},
			{env: []string{"IT_PASSWORD_FILE=", "OTHER_FILE=" + path}},
		} {
			password := "default"
			spec := secretSpec(&password)
			if err := spec.Parse(way.args, way.env); err != nil || password != want {
				t.Errorf("%q by %q %q: got %q, %v, want %q", content, way.args, way.env, password, err, want)
			}
		}
	}
}

func secretSpec(password *string) *sidecar.Spec {
	return &sidecar.Spec{Name: "it", Params: []sidecar.Param{
		{Name: "password", Value: password, Secret: true, Usage: "password of the user", Also: []string{"pf", "OTHER_FILE"}},
		{Name: "user", Value: new("nobody")},
	}}
}

func TestSecretNone(t *testing.T) {
	for _, way := range []struct{ args, env []string }{
		{}, {args: []string{"-password-file="}}, {env: []string{"IT_PASSWORD_FILE="}},
	} {
		password := "default"
		if err := secretSpec(&password).Parse(way.args, way.env); err != nil || password != "default" {
			t.Errorf("by %q %q: got %q, %v, want the default", way.args, way.env, password, err)
		}
	}
}

func TestSecretRefused(t *testing.T) {
	const refused = " is refused: a secret is read from a file; name that with -password-file or IT_PASSWORD_FILE"
	tests := []struct {
		args []string
		env  string
		want string
	}{
		{[]string{"-password", "hunter2"}, "", "-password" + refused},
		{[]string{"-password", "-hunter2"}, "", "-password" + refused},
		{[]string{"--password=hunter2"}, "", "-password" + refused},
		{[]string{"-password"}, "", "-password" + refused},
		{nil, "IT_PASSWORD=hunter2", "IT_PASSWORD" + refused},
		{[]string{"-pasword", "hunter2"}, "", "-pasword is unknown; did you mean -password-file?"},
		{[]string{"-pasword=hunter2"}, "", "-pasword is unknown; did you mean -password-file?"},
		{[]string{"-secret", "hunter2"}, "", "-secret is unknown"},
		{nil, "IT_PASWORD=hunter2", "IT_PASWORD is unknown; did you mean IT_PASSWORD_FILE?"},
		{nil, "IT_PASSWORD_FIEL=hunter2", "IT_PASSWORD_FIEL is unknown; did you mean IT_PASSWORD_FILE?"},
	}
	for _, tt := range tests {
		password := ""
		err := secretSpec(&password).Parse(tt.args, []string{tt.env})
		if err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%q, %q) = %v, want %s", tt.args, tt.env, err, tt.want)
		}
	}
}

func TestSecretFileErrors(t *testing.T) {
	password := ""
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	err := secretSpec(&password).Parse([]string{"-password-file", missing}, nil)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "-password-file: ") || !strings.Contains(err.Error(), missing) {
		t.Errorf("Parse = %v, want that %s is missing", err, missing)
	}
	if err := secretSpec(&password).Parse(nil, []string{"IT_PASSWORD_FILE=" + dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Parse = %v, want an error with the directory", err)
	}
	full := secretFile(t, strings.Repeat("s", 1<<20))
	if err := secretSpec(&password).Parse([]string{"-password-file", full}, nil); err != nil || len(password) != 1<<20 {
		t.Errorf("1MiB: read %d bytes, %v", len(password), err)
	}
	over := secretFile(t, strings.Repeat("s", 1<<20+1))
	err = secretSpec(&password).Parse([]string{"-password-file", over}, nil)
	if err == nil || !strings.Contains(err.Error(), over+" is larger than 1MiB") || strings.Contains(err.Error(), "ssss") {
		t.Errorf("Parse = %v, want that the file is too large", err)
	}
}

// Secrets may be other kinds than strings; what cannot be read of them is not shown.
func TestSecretKinds(t *testing.T) {
	var tokens []string
	var pin int
	spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{
		{Name: "tokens", Value: &tokens, Secret: true, Split: ","},
		{Name: "pin", Value: &pin, Secret: true, Required: true},
	}}
	path, number := secretFile(t, "one, two\n\nthree\n"), secretFile(t, "4711\n")
	if err := spec.Parse([]string{"-tokens-file", path, "-pin-file", number}, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tokens, []string{"one", "two", "three"}) || pin != 4711 {
		t.Errorf("read %q and %d", tokens, pin)
	}
	err := spec.Parse([]string{"-pin-file", path}, nil)
	if err == nil || strings.Contains(err.Error(), "one") || !strings.Contains(err.Error(), path) {
		t.Errorf("Parse = %v, want the path and no content", err)
	}
	err = spec.Parse(nil, nil)
	if want := "-pin-file or IT_PIN_FILE is required"; err == nil || err.Error() != want {
		t.Errorf("Parse = %v, want %s", err, want)
	}
}

// Whatever a program is asked, no output has the secret, be it the default, in a file or where it should not be.
func TestSecretNeverShown(t *testing.T) {
	const secret = "hunter2"
	path := secretFile(t, secret)
	ok := func(context.Context) error { return nil }
	for _, args := range [][]string{
		{"help"}, {"-h"}, {"spec"}, {"spec", "-o", "help"}, {"spec", "-o", "none"}, {"version"},
		{"-password", secret}, {"-password=" + secret}, {"-pasword", secret}, {"-pasword=" + secret}, {"-pw", secret},
		{"-pin-file", path}, {"-password-file", path, "-x"}, {"-password-file", path, "-h"},
		{"-pin-file", path, "-user", "x", "-password-file", path},
	} {
		for _, env := range [][]string{nil, {"IT_PASSWORD=" + secret, "IT_PASWORD=" + secret, "IT_PASSWORD_FILE=" + path, "IT_PIN_FILE=" + path}} {
			password, pin, tokens := secret, 1, []string{secret}
			spec := secretSpec(&password)
			spec.Params = append(spec.Params,
				sidecar.Param{Name: "pin", Value: &pin, Secret: true, Deprecated: "use a password"},
				sidecar.Param{Name: "tokens", Value: &tokens, Secret: true})
			var out bytes.Buffer
			spec.Exec(t.Context(), args, env, nil, &out, &out, ok)
			spec.Write(&out, "json")
			if out.Len() == 0 || strings.Contains(out.String(), secret) {
				t.Errorf("%q with %q shows the secret:\n%s", args, env, out.String())
			}
		}
	}
}
