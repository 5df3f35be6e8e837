package redisproxy_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// need returns the path of a program, or skips the test; it fails if TEST_REQUIRE names the program.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if names := strings.Split(os.Getenv("TEST_REQUIRE"), ","); slices.Contains(names, program) || slices.Contains(names, "all") {
			t.Fatalf("%s is required and not installed", program)
		}
		t.Skipf("%s is not installed", program)
	}
	return path
}

// A redisServer is a real one, on a port that stays the same when it is started again.
type redisServer struct {
	t    testing.TB
	addr string
	cmd  *exec.Cmd
}

func startRedis(t testing.TB) *redisServer {
	t.Helper()
	need(t, "redis-server")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &redisServer{t: t, addr: ln.Addr().String()}
	ln.Close()
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *redisServer) start() {
	r.t.Helper()
	_, port, _ := net.SplitHostPort(r.addr)
	r.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for range 200 {
		if got, err := ask(r.addr, "PING"); err == nil && got == "+PONG\r\n" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatal("redis-server does not come up")
}

func (r *redisServer) kill() {
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

// ask sends one request over a connection of its own and returns the reply.
func ask(addr string, args ...string) (string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write(resp.AppendRequest(nil, args...)); err != nil {
		return "", err
	}
	replies := replyReader{r: conn}
	reply, err := replies.next()
	return string(reply), err
}

// A replyReader reads one reply after the other.
type replyReader struct {
	r    io.Reader
	scan resp.Scanner
	buf  []byte
	from int
}

// next returns a reply, which the next call overwrites.
func (r *replyReader) next() ([]byte, error) {
	for {
		n, err := r.scan.Reply(r.buf[r.from:])
		if err != nil {
			return nil, err
		}
		if n > 0 {
			r.from += n
			return r.buf[r.from-n : r.from], nil
		}
		r.buf = append(r.buf[:0], r.buf[r.from:]...)
		r.from = 0
		r.buf = slices.Grow(r.buf, 64<<10)
		k, err := r.r.Read(r.buf[len(r.buf):cap(r.buf)])
		if k == 0 && err != nil {
			return nil, err
		}
		r.buf = r.buf[:len(r.buf)+k]
	}
}

// pick spreads keys over shards; keys with a tag go by that.
func pick(shards []redisproxy.Shard) func([]byte) string {
	return func(key []byte) string {
		h := fnv.New64a()
		h.Write(key)
		sum := h.Sum64()
		return shards[(sum^sum>>32)%uint64(len(shards))].Name
	}
}

// startProxy serves shards on a port of its own until the test ends.
func startProxy(t testing.TB, c redisproxy.Config, addrs ...string) (*redisproxy.Server, string) {
	t.Helper()
	for i, addr := range addrs {
		c.Shards = append(c.Shards, redisproxy.Shard{Name: fmt.Sprint("shard-", i), Addr: addr})
	}
	if c.Pick == nil {
		c.Pick = pick(c.Shards)
	}
	proxy, err := redisproxy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, proxy, ln)
	return proxy, ln.Addr().String()
}

// serve serves ln until the test ends.
func serve(t testing.TB, proxy *redisproxy.Server, ln net.Listener) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- proxy.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(15 * time.Second):
			t.Error("Serve does not return")
		}
	})
}

// waitUp waits until all shards answer.
func waitUp(t testing.TB, proxy *redisproxy.Server) {
	t.Helper()
	var err error
	for range 500 {
		if err = proxy.Health(t.Context()); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(err)
}

// threeShards starts a proxy over three real servers.
func threeShards(t testing.TB, c redisproxy.Config) (shards []*redisServer, proxy *redisproxy.Server, addr string) {
	t.Helper()
	var addrs []string
	for range 3 {
		r := startRedis(t)
		shards = append(shards, r)
		addrs = append(addrs, r.addr)
	}
	proxy, addr = startProxy(t, c, addrs...)
	waitUp(t, proxy)
	return shards, proxy, addr
}

func TestRedisCLI(t *testing.T) {
	cli := need(t, "redis-cli")
	_, _, addr := threeShards(t, redisproxy.Config{})
	host, port, _ := net.SplitHostPort(addr)
	for _, tt := range []struct{ ask, want string }{
		{"set a 1", "OK"},
		{"mset a 1 b 2 c 3 d 4 e 5", "OK"},
		{"mget a b c d e nothing", "1\n2\n3\n4\n5\n"},
		{"exists a b c a nothing", "4"},
		{"del a b c nothing", "3"},
		{"hset h f v g w", "2"},
		{"hgetall h", "f\nv\ng\nw"},
		{"incr h", "WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"object encoding d", "int"},
		{"ping", "PONG"},
		{"select 0", "OK"},
		{"keys *", "ERR 'keys' is not supported by this proxy"},
		{"nonsense 1 2", "ERR unknown command 'nonsense', with args beginning with: '1' '2'"},
	} {
		args := append([]string{"-h", host, "-p", port}, strings.Fields(tt.ask)...)
		out, err := exec.CommandContext(t.Context(), cli, args...).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != strings.TrimSpace(tt.want) {
			t.Errorf("redis-cli %s: %q, %v; want %q", tt.ask, got, err, tt.want)
		}
	}
	// With its commands on stdin it first asks for the documentation of all commands, as it does for people.
	cmd := exec.CommandContext(t.Context(), cli, "-h", host, "-p", port)
	cmd.Stdin = strings.NewReader("set x \"a b\"\nget x\n")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "OK\na b\n" {
		t.Errorf("redis-cli with stdin: %q, %v", out, err)
	}
}

func TestRedisBenchmark(t *testing.T) {
	bench := need(t, "redis-benchmark")
	_, proxy, addr := threeShards(t, redisproxy.Config{})
	host, port, _ := net.SplitHostPort(addr)
	out, err := exec.CommandContext(t.Context(), bench, "-h", host, "-p", port, "-t", "ping,set,get,incr,lpush,rpop,hset,spop,zadd,mset",
		"-n", "20000", "-P", "16", "-r", "1000", "--csv").CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Error from server")) {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range proxy.Stats().Commands {
		if c.Errors > 0 && c.Command != "config" {
			t.Errorf("%s: %d of %d calls gave errors", c.Command, c.Errors, c.Calls)
		}
	}
}

// Statistics count what a client can count too.
func TestStats(t *testing.T) {
	_, proxy, addr := threeShards(t, redisproxy.Config{})
	var asking sync.WaitGroup
	for range 10 {
		asking.Go(func() {
			for range 100 {
				ask(addr, "GET", "key")
			}
		})
	}
	asking.Wait()
	ask(addr, "INCR")
	s := proxy.Stats()
	if s.Accepted != 1001 || s.Generation != 1 || len(s.Shards) != 3 {
		t.Errorf("%+v", s)
	}
	calls, read := uint64(0), uint64(0)
	for _, c := range s.Commands {
		calls += c.Calls
		if wrong := c.Command == "incr"; wrong != (c.Errors == 1) {
			t.Errorf("%+v", c)
		}
	}
	observed := uint64(0)
	for _, shard := range s.Shards {
		if !shard.Up || shard.Pending != 0 || shard.Errors != 0 {
			t.Errorf("%+v", shard)
		}
		read += shard.Read
		for _, n := range shard.Latency.Counts {
			observed += n
		}
	}
	if calls != 1001 || observed != 1000 || read != 1000*5+3*7 {
		t.Errorf("%d calls, %d latencies, %d bytes read", calls, observed, read)
	}
	for range 100 {
		if s = proxy.Stats(); s.Clients == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d clients are left", s.Clients)
}
