package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
)

// probes answer what Kubernetes asks, in the words of its API server.
type probes struct {
	proxy   *redisproxy.Server
	taking  atomic.Bool // between start and stop
	started atomic.Bool // was ready once
}

// ready says that traffic may come, until ctx ends.
func (p *probes) ready(ctx context.Context) error {
	p.taking.Store(true)
	<-ctx.Done()
	p.taking.Store(false)
	return nil
}

func (p *probes) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", answer("livez", nil))
	mux.HandleFunc("GET /readyz", answer("readyz", p.checks))
	mux.HandleFunc("GET /startupz", answer("startupz", func() []check {
		if p.started.Load() {
			return nil
		}
		return p.checks()
	}))
}

// A check is a part of an answer.
type check struct {
	name string
	err  error
}

// checks says whether traffic may come: while some shards answer, their keys are served.
func (p *probes) checks() []check {
	var taking error
	if !p.taking.Load() {
		taking = errors.New("starting or stopping")
	}
	shards := p.proxy.Health(context.Background())
	if down, ok := errors.AsType[*redisproxy.DownError](shards); ok && down.Degraded() {
		shards = nil
	}
	if taking == nil && shards == nil {
		p.started.Store(true)
	}
	return []check{{"clients", taking}, {"shards", shards}}
}

// answer is 200 and "ok", or 503 and a line for each check; ?verbose shows the lines always.
func answer(name string, checks func() []check) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var text strings.Builder
		failed := false
		if checks != nil {
			for _, c := range checks() {
				if c.err == nil {
					fmt.Fprintf(&text, "[+]%s ok\n", c.name)
					continue
				}
				failed = true
				fmt.Fprintf(&text, "[-]%s failed: %v\n", c.name, c.err)
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case failed:
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintf(w, "%s%s check failed\n", &text, name)
		case r.URL.Query().Has("verbose"):
			fmt.Fprintf(w, "%s%s check passed\n", &text, name)
		default:
			fmt.Fprint(w, "ok")
		}
	}
}
