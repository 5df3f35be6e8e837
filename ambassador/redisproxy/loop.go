package redisproxy

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A loop is a proxy without input and output: client sessions and shard links that exchange bytes through buffers.
// It never blocks, reads no clock and, in steady state, allocates nothing. One goroutine at a time may use it.
//
// A driver moves the bytes. It calls begin with the time, then any number of methods of sessions and links with what it has
// read, learnt or written, and then end: one turn. Within a turn output only gathers; end calls peer.ready once for
// each endpoint that has something for the driver to do, so what many commands and replies have put together is
// one write.
type loop struct {
	now   time.Duration // since the proxy was made, constant within a turn
	conf  *Config       // in force
	table *commands

	links    []*link // of conf.Shards, in their order
	byName   map[string]*link
	retiring []*link // of shards that were taken out and still owe replies
	started  bool    // links may connect
	newPeer  func(*link) peer
	jitter   func() float64 // 0.75 to 1.25

	sessions map[*session]struct{}
	nextID   uint64

	marked []*endpoint
	paused []*session // that may go on, to be tried at the end of the turn

	buffers
	slotPool
	scratch  []byte // of a reply under construction; nobody keeps it
	frame    []byte // of a request under construction
	split    splitter
	stats    counters
	events   []event
	sweep    time.Duration // when sessions are next to be looked at
	deadline time.Duration // at or before the next time tick has something to do
}

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

func newLoop(conf *Config, newPeer func(*link) peer) *loop {
	l := &loop{
		conf:     conf,
		table:    newCommands(),
		newPeer:  newPeer,
		sessions: make(map[*session]struct{}),
		jitter:   func() float64 { return 0.75 + rand.Float64()/2 },
		sweep:    never,
		deadline: never,
	}
	l.stats.table = l.table
	l.setShards()
	l.stats.publish()
	return l
}

// An event is something to log, which a loop does not do itself.
type event struct {
	link *link
	why  string // it went down; "" if it is up again
}

// begin starts a turn.
func (l *loop) begin(now time.Duration) { l.now = now }

// end ends a turn: sessions that may go on do, counters are published, and drivers told.
func (l *loop) end() {
	for len(l.paused) > 0 {
		s := l.paused[len(l.paused)-1]
		l.paused = l.paused[:len(l.paused)-1]
		s.resume()
	}
	l.stats.publish()
	for _, e := range l.marked {
		e.marked = false
		e.peer.ready()
	}
	clear(l.marked)
	l.marked = l.marked[:0]
	l.trim()
}

// trim gives back what a very large request or reply took.
func (l *loop) trim() {
	const large = 1 << 18
	if cap(l.scratch) > large {
		l.scratch = nil
	}
	if cap(l.frame) > large {
		l.frame = nil
	}
	if cap(l.split.next) > large {
		l.split.next = nil
	}
}

// setShards puts l.conf in force. Links whose shard stays the same are kept.
func (l *loop) setShards() {
	old := l.byName
	l.links, l.byName = nil, make(map[string]*link, len(l.conf.Shards))
	for _, s := range l.conf.Shards {
		k := old[s.Name]
		if k == nil || k.addr != s.Addr {
			k = newLink(l, s)
			k.peer = l.newPeer(k)
		}
		l.links = append(l.links, k)
		l.byName[s.Name] = k
	}
	for name, k := range old {
		if l.byName[name] != k {
			k.retire()
			l.retiring = append(l.retiring, k)
		}
	}
	if l.started {
		l.start()
	}
	l.stats.setShards(l.links)
}

// start has the links connect.
func (l *loop) start() {
	for _, k := range l.links {
		k.start()
	}
}

// stop ends all links; whoever waits for a reply gets an error.
func (l *loop) stop() {
	l.started = false
	for _, k := range l.all() {
		k.stop()
	}
}

func (l *loop) all() []*link { return append(l.retiring[:len(l.retiring):len(l.retiring)], l.links...) }

// tick does what is due, and sets the deadline of the next tick.
func (l *loop) tick() {
	l.deadline = never
	for _, k := range l.all() {
		k.tick()
	}
	l.retiring = slices.DeleteFunc(l.retiring, func(k *link) bool { return k.state == linkOff })
	if l.sweep <= l.now {
		l.sweep = never
		for s := range l.sessions {
			s.tick()
		}
	}
	l.due(l.sweep)
}

// sweepAt has the sessions looked at, about then: not much more often than they can time out.
func (l *loop) sweepAt(at, timeout time.Duration) {
	l.sweep = min(l.sweep, max(at, l.now+timeout/8))
	l.due(l.sweep)
}

// due asks for a tick at a time.
func (l *loop) due(at time.Duration) { l.deadline = min(l.deadline, at) }

// owner returns the link of the shard that owns key, nil if there is none, and the name that Pick gave.
func (l *loop) owner(key []byte) (*link, string) {
	if l.conf.Pick == nil {
		return l.links[0], l.links[0].name
	}
	name := l.conf.Pick(key)
	return l.byName[name], name
}

// An endpoint is the output of a session or link. The driver takes what is in out and writes it.
type endpoint struct {
	loop    *loop
	peer    peer
	marked  bool // in loop.marked
	out     []byte
	writing int // bytes that the driver has taken and not yet written
}

// A peer is what the driver has for an endpoint.
type peer interface {
	// ready is called at the end of a turn that changed the endpoint: there is output, or it is over, or it may be read
	// again. It must not call back into the loop.
	ready()
}

// mark has the driver told at the end of the turn.
func (e *endpoint) mark() {
	if !e.marked {
		e.marked = true
		e.loop.marked = append(e.loop.marked, e)
	}
}

// take hands the output to the driver.
func (e *endpoint) take() []byte {
	out := e.out
	e.out = nil
	e.writing = len(out)
	return out
}

// wrote takes back the buffer of a finished write.
func (e *endpoint) wrote(out []byte) {
	e.writing = 0
	e.loop.put(out)
}

// waiting is how many bytes are to be written.
func (e *endpoint) waiting() int { return len(e.out) + e.writing }
