// Package redisproxy speaks the Redis protocol to any client and spreads its commands over shards.
// It stores nothing, elects nothing and moves no data; durable clusters are Redis Cluster's work.
//
// One connection to each shard is shared by all clients. Commands with one key go to the shard that Config.Pick names; MGET,
// MSET, DEL, UNLINK, EXISTS and TOUCH are split and their replies put together, without being atomic over shards.
// PING, ECHO, SELECT 0, QUIT, HELLO 2, INFO, COMMAND and some of CLIENT are answered here. All other commands get an error.
// Replies come in the order of requests; what goes wrong is an error reply, and the connection stays, except after a
// breach of protocol. A shard that is down fails its own keys at once and changes nothing for others: keys are never
// given to another shard.
//
// A command whose connection was lost, or which was not answered in time, may or may not have run; the error says so. None is
// sent twice.
//
// The protocol is in a machine without input and output, which gathers what many commands and replies have to say and
// writes it at once; goroutines move the bytes, two for a connection that has something to say and one for one that has not.
package redisproxy

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A Server is a proxy that serves clients; make it with New. All methods may be called concurrently.
type Server struct {
	epoch time.Time

	mu      sync.Mutex // guards what follows
	loop    *loop
	running int // calls of Serve and Run
	timer   *time.Timer
	alarm   time.Duration // when timer fires; never if it does not

	workers *sync.WaitGroup // of the links, since the first of the calls under way
}

// New checks c. It starts nothing. An error joins all mistakes and names their fields.
func New(c Config) (*Server, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{epoch: time.Now(), alarm: never}
	s.loop = newLoop(&c, func(k *link) peer { return &shardPeer{server: s, link: k} })
	s.timer = time.AfterFunc(time.Hour, s.tick)
	s.timer.Stop()
	return s, nil
}

// turn runs f as one turn of the loop.
func (s *Server) turn(f func()) {
	s.mu.Lock()
	s.loop.begin(time.Since(s.epoch))
	f()
	s.loop.end()
	s.arm()
	events := s.loop.events
	s.loop.events = nil
	log := s.loop.conf.Logger
	s.mu.Unlock()
	for _, e := range events {
		if e.why == "" {
			log.Info("shard is up", "shard", e.link.name, "addr", e.link.addr)
		} else {
			log.Warn("shard is down", "shard", e.link.name, "addr", e.link.addr, "why", e.why)
		}
	}
}

// arm sets the timer for the loop's deadline. It is let be if it fires before: deadlines mostly move away.
func (s *Server) arm() {
	if s.loop.deadline < s.alarm {
		s.alarm = s.loop.deadline
		s.timer.Reset(s.alarm - s.loop.now)
	}
}

func (s *Server) tick() {
	s.turn(func() {
		s.alarm = never
		s.loop.tick()
	})
}

// acquire connects to the shards, unless they are already.
func (s *Server) acquire() {
	s.turn(func() {
		if s.running++; s.running == 1 {
			s.workers = new(sync.WaitGroup)
			s.loop.started = true
			s.loop.start()
		}
	})
}

// release ends the connections if nobody else needs them, and waits for that.
func (s *Server) release() {
	var last *sync.WaitGroup
	s.turn(func() {
		if s.running--; s.running == 0 {
			last = s.workers
			s.loop.stop()
		}
	})
	if last != nil {
		last.Wait()
	}
}

// Run keeps the links to the shards until ctx ends, for programs that only use Do. Serve does so by itself.
// It returns nil.
func (s *Server) Run(ctx context.Context) error {
	s.acquire()
	defer s.release()
	<-ctx.Done()
	return nil
}

// Update goes on with another configuration, or returns why it is refused; then nothing changes. Clients keep their
// connections; so do shards whose name and address stay the same, and a shard that is taken out still answers what it was
// sent. A new Dial applies to new connections, and so do new Limits. MaxClients turns nobody away who is connected.
func (s *Server) Update(c Config) error {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return err
	}
	s.turn(func() {
		s.loop.conf = &c
		s.loop.setShards()
		s.loop.sweep = s.loop.now // time-outs may be others
		s.loop.due(s.loop.now)
	})
	return nil
}

// Config returns the configuration in force, with defaults filled in: change a copy of it for Update.
func (s *Server) Config() Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *s.loop.conf
	c.Shards = slices.Clone(c.Shards)
	return c
}

// Where returns the name and address of the shard that owns key, or nothing if there is none. It contacts nobody.
func (s *Server) Where(key []byte) (name, addr string) {
	c := s.Config()
	if c.Pick == nil {
		return c.Shards[0].Name, c.Shards[0].Addr
	}
	name = c.Pick(key)
	i := slices.IndexFunc(c.Shards, func(s Shard) bool { return s.Name == name })
	if i < 0 {
		return "", ""
	}
	return name, c.Shards[i].Addr
}

// Do executes one command as a client of this proxy would and appends the reply, as it stands on the wire, to dst. Each
// call is a client of its own, with protocol 2. It is for programs that have a Redis server or client code of their own, such
// as a redcon handler; Serve or Run must be under way. Args are not kept. The error is ctx's; what the command itself got
// wrong is in the reply. A command that is given up may still run.
func (s *Server) Do(ctx context.Context, dst []byte, args ...[]byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return dst, err
	}
	if len(args) == 0 {
		return resp.AppendError(dst, "ERR no command"), nil
	}
	c := &call{done: make(chan struct{})}
	s.turn(func() {
		c.session = s.loop.newSession()
		c.session.peer = c
		c.session.in.buf = resp.AppendRequest(c.session.in.buf, args...)
		c.session.work()
	})
	select {
	case <-c.done:
	case <-ctx.Done():
	}
	err := ctx.Err()
	s.turn(func() {
		if c.session.pending() == 0 {
			dst, err = append(dst, c.session.out...), nil
		}
		c.session.release()
	})
	return dst, err
}

// A call is the client of Do.
type call struct {
	session *session
	done    chan struct{}
	over    bool
}

func (c *call) ready() {
	if !c.over && c.session.pending() == 0 {
		c.over = true
		close(c.done)
	}
}

// Health returns nil while every shard answers, else a *DownError. It says what the links know, without asking anew, and
// before Serve or Run that nobody answers.
func (s *Server) Health(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var down []string
	for _, k := range s.loop.links {
		if !k.answers() {
			down = append(down, k.name)
		}
	}
	if len(down) == 0 {
		return nil
	}
	return &DownError{Shards: down, All: len(down) == len(s.loop.links)}
}

// Stats returns a snapshot. It waits for nothing.
func (s *Server) Stats() Stats { return s.loop.stats.snapshot() }

// A DownError says which shards do not answer.
type DownError struct {
	Shards []string // names
	All    bool     // no shard answers
}

// Error names the shards.
func (e *DownError) Error() string {
	if len(e.Shards) == 1 {
		return "shard " + e.Shards[0] + " does not answer"
	}
	return "shards " + strings.Join(e.Shards, ", ") + " do not answer"
}

// Degraded returns !e.All: a proxy that still reaches some of its shards is degraded, not down.
func (e *DownError) Degraded() bool { return !e.All }

// isTemporary reports whether an error of Accept may pass: a connection that was reset meanwhile, no descriptor free.
func isTemporary(err error) bool {
	temporary, ok := err.(interface{ Temporary() bool })
	return ok && temporary.Temporary()
}
