package redisproxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A Shard is a Redis server that holds a part of the keys.
type Shard struct {
	Name string // what Pick returns; also in errors and metrics; "" means Addr
	Addr string // host:port or unix:PATH; a host name is resolved for each connection
}

// A Config describes a proxy. Shards is required, and Pick with several of them.
type Config struct {
	Shards []Shard

	// Pick returns the name of the shard that owns key; a name that is not in Shards is an error to the client.
	// shard.Ring.Owner fits. It must be pure, must not block and must not keep key. With one shard it may be nil.
	Pick func(key []byte) string

	// Durations and counts below: 0 means the default given, negative means none.
	ConnectTimeout time.Duration // for a connection to a shard and its first answer; 0 means 1 s
	Timeout        time.Duration // for a reply, from when the command was taken; one that is arriving is waited for, as long as it goes on; 0 means 1 s
	RetryAfter     time.Duration // between attempts to reach a shard that is down; it begins with a quarter and doubles up to twice of that, give or take a quarter; 0 means 250 ms; not negative
	IdleTimeout    time.Duration // of clients that say nothing, or do not read what they asked for; 0 means none
	DrainTimeout   time.Duration // to answer what was accepted, and for a client that was told the end to read it; 0 means 10 s

	Limits     resp.Limits // of requests and replies
	MaxClients int         // 0 means 10000
	MaxPending int         // commands in flight of one client; 0 means 1024; further ones wait in the client's connection

	// MaxOutput is how many bytes a slow client may leave unread before no more of its commands are taken; 0 means 64 MiB.
	// One reply always fits. A client that is twice as far behind is disconnected.
	MaxOutput int

	// Dial opens a connection to a shard: network tcp and host:port, or network unix and a path. Nil means a net.Dialer.
	// It is called from a goroutine of its own, with a context that ends at ConnectTimeout.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	Logger *slog.Logger // nil discards
}

// What a Config cannot set.
const (
	forever       = time.Duration(1 << 60) // a time-out that is none; twice as much is still a number
	maxQueue      = 1 << 18                // commands waiting for one shard
	maxQueueBytes = 256 << 20              // bytes of them not yet sent
	maxInflight   = 8 << 20                // bytes of commands in flight of one client; one command always fits
)

// withDefaults returns a copy that shares no slice with c and has every default filled in; none is a huge number.
func (c Config) withDefaults() Config {
	duration := func(d *time.Duration, def time.Duration) {
		if *d = cmp.Or(*d, def); *d < 0 {
			*d = forever
		}
	}
	count := func(n *int, def int) {
		if *n = cmp.Or(*n, def); *n < 0 {
			*n = 1 << 30
		}
	}
	duration(&c.ConnectTimeout, time.Second)
	duration(&c.Timeout, time.Second)
	duration(&c.RetryAfter, 250*time.Millisecond)
	duration(&c.IdleTimeout, forever)
	duration(&c.DrainTimeout, 10*time.Second)
	count(&c.MaxClients, 10_000)
	count(&c.MaxPending, 1024)
	count(&c.MaxOutput, 64<<20)
	c.Shards = slices.Clone(c.Shards)
	for i := range c.Shards {
		c.Shards[i].Name = cmp.Or(c.Shards[i].Name, c.Shards[i].Addr)
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// check finds every mistake in a Config with its defaults.
func (c *Config) check() error {
	var errs []error
	if c.RetryAfter == forever {
		errs = append(errs, errors.New("RetryAfter: must not be negative"))
	}
	if l := c.Limits; min(l.Args, l.Bulk, l.Inline, l.Depth, l.Total) < 0 {
		errs = append(errs, errors.New("Limits: must not be negative"))
	}
	if len(c.Shards) == 0 {
		errs = append(errs, errors.New("Shards: none given"))
	}
	if c.Pick == nil && len(c.Shards) > 1 {
		errs = append(errs, fmt.Errorf("Pick: needed with %d shards", len(c.Shards)))
	}
	seen := make(map[string]bool)
	for i, s := range c.Shards {
		if err := checkAddr(s.Addr); err != nil {
			errs = append(errs, fmt.Errorf("Shards[%d] %q: %w", i, s.Name, err))
		}
		if strings.ContainsFunc(s.Name, unicode.IsControl) {
			errs = append(errs, fmt.Errorf("Shards[%d] %q: control characters in the name", i, s.Name))
		}
		if seen[s.Name] {
			errs = append(errs, fmt.Errorf("Shards[%d] %q: duplicate name", i, s.Name))
		}
		seen[s.Name] = true
	}
	return errors.Join(errs...)
}

func checkAddr(addr string) error {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		if path == "" {
			return fmt.Errorf("address %q: no path", addr)
		}
		return nil
	}
	if addr == "" {
		return errors.New("no address")
	}
	_, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
		return fmt.Errorf("address %q: want host:port or unix:PATH", addr)
	}
	return nil
}

// network splits an address for Dial.
func network(addr string) (network, address string) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		return "unix", path
	}
	return "tcp", addr
}
