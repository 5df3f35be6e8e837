package examples

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every program in the README builds, as it stands there.
func TestReadmeProgramsBuild(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	packages := []string{"build", "-o", os.DevNull, "-overlay", filepath.Join(dir, "overlay.json")}
	for i, block := range strings.Split(string(readme), "```go\n")[1:] {
		program, _, _ := strings.Cut(block, "```")
		file := filepath.Join(dir, fmt.Sprintf("readme%d.go", i))
		if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
			t.Fatal(err)
		}
		// The directory exists only in the overlay.
		overlay["Replace"][filepath.Join(root, "examples", fmt.Sprintf("readme%d", i), "main.go")] = file
		packages = append(packages, fmt.Sprintf("./readme%d", i))
	}
	if len(overlay["Replace"]) < 6 {
		t.Fatalf("only %d programs found", len(overlay["Replace"]))
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", packages...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
