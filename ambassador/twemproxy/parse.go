package twemproxy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a configuration file.
const maxFile = 16 << 20

// Parse reads a nutcracker.yml as strictly as nutcracker does: block style only, no anchors, tags, directives or document
// marks, one sequence in each pool, known keys, each once. The error is a *SyntaxError for the first mistake, or the
// reader's. A file above 16 MiB is refused.
func Parse(r io.Reader) (Config, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Config{}, err
	}
	if len(text) > maxFile {
		return Config{}, &SyntaxError{Text: "conf: the file is larger than 16 MiB"}
	}
	root, err := parseYAML(text)
	if err != nil {
		return Config{}, err
	}
	var c Config
	for i := 0; i < len(root.Content); i += 2 {
		pool, err := parsePool(root.Content[i], root.Content[i+1])
		if err != nil {
			return Config{}, err
		}
		c.Pools = append(c.Pools, pool)
	}
	if err := c.checkPools(); err != nil {
		return Config{}, err
	}
	c.warn()
	return c, nil
}

// parseYAML returns the mapping that the file is, all of whose nodes are of kinds that twemproxy takes.
func parseYAML(text []byte) (*yaml.Node, error) {
	if line := documentMark(text); line > 0 {
		return nil, &SyntaxError{Line: line, Text: "conf: document marks are disallowed"}
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&doc)
	if err == io.EOF {
		return nil, &SyntaxError{Text: "conf: has no pools"}
	}
	if err == nil {
		// What follows the first document shows only here.
		if err = decoder.Decode(&more); err == io.EOF {
			err = nil
		} else if err == nil {
			err = errors.New("has more than one document")
		}
	}
	if err != nil {
		return nil, yamlError(err)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, &SyntaxError{Line: root.Line, Text: "conf: want pools, each a name with a mapping"}
	}
	return root, checkNode(root, 0)
}

// yamlError takes the line out of an error of package yaml, which has no type for that.
func yamlError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	return &SyntaxError{Line: line, Text: "conf: " + text}
}

// documentMark returns the line of a mark such as --- or a directive such as %YAML, 0 if there is none. No other line can
// begin so.
func documentMark(text []byte) (line int) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxFile+1)
	for lines.Scan() {
		line++
		s := strings.TrimPrefix(lines.Text(), "\ufeff")
		mark := strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...")
		if strings.HasPrefix(s, "%") || mark && (len(s) == 3 || strings.ContainsRune(" \t\r", rune(s[3]))) {
			return line
		}
	}
	return 0
}

// checkNode refuses what nutcracker's scanner refuses.
func checkNode(n *yaml.Node, depth int) error {
	bad := ""
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		bad = "conf: anchors and aliases are disallowed"
	case n.Style&yaml.TaggedStyle != 0:
		bad = "conf: tags are disallowed"
	case n.Style&yaml.FlowStyle != 0:
		bad = "conf: [] and {} are disallowed"
	case n.Kind == yaml.ScalarNode && n.Value == "":
		bad = "conf: empty values are disallowed"
	case depth > 2 && n.Kind != yaml.ScalarNode:
		bad = "conf: nested too deeply"
	}
	if bad != "" {
		return &SyntaxError{Line: n.Line, Text: bad}
	}
	for _, child := range n.Content {
		if err := checkNode(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// parsePool reads a pool. It must have one sequence.
func parsePool(name, body *yaml.Node) (Pool, error) {
	fail := func(n *yaml.Node, text string) (Pool, error) {
		return Pool{}, &SyntaxError{Line: n.Line, Pool: name.Value, Text: text}
	}
	if name.Kind != yaml.ScalarNode || body.Kind != yaml.MappingNode {
		return fail(name, "conf: want a name with a mapping")
	}
	p := poolParser{Pool: newPool(name.Value), seen: make(map[string]bool)}
	sequences := 0
	for i := 0; i < len(body.Content); i += 2 {
		key, value := body.Content[i], body.Content[i+1]
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values = value.Content
			sequences++
		}
		if key.Kind != yaml.ScalarNode || value.Kind == yaml.MappingNode {
			return fail(key, "conf: nested too deeply")
		}
		for _, v := range values {
			if v.Kind != yaml.ScalarNode {
				return fail(v, "conf: nested too deeply")
			}
			if wrong := p.set(key.Value, v.Value); wrong != "" {
				return fail(v, fmt.Sprintf("conf: directive %q %s", key.Value, wrong))
			}
		}
	}
	if sequences != 1 {
		return fail(name, "conf: want one sequence, the servers")
	}
	if wrong := p.check(); wrong != "" {
		return fail(name, wrong)
	}
	return p.Pool, nil
}
