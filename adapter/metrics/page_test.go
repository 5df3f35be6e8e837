package metrics_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// A page is Prometheus text, read strictly by a parser that shares nothing with the encoder.
type page struct {
	types   map[string]string // by name of family
	help    map[string]string
	samples []sample
}

type sample struct {
	family, name string
	labels       map[string]string
	series       string // name and labels, sorted, values quoted, without empty ones
	value        float64
	time         string
}

// parsePage returns an error for all that a strict reader of 0.0.4 refuses.
func parsePage(text string) (*page, error) {
	p := &page{types: map[string]string{}, help: map[string]string{}}
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, errors.New("no newline at the end")
	}
	family, n := "", 0
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(line, "\n")
		var err error
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			family, err = p.comment(rest, family)
		} else {
			var s sample
			if s, err = parseSample(line); err == nil {
				s.family = family
				err = p.accept(s, seen)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %s", n, err, line)
		}
	}
	return p, p.checkHistograms()
}

func (p *page) comment(line, family string) (string, error) {
	keyword, rest, _ := strings.Cut(line, " ")
	name, rest, _ := strings.Cut(rest, " ")
	if !validName(name, true) {
		return "", errors.New("bad name")
	}
	if _, typed := p.types[name]; typed {
		return "", errors.New("a family twice")
	}
	switch keyword {
	case "HELP":
		if _, twice := p.help[name]; twice {
			return "", errors.New("HELP twice")
		}
		help, err := unescape(rest, false)
		p.help[name] = help
		return "", err
	case "TYPE":
		if _, helped := p.help[name]; !helped && family != "" && strings.HasPrefix(family, name+" ") {
			return "", errors.New("TYPE after samples")
		}
		switch rest {
		case "counter", "gauge", "histogram", "summary", "untyped":
			p.types[name] = rest
			return name, nil
		}
		return "", errors.New("bad type")
	}
	return "", errors.New("neither HELP nor TYPE")
}

// accept checks that s belongs to its family and is there once.
func (p *page) accept(s sample, seen map[string]bool) error {
	suffix, ok := strings.CutPrefix(s.name, s.family)
	if s.family == "" || !ok {
		return errors.New("sample outside of its family")
	}
	allowed := map[string]string{
		"counter": "||", "gauge": "||", "untyped": "||", "summary": "||_sum|_count|", "histogram": "|_bucket|_sum|_count|",
	}[p.types[s.family]]
	if !strings.Contains(allowed, "|"+suffix+"|") {
		return fmt.Errorf("a %s has no %q", p.types[s.family], suffix)
	}
	if seen[s.series] {
		return errors.New("series twice")
	}
	seen[s.series] = true
	p.samples = append(p.samples, s)
	return nil
}

// checkHistograms wants of each histogram growing bounds, growing counts and a bucket for +Inf.
func (p *page) checkHistograms() error {
	type state struct{ bound, count float64 }
	last := map[string]state{}
	for _, s := range p.samples {
		if p.types[s.family] != "histogram" {
			continue
		}
		var labels []string
		for name, value := range s.labels {
			if name != "le" && value != "" {
				labels = append(labels, name+"="+strconv.Quote(value))
			}
		}
		key := s.family + join(labels)
		was, known := last[key]
		if !strings.HasSuffix(s.name, "_bucket") {
			if !known || !math.IsInf(was.bound, 1) {
				return fmt.Errorf("%s: no bucket for +Inf before it", s.series)
			}
			continue
		}
		bound, err := strconv.ParseFloat(s.labels["le"], 64)
		if err != nil || known && (bound <= was.bound || s.value < was.count) {
			return fmt.Errorf("%s: bucket %v holds %v, the one before, %v, %v", key, bound, s.value, was.bound, was.count)
		}
		last[key] = state{bound, s.value}
	}
	for key, l := range last {
		if !math.IsInf(l.bound, 1) {
			return fmt.Errorf("%s: the last bucket is %v", key, l.bound)
		}
	}
	return nil
}

func parseSample(line string) (s sample, err error) {
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return s, errors.New("no value")
	}
	s.name, s.labels = line[:end], map[string]string{}
	if !validName(s.name, true) {
		return s, errors.New("bad name")
	}
	rest := line[end:]
	if rest[0] == '{' {
		if rest, err = parseLabels(rest[1:], s.labels); err != nil {
			return s, err
		}
	}
	fields := strings.Split(rest, " ")
	if len(fields) < 2 || len(fields) > 3 || fields[0] != "" {
		return s, errors.New("want value and perhaps a time")
	}
	if s.value, err = strconv.ParseFloat(fields[1], 64); err != nil {
		return s, err
	}
	if len(fields) == 3 {
		s.time = fields[2]
		if _, err := strconv.ParseInt(s.time, 10, 64); err != nil {
			return s, err
		}
	}
	var labels []string
	for name, value := range s.labels {
		if value != "" {
			labels = append(labels, name+"="+strconv.Quote(value))
		}
	}
	s.series = s.name + join(labels)
	return s, nil
}

// parseLabels reads to the closing brace.
func parseLabels(s string, into map[string]string) (rest string, err error) {
	for {
		name, after, ok := strings.Cut(s, `="`)
		if !ok || !validName(name, false) || name == "__name__" {
			return "", errors.New("bad label name")
		}
		end := 0
		for end < len(after) && after[end] != '"' {
			if after[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(after) {
			return "", errors.New("no closing quote")
		}
		if _, twice := into[name]; twice {
			return "", errors.New("label twice")
		}
		if into[name], err = unescape(after[:end], true); err != nil {
			return "", err
		}
		switch s = after[end+1:]; {
		case strings.HasPrefix(s, "}"):
			return s[1:], nil
		case !strings.HasPrefix(s, ","):
			return "", errors.New("neither comma nor brace")
		}
		s = s[1:]
	}
}

func unescape(s string, quotes bool) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch {
		case i < len(s) && s[i] == 'n':
			b.WriteByte('\n')
		case i < len(s) && (s[i] == '\\' || quotes && s[i] == '"'):
			b.WriteByte(s[i])
		default:
			return "", errors.New("bad escape")
		}
	}
	return b.String(), nil
}

func validName(s string, colons bool) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || colons && c == ':'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// TestParsePage shows that the parser refuses.
func TestParsePage(t *testing.T) {
	for _, bad := range []string{
		"# TYPE a gauge\na 1",
		"a 1\n",
		"# TYPE a gauge\n# TYPE a gauge\n",
		"# HELP a x\n# HELP a x\n# TYPE a gauge\n",
		"# HELP a \\x\n",
		"# TYPE a thing\n",
		"# TYPE a.b gauge\n",
		"# TYPE a gauge\nb 1\n",
		"# TYPE a gauge\na_sum 1\n",
		"# TYPE a gauge\n# TYPE b gauge\na 1\n",
		"# TYPE a gauge\na 1\na 2\n",
		"# TYPE a gauge\na{x=\"\"} 1\na 2\n",
		"# TYPE a gauge\na{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n",
		"# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
		"# TYPE a gauge\na{x=\"1} 1\n",
		"# TYPE a gauge\na{x=\"1\\z\"} 1\n",
		"# TYPE a gauge\na one\n",
		"# TYPE a gauge\na 1 1.5\n",
		"# TYPE a gauge\na  1\n",
		"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
		"# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n",
		"# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 3\n",
		"# TYPE a histogram\na_bucket{le=\"2\"} 1\n",
	} {
		if _, err := parsePage(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
	if _, err := parsePage("# HELP a b\\n\n# TYPE a histogram\na_bucket{x=\"\\\"\",le=\"+Inf\"} 1 5\na_sum{x=\"\\\"\"} NaN\n"); err != nil {
		t.Error(err)
	}
}
