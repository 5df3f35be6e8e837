package redisproxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/memnet"
	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A world is a proxy and shards on a network in memory, in a bubble of fake time.
type world struct {
	t     *testing.T
	net   memnet.Network
	proxy *redisproxy.Server
}

// newWorld starts shards, which answer each command with their name and its arguments after delay.
func newWorld(t *testing.T, c redisproxy.Config, delay time.Duration, shards ...string) *world {
	w := &world{t: t}
	for _, name := range shards {
		w.shard(name, delay)
		c.Shards = append(c.Shards, redisproxy.Shard{Name: name, Addr: name + ":6379"})
	}
	c.Dial = w.net.DialContext
	if c.Pick == nil {
		c.Pick = func(key []byte) string { name, _, _ := strings.Cut(string(key), ":"); return name }
	}
	proxy, err := redisproxy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.proxy = proxy
	return w
}

func (w *world) shard(name string, delay time.Duration) {
	ln, err := w.net.Listen(name + ":6379")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go answerAll(conn, name, delay)
		}
	}()
}

func answerAll(conn net.Conn, name string, delay time.Duration) {
	defer conn.Close()
	var scan resp.Scanner
	var buf []byte
	chunk := make([]byte, 4096)
	for {
		n, err := scan.Request(buf)
		if n == 0 && err == nil {
			if n, err = conn.Read(chunk); err != nil {
				return
			}
			buf = append(buf, chunk[:n]...)
			continue
		}
		var args []string
		for arg := range scan.Args(buf) {
			args = append(args, string(arg))
		}
		buf = buf[n:]
		reply := resp.AppendBulk(nil, name+" "+strings.Join(args, " "))
		if args[0] == "PING" {
			reply = []byte("+PONG\r\n")
		} else {
			time.Sleep(delay)
		}
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

// serve serves clients on "proxy:6379" until stop is called, which returns what Serve returns.
func (w *world) serve() (stop func() error) {
	ln, err := w.net.Listen("proxy:6379")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.proxy.Serve(ctx, ln) }()
	synctest.Wait()
	return func() error { cancel(); return <-done }
}

// A testClient is a connection to the proxy.
type testClient struct {
	net.Conn
	replies replyReader
}

func (w *world) dial() *testClient {
	conn, err := w.net.DialContext(context.Background(), "tcp", "proxy:6379")
	if err != nil {
		w.t.Fatal(err)
	}
	return &testClient{conn, replyReader{r: conn}}
}

// ask sends a line and returns the reply, or the error.
func (c *testClient) ask(line string) string {
	go c.Write([]byte(line + "\r\n"))
	reply, err := c.replies.next()
	if err != nil {
		return err.Error()
	}
	return string(reply)
}

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, time.Millisecond, "red", "green")
		if got := do(t, w.proxy, "GET", "red:1"); got != "-ERR proxy is not serving\r\n" {
			t.Errorf("before Run: %q", got)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.proxy.Run(ctx) }()
		synctest.Wait()

		var asking sync.WaitGroup
		for i := range 100 {
			asking.Go(func() {
				key := fmt.Sprintf("%s:%d", []string{"red", "green"}[i%2], i)
				if got, want := do(t, w.proxy, "GET", key), string(resp.AppendBulk(nil, key[:strings.Index(key, ":")]+" GET "+key)); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
		asking.Wait()
		for ask, want := range map[string]string{
			"PING": "+PONG\r\n", "NONSENSE": "-ERR unknown command 'NONSENSE', with args beginning with: \r\n",
			"GET blue:1": "-ERR no shard named 'blue' for this key\r\n", "QUIT": "+OK\r\n",
		} {
			if got := do(t, w.proxy, strings.Fields(ask)...); got != want {
				t.Errorf("%s: got %q, want %q", ask, got, want)
			}
		}
		if got := do(t, w.proxy); got != "-ERR no command\r\n" {
			t.Errorf("no arguments: %q", got)
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func do(t *testing.T, proxy *redisproxy.Server, args ...string) string {
	var b [][]byte
	for _, a := range args {
		b = append(b, []byte(a))
	}
	reply, err := proxy.Do(t.Context(), []byte("kept"), b...)
	if err != nil || !strings.HasPrefix(string(reply), "kept") {
		t.Errorf("Do(%q): %q, %v", args, reply, err)
		return ""
	}
	return string(reply[len("kept"):])
}

// Do gives up with its context, and the next ones are not confused by the late reply.
func TestDoIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, 100*time.Millisecond, "red")
		stop := w.serve()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if reply, err := w.proxy.Do(ctx, nil, []byte("GET"), []byte("red:1")); !errors.Is(err, context.DeadlineExceeded) || len(reply) > 0 {
			t.Errorf("%q, %v", reply, err)
		}
		if reply, err := w.proxy.Do(ctx, nil, []byte("PING")); err == nil {
			t.Errorf("with a context that is over: %q", reply)
		}
		if got := do(t, w.proxy, "GET", "red:2"); got != "$13\r\nred GET red:2\r\n" {
			t.Errorf("afterwards: %q", got)
		}
		stop()
	})
}

func TestUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, 100*time.Millisecond, "red", "green")
		stop := w.serve()
		client, other := w.dial(), w.dial()
		late := make(chan string)
		go func() { late <- client.ask("GET green:1") }()
		time.Sleep(50 * time.Millisecond) // green is at work

		c := w.proxy.Config()
		c.Shards = nil
		if err := w.proxy.Update(c); err == nil {
			t.Error("an empty configuration is taken")
		}
		w.shard("blue", 0)
		c.Shards = []redisproxy.Shard{{Name: "red", Addr: "red:6379"}, {Name: "blue", Addr: "blue:6379"}}
		if err := w.proxy.Update(c); err != nil {
			t.Fatal(err)
		}
		if got := other.ask("GET green:2"); got != "-ERR no shard named 'green' for this key\r\n" {
			t.Errorf("after the update: %q", got)
		}
		if got := <-late; got != "$17\r\ngreen GET green:1\r\n" {
			t.Errorf("what was sent before the update: %q", got)
		}
		for _, name := range []string{"red", "blue"} {
			if got := client.ask("GET " + name + ":3"); !strings.Contains(got, name+" GET") {
				t.Errorf("after the update: %q", got)
			}
		}
		if s := w.proxy.Stats(); s.Generation != 2 || len(s.Shards) != 2 || s.Shards[1].Shard != "blue" || s.Clients != 2 {
			t.Errorf("%+v", s)
		}
		if name, addr := w.proxy.Where([]byte("blue:x")); name != "blue" || addr != "blue:6379" {
			t.Errorf("Where: %s %s", name, addr)
		}
		if name, addr := w.proxy.Where([]byte("green:x")); name != "" || addr != "" {
			t.Errorf("Where: %s %s", name, addr)
		}
		client.Close()
		other.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	pick := func([]byte) string { return "" }
	for want, c := range map[string]redisproxy.Config{
		"Shards: none":                   {},
		"Pick: needed with 2":            {Shards: []redisproxy.Shard{{Addr: "a:1"}, {Addr: "b:1"}}},
		`Shards[1] "a:1": duplicate`:     {Pick: pick, Shards: []redisproxy.Shard{{Addr: "a:1"}, {Addr: "a:1"}}},
		`Shards[0] "x": no address`:      {Shards: []redisproxy.Shard{{Name: "x"}}},
		`address "nowhere": want`:        {Shards: []redisproxy.Shard{{Addr: "nowhere"}}},
		`address "nowhere:": want`:       {Shards: []redisproxy.Shard{{Addr: "nowhere:"}}},
		`address "unix:": no path`:       {Shards: []redisproxy.Shard{{Addr: "unix:"}}},
		"Pick: needed with 2 shards\nSh": {Shards: []redisproxy.Shard{{Addr: "a"}, {Addr: "b:1"}}},
	} {
		if _, err := redisproxy.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestMaxClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{MaxClients: 2}, 0, "red")
		stop := w.serve()
		a, b, c := w.dial(), w.dial(), w.dial()
		if got := c.ask("PING"); got != "-ERR max number of clients reached\r\n" {
			t.Errorf("the third: %q", got)
		}
		a.Close()
		synctest.Wait()
		d := w.dial()
		for _, client := range []*testClient{b, d} {
			if got := client.ask("PING"); got != "+PONG\r\n" {
				t.Errorf("%q", got)
			}
		}
		if s := w.proxy.Stats(); s.Clients != 2 || s.Accepted != 3 || s.Refused != 1 {
			t.Errorf("%+v", s)
		}
		stop()
	})
}

// What was accepted is answered within DrainTimeout; longer nobody waits.
func TestDrainTimeout(t *testing.T) {
	for _, tt := range []struct {
		drain time.Duration
		want  string
		took  time.Duration
	}{{time.Second, "$13\r\nred GET red:1\r\n", 500 * time.Millisecond}, {100 * time.Millisecond, "EOF", 100 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, redisproxy.Config{DrainTimeout: tt.drain}, 500*time.Millisecond, "red")
			stop := w.serve()
			client, idle := w.dial(), w.dial()
			got := make(chan string, 1)
			go func() { got <- client.ask("GET red:1") }()
			synctest.Wait()
			began := time.Now()
			if err := stop(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < tt.took || took > tt.took+50*time.Millisecond {
				t.Errorf("drained in %v, want %v", took, tt.took)
			}
			if reply := <-got; reply != tt.want {
				t.Errorf("got %q, want %q", reply, tt.want)
			}
			if _, err := idle.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("idle client: %v", err)
			}
			time.Sleep(time.Second) // the shard finds out, too
		})
	}
}

// A half-closed connection gets its answers.
func TestClientThatOnlyListens(t *testing.T) {
	_, _, addr := threeShards(t, redisproxy.Config{})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "SET a 1\r\nGET a\r\nGET b\r\nPING\r\nGE")
	conn.(*net.TCPConn).CloseWrite()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if got, err := io.ReadAll(conn); err != nil || string(got) != "+OK\r\n$1\r\n1\r\n$-1\r\n+PONG\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// After a breach of protocol the client reads the error before the connection ends, however much it had sent.
func TestErrorArrivesBeforeTheEnd(t *testing.T) {
	_, addr := startProxy(t, redisproxy.Config{}, "127.0.0.1:1")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	go conn.Write([]byte("*1\r\nx\r\n" + strings.Repeat("garbage", 20_000)))
	time.Sleep(50 * time.Millisecond)
	if got, err := io.ReadAll(conn); err != nil || string(got) != "-ERR Protocol error: expected '$', got 'x'\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUnixSockets(t *testing.T) {
	dir := t.TempDir()
	shard, err := net.Listen("unix", dir+"/shard")
	if err != nil {
		t.Fatal(err)
	}
	defer shard.Close()
	go func() {
		if conn, err := shard.Accept(); err == nil {
			answerAll(conn, "red", 0)
		}
	}()
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "unix:" + dir + "/shard"}}})
	if err != nil {
		t.Fatal(err)
	}
	front, err := net.Listen("unix", dir+"/front")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, proxy, front)
	waitUp(t, proxy)
	conn, err := net.Dial("unix", dir+"/front")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := &testClient{conn, replyReader{r: conn}}
	if got := client.ask("GET x"); got != "$9\r\nred GET x\r\n" {
		t.Errorf("%q", got)
	}
}

// brokenListener fails to accept a number of times, as at the limit of descriptors.
type brokenListener struct {
	net.Listener
	failures int
	calls    int
}

func (l *brokenListener) Accept() (net.Conn, error) {
	l.calls++
	if l.failures--; l.failures >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// Accept is tried again, ever more slowly, and not in a spin.
func TestAcceptBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, 0, "red")
		ln, err := w.net.Listen("proxy:6379")
		if err != nil {
			t.Fatal(err)
		}
		broken := &brokenListener{Listener: ln, failures: 10}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.proxy.Serve(ctx, broken) }()
		began := time.Now()
		client := w.dial()
		if got := client.ask("PING"); got != "+PONG\r\n" {
			t.Errorf("%q", got)
		}
		if took := time.Since(began); took < 2*time.Second || took > 4*time.Second {
			t.Errorf("accepted after %v", took)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A listener that breaks for good ends Serve with its error.
func TestListenerBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, 0, "red")
		ln, _ := w.net.Listen("proxy:6379")
		done := make(chan error)
		go func() { done <- w.proxy.Serve(t.Context(), ln) }()
		synctest.Wait()
		ln.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, redisproxy.Config{}, 0, "red", "green")
		down, _ := errors.AsType[*redisproxy.DownError](w.proxy.Health(t.Context()))
		if down == nil || !down.All || down.Degraded() || down.Error() != "shards red, green do not answer" {
			t.Errorf("before Serve: %+v", down)
		}
		stop := w.serve()
		if err := w.proxy.Health(t.Context()); err != nil {
			t.Errorf("while serving: %v", err)
		}
		stop()
		if w.proxy.Health(t.Context()) == nil {
			t.Error("healthy after Serve")
		}
		stop = w.serve() // again
		if err := w.proxy.Health(t.Context()); err != nil {
			t.Errorf("while serving again: %v", err)
		}
		stop()
	})
}
