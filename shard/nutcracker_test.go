package shard_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/redcon"

	"github.com/fairleadgo/fairlead/shard"
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

// fakeServer answers every command with text, on an address as twemproxy has it.
func fakeServer(t *testing.T, network, addr, text string) string {
	started := make(chan error, 1)
	srv := redcon.NewServerNetwork(network, addr, func(conn redcon.Conn, _ redcon.Command) { conn.WriteBulkString(text) }, nil, nil)
	go srv.ListenServeAndSignal(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv.Addr().String()
}

// twemproxyServer is a server of a configuration and the name by which twemproxy places it.
type twemproxyServer struct{ addr, name string }

// startServers starts as many servers as a configuration may have: with names of all lengths, without, on the port that
// is left out of names, on Unix sockets.
func startServers(t *testing.T) (servers []twemproxyServer) {
	dir := t.TempDir()
	for i := range 12 {
		text := strconv.Itoa(i)
		switch {
		case i < 8:
			addr := fakeServer(t, "tcp", "127.0.0.1:0", text)
			servers = append(servers, twemproxyServer{addr, addr})
		case i < 10:
			host := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250)) // nobody else is there
			addr := fakeServer(t, "tcp", host+":11211", text)
			servers = append(servers, twemproxyServer{addr, host})
		default:
			path := filepath.Join(dir, "s"+text)
			fakeServer(t, "unix", path, text)
			servers = append(servers, twemproxyServer{path, path + ":"})
		}
	}
	return servers
}

// A live nutcracker, with configurations that nobody chose, puts every key where the ring does.
func TestAgainstNutcracker(t *testing.T) {
	nutcracker := need(t, "nutcracker")
	servers := startServers(t)
	hashes := []string{"one_at_a_time", "md5", "crc16", "crc32", "crc32a", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur", "jenkins"}
	for i := range 24 {
		rng := rand.New(rand.NewPCG(21, uint64(i)))
		conf := shard.Config{
			Placement: []shard.Placement{shard.Ketama, shard.Modula}[i%2],
			Hash:      shard.Hash(hashes[i/2%12]),
			Tag:       []string{"", "{}", "||", "ab"}[rng.IntN(4)],
		}
		index := make(map[string]string) // ring name -> what the server says
		var lines strings.Builder
		for _, k := range rng.Perm(len(servers))[:1+rng.IntN(len(servers))] {
			s := servers[k]
			weight := []int{1, 1, 1, 2, 3, 10, 29, 1000}[rng.IntN(8)]
			name, suffix := s.name, ""
			if rng.IntN(2) == 0 {
				name = strings.Repeat("n", 1+rng.IntN(20)) + strconv.Itoa(k)
				suffix = " " + name
			}
			fmt.Fprintf(&lines, "   - %s:%d%s\n", s.addr, weight, suffix)
			conf.Nodes = append(conf.Nodes, shard.Node{Name: name, Weight: float64(weight)})
			index[name] = strconv.Itoa(k)
		}
		ring, err := shard.Build(conf)
		if err != nil {
			t.Fatal(err)
		}
		conn := startNutcracker(t, nutcracker, conf, lines.String())
		replies := bufio.NewReader(conn)
		for n := range 400 {
			key := randomKey(rng, n)
			fmt.Fprintf(conn, "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", len(key), key)
			if got, want := readBulk(t, replies), index[ring.OwnerString(key)]; got != want {
				t.Errorf("%+v: nutcracker has %q on server %s, the ring on %s", conf, key, got, want)
				break
			}
		}
		conn.Close()
	}
}

func startNutcracker(t *testing.T, path string, c shard.Config, servers string) net.Conn {
	dir := t.TempDir()
	socket := filepath.Join(dir, "n")
	tag := ""
	if c.Tag != "" {
		tag = fmt.Sprintf("  hash_tag: %q\n", c.Tag)
	}
	text := fmt.Sprintf("p:\n  listen: %s\n  hash: %s\n  distribution: %s\n%s  redis: true\n  timeout: 5000\n  servers:\n%s",
		socket, c.Hash, c.Placement, tag, servers)
	file := filepath.Join(dir, "nutcracker.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, stats, _ := net.SplitHostPort(ln.Addr().String())
	ln.Close()
	cmd := exec.Command(path, "-c", file, "-a", "127.0.0.1", "-s", stats, "-o", filepath.Join(dir, "log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 200 {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			return conn
		}
		time.Sleep(10 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("nutcracker does not come up with\n%s\n%s", text, log)
	return nil
}

// randomKey is a key of any length and bytes, often with a tag.
func randomKey(rng *rand.Rand, n int) string {
	key := make([]byte, rng.IntN(40))
	for i := range key {
		key[i] = byte(rng.IntN(256))
	}
	switch n % 4 {
	case 0:
		return fmt.Sprintf("key:%d", n)
	case 1:
		return fmt.Sprintf("{%d}%s|%d||%d|a%sb", rng.IntN(10), key, n, n, key)
	case 2:
		return fmt.Sprintf("user|%s|{}{%x}", key, key)
	}
	return string(key)
}

func readBulk(t *testing.T, r *bufio.Reader) string {
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "$")))
	if err != nil {
		t.Fatalf("nutcracker answers %q", line)
	}
	buf := make([]byte, n+2)
	if _, err := io.ReadFull(r, buf); err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}
