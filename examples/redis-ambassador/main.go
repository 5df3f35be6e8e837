// Command redis-ambassador stands beside an application: the application talks to one Redis on localhost,
// the ambassador to many.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/fairleadgo/fairlead/adapter/metrics"
	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/sidecar"
)

func main() { sidecar.Main(run) }

// The default addresses give way in a demonstration, when they are taken; others do not.
const (
	defaultListen = "127.0.0.1:6379"
	defaultAdmin  = "127.0.0.1:9121"
)

type config struct {
	listen, admin string
	shards        []string // NAME=ADDR@WEIGHT
	hashTag       string
	timeout       time.Duration
	where, hex    bool
}

func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &config{listen: defaultListen, admin: defaultAdmin, hashTag: "{}", timeout: time.Second}
	return c.spec().Exec(ctx, args, env, stdin, stdout, stderr, func(ctx context.Context) error {
		switch {
		case c.where:
			return c.tellWhere(stdin, stdout)
		case c.hex:
			return &sidecar.UsageError{Text: "-hex goes with -where"}
		case len(c.shards) == 0:
			return c.demonstrate(ctx, stderr)
		}
		return c.serve(ctx, stderr)
	})
}

func (c *config) spec() *sidecar.Spec {
	return &sidecar.Spec{
		Name:    "redis-ambassador",
		Summary: "one Redis on localhost, many behind it",
		License: "Apache-2.0",
		Source:  "https://github.com/fairleadgo/fairlead",
		Params: []sidecar.Param{
			{Name: "listen", Value: &c.listen, Usage: "`address` for clients"},
			{Name: "shards", Value: &c.shards, Split: ",", Usage: "`NAME=ADDR@WEIGHT` of each shard, NAME= and @WEIGHT may be left out; without any it is a demonstration"},
			{Name: "hash-tag", Value: &c.hashTag, Usage: "two `bytes` around the part of a key that decides; empty for whole keys"},
			{Name: "timeout", Value: &c.timeout, Usage: "how long a shard may take to answer", Min: time.Millisecond},
			{Name: "admin", Value: &c.admin, Usage: "`address` for probes, metrics and /where?key=; empty for none"},
			{Name: "where", Value: &c.where, Usage: "for each key, a line of standard input, print it, a tab and its shard; contacts nobody"},
			{Name: "hex", Value: &c.hex, Usage: "with -where: keys are hexadecimal"},
		},
		Ports:  []sidecar.Port{{Name: "redis", Param: "listen", Doc: "Redis protocol"}, {Name: "admin", Param: "admin", Doc: "HTTP"}},
		Probes: sidecar.Probes{Port: "admin", Startup: "/startupz", Live: "/livez", Ready: "/readyz"},
		Stats:  map[string]any{"redis": redisproxy.Stats{}},
	}
}

// serve is the ambassador between clients and real shards.
func (c *config) serve(ctx context.Context, stderr io.Writer) error {
	_, proxy, err := c.proxy(slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	return sidecar.Run(ctx, c.components(proxy, sidecar.Listen)...)
}

// A listenFunc is sidecar.Listen or ListenNext.
type listenFunc func(name, addr string, serve sidecar.ServeFunc) sidecar.Component

// components are the parts of the program, in the order in which they start.
func (c *config) components(proxy *redisproxy.Server, listen listenFunc) []sidecar.Component {
	probes := &probes{proxy: proxy}
	parts := []sidecar.Component{
		listen("redis", c.listen, proxy.Serve),
		sidecar.Go("ready", probes.ready), // last up, first down: probes say no before clients are turned away
	}
	if c.admin == "" {
		return parts
	}
	mux := http.NewServeMux()
	probes.register(mux)
	mux.Handle("GET /metrics", metrics.Handler(metrics.Stats("redis", proxy.Stats)))
	mux.HandleFunc("GET /where", where(proxy))
	return append([]sidecar.Component{listen("admin", c.admin, sidecar.HTTP(mux))}, parts...)
}

// where answers with the name and address of the shard that owns a key.
func where(proxy *redisproxy.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil || !query.Has("key") {
			http.Error(w, "want /where?key=KEY, with KEY escaped as in URLs", http.StatusBadRequest)
			return
		}
		name, addr := proxy.Where([]byte(query.Get("key")))
		fmt.Fprintln(w, name, addr)
	}
}
