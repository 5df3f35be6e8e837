package redisproxy

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"
)

// Stats counts what a Server did, since New.
type Stats struct {
	Clients     int            `metric:"clients" help:"Clients connected."`
	Accepted    uint64         `metric:"clients_total" help:"Clients accepted."`
	Refused     uint64         `metric:"clients_refused_total" help:"Clients turned away because there were too many."`
	SlowClients uint64         `metric:"slow_clients_total" help:"Clients disconnected because they did not read their replies."`
	Generation  uint64         `metric:"config_generation" help:"Configurations put in force."`
	Shards      []ShardStats   // one for each shard, in the order of the configuration
	Commands    []CommandStats // one for each command seen, by name
}

// ShardStats is the part of one shard in Stats. It begins anew when the shard gets another address.
type ShardStats struct {
	Shard   string    `label:"shard"`
	Up      bool      `metric:"shard_up" help:"Whether the shard answers."`
	Pending int       `metric:"shard_pending" help:"Commands that wait for the shard to answer."`
	Errors  uint64    `metric:"shard_errors_total" help:"Commands that the shard failed to answer."`
	Sent    uint64    `metric:"shard_sent_bytes_total" help:"Bytes sent."`
	Read    uint64    `metric:"shard_read_bytes_total" help:"Bytes received."`
	Latency Histogram `metric:"shard_latency_seconds" help:"Time from command to reply."`
}

// CommandStats is the part of one command in Stats.
type CommandStats struct {
	Command string `label:"command"` // in lower case; "(unknown)" for all that the proxy does not know, "(broken)" for breaches of protocol
	Calls   uint64 `metric:"commands_total" help:"Commands received."`
	Errors  uint64 `metric:"command_errors_total" help:"Commands answered with an error."`
}

// A Histogram counts observations; Counts[i] holds those above Bounds[i-1] and up to Bounds[i], its last element the
// rest. Bounds and Sum are in seconds. Bounds must not be changed.
type Histogram struct {
	Bounds []float64
	Counts []uint64
	Sum    float64
}

// latencyBounds are those of shard latencies.
var latencyBounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
}

// A counter is changed by the loop alone and shown to others at the end of a turn: counting costs an addition, and
// reading takes no lock.
type counter struct {
	n     uint64
	shown atomic.Uint64
}

func (c *counter) publish() {
	if c.shown.Load() != c.n {
		c.shown.Store(c.n)
	}
}

// counters are those of a loop.
type counters struct {
	clients, accepted, refused, slowClients, generation counter

	shards  atomic.Pointer[[]*shardCounters] // of the configuration in force
	touched []*shardCounters
	table   *commands
}

// setShards shows the counters of these links.
func (c *counters) setShards(links []*link) {
	all := make([]*shardCounters, len(links))
	for i, k := range links {
		all[i] = k.stats
		c.touchShard(k.stats)
	}
	c.shards.Store(&all)
	c.generation.n++
}

// touchShard has the counters of a shard published at the end of the turn.
func (c *counters) touchShard(s *shardCounters) {
	if !s.touched {
		s.touched = true
		c.touched = append(c.touched, s)
	}
}

func (c *counters) publish() {
	for _, one := range []*counter{&c.clients, &c.accepted, &c.refused, &c.slowClients, &c.generation} {
		one.publish()
	}
	for _, s := range c.touched {
		s.publish()
	}
	c.touched = c.touched[:0]
	c.table.publish()
}

// shardCounters are those of a link.
type shardCounters struct {
	name                            string
	touched                         bool
	up, pending, errors, sent, read counter
	latency                         histogram
	link                            *link
}

func newShardCounters(name string) *shardCounters { return &shardCounters{name: name} }

func (s *shardCounters) publish() {
	s.touched = false
	s.up.n = 0
	if s.link.answers() {
		s.up.n = 1
	}
	s.pending.n = uint64(s.link.queue.open())
	for _, c := range []*counter{&s.up, &s.pending, &s.errors, &s.sent, &s.read} {
		c.publish()
	}
	s.latency.publish()
}

func (s *shardCounters) snapshot() ShardStats {
	return ShardStats{
		Shard: s.name, Up: s.up.shown.Load() == 1, Pending: int(s.pending.shown.Load()), Errors: s.errors.shown.Load(),
		Sent: s.sent.shown.Load(), Read: s.read.shown.Load(), Latency: s.latency.snapshot(),
	}
}

// A histogram counts durations.
type histogram struct {
	counts [len(latencyBounds) + 1]counter
	nanos  counter
}

func (h *histogram) observe(d time.Duration) {
	i := 0
	for i < len(latencyBounds) && d > latencyBounds[i] {
		i++
	}
	h.counts[i].n++
	h.nanos.n += uint64(d)
}

func (h *histogram) publish() {
	for i := range h.counts {
		h.counts[i].publish()
	}
	h.nanos.publish()
}

func (h *histogram) snapshot() Histogram {
	s := Histogram{Sum: time.Duration(h.nanos.shown.Load()).Seconds()}
	for i := range h.counts {
		s.Counts = append(s.Counts, h.counts[i].shown.Load())
	}
	for _, b := range latencyBounds {
		s.Bounds = append(s.Bounds, b.Seconds())
	}
	return s
}

// commandCounters are those of a command.
type commandCounters struct {
	name          string
	touched       bool
	calls, errors counter
}

func newCommandCounters(name string) *commandCounters { return &commandCounters{name: name} }

// touch has the counters of a command published at the end of the turn.
func (t *commands) touch(c *commandCounters) {
	if !c.touched {
		c.touched = true
		t.touched = append(t.touched, c)
	}
}

func (t *commands) publish() {
	for _, c := range t.touched {
		c.touched = false
		c.calls.publish()
		c.errors.publish()
	}
	t.touched = t.touched[:0]
}

// snapshot may be called from any goroutine.
func (c *counters) snapshot() Stats {
	s := Stats{
		Clients: int(c.clients.shown.Load()), Accepted: c.accepted.shown.Load(), Refused: c.refused.shown.Load(),
		SlowClients: c.slowClients.shown.Load(), Generation: c.generation.shown.Load(),
	}
	for _, k := range *c.shards.Load() {
		s.Shards = append(s.Shards, k.snapshot())
	}
	for _, k := range c.table.all {
		if calls := k.stats.calls.shown.Load(); calls > 0 {
			s.Commands = append(s.Commands, CommandStats{k.stats.name, calls, k.stats.errors.shown.Load()})
		}
	}
	slices.SortFunc(s.Commands, func(a, b CommandStats) int { return cmp.Compare(a.Command, b.Command) })
	return s
}
