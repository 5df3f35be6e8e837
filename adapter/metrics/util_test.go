package metrics_test

import (
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/adapter/metrics"
)

// join sorts labels and makes one string of them.
func join(labels []string) string {
	slices.Sort(labels)
	return "{" + strings.Join(labels, ",") + "}"
}

func all(families ...*metrics.Family) iter.Seq2[*metrics.Family, error] {
	return func(yield func(*metrics.Family, error) bool) {
		for _, f := range families {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// encode returns families as text.
func encode(families ...*metrics.Family) (string, error) {
	var b strings.Builder
	err := metrics.Text().Encode(&b, all(families...))
	return b.String(), err
}

// labels makes labels of names and values in turn.
func labels(pairs ...string) []metrics.Label {
	var made []metrics.Label
	for pair := range slices.Chunk(pairs, 2) {
		made = append(made, metrics.Label{Name: pair[0], Value: pair[1]})
	}
	return made
}

// program returns where a program is, or skips the test unless TEST_REQUIRE wants it.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		required := strings.Split(os.Getenv("TEST_REQUIRE"), ",")
		if slices.Contains(required, name) || slices.Contains(required, "all") {
			t.Fatalf("%s is required: %v", name, err)
		}
		t.Skipf("%v (Debian: apt-get install prometheus)", err)
	}
	return path
}
