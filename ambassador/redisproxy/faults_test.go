package redisproxy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A load is clients that set and get keys of their own, in pipelines, and look at every reply: it is of the right kind,
// and a value names its key and is one that was written there.
type load struct {
	t     *testing.T
	addr  string
	owner func(key []byte) string
	ill   func(shard string) bool // whose keys may get errors just now

	replies, errors atomic.Int64
	lastError       sync.Map // shard -> time of the last error
	stop            chan struct{}
	running         sync.WaitGroup
}

func (l *load) start(clients int) {
	l.stop = make(chan struct{})
	for i := range clients {
		l.running.Go(func() { l.client(i) })
	}
}

func (l *load) end() {
	close(l.stop)
	l.running.Wait()
}

func (l *load) client(id int) {
	conn, err := net.Dial("tcp", l.addr)
	if err != nil {
		l.t.Error(err)
		return
	}
	defer conn.Close()
	reader := replyReader{r: conn}
	rng := rand.New(rand.NewPCG(1, uint64(id)))
	for seq := 0; ; {
		select {
		case <-l.stop:
			return
		default:
		}
		var stream []byte
		var keys []string
		var sets []bool
		for range 1 + rng.IntN(30) {
			key := fmt.Sprintf("c%d:k%d", id, rng.IntN(50))
			set := rng.IntN(2) == 0
			if set {
				seq++
				stream = resp.AppendRequest(stream, "SET", key, fmt.Sprintf("%s=%d", key, seq))
			} else {
				stream = resp.AppendRequest(stream, "GET", key)
			}
			keys, sets = append(keys, key), append(sets, set)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Write(stream); err != nil {
			l.t.Error(err)
			return
		}
		for i, key := range keys {
			reply, err := reader.next()
			if err != nil {
				l.t.Errorf("client %d: connection ends: %v", id, err)
				return
			}
			l.check(key, sets[i], reply)
		}
	}
}

func (l *load) check(key string, set bool, reply []byte) {
	l.replies.Add(1)
	shard := l.owner([]byte(key))
	switch {
	case bytes.HasPrefix(reply, []byte("-ERR shard "+shard)):
		l.errors.Add(1)
		l.lastError.Store(shard, time.Now())
		if !l.ill(shard) {
			l.t.Errorf("key of %s: %q", shard, reply)
		}
	case set && string(reply) == "+OK\r\n":
	case !set && string(reply) == "$-1\r\n":
	case !set && bytes.Contains(reply, []byte("\r\n"+key+"=")):
	default:
		l.t.Errorf("key %s, set %v: reply %q", key, set, reply)
	}
}

// A shard that is killed fails its own keys and nobody else's, and serves within a second of its return.
func TestKilledShard(t *testing.T) {
	shards, proxy, addr := threeShards(t, redisproxy.Config{})
	var ill atomic.Bool
	l := &load{t: t, addr: addr, ill: func(shard string) bool { return shard == "shard-1" && ill.Load() }}
	l.owner = func(key []byte) string { name, _ := proxy.Where(key); return name }
	l.start(20)
	for range 3 {
		time.Sleep(300 * time.Millisecond)
		ill.Store(true)
		shards[1].kill()
		time.Sleep(500 * time.Millisecond)
		if l.errors.Load() == 0 {
			t.Error("no error while the shard is dead")
		}
		err, ok := proxy.Health(t.Context()).(*redisproxy.DownError)
		if !ok || fmt.Sprint(err.Shards) != "[shard-1]" || err.All || !err.Degraded() {
			t.Errorf("Health while shard-1 is dead: %+v", err)
		}
		shards[1].start() // returns once it answers
		back := time.Now()
		waitUp(t, proxy)
		if took := time.Since(back); took > time.Second {
			t.Errorf("up %v after its return", took)
		}
		time.Sleep(200 * time.Millisecond) // replies from before are read
		ill.Store(false)
	}
	time.Sleep(300 * time.Millisecond)
	l.end()
	if l.replies.Load() < 1000 {
		t.Errorf("only %d replies", l.replies.Load())
	}
	t.Logf("%d replies, %d of them errors", l.replies.Load(), l.errors.Load())
}

// A server that closes idle connections is not ill.
func TestShardWithTimeout(t *testing.T) {
	shard := startRedis(t)
	if reply, err := ask(shard.addr, "CONFIG", "SET", "timeout", "1"); err != nil || reply != "+OK\r\n" {
		t.Fatal(reply, err)
	}
	proxy, addr := startProxy(t, redisproxy.Config{}, shard.addr)
	waitUp(t, proxy)
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(90 * time.Millisecond) {
		if time.Now().UnixMilli()/1000%3 > 0 {
			continue // two quiet seconds: it hangs up
		}
		if reply, err := ask(addr, "GET", "a"); err != nil || reply != "$-1\r\n" {
			t.Errorf("%q, %v", reply, err)
		}
	}
}

// hostile are inputs that have broken servers, and random ones.
func hostile(rng *rand.Rand) []byte {
	known := []string{
		"*1\r\n$9223372036854775800\r\nabc\r\n", "*2147483647\r\n", "*1\r\n$-2\r\n", "*-2147483648\r\n",
		strings.Repeat("*1\r\n", 1000), "$9223372036854775806\r\nab\r\n", "*1000000\r\n$1\r\na\r\n", "*3\r\n$3\r\nSET\r\n$536870912\r\nxxx",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("a", 100_000),
		strings.Repeat("\r\n", 1000), "*0\r\n*-1\r\n*0\r\n", "\x00\x00\x00\x00\r\n", strings.Repeat("*1\r\n$4\r\nPING\r\n", 2000),
		strings.Repeat("QUIT\r\n", 100), "*1\r\n$4\r\nPINGxx", "MGET" + strings.Repeat(" k", 30_000) + "\r\n",
		strings.Repeat("*2\r\n$3\r\nGET\r\n$5\r\nbig:1\r\n", 20), "SUBSCRIBE x\r\nMULTI\r\nMONITOR\r\nSYNC\r\nSHUTDOWN\r\nDEBUG SEGFAULT\r\n",
	}
	in := []byte(known[rng.IntN(len(known))])
	if rng.IntN(2) == 0 {
		for range 1 + rng.IntN(10) {
			in[rng.IntN(len(in))] = byte(rng.IntN(256))
		}
	}
	return in[:1+rng.IntN(len(in))]
}

// Ten thousand hostile clients, some of which never read: the proxy lives, keeps its memory, and serves others.
func TestHostileClients(t *testing.T) {
	_, proxy, addr := threeShards(t, redisproxy.Config{})
	if reply, err := ask(addr, "SET", "big:1", strings.Repeat("x", 1<<16)); err != nil || reply != "+OK\r\n" {
		t.Fatal(reply, err)
	}
	l := &load{t: t, addr: addr, ill: func(string) bool { return false }}
	l.owner = func(key []byte) string { name, _ := proxy.Where(key); return name }
	l.start(3)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)

	var peak atomic.Uint64
	var attackers sync.WaitGroup
	for i := range 40 {
		attackers.Go(func() {
			rng := rand.New(rand.NewPCG(3, uint64(i)))
			for range 250 {
				attack(addr, hostile(rng), rng.IntN(4))
			}
		})
	}
	done := make(chan struct{})
	go func() { attackers.Wait(); close(done) }()
	for end := false; !end; {
		select {
		case <-done:
			end = true
		case <-time.After(20 * time.Millisecond):
		}
		runtime.ReadMemStats(&now)
		peak.Store(max(peak.Load(), now.HeapInuse+now.StackInuse))
	}
	l.end()
	grown := int64(peak.Load()) - int64(before.HeapInuse+before.StackInuse)
	t.Logf("peak %d MiB above idle, %d replies to others", grown>>20, l.replies.Load())
	if grown > 64<<20 {
		t.Errorf("peak %d MiB above idle", grown>>20)
	}
	if l.replies.Load() < 1000 {
		t.Errorf("only %d replies to others", l.replies.Load())
	}
}

// attack sends in and then reads all, some, or nothing.
func attack(addr string, in []byte, manner int) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(100 * time.Millisecond))
	conn.Write(in)
	switch manner {
	case 0: // gone at once
	case 1:
		conn.(*net.TCPConn).SetLinger(0) // with a reset
	case 2:
		conn.Read(make([]byte, 100))
	case 3:
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
	}
}

// Serve, when its context ends, answers what it was sent and leaves nothing behind.
func TestDrain(t *testing.T) {
	shard := startRedis(t)
	before := runtime.NumGoroutine()
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Addr: shard.addr}}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- proxy.Serve(ctx, ln) }()
	waitUp(t, proxy)

	var clients sync.WaitGroup
	for i := range 20 {
		clients.Go(func() { drained(t, ln.Addr().String(), i) })
	}
	time.Sleep(200 * time.Millisecond)
	began := time.Now()
	stop()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("draining idle clients took %v", took)
	}
	clients.Wait()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// drained asks one thing after the other until the proxy says goodbye: what was sent before that is answered.
func drained(t *testing.T, addr string, client int) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	reader := replyReader{r: conn}
	for n := 0; ; n++ {
		key := fmt.Sprintf("client:%d:%d", client, n)
		conn.Write(resp.AppendRequest(nil, "SET", key, "x"))
		reply, err := reader.next()
		if err == io.EOF {
			return
		}
		if err != nil || string(reply) != "+OK\r\n" {
			t.Errorf("client %d: %q, %v", client, reply, err)
			return
		}
	}
}
