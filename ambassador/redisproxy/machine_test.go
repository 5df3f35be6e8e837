package redisproxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// round moves one batch of requests through the machines and back.
type round struct {
	sim     *sim
	client  *simClient
	batch   []byte
	replies map[string][]byte // what each shard answers to the batch
}

// newRound prepares depth GETs over three shards.
func newRound(t testing.TB, depth int) *round {
	s := newSim(t, Config{}, "red", "green", "blue")
	r := &round{sim: s, client: s.client(), replies: make(map[string][]byte)}
	s.settle()
	for i := range depth {
		key := fmt.Sprintf("key:%012d", i)
		r.batch = resp.AppendRequest(r.batch, "GET", key)
		name := s.loop.conf.Pick([]byte(key))
		r.replies[name] = resp.AppendBulk(r.replies[name], strings.Repeat("v", 64))
	}
	return r
}

func (r *round) run() (bytes int) {
	s, c := r.sim, r.client.session
	s.now += time.Microsecond
	for rest := r.batch; len(rest) > 0; {
		n := copy(c.in.space(), rest)
		rest = rest[n:]
		s.loop.begin(s.now)
		c.received(n)
		s.loop.end()
	}
	for _, h := range s.loop.links {
		out := h.take()
		s.loop.begin(s.now)
		h.wrote(out)
		s.loop.end()
		for rest := r.replies[h.name]; len(rest) > 0; {
			n := copy(h.in.space(), rest)
			rest = rest[n:]
			s.loop.begin(s.now)
			h.received(h.conn, n)
			s.loop.end()
		}
	}
	out := c.take()
	s.loop.begin(s.now)
	c.wrote(out)
	s.loop.end()
	return len(out)
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for _, depth := range []int{1, 16, 64, 500} {
		r := newRound(t, depth)
		for range 100 {
			if n := r.run(); n != depth*71 {
				t.Fatalf("depth %d: %d bytes of replies, want %d", depth, n, depth*71)
			}
		}
		if n := testing.AllocsPerRun(100, func() { r.run() }); n != 0 {
			t.Errorf("depth %d: %v allocations a batch", depth, n)
		}
	}
}

// BenchmarkMachines is a GET through session, link and back, without a system call; ns/op is of one request.
func BenchmarkMachines(b *testing.B) {
	for _, depth := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("depth-", depth), func(b *testing.B) {
			r := newRound(b, depth)
			r.run()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N/depth + 1 {
				r.run()
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	t := newCommands()
	name := []byte("GET")
	for b.Loop() {
		if t.find(name).kind != kindKey {
			b.Fatal()
		}
	}
}

// ask sends requests and returns what the client gets when the shards have answered.
func (s *sim) ask(c *simClient, request string) string {
	n := copy(c.session.in.space(), request)
	if n < len(request) {
		s.t.Fatal("no room")
	}
	s.turn(func() { c.session.received(n) })
	s.answerAll()
	out := string(c.session.take())
	s.turn(func() { c.session.wrote(nil) })
	return out
}

func TestLocalAnswers(t *testing.T) {
	for _, tt := range []struct{ ask, want string }{
		{"PING", "+PONG\r\n"},
		{"ping hello", "$5\r\nhello\r\n"},
		{"PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"},
		{"ECHO x", "$1\r\nx\r\n"},
		{"ECHO", "-ERR wrong number of arguments for 'echo' command\r\n"},
		{"SELECT 0", "+OK\r\n"},
		{"SELECT 1", "-ERR DB index is out of range\r\n"},
		{"SELECT x", "-ERR value is not an integer or out of range\r\n"},
		{"SELECT", "-ERR wrong number of arguments for 'select' command\r\n"},
		{"HELLO 3", "-NOPROTO unsupported protocol version\r\n"},
		{"HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"},
		{"HELLO 2 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"},
		{"HELLO 2 AUTH a b", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"},
		{"HELLO 2 SETNAME 'a b'", "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"},
		{"HELLO", "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n" +
			"$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"},
		{"CLIENT", "-ERR wrong number of arguments for 'client' command\r\n"},
		{"CLIENT ID", ":1\r\n"},
		{"CLIENT ID x", "-ERR wrong number of arguments for 'client|id' command\r\n"},
		{"CLIENT GETNAME", "$-1\r\n"},
		{"CLIENT FOO", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n"},
		{"CLIENT SETINFO LIB-NAME go-redis", "+OK\r\n"},
		{"CLIENT SETINFO lib-ver 1.0", "+OK\r\n"},
		{"CLIENT SETINFO lib-age 1.0", "-ERR Unrecognized option 'lib-age'\r\n"},
		{"CLIENT SETINFO lib-ver 'a b'", "-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n"},
		{"COMMAND", "*0\r\n"},
		{"COMMAND DOCS get", "*0\r\n"},
		{"COMMAND COUNT", ":0\r\n"},
		{"INFO replication", "$57\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n"},
		{"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
		{"MGET", "-ERR wrong number of arguments for 'mget' command\r\n"},
		{"MSET a", "-ERR wrong number of arguments for 'mset' command\r\n"},
		{"MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"},
		{"OBJECT", "-ERR wrong number of arguments for 'object' command\r\n"},
		{"OBJECT ENCODING", "-ERR wrong number of arguments for 'object|encoding' command\r\n"},
		{"OBJECT foo", "-ERR unknown subcommand 'foo'. Try OBJECT HELP.\r\n"},
		{"MEMORY DOCTOR", "-ERR 'memory|doctor' is not supported by this proxy\r\n"},
		{"SELECT +0", "-ERR value is not an integer or out of range\r\n"},
		{"SELECT 00", "-ERR value is not an integer or out of range\r\n"},
		{"SELECT 3000000000", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
		{"HELLO 02", "-ERR Protocol version is not an integer or out of range\r\n"},
		{"COMMAND FOO", "-ERR unknown subcommand 'FOO'. Try COMMAND HELP.\r\n"},
		{"COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command\r\n"},
		{"COMMAND GETKEYS get a", "-ERR 'command|getkeys' is not supported by this proxy\r\n"},
		{"SUBSCRIBE x", "-ERR 'subscribe' is not supported by this proxy\r\n"},
		{"foo bar 'b z'", "-ERR unknown command 'foo', with args beginning with: 'bar' 'b z' \r\n"},
		{"foo \"a\\x00b\" \"\\r\\n\"", "-ERR unknown command 'foo', with args beginning with: 'a' '  ' \r\n"},
	} {
		s := newSim(t, Config{}, "red", "green")
		if got := s.ask(s.client(), tt.ask+"\r\n"); got != tt.want && !strings.HasPrefix(tt.ask, "INFO") {
			t.Errorf("%s: got %q, want %q", tt.ask, got, tt.want)
		} else if strings.HasPrefix(tt.ask, "INFO") && !strings.Contains(got, tt.want[5:]) {
			t.Errorf("%s: got %q, want %q in it", tt.ask, got, tt.want[5:])
		}
	}
}

func TestNamesBelongToClients(t *testing.T) {
	s := newSim(t, Config{}, "red")
	a, b := s.client(), s.client()
	s.ask(a, "CLIENT SETNAME first\r\n")
	s.ask(b, "HELLO 2 SETNAME second\r\n")
	for c, want := range map[*simClient]string{a: "$5\r\nfirst\r\n", b: "$6\r\nsecond\r\n"} {
		if got := s.ask(c, "CLIENT GETNAME\r\n"); got != want {
			t.Errorf("name is %q, want %q", got, want)
		}
	}
}

// An error stands in its place, and what comes after it is answered too, except after a breach of protocol and QUIT.
func TestErrorsKeepTheirPlace(t *testing.T) {
	for ask, want := range map[string]string{
		"SET k v\r\nFOO\r\nGET k\r\n":   "+OK\r\n-ERR unknown command 'FOO', with args beginning with: \r\n$10\r\nvalue of k\r\n",
		"GET k\r\n*1\r\nx\r\nGET k\r\n": "$10\r\nvalue of k\r\n-ERR Protocol error: expected '$', got 'x'\r\n",
		"GET k\r\nQUIT\r\nGET k\r\n":    "$10\r\nvalue of k\r\n+OK\r\n",
	} {
		s := newSim(t, Config{}, "red", "green")
		c := s.client()
		got := s.ask(c, ask)
		if got != want {
			t.Errorf("%q: got %q, want %q", ask, got, want)
		}
		if over := c.session.over(); over != !strings.HasPrefix(ask, "SET") {
			t.Errorf("%q: session over: %v", ask, over)
		}
	}
}

// A request whose shard does not answer in time gets an error; the late answer goes to nobody.
func TestTimeout(t *testing.T) {
	s := newSim(t, Config{Timeout: time.Second}, "red")
	c := s.client()
	s.answerAll()
	s.shards["red"].stopped = true
	if got := s.ask(c, "GET a\r\n"); got != "" {
		t.Fatalf("got %q", got)
	}
	s.pass(999 * time.Millisecond)
	if len(c.session.out) > 0 {
		t.Fatalf("after 999 ms: %q", c.session.out)
	}
	s.pass(time.Millisecond)
	want := "-ERR shard red: no reply within 1s; the command may have run\r\n"
	if got := string(c.session.take()); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	s.shards["red"].stopped = false
	if got := s.ask(c, "GET b\r\n"); got != "$10\r\nvalue of b\r\n" {
		t.Errorf("after the late answer: %q", got)
	}
}

// A shard that says nothing for two time-outs is down; it is up again when it answers a new connection.
func TestSilentShardGoesDown(t *testing.T) {
	s := newSim(t, Config{Timeout: time.Second, ConnectTimeout: time.Second}, "red")
	c := s.client()
	s.answerAll()
	s.pass(time.Hour)
	s.shards["red"].stopped = true
	s.ask(c, "GET a\r\n")
	s.pass(1500 * time.Millisecond)
	s.ask(c, "GET b\r\n")
	s.pass(500 * time.Millisecond)
	if got, want := string(c.session.take()), "-ERR shard red: timed out; the command may have run\r\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	for range 20 { // its connections are accepted, and its PINGs not answered
		if got, want := s.ask(c, "GET c\r\n"), "-ERR shard red is down: timed out\r\n"; got != want && !strings.Contains(got, "no answer to PING") {
			t.Fatalf("got %q, want %q", got, want)
		}
		s.pass(250 * time.Millisecond)
	}
	s.shards["red"].stopped = false
	s.pass(time.Second)
	s.answerAll()
	if got := s.ask(c, "GET d\r\n"); got != "$10\r\nvalue of d\r\n" {
		t.Errorf("after its return: %q", got)
	}
}

// Attempts to reach a dead shard come ever less often, and never further apart than half a second by default.
func TestBackOff(t *testing.T) {
	s := newSim(t, Config{}, "red")
	h := s.shards["red"]
	h.dead = true
	var gaps []time.Duration
	for range 8 {
		s.connect(h)
		began := s.now
		for h.link.state != linkDial {
			s.pass(time.Millisecond)
		}
		gaps = append(gaps, s.now-began)
	}
	want := fmt.Sprint([]time.Duration{63e6, 125e6, 250e6, 500e6, 500e6, 500e6, 500e6, 500e6})
	if got := fmt.Sprint(gaps); got != want {
		t.Errorf("attempts after %v, want %v", got, want)
	}
	if got, want := s.ask(s.client(), "GET a\r\n"), "-ERR shard red is down: refused\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What waits when a connection is lost fails; one that was up for long is made anew at once, and meanwhile requests wait.
func TestLostConnection(t *testing.T) {
	s := newSim(t, Config{}, "red")
	c, h := s.client(), s.shards["red"]
	s.answerAll()
	s.pass(time.Minute)
	h.stopped = true
	s.ask(c, "GET a\r\n")
	s.close(h)
	if got, want := string(c.session.take()), "-ERR shard red: reset; the command may have run\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.stopped = false
	if got := s.ask(c, "GET b\r\n"); got != "$10\r\nvalue of b\r\n" {
		t.Errorf("after the loss: %q", got)
	}
}

func TestHandshakeErrorsAreTold(t *testing.T) {
	s := newSim(t, Config{}, "red")
	h := s.shards["red"]
	s.connect(h)
	h.out = []byte("-LOADING Redis is loading the dataset in memory\r\n")
	s.answer(h, 1000)
	if got, want := s.ask(s.client(), "GET a\r\n"), "-ERR shard red is down: LOADING Redis is loading the dataset in memory\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A reply too many, or one that cannot be read, ends the connection and harms nobody else.
func TestShardBreaksProtocol(t *testing.T) {
	for _, noise := range []string{"+OK\r\n", "!x\r\n", "HTTP/1.1 400 Bad Request\r\n"} {
		s := newSim(t, Config{}, "red")
		c, h := s.client(), s.shards["red"]
		s.answerAll()
		s.pass(time.Minute)
		h.out = []byte(noise)
		s.answer(h, 1000)
		if h.link.state == linkUp {
			t.Errorf("after %q the connection is still used", noise)
		}
		s.pass(time.Second)
		s.answerAll()
		if got := s.ask(c, "GET b\r\n"); got != "$10\r\nvalue of b\r\n" {
			t.Errorf("after %q: %q", noise, got)
		}
	}
}

// A client that pipelines without end is read no further than MaxPending.
func TestMaxPending(t *testing.T) {
	s := newSim(t, Config{MaxPending: 10}, "red")
	c, h := s.client(), s.shards["red"]
	for range 100 {
		c.ask("GET", "k")
	}
	s.send(c, 1<<20)
	if !c.session.paused || c.session.pending() != 10 {
		t.Fatalf("paused %v with %d pending", c.session.paused, c.session.pending())
	}
	s.connect(h)
	s.flush(h)
	h.work(1)
	s.answer(h, 1000)
	s.flush(h)
	h.work(3)
	s.answer(h, 1000)
	if !c.session.paused || c.session.pending() != 10 {
		t.Fatalf("after 3 answers: paused %v with %d pending", c.session.paused, c.session.pending())
	}
	s.settle()
	if c.replies != 100 {
		t.Errorf("%d replies of 100", c.replies)
	}
}

// A client that does not read is read no further than MaxOutput, and hung up on when its replies are twice as many.
func TestMaxOutput(t *testing.T) {
	const bulk = 1000
	s := newSim(t, Config{MaxOutput: 10 * bulk}, "red")
	c, h := s.client(), s.shards["red"]
	s.answerAll()
	get := func(n int) {
		for range n {
			c.stream = resp.AppendRequest(c.stream, "GET", "k")
		}
		s.send(c, 1<<20)
		s.flush(h)
		h.in = nil
		h.out = []byte(strings.Repeat(fmt.Sprintf("$%d\r\n%s\r\n", bulk, strings.Repeat("v", bulk)), c.session.pending()))
		for len(h.out) > 0 {
			s.answer(h, 1<<20)
		}
	}
	get(9)
	get(9) // begun below the bound
	if c.session.dead || len(c.session.out) < 18*bulk {
		t.Fatalf("dead %v with %d bytes", c.session.dead, len(c.session.out))
	}
	get(9)
	if len(c.session.out) > 19*bulk || !c.session.paused {
		t.Fatalf("%d bytes, paused %v: took more commands", len(c.session.out), c.session.paused)
	}

	c = s.client()
	get(30)
	if !c.session.dead || s.loop.stats.slowClients.n != 1 {
		t.Errorf("dead %v after 30 replies unread, %d slow clients", c.session.dead, s.loop.stats.slowClients.n)
	}
}

// So is one whose replies cannot go out because an earlier one is missing.
func TestMaxOutputOutOfOrder(t *testing.T) {
	s := newSim(t, Config{MaxOutput: 10_000, Pick: func(key []byte) string { return string(key) }}, "red", "green")
	c := s.client()
	s.settle()
	c.stream = resp.AppendRequest(c.stream, "GET", "red") // which will not be answered
	for range 40 {
		c.stream = resp.AppendRequest(c.stream, "GET", "green")
	}
	s.send(c, 1<<20)
	h := s.shards["green"]
	s.flush(h)
	h.out = []byte(strings.Repeat(fmt.Sprintf("$1000\r\n%s\r\n", strings.Repeat("v", 1000)), 40))
	for len(h.out) > 0 && !c.session.dead {
		if s.answer(h, 1<<20); c.session.held > 21_100 {
			t.Fatalf("%d bytes are held", c.session.held)
		}
	}
	if !c.session.dead || s.loop.stats.slowClients.n != 1 {
		t.Errorf("dead %v, %d slow clients", c.session.dead, s.loop.stats.slowClients.n)
	}
}

func TestOneReplyAlwaysFits(t *testing.T) {
	s := newSim(t, Config{MaxOutput: 10}, "red")
	c, h := s.client(), s.shards["red"]
	s.answerAll()
	s.send(c, 0)
	c.stream = resp.AppendRequest(c.stream, "GET", "k")
	s.send(c, 1000)
	h.out = resp.AppendBulk(nil, strings.Repeat("v", 1<<20))
	for len(h.out) > 0 {
		s.answer(h, 1<<20)
	}
	if len(c.session.out) < 1<<20 || c.session.dead {
		t.Errorf("%d bytes, dead %v", len(c.session.out), c.session.dead)
	}
}

// A queue that is full fails at once, and only for its own shard.
func TestQueueIsBounded(t *testing.T) {
	s := newSim(t, Config{MaxPending: -1, Pick: func(key []byte) string { return string(key) }}, "red", "green")
	s.answerAll()
	k := s.shards["red"].link
	for k.queue.len() < maxQueue {
		k.queue.push(request{})
	}
	c := s.client()
	if got, want := s.ask(c, "GET red\r\nGET green\r\n"), "-ERR shard red is too slow: its queue is full\r\n$14\r\nvalue of green\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A session whose client has gone away costs nothing but the places of its requests.
func TestDeadSessionsAreForgotten(t *testing.T) {
	s := newSim(t, Config{}, "red", "green")
	for range 100 {
		c := s.client()
		c.ask("MGET", "a", "b", "c")
		c.ask("GET", "d")
		s.send(c, 1000)
		s.turn(c.session.release)
	}
	if n := len(s.loop.sessions); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	s.answerAll()
	for name, h := range s.shards {
		if n := h.link.queue.len(); n != 0 {
			t.Errorf("%d requests are left for %s", n, name)
		}
	}
}

func TestIdleTimeout(t *testing.T) {
	s := newSim(t, Config{IdleTimeout: time.Minute}, "red")
	quiet, busy := s.client(), s.client()
	s.pass(50 * time.Second)
	s.ask(busy, "PING\r\n")
	s.pass(11 * time.Second)
	if !quiet.session.dead || busy.session.dead {
		t.Errorf("after a minute: quiet one dead %v, busy one %v", quiet.session.dead, busy.session.dead)
	}
	s.pass(time.Minute)
	if !busy.session.dead {
		t.Error("the busy one has fallen quiet and lives")
	}
}

// What a burst took is given back.
func TestBuffersAreGivenBack(t *testing.T) {
	s := newSim(t, Config{}, "red")
	c, h := s.client(), s.shards["red"]
	s.answerAll()
	for range 3 {
		c.stream = resp.AppendRequest(c.stream, "SET", "k", strings.Repeat("x", 40<<20))
		for len(c.stream) > 0 {
			s.send(c, 1<<16)
		}
		s.flush(h)
		h.in, h.out = nil, []byte("+OK\r\n")
		s.answer(h, 100)
	}
	for range 10 {
		s.ask(c, "PING\r\n")
	}
	if n := cap(c.session.in.buf); n > 8*leastRead {
		t.Errorf("input buffer keeps %d bytes", n)
	}
	kept := cap(s.loop.frame) + cap(s.loop.scratch)
	for _, class := range s.loop.buffers.free {
		for _, b := range class {
			kept += cap(b)
		}
	}
	if kept > 32<<20 {
		t.Errorf("%d bytes kept", kept)
	}
}
