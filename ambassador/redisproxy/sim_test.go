package redisproxy

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A sim drives a loop without a goroutine or a clock: clients, wires and shards do a little at a time, in any order.
type sim struct {
	t       testing.TB
	loop    *loop
	now     time.Duration
	clients []*simClient
	shards  map[string]*simShard
}

// A simPeer notes what the loop has said.
type simPeer struct{ calls int }

func (p *simPeer) ready() { p.calls++ }

// A simClient sends requests and knows the right replies.
type simClient struct {
	session *session
	stream  []byte   // not yet sent
	want    []string // replies to what was put in stream
	got     []byte   // not yet a whole reply
	replies int
	errors  int
}

// A simShard answers what needs no data: GET gives a value that tells the key.
type simShard struct {
	link    *link
	dead    bool // refuses connections
	stopped bool // accepts and says nothing
	conn    int  // 0 if there is none
	in, out []byte
	scan    resp.Scanner
	seen    []string // requests, for tests that look at them
}

func newSim(t testing.TB, c Config, shards ...string) *sim {
	s := &sim{t: t, shards: make(map[string]*simShard)}
	for _, name := range shards {
		c.Shards = append(c.Shards, Shard{Name: name, Addr: name + ":6379"})
	}
	if c.Pick == nil {
		c.Pick = func(key []byte) string {
			h := fnv.New32a()
			h.Write(key)
			return shards[h.Sum32()%uint32(len(shards))]
		}
	}
	c = c.withDefaults()
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	s.loop = newLoop(&c, func(k *link) peer {
		s.shards[k.name] = &simShard{link: k}
		return new(simPeer)
	})
	s.loop.jitter = func() float64 { return 1 }
	s.turn(func() {
		s.loop.started = true
		s.loop.start()
	})
	return s
}

func (s *sim) turn(f func()) {
	s.loop.begin(s.now)
	f()
	s.loop.end()
}

// pass lets time pass, with a tick whenever one is due.
func (s *sim) pass(d time.Duration) {
	end := s.now + d
	for s.loop.deadline <= end {
		s.now = max(s.now, s.loop.deadline)
		s.turn(s.loop.tick)
	}
	s.now = end
}

func (s *sim) client() *simClient {
	c := &simClient{}
	s.turn(func() { c.session = s.loop.newSession() })
	c.session.peer = new(simPeer)
	s.clients = append(s.clients, c)
	return c
}

// ask puts a request in the client's stream, and what it should be answered.
func (c *simClient) ask(args ...string) {
	c.stream = resp.AppendRequest(c.stream, args...)
	c.want = append(c.want, simReply(args))
}

// send moves up to n bytes of the client's stream to its session, as a driver does.
func (s *sim) send(c *simClient, n int) {
	if c.session.paused || c.session.ending {
		return
	}
	n = min(n, len(c.stream))
	n = copy(c.session.in.space(), c.stream[:n])
	if n == 0 && len(c.stream) > 0 {
		s.t.Fatal("a session that is not paused has no room for input")
	}
	c.stream = c.stream[n:]
	s.turn(func() { c.session.received(n) })
}

// receive takes a client's output and looks at the replies in it.
func (s *sim) receive(c *simClient) {
	out := c.session.take()
	c.got = append(c.got, out...)
	s.turn(func() { c.session.wrote(out) })
	for len(c.got) > 0 {
		_, n, err := resp.Decode(c.got)
		if n == 0 {
			if _, broken := errors.AsType[*resp.Error](err); broken {
				s.t.Fatalf("client gets %q", c.got)
			}
			return
		}
		if c.replies == len(c.want) {
			s.t.Fatalf("client gets %q and asked for no more", c.got[:n])
		}
		got, want := string(c.got[:n]), c.want[c.replies]
		if strings.HasPrefix(got, "-ERR shard ") {
			c.errors++
		} else if got != want {
			s.t.Fatalf("reply %d is %q, want %q", c.replies, got, want)
		}
		c.replies++
		c.got = c.got[n:]
	}
}

// connect lets a link have the connection that it wants, or not.
func (s *sim) connect(h *simShard) {
	if h.conn != 0 && (h.conn != h.link.conn || h.link.state == linkOff || h.link.state == linkDial) {
		h.conn = 0 // the loop has given it up
	}
	if h.link.state != linkDial {
		return
	}
	if h.dead {
		s.turn(func() { h.link.closed(h.link.conn, errors.New("refused")) })
		return
	}
	h.conn, h.in, h.out, h.scan = h.link.conn, nil, nil, resp.Scanner{}
	s.turn(func() { h.link.connected(h.conn) })
}

// close ends a shard's connection.
func (s *sim) close(h *simShard) {
	if h.conn != 0 {
		conn := h.conn
		h.conn = 0
		s.turn(func() { h.link.closed(conn, errors.New("reset")) })
	}
}

// flush moves a link's output to its shard.
func (s *sim) flush(h *simShard) {
	if h.conn == 0 || h.conn != h.link.conn || h.link.state < linkPing {
		return
	}
	out := h.link.take()
	h.in = append(h.in, out...)
	s.turn(func() { h.link.wrote(out) })
}

// work has a shard answer up to n requests.
func (h *simShard) work(n int) {
	for range n {
		size, err := h.scan.Request(h.in)
		if err != nil {
			panic(err)
		}
		if size == 0 || h.stopped {
			return
		}
		var args []string
		for arg := range h.scan.Args(h.in) {
			args = append(args, string(arg))
		}
		h.seen = append(h.seen, strings.Join(args, " "))
		h.out = append(h.out, simReply(args)...)
		h.in = h.in[size:]
	}
}

// answer moves up to n bytes of a shard's output to its link.
func (s *sim) answer(h *simShard, n int) {
	if h.conn == 0 || h.conn != h.link.conn || h.link.state < linkPing {
		return
	}
	n = copy(h.link.in.space(), h.out[:min(n, len(h.out))])
	h.out = h.out[n:]
	s.turn(func() { h.link.received(h.conn, n) })
}

// simReply is what a shard answers, and so what a client should get.
func simReply(args []string) string {
	switch strings.ToUpper(args[0]) {
	case "PING":
		return "+PONG\r\n"
	case "GET":
		return string(resp.AppendBulk(nil, "value of "+args[1]))
	case "MGET":
		b := resp.AppendHeader(nil, '*', len(args)-1)
		for _, key := range args[1:] {
			if len(key)%5 == 0 {
				b = resp.AppendNull(b, 2)
			} else {
				b = resp.AppendBulk(b, "value of "+key)
			}
		}
		return string(b)
	case "DEL", "EXISTS", "UNLINK", "TOUCH":
		return string(resp.AppendInt(nil, int64(len(args)-1)))
	case "SET", "MSET", "QUIT":
		return "+OK\r\n"
	case "LRANGE":
		return "*3\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n$-1\r\n"
	case "INCR":
		return "-ERR value is not an integer or out of range\r\n"
	}
	return "-ERR unknown command '" + args[0] + "', with args beginning with: \r\n"
}

// settle lets everything that is under way come to its end.
func (s *sim) settle() {
	for range 20 {
		for _, c := range s.clients {
			for len(c.stream) > 0 && !c.session.paused && !c.session.ending {
				s.send(c, 1<<20)
			}
		}
		for _, h := range s.shards {
			s.connect(h)
			s.flush(h)
			h.work(1 << 20)
			for len(h.out) > 0 && h.conn != 0 {
				s.answer(h, 1<<20)
			}
			s.flush(h)
		}
		for _, c := range s.clients {
			s.receive(c)
		}
	}
}

// randomRequest asks for something.
func randomRequest(rng *rand.Rand, c *simClient) {
	key := func() string { return fmt.Sprintf("key:%0*d", 1+rng.IntN(12), rng.IntN(1000)) }
	var args []string
	switch rng.IntN(10) {
	case 0:
		args = []string{"MGET", key(), key(), key(), key()}[:2+rng.IntN(4)]
	case 1:
		args = []string{[]string{"DEL", "exists", "UNLINK", "touch"}[rng.IntN(4)], key(), key(), key()}[:2+rng.IntN(3)]
	case 2:
		args = []string{"MSET", key(), "1", key(), "2", key(), "3"}[:3+2*rng.IntN(3)]
	case 3:
		args = []string{"ping"}
	case 4:
		args = []string{"LRANGE", key(), "0", "-1"}
	case 5:
		args = []string{"INCR", key()}
	case 6:
		args = []string{"SET", key(), strings.Repeat("x", rng.IntN(3000))}
	case 7:
		args = []string{"nonsense"}
	default:
		args = []string{"GET", key()}
	}
	c.ask(args...)
}

// step does one thing at random; how says what may go wrong.
func (s *sim) step(rng *rand.Rand, faults bool) {
	c := s.clients[rng.IntN(len(s.clients))]
	h := s.shards[s.loop.links[rng.IntN(len(s.loop.links))].name]
	switch rng.IntN(9) {
	case 0:
		if len(c.want)-c.replies < 200 {
			randomRequest(rng, c)
		}
	case 1, 2:
		s.send(c, 1+rng.IntN(100))
	case 3:
		s.receive(c)
	case 4:
		s.connect(h)
	case 5:
		s.flush(h)
	case 6:
		h.work(rng.IntN(4))
	case 7:
		s.answer(h, 1+rng.IntN(100))
	case 8:
		if faults {
			s.fault(rng, h)
		}
	}
}

func (s *sim) fault(rng *rand.Rand, h *simShard) {
	switch rng.IntN(200) {
	case 0:
		s.close(h)
	case 1:
		h.dead = !h.dead
	case 2:
		h.stopped = !h.stopped
	case 3:
		s.pass(time.Duration(rng.IntN(3000)) * time.Millisecond)
	default:
		s.pass(time.Duration(rng.IntN(1000)) * time.Microsecond)
	}
}

// Whatever is cut where, and in whatever order things happen, every request gets its own reply, in order.
func TestSimulation(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := newSim(t, Config{MaxPending: 50, MaxOutput: 20_000}, "red", "green", "blue")
		for range 5 {
			s.client()
		}
		for range 30_000 {
			s.step(rng, false)
		}
		s.settle()
		for i, c := range s.clients {
			if c.replies != len(c.want) || c.errors > 0 || c.replies < 100 {
				t.Fatalf("seed %d: client %d has %d of %d replies, %d errors", seed, i, c.replies, len(c.want), c.errors)
			}
		}
	}
}

// The same with shards that die, fall silent and come back, and a clock: some replies are errors, none is wrong, and
// when all is well again, all is well.
func TestSimulationOfFaults(t *testing.T) {
	failed := 0
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		s := newSim(t, Config{MaxPending: 50}, "red", "green", "blue")
		for range 5 {
			s.client()
		}
		for range 30_000 {
			s.step(rng, true)
		}
		for _, h := range s.shards {
			h.dead, h.stopped = false, false
		}
		for range 10 {
			s.settle()
			s.pass(300 * time.Millisecond)
		}
		for i, c := range s.clients {
			if c.replies != len(c.want) {
				t.Fatalf("seed %d: client %d has %d of %d replies", seed, i, c.replies, len(c.want))
			}
			failed += c.errors
			was := c.errors
			c.ask("MGET", "a", "b", "c", "d", "e", "f", "g", "h")
			s.settle()
			if c.errors != was || c.replies != len(c.want) {
				t.Fatalf("seed %d: client %d is not served after the faults", seed, i)
			}
		}
	}
	if failed < 1000 {
		t.Errorf("only %d errors: the faults have grown dull", failed)
	}
}

func FuzzLoop(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*5\r\n$4\r\nMSET\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n"), byte(7))
	f.Add([]byte("hello 2 setname x\r\nclient getname\r\nmget a b c\r\ninfo\r\nquit\r\nping\r\n"), byte(1))
	f.Add([]byte("*1\r\n$-2\r\n"), byte(200))
	f.Fuzz(func(t *testing.T, in []byte, chunk byte) {
		whole := fuzzReplies(t, in, len(in)+1)
		if parts := fuzzReplies(t, in, int(chunk)+1); parts != whole {
			t.Fatalf("in chunks of %d: %q, whole %q", int(chunk)+1, parts, whole)
		}
	})
}

// fuzzReplies returns what a client gets that sends in.
func fuzzReplies(t *testing.T, in []byte, chunk int) string {
	s := newSim(t, Config{MaxPending: 3}, "red", "green")
	c := s.client()
	for len(in) > 0 && !c.session.ending {
		n := copy(c.session.in.space(), in[:min(len(in), chunk)])
		in = in[n:]
		s.turn(func() { c.session.received(n) })
		for c.session.paused {
			s.answerAll()
		}
	}
	s.answerAll()
	out := c.session.out
	for rest := out; len(rest) > 0; {
		_, n, err := resp.Decode(rest)
		if err != nil {
			t.Fatalf("client gets %q: %v", rest, err)
		}
		rest = rest[n:]
	}
	return string(out)
}

// answerAll has shards answer all that was sent to them, with what is no lie about types.
func (s *sim) answerAll() {
	for range 3 {
		for _, h := range s.shards {
			s.connect(h)
			s.flush(h)
			h.work(1 << 20)
			for len(h.out) > 0 {
				s.answer(h, 1<<20)
			}
			s.flush(h)
		}
	}
}
