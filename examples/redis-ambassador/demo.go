package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/shard"
	"github.com/fairleadgo/fairlead/sidecar"
)

// demonstrate serves three shards that live in this process and have no port of their own.
func (c *config) demonstrate(ctx context.Context, stderr io.Writer) error {
	names := []string{"red", "green", "blue"}
	ring, err := shard.Build(shard.Config{Tag: c.hashTag, Nodes: []shard.Node{{Name: "red"}, {Name: "green"}, {Name: "blue"}}})
	if err != nil {
		return &sidecar.UsageError{Text: "-hash-tag: " + err.Error()}
	}
	memory := make(map[string]*miniredis.Miniredis)
	conf := redisproxy.Config{Pick: ring.Owner, Timeout: c.timeout}
	for _, name := range names {
		addr := name + ".memory:6379"
		memory[addr] = miniredis.NewMiniRedis()
		conf.Shards = append(conf.Shards, redisproxy.Shard{Name: name, Addr: addr})
	}
	conf.Dial = func(_ context.Context, _, addr string) (net.Conn, error) { return memory[addr].Dial() }
	proxy, err := redisproxy.New(conf)
	if err != nil {
		return err
	}

	listen := func(name, addr string, serve sidecar.ServeFunc) sidecar.Component {
		if addr == defaultListen || addr == defaultAdmin {
			return sidecar.ListenNext(name, addr, serve)
		}
		return sidecar.Listen(name, addr, serve)
	}
	fmt.Fprintf(stderr, "A demonstration: there are no -shards, so %s run in memory, in this process.\n", strings.Join(names, ", "))
	parts := append([]sidecar.Component{{
		Name:  "memory",
		Serve: func(ctx context.Context) error { return age(ctx, memory) },
		Stop: func(context.Context) error {
			for _, m := range memory {
				m.Close()
			}
			return nil
		},
	}}, c.components(proxy, listen)...)
	addrs := make(map[string]net.Addr)
	life := sidecar.Lifecycle{Listening: func(name string, addr net.Addr) {
		if addrs[name] = addr; name == "redis" {
			fmt.Fprint(stderr, guide(ring, addrs))
		}
	}}
	return life.Run(ctx, parts...)
}

// age lets time pass for keys that expire, which the servers in memory do not do by themselves.
func age(ctx context.Context, memory map[string]*miniredis.Miniredis) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			for _, m := range memory {
				m.FastForward(time.Second)
			}
		}
	}
}

// guide says what to type next.
func guide(ring *shard.Ring, addrs map[string]net.Addr) string {
	var b strings.Builder
	b.WriteString("Where keys live:\n")
	for _, key := range []string{"user:1", "{user:1}:mail", "user:2", "user:5", "session:42"} {
		fmt.Fprintf(&b, "  %-14s %s\n", key, ring.OwnerString(key))
	}
	fmt.Fprintf(&b, "Type next:\n  redis-cli %s mset user:1 ada user:2 grace user:3 edsger\n", cliArgs(addrs["redis"]))
	if admin, ok := addrs["admin"].(*net.TCPAddr); ok {
		fmt.Fprintf(&b, "  curl 'http://%s/where?key=user:1'\n  curl http://%s/metrics\n", admin, admin)
	}
	b.WriteString("With servers of your own:\n  redis-ambassador -shards red=10.0.0.1:6379,green=10.0.0.2:6379\n")
	return b.String()
}

// cliArgs are those of redis-cli for an address.
func cliArgs(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		host := "127.0.0.1"
		if !tcp.IP.IsUnspecified() {
			host = tcp.IP.String()
		}
		return fmt.Sprintf("-h %s -p %d", host, tcp.Port)
	}
	return "-s " + strings.TrimPrefix(addr.String(), "unix:")
}
