package twemproxy_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/ambassador/twemproxy"
)

// need returns the path of a program, or skips the test; it fails if TEST_REQUIRE names the program.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program) // where Debian has it
	}
	if err != nil {
		if names := strings.Split(os.Getenv("TEST_REQUIRE"), ","); slices.Contains(names, program) || slices.Contains(names, "all") {
			t.Fatalf("%s is required and not installed", program)
		}
		t.Skipf("%s is not installed", program)
	}
	return path
}

// The real nutcracker takes and refuses the same files.
func TestAgainstNutcracker(t *testing.T) {
	nutcracker := need(t, "nutcracker")
	file := filepath.Join(t.TempDir(), "nutcracker.yml")
	taken, refused := 0, 0
	for i := range 600 {
		rng := rand.New(rand.NewPCG(38, uint64(i)))
		text := randomFile(rng)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(nutcracker, "-t", "-c", file).CombinedOutput()
		config, parseErr := twemproxy.Parse(strings.NewReader(text))
		if slices.ContainsFunc(config.Pools, listensOnName) {
			continue // it looks the name up, and there is nobody to ask
		}
		if (err == nil) != (parseErr == nil) {
			t.Errorf("file %d: nutcracker says %s Parse says %v, to\n%s", i, out, parseErr, text)
			return
		}
		if err == nil {
			taken++
		} else {
			refused++
		}
	}
	t.Logf("%d files taken, %d refused", taken, refused)
	if taken < 50 || refused < 200 {
		t.Errorf("only %d files taken and %d refused: the test has grown dull", taken, refused)
	}
}

func listensOnName(p twemproxy.Pool) bool {
	host, _, err := net.SplitHostPort(p.Listen)
	return err == nil && net.ParseIP(host) == nil
}

// randomFile is a file with every directive, some of them wrong, of which a few bytes may be changed.
func randomFile(rng *rand.Rand) string {
	var b strings.Builder
	for n := range 1 + rng.IntN(2) {
		fmt.Fprintf(&b, "%s:\n", []string{"alpha", "beta", "alpha", `"quoted"`, "x y"}[rng.IntN(2+3*rng.IntN(2))])
		lines := []string{fmt.Sprintf("  listen: %s\n", choose(rng, fmt.Sprintf("127.0.0.1:%d", 22121+n), "/tmp/sock", "/tmp/sock 0666", "/tmp/sock 9", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "0.0.0.0:1", "/tmp/sock 01000"))}
		for _, option := range [][]string{
			{"hash", "fnv1a_64", "md5", "murmur", "jenkins", "nothing", "FNV1A_64"},
			{"hash_tag", `"{}"`, "ab", "a", `"{"`, "abc", "11"},
			{"distribution", "ketama", "modula", "random", "linear"},
			{"timeout", "400", "0", "-1", "1s", "+5", "00400"},
			{"backlog", "512", "x"}, {"client_connections", "100", "-1"},
			{"redis", "true", "false", "yes", "True", `"true"`},
			{"tcpkeepalive", "true", "1"}, {"redis_auth", "secret", `""`}, {"redis_db", "0", "3", "-3"},
			{"preconnect", "true", "on"}, {"auto_eject_hosts", "false", "FALSE"},
			{"server_connections", "1", "2", "0"}, {"server_retry_timeout", "2000", "2.5"}, {"server_failure_limit", "1", "x"},
			{"reuseport", "true"}, {"unknown", "x"},
		} {
			if often := len(option) > 2 || rng.IntN(8) == 0; often && rng.IntN(3) == 0 {
				lines = append(lines, fmt.Sprintf("  %s: %s\n", option[0], choose(rng, option[1:]...)))
			}
		}
		if rng.IntN(15) == 0 {
			lines = append(lines, lines[rng.IntN(len(lines))])
		}
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		servers := "  servers:\n"
		for k := range 1 + rng.IntN(4) {
			servers += "   - " + choose(rng, fmt.Sprintf("127.0.0.1:%d:1", 6379+k), fmt.Sprintf("127.0.0.1:%d:%d name%d", 6379+k, 1+rng.IntN(50), k),
				fmt.Sprintf("/tmp/s%d:1", k), fmt.Sprintf("10.0.0.%d:11211:1", k), "127.0.0.1:6379:0", "127.0.0.1:6379", "127.0.0.1:0:1",
				"127.0.0.1:x:1", "127.0.0.1:6379:1:1", ":1:1", "/tmp/s:1 a b", "127.0.0.1:6379:-1", "h:1:1 n:2", "/tmp/s") + "\n"
		}
		at := rng.IntN(len(lines) + 1)
		lines = slices.Insert(lines, at, servers)
		b.WriteString(strings.Join(lines, ""))
	}
	text := []byte(b.String())
	if rng.IntN(3) == 0 {
		at := rng.IntN(len(text))
		insert := choose(rng, " ", "\n", "\t", ":", "-", "#", "[", "{a: b}", "&a ", "*a", "!!str ", "\"", "'", "---\n", "...\n", "%YAML 1.1\n", "? ", "|\n", ">", "~", ",", "x", "\x00", "é")
		text = slices.Insert(text, at, []byte(insert)...)
	}
	if rng.IntN(6) == 0 {
		at := rng.IntN(len(text))
		text = slices.Delete(text, at, min(at+1+rng.IntN(8), len(text)))
	}
	return string(text)
}

// choose prefers the first.
func choose(rng *rand.Rand, from ...string) string {
	if rng.IntN(15) > 0 {
		return from[0]
	}
	return from[rng.IntN(len(from))]
}
