package examples

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fairleadgo/fairlead"

// deps lists every import that leaves the standard library, package by package; a leading slash stands for
// this module. It is policy, not a record: a child may import its parent, twemproxy ties two islands together,
// and that is all. Packages that are yet to come have their place already.
var deps = map[string][]string{
	".":                     nil,
	"shard":                 {"github.com/cespare/xxhash/v2"},
	"shard/shardtest":       nil,
	"ambassador":            {"golang.org/x/net/dns/dnsmessage"},
	"ambassador/httpproxy":  nil,
	"ambassador/memnet":     nil,
	"ambassador/proxyproto": nil,
	"ambassador/resp":       nil,
	"ambassador/redisproxy": {"/ambassador/resp"},
	"ambassador/twemproxy":  {"/ambassador/redisproxy", "/shard", "go.yaml.in/yaml/v3"},
	"split":                 {"github.com/cespare/xxhash/v2"},
	"split/experiment":      nil,
	"adapter":               nil,
	"adapter/adaptertest":   nil,
	"adapter/metrics":       nil,
	"adapter/metrics/apps":  {"/adapter/metrics"},
	"adapter/metrics/push":  {"/adapter/metrics", "go.yaml.in/yaml/v3"},
	"adapter/metrics/promproto": {
		"/adapter/metrics", "github.com/prometheus/client_model/go", "github.com/prometheus/common/expfmt",
	},
	"adapter/logs":        nil,
	"adapter/logs/follow": {"/adapter/logs"},
	"health":              nil,
	"health/check":        nil,
	"health/restart":      nil,
	"sidecar":             nil,
	"sidecar/certs":       nil,
	"sidecar/gate":        nil,
	"sidecar/gitsync":     nil,
	"sidecar/reload":      nil,
	"sidecar/topz":        {"github.com/prometheus/procfs"},
}

func TestDeps(t *testing.T) {
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." {
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
				return fs.SkipDir // a module of its own, for rivals and clients
			}
		}
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "examples/") {
			return err
		}
		allowed, ok := deps[path.Dir(name)]
		if !ok {
			t.Errorf("%s: package is not in the import policy", path.Dir(name))
		}
		for _, imp := range outside(t, root, name) {
			if !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s: not in the import policy", name, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// outside returns the imports of a file that are not of the standard library.
func outside(t *testing.T, root fs.FS, name string) (imports []string) {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imp := strings.TrimPrefix(strings.Trim(spec.Path.Value, `"`), module)
		if first, _, _ := strings.Cut(imp, "/"); first == "" || strings.Contains(first, ".") {
			imports = append(imports, imp)
		}
	}
	return imports
}

// A program of this module is small enough to be read: its main package imports other packages for what they do.
func TestProgramsHaveMain(t *testing.T) {
	for _, name := range programs(t) {
		if _, err := os.Stat(path.Join(name, "main_test.go")); err != nil {
			t.Errorf("%s has no main_test.go", name)
		}
	}
}

// programs returns the directories beside this file that hold a program.
func programs(t *testing.T) (names []string) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := os.Stat(path.Join(e.Name(), "main.go")); err == nil {
			names = append(names, e.Name())
		}
	}
	return names
}
