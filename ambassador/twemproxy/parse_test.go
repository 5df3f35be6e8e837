package twemproxy_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/ambassador/twemproxy"
	"github.com/fairleadgo/fairlead/shard"
)

const full = `# a comment
alpha:
  listen: /tmp/alpha.sock 0660
  hash: murmur
  hash_tag: "{}"
  distribution: modula
  timeout: 400
  backlog: 128
  client_connections: 1000
  redis: true
  redis_auth: secret
  redis_db: 3
  tcpkeepalive: true
  preconnect: true
  auto_eject_hosts: true
  server_connections: 2
  server_retry_timeout: 2000
  server_failure_limit: 1
  servers:
    - 127.0.0.1:6379:1 one
    - 127.0.0.1:6380:20
    - 127.0.0.2:11211:1
    - /tmp/red:is:3
    - ::1:6379:1
beta:
  listen: "127.0.0.1:22121"
  servers:
    - "h:1:1 b"
`

func TestParse(t *testing.T) {
	got, err := twemproxy.Parse(strings.NewReader(full))
	if err != nil {
		t.Fatal(err)
	}
	want := twemproxy.Config{Pools: []twemproxy.Pool{
		{
			Name: "alpha", Listen: "unix:/tmp/alpha.sock", Mode: 0o660, Redis: true,
			Ring: shard.Config{Placement: shard.Modula, Hash: "murmur", Tag: "{}", Nodes: []shard.Node{
				{Name: "one", Weight: 1}, {Name: "127.0.0.1:6380", Weight: 20}, {Name: "127.0.0.2", Weight: 1},
				{Name: "/tmp/red:is:", Weight: 3}, {Name: "::1:6379", Weight: 1},
			}},
			Servers: []twemproxy.Server{
				{Name: "one", Addr: "127.0.0.1:6379"}, {Name: "127.0.0.1:6380", Addr: "127.0.0.1:6380"},
				{Name: "127.0.0.2", Addr: "127.0.0.2:11211"}, {Name: "/tmp/red:is:", Addr: "unix:/tmp/red:is"},
				{Name: "::1:6379", Addr: "[::1]:6379"},
			},
			Timeout: 400 * time.Millisecond, Backlog: 128, ClientConnections: 1000, Keepalive: true, Preconnect: true,
			ServerConnections: 2, AutoEject: true, RetryTimeout: 2 * time.Second, FailureLimit: 1, Auth: "secret", DB: 3,
		},
		{
			Name: "beta", Listen: "127.0.0.1:22121",
			Ring:    shard.Config{Placement: shard.Ketama, Hash: shard.FNV1a64, Nodes: []shard.Node{{Name: "b", Weight: 1}}},
			Servers: []twemproxy.Server{{Name: "b", Addr: "h:1"}},
			Timeout: -1, Backlog: 512, ServerConnections: 1, RetryTimeout: 30 * time.Second, FailureLimit: 2,
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	const head = "alpha:\n  listen: 127.0.0.1:1\n"
	const servers = "  servers:\n   - 127.0.0.1:6379:1\n"
	for text, want := range map[string]string{
		"":                                 "conf: has no pools",
		"# nothing\n":                      "conf: has no pools",
		"alpha\n":                          "line 1: conf: want pools, each a name with a mapping",
		"alpha: x\n":                       "line 1: pool alpha: conf: want a name with a mapping",
		head:                               "line 1: pool alpha: conf: want one sequence, the servers",
		"alpha:\n" + servers:               `line 1: pool alpha: conf: directive "listen:" is missing`,
		head + "  hush: md5\n" + servers:   `line 3: pool alpha: conf: directive "hush" is unknown`,
		head + "  hash: md4\n" + servers:   `line 3: pool alpha: conf: directive "hash" is not a valid hash`,
		head + "  redis: yes\n" + servers:  `line 3: pool alpha: conf: directive "redis" is not "true" or "false"`,
		head + "  timeout: 1s\n" + servers: `line 3: pool alpha: conf: directive "timeout" is not a number`,
		head + "  listen: 127.0.0.1:2\n" + servers:                           `line 3: pool alpha: conf: directive "listen" is a duplicate`,
		head + "  hash_tag: x\n" + servers:                                   `line 3: pool alpha: conf: directive "hash_tag" is not a valid hash tag string with two characters`,
		head + "  distribution: x\n" + servers:                               `line 3: pool alpha: conf: directive "distribution" is not a valid distribution`,
		head + "  server_connections: 0\n" + servers:                         `line 1: pool alpha: conf: directive "server_connections:" cannot be 0`,
		head + "  redis_auth: x\n" + servers:                                 `line 1: pool alpha: conf: directive "redis_auth:" is only valid for a redis pool`,
		head + "  hash:\n" + servers:                                         "line 3: conf: empty values are disallowed",
		head + "  servers: [a:1:1]\n":                                        "line 3: conf: [] and {} are disallowed",
		head + "  servers: &x\n   - a:1:1\n":                                 "line 3: conf: anchors and aliases are disallowed",
		head + "  hash: !!str md5\n" + servers:                               "line 3: conf: tags are disallowed",
		"---\n" + head + servers:                                             "line 1: conf: document marks are disallowed",
		head + servers + "   - a:1:0\n":                                      `line 5: pool alpha: conf: directive "servers" has a zero weight in "hostname:port:weight [name]" or "/path/unix_socket:weight [name]" format string`,
		head + servers + "   - 127.0.0.1:6379:2\n":                           "line 1: pool alpha: conf: pool has servers with same name '127.0.0.1:6379'",
		head + servers + head + servers:                                      "pool alpha: conf: there is a pool with same name",
		head + servers + strings.Replace(head, "alpha", "beta", 1) + servers: "pool beta: conf: pool 'alpha' has same listen address",
		"a: b: c\n": "conf: mapping values are not allowed in this context",
	} {
		_, err := twemproxy.Parse(strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
		if _, ok := errors.AsType[*twemproxy.SyntaxError](err); !ok {
			t.Errorf("%q: error is a %T", text, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"  hash: crc32\n  servers:\n   - a:1:1\n   - b:1:1\n":          "pool p: hash crc32 has 15 bits",
		"  servers:\n   - a:1:1\n   - b:1:100000\n":                    "pool p: server a:1 gets no keys",
		"  distribution: random\n  servers:\n   - a:1:1\n   - b:1:1\n": "pool p: distribution random",
		"  servers:\n   - a:1:1\n   - b:1:1\n":                         "",
		"  hash: crc32\n  servers:\n   - a:1:1\n":                      "",
	} {
		c, err := twemproxy.Parse(strings.NewReader("p:\n  listen: 127.0.0.1:1\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Warnings, "; "); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: warnings %q, want %q", text, got, want)
		}
	}
}

// The files that the vectors of placement were made with.
func TestParseRealFiles(t *testing.T) {
	files, err := os.ReadDir("../../shard/testdata/twemproxy")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".yml") {
			continue
		}
		r, err := os.Open("../../shard/testdata/twemproxy/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		c, err := twemproxy.Parse(r)
		if err != nil || len(c.Pools) != 1 || len(c.Pools[0].Servers) < 3 || !c.Pools[0].Redis {
			t.Errorf("%s: %+v, %v", f.Name(), c, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("a:\n  listen: /s\n  servers:\n   - /x:1\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := twemproxy.Parse(strings.NewReader(text))
		if err != nil {
			if _, ok := errors.AsType[*twemproxy.SyntaxError](err); !ok {
				t.Errorf("error is a %T: %v", err, err)
			}
			return
		}
		for _, p := range c.Pools {
			if _, err := shard.Build(p.Ring); err != nil || len(p.Servers) != len(p.Ring.Nodes) || p.Listen == "" {
				t.Errorf("%+v: %v", p, err)
			}
		}
	})
}
