package sidecar

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret bounds the file of a secret.
const maxSecret = 1 << 20

// setSecret sets b by the content of the file at path; "" is no file. No error tells of the content.
func (b *binding) setSecret(from, path string) error {
	if path == "" {
		return nil
	}
	text, err := readSecret(path)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if b.isList() {
		b.value.setList(splitList(text, "\n", b.Split))
		return nil
	}
	if b.value.set(text) != nil {
		return usagef("%s: the content of %s is no %s", from, path, b.value.kind)
	}
	return nil
}

// readSecret returns the content of the file without its last newline.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	if len(content) > maxSecret {
		return "", fmt.Errorf("%s is larger than %v", path, Size(maxSecret))
	}
	text, cut := strings.CutSuffix(string(content), "\n")
	if cut {
		text = strings.TrimSuffix(text, "\r")
	}
	return text, nil
}
