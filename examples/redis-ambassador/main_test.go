package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/shard"
)

// exec runs the program and returns what it writes and its exit code.
func exec(stdin string, args ...string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	code = run(context.Background(), args, nil, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), code
}

func TestWhere(t *testing.T) {
	args := []string{"-where", "-shards", "red=127.0.0.1:1,green=127.0.0.1:2@2", "-shards", "127.0.0.1:3"}
	ring, err := shard.Build(shard.Config{Tag: "{}", Nodes: []shard.Node{{Name: "red"}, {Name: "green", Weight: 2}, {Name: "127.0.0.1:3"}}})
	if err != nil {
		t.Fatal(err)
	}
	for in, keys := range map[string][]string{
		"":                                nil,
		"user:1":                          {"user:1"},
		"user:1\n":                        {"user:1"},
		"user:1\r\n":                      {"user:1\r"},
		"\n\n":                            {"", ""},
		"user:2\n{user:2}:x\nx{user:2}":   {"user:2", "{user:2}:x", "x{user:2}"},
		"\x00\xff\n \t \n":                {"\x00\xff", " \t "},
		strings.Repeat("k", 1<<20) + "\n": {strings.Repeat("k", 1<<20)},
	} {
		want := ""
		for _, key := range keys {
			want += key + "\t" + ring.OwnerString(key) + "\n"
		}
		if out, err, code := exec(in, args...); out != want || err != "" || code != 0 {
			t.Errorf("%.50q: %.50q, %q, exit %d; want %.50q", in, out, err, code, want)
		}
	}
}

func TestWhereHex(t *testing.T) {
	shards := []string{"-shards=red=a:1,green=b:1,blue=c:1", "-where", "-hex"}
	plain, _, _ := exec("user:1\n\n", "-shards", "red=a:1,green=b:1,blue=c:1", "-where")
	out, err, code := exec("757365723A31\n\n", shards...)
	if want := strings.Replace(plain, "user:1", "757365723A31", 1); out != want || code != 0 {
		t.Errorf("%q, %q, exit %d; want %q", out, err, code, want)
	}
	for _, bad := range []string{"xx", "abc", "61\r", "6 1"} {
		out, err, code := exec("61\n"+bad+"\n62\n", shards...)
		if code != 1 || !strings.Contains(err, "line 2") || !strings.HasPrefix(out, "61\t") || strings.Count(out, "\n") != 1 {
			t.Errorf("%q: %q, %q, exit %d", bad, out, err, code)
		}
	}
}

// Without a tag rule, or with another one, keys live elsewhere.
func TestWhereHashTag(t *testing.T) {
	where := func(tag string) string {
		out, _, _ := exec("{a}1\n{a}2\n{a}3\n{a}4\n{a}5\n{a}6\n", "-where", "-shards", "r=a:1,g=b:1,b=c:1", "-hash-tag", tag)
		var owners []string
		for line := range strings.Lines(out) {
			owners = append(owners, strings.Fields(line)[1])
		}
		return fmt.Sprint(owners)
	}
	if got := where("{}"); strings.Count(got, strings.Trim(strings.Fields(got)[0], "[")) != 6 {
		t.Errorf("one tag, several owners: %s", got)
	}
	if where("{}") == where("") || where("") != where("[]") {
		t.Errorf("tags {} %s, none %s, [] %s", where("{}"), where(""), where("[]"))
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args, want string
	}{
		{"-where", "-where needs -shards"},
		{"-hex", "-hex goes with -where"},
		{"-shards a", `"a": want host:port`},
		{"-shards =a:1", "no name before ="},
		{"-shards a=", "there is no address"},
		{"-shards a=b:1@2x", `"b:1@2x": want host:port`},
		{"-shards a=b:99999", "want host:port"},
		{"-where -shards a=b", "want host:port"},
		{"-shards a=b:1@1e999", "want host:port"},
		{"-shards a=b:1@0", "the weight must be more than 0"},
		{"-shards a=b:1@-1", "the weight must be more than 0"},
		{"-shards a=b:1@NaN", "the weight must be more than 0"},
		{"-shards a=b:1@Inf", "weight"},
		{"-shards a=b:1,a=c:1", "duplicate name"},
		{"-shards a=b:1 -hash-tag x", "Tag"},
		{"-hash-tag x", "Tag"},
		{"-timeout 0s", "-timeout"},
		{"-timeout 5", "-timeout"},
		{"-shards a:1 -where x", "x"},
	} {
		out, err, code := exec("", strings.Fields(tt.args)...)
		if code != 2 || !strings.Contains(err, tt.want) || out != "" {
			t.Errorf("%s: exit %d, %q, %q; want %q", tt.args, code, err, out, tt.want)
		}
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]string{
		"a:1":              "a:1 a:1 0",
		"n=a:1":            "n a:1 0",
		"n=a:1@2.5":        "n a:1 2.5",
		"a:1@2":            "a:1 a:1 2",
		"n=unix:/x@y":      "n unix:/x@y 0",
		"n=unix:/x@y@3":    "n unix:/x@y 3",
		"n=[::1]:6379@1e2": "n [::1]:6379 100",
		"n=a=b:1":          "n a=b:1 0",
		"unix:/x=y":        "unix:/x=y unix:/x=y 0",
	} {
		node, addr, err := parseShard(text)
		if got := fmt.Sprint(node.Name, " ", addr, " ", node.Weight); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}

// brokenWriter is a pipe whose reader has gone.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWhereWithoutReader(t *testing.T) {
	var err bytes.Buffer
	endless := io.MultiReader(strings.NewReader(strings.Repeat("key\n", 100_000)), failingReader{t})
	code := run(t.Context(), []string{"-where", "-shards", "a:1"}, nil, endless, brokenWriter{}, &err)
	if code != 1 || !strings.Contains(err.String(), "broken pipe") {
		t.Errorf("exit %d, %q", code, err.String())
	}
}

type failingReader struct{ t *testing.T }

func (r failingReader) Read([]byte) (int, error) {
	r.t.Error("read on although nobody listens")
	return 0, io.EOF
}

func TestProbes(t *testing.T) {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &probes{proxy: proxy}
	for _, tt := range []struct {
		taking bool
		url    string
		code   int
		body   string
	}{
		{false, "/readyz", 503, "[-]clients failed: starting or stopping\n[-]shards failed: shard red does not answer\nreadyz check failed\n"},
		{true, "/readyz", 503, "[+]clients ok\n[-]shards failed: shard red does not answer\nreadyz check failed\n"},
	} {
		p.taking.Store(tt.taking)
		w := httptest.NewRecorder()
		answer("readyz", p.checks)(w, httptest.NewRequest("GET", tt.url, nil))
		if w.Code != tt.code || w.Body.String() != tt.body {
			t.Errorf("%s: %d %q, want %d %q", tt.url, w.Code, w.Body, tt.code, tt.body)
		}
	}
	w := httptest.NewRecorder()
	answer("livez", nil)(w, httptest.NewRequest("GET", "/livez?verbose", nil))
	if w.Code != 200 || w.Body.String() != "livez check passed\n" {
		t.Errorf("/livez?verbose: %d %q", w.Code, w.Body)
	}
}

func TestWhereHandler(t *testing.T) {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	for query, code := range map[string]int{"key=a": 200, "key=": 200, "key=a%3Bb": 200, "": 400, "key=a;b": 400, "key=100%": 400, "kex=a": 400} {
		w := httptest.NewRecorder()
		where(proxy)(w, httptest.NewRequest("GET", "/where?"+query, nil))
		if w.Code != code || code == 200 && w.Body.String() != "red 127.0.0.1:1\n" {
			t.Errorf("/where?%s: %d %q, want %d", query, w.Code, w.Body, code)
		}
	}
}
