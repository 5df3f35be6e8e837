package redisproxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A shard that was down and is now dialled in vain costs no more ticks than it has deadlines.
func TestTicksAreFew(t *testing.T) {
	s := newSim(t, Config{}, "red")
	h := s.shards["red"]
	h.dead = true
	s.connect(h)
	s.pass(10 * time.Millisecond)
	s.turn(func() { s.loop.setShards() }) // as Update does: it tries at once
	ticks := 0
	for end := s.now + time.Second; s.loop.deadline <= end; ticks++ {
		s.now = max(s.now, s.loop.deadline)
		s.turn(s.loop.tick)
	}
	if ticks > 5 {
		t.Errorf("%d ticks in a second of waiting for a connection", ticks)
	}
}

// A shard with much to do answers, if late: that is no silence, and its connection is not given up.
func TestBusyShardIsNotSilent(t *testing.T) {
	s := newSim(t, Config{Timeout: time.Second, MaxPending: -1}, "red")
	c, h := s.client(), s.shards["red"]
	s.settle()
	for range 200 {
		c.ask("GET", "k")
	}
	for len(c.stream) > 0 {
		s.send(c, 1<<20)
	}
	s.flush(h)
	for range 200 { // six seconds
		h.work(1)
		s.answer(h, 1000)
		s.pass(30 * time.Millisecond)
	}
	s.receive(c)
	if h.link.state != linkUp || c.replies != 200 || c.errors < 100 {
		t.Errorf("state %d, %d replies, %d of them errors", h.link.state, c.replies, c.errors)
	}
}

// While a reply arrives, its time-out waits.
func TestLargeReplyMayTakeItsTime(t *testing.T) {
	s := newSim(t, Config{Timeout: time.Second}, "red")
	c, h := s.client(), s.shards["red"]
	s.settle()
	c.stream = resp.AppendRequest(nil, "GET", "large")
	c.want = []string{string(resp.AppendBulk(nil, strings.Repeat("v", 1000)))}
	s.send(c, 1000)
	s.flush(h)
	h.out = []byte(c.want[0])
	for len(h.out) > 0 {
		s.answer(h, 100)
		s.pass(500 * time.Millisecond)
	}
	s.receive(c)
	if c.replies != 1 || c.errors != 0 {
		t.Errorf("%d replies, %d errors", c.replies, c.errors)
	}
}

// Requests that wait for a connection have their time, whatever other deadlines there are.
func TestTimeoutWithoutConnection(t *testing.T) {
	s := newSim(t, Config{Timeout: time.Second, IdleTimeout: time.Hour}, "red")
	c := s.client()
	for i := range 3 {
		c.ask("GET", "k")
		s.send(c, 1000)
		s.pass(time.Second)
		if s.receive(c); c.errors != i+1 {
			t.Fatalf("request %d: %d errors after its time", i, c.errors)
		}
	}
}

// A shorter time-out holds at once.
func TestUpdateShortensTimeouts(t *testing.T) {
	s := newSim(t, Config{Timeout: -1}, "red")
	c, h := s.client(), s.shards["red"]
	s.settle()
	h.stopped = true
	c.ask("GET", "k")
	s.send(c, 1000)
	s.pass(time.Hour)
	conf := *s.loop.conf
	conf.Timeout = time.Second
	s.turn(func() {
		s.loop.conf = &conf
		s.loop.due(s.now)
	})
	s.pass(time.Millisecond)
	if s.receive(c); c.errors != 1 {
		t.Errorf("%d errors", c.errors)
	}
}

// Parts of a split reply go back whole to where they came from.
func TestSplitRepliesAreGivenBack(t *testing.T) {
	s := newSim(t, Config{Pick: func(key []byte) string { return string(key) }}, "red", "green")
	c := s.client()
	s.settle()
	value := strings.Repeat("v", 1<<18-115) // the reply leaves little room in its buffer
	var before, after runtime.MemStats
	for round := range 300 {
		if round == 10 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
		c.stream = resp.AppendRequest(nil, "MGET", "red", "green")
		s.send(c, 1000)
		for _, h := range s.shards {
			s.flush(h)
			var scan resp.Scanner
			if n, _ := scan.Request(h.in); n > 0 {
				h.out = resp.AppendHeader(nil, '*', scan.NumArgs()-1)
				for range scan.NumArgs() - 1 {
					h.out = resp.AppendBulk(h.out, value)
				}
			}
			h.in = nil
			for len(h.out) > 0 {
				s.answer(h, 1<<20)
			}
		}
		out := c.session.take()
		if len(out) < 2*len(value) {
			t.Fatalf("round %d: %d bytes", round, len(out))
		}
		s.turn(func() { c.session.wrote(out) })
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("%d MiB more after 290 rounds", grown>>20)
	}
	runtime.KeepAlive(s)
}

// A web page that makes a browser post to the proxy gets nowhere.
func TestBrowsersAreHungUpOn(t *testing.T) {
	for _, ask := range []string{"POST / HTTP/1.1\r\nSET a 1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a 1\r\n"} {
		s := newSim(t, Config{}, "red")
		c := s.client()
		s.settle()
		got := s.ask(c, ask)
		if !c.session.dead || strings.Contains(got, "+OK") || strings.Contains(fmt.Sprint(s.shards["red"].seen), "SET") {
			t.Errorf("%q: got %q, shard sees %q", ask, got, s.shards["red"].seen)
		}
	}
}

// A shard that cannot write can still be read.
func TestErrorsToPing(t *testing.T) {
	for reply, up := range map[string]bool{
		"-MISCONF Redis is configured to save RDB snapshots\r\n":     true,
		"-BUSY Redis is busy running a script.\r\n":                  true,
		"-MASTERDOWN Link with MASTER is down\r\n":                   true,
		">2\r\n+message\r\n+x\r\n+PONG\r\n":                          true,
		"-LOADING Redis is loading the dataset in memory\r\n":        false,
		"-NOAUTH Authentication required.\r\n":                       false,
		"-ERR max number of clients reached\r\n":                     false,
		"-DENIED Redis is running in protected mode\r\n":             false,
		"-NOPERM this user has no permissions to run the 'ping'\r\n": false,
	} {
		s := newSim(t, Config{}, "red")
		h := s.shards["red"]
		s.connect(h)
		h.out = []byte(reply)
		s.answer(h, 1000)
		if h.link.answers() != up {
			t.Errorf("after %q: up %v", reply, !up)
		}
	}
}

// A client that does not read what it asked for is idle, too; so is one that was told the end.
func TestClientsThatDoNotRead(t *testing.T) {
	s := newSim(t, Config{IdleTimeout: time.Minute, DrainTimeout: time.Second}, "red")
	deaf, leaving := s.client(), s.client()
	s.settle()
	for c, ask := range map[*simClient]string{deaf: "GET", leaving: "QUIT"} {
		c.ask(ask, "k")
		s.send(c, 1000)
	}
	s.flush(s.shards["red"])
	s.shards["red"].work(10)
	s.answer(s.shards["red"], 1000)
	s.pass(2 * time.Second)
	if deaf.session.dead || !leaving.session.dead {
		t.Errorf("after 2 s: deaf one dead %v, leaving one %v", deaf.session.dead, leaving.session.dead)
	}
	s.pass(70 * time.Second)
	if !deaf.session.dead {
		t.Error("the one that does not read lives")
	}
}

// What Config returns can be changed and given to Update: one shard may become another, or two.
func TestConfigRoundTrip(t *testing.T) {
	s, err := New(Config{Shards: []Shard{{Name: "a", Addr: "a:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	c := s.Config()
	c.Shards = []Shard{{Name: "b", Addr: "b:1"}}
	if err := s.Update(c); err != nil {
		t.Fatal(err)
	}
	if name, addr := s.Where([]byte("key")); name != "b" || addr != "b:1" {
		t.Errorf("Where: %s %s", name, addr)
	}
	c.Shards = append(c.Shards, Shard{Name: "c", Addr: "c:1"})
	if err := s.Update(c); err == nil {
		t.Error("two shards without Pick are taken")
	}
}

// A client that is hung up on at any moment leaves nothing behind.
func TestSlowClientsLeaveNothing(t *testing.T) {
	fake, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	go func() {
		for {
			conn, err := fake.Accept()
			if err != nil {
				return
			}
			go answerLarge(conn)
		}
	}()
	s, err := New(Config{MaxOutput: 1000, Shards: []Shard{{Addr: fake.Addr().String()}}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- s.Serve(ctx, ln) }()
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			for range 30 {
				conn, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				conn.Write([]byte(strings.Repeat("GET k\r\n", 20)))
				conn.SetReadDeadline(time.Now().Add(time.Second))
				conn.Read(make([]byte, 100))
				conn.Close()
			}
		})
	}
	clients.Wait()
	stop()
	select {
	case <-served:
	case <-time.After(8 * time.Second):
		t.Fatalf("Serve hangs; %+v", s.Stats())
	}
	if n := s.Stats().Clients; n != 0 {
		t.Errorf("%d clients are left", n)
	}
}

// answerLarge answers each request with 3 kB.
func answerLarge(conn net.Conn) {
	defer conn.Close()
	var scan resp.Scanner
	var buf []byte
	chunk := make([]byte, 4096)
	reply := resp.AppendBulk(nil, strings.Repeat("v", 3000))
	for {
		n, err := scan.Request(buf)
		if err != nil {
			return
		}
		if buf = buf[n:]; n > 0 {
			conn.Write(reply)
			continue
		}
		if n, err = conn.Read(chunk); err != nil {
			return
		}
		buf = append(buf, chunk[:n]...)
	}
}

// Run may begin again while an earlier one ends.
func TestRunAgainAndAgain(t *testing.T) {
	var dials atomic.Int64
	s, err := New(Config{
		Shards: []Shard{{Addr: "a:1"}},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dials.Add(1)
			return nil, errors.New("nobody there")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for range 500 {
				ctx, stop := context.WithTimeout(t.Context(), 50*time.Microsecond)
				s.Run(ctx)
				stop()
			}
		})
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("Run does not return")
	}
	if dials.Load() == 0 {
		t.Error("never dialled")
	}
}
