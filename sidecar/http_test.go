package sidecar_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// slow answers after the time in the query, unless its request is cut.
func slow(w http.ResponseWriter, r *http.Request) {
	d, _ := time.ParseDuration(r.FormValue("for"))
	select {
	case <-time.After(d):
		io.WriteString(w, "done")
	case <-r.Context().Done():
	}
}

// get sends a request on conn and returns the answer's body.
func get(conn net.Conn, path string) (string, error) {
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: it\r\n\r\n"); err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// Requests under way are finished, idle connections closed, new ones refused.
func TestHTTPDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		idle, busy := make(chan error, 1), make(chan error, 1)
		go func() {
			conn := ln.dial(t)
			_, err := get(conn, "/?for=0s")
			if err == nil {
				_, err = conn.Read(make([]byte, 1))
			}
			idle <- err
		}()
		go func() {
			body, err := get(ln.dial(t), "/?for=15s")
			if body != "done" {
				err = errors.Join(err, errors.New("cut: "+body))
			}
			busy <- err
		}()
		time.AfterFunc(5*time.Second, cancel)
		begin := time.Now()
		if err := quiet().Run(ctx, ln.component("http", sidecar.HTTP(http.HandlerFunc(slow)))); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if d := time.Since(begin); d < 15*time.Second || d > 16*time.Second {
			t.Errorf("Run took %v, want the 15s of the request under way", d)
		}
		if err := <-idle; !errors.Is(err, io.EOF) {
			t.Errorf("idle connection: %v, want it closed", err)
		}
		if err := <-busy; err != nil {
			t.Errorf("request under way: %v", err)
		}
	})
}

// A request that outlasts the budget is cut, and the error says so.
func TestHTTPCut(t *testing.T) {
	tests := []struct {
		name   string
		within func(context.Context, sidecar.Component) error
		budget time.Duration
	}{
		{"in a Run", func(ctx context.Context, c sidecar.Component) error {
			l := quiet()
			l.Budget = 7 * time.Second
			return l.Run(ctx, c)
		}, 7 * time.Second},
		{"without", func(ctx context.Context, c sidecar.Component) error { return c.Serve(ctx) }, 25 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ln := newPipeListener()
				ctx, cancel := context.WithCancel(t.Context())
				go func() { get(ln.dial(t), "/?for=1h") }()
				time.AfterFunc(5*time.Second, cancel)
				begin := time.Now()
				err := tt.within(ctx, ln.component("http", sidecar.HTTP(http.HandlerFunc(slow))))
				if err == nil || !strings.Contains(err.Error(), "cut") {
					t.Errorf("got %v, want that requests were cut", err)
				}
				if d := time.Since(begin) - 5*time.Second; d < tt.budget || d > tt.budget+moment {
					t.Errorf("the stop took %v, want %v", d, tt.budget)
				}
			})
		})
	}
}

// Connections that send no header, or nothing after an answer, are closed.
func TestHTTPTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			begin := time.Now()
			silent := ln.dial(t)
			io.WriteString(silent, "GET / HT")
			io.ReadAll(silent)
			if d := time.Since(begin); d != 10*time.Second {
				t.Errorf("a header may take %v, want 10s", d)
			}
			begin = time.Now()
			keep := ln.dial(t)
			get(keep, "/?for=5m") // an answer may take its time
			io.ReadAll(keep)
			if d := time.Since(begin) - 5*time.Minute; d != 2*time.Minute {
				t.Errorf("a connection may idle for %v, want 2m", d)
			}
		}()
		if err := quiet().Run(ctx, ln.component("http", sidecar.HTTP(http.HandlerFunc(slow)))); err != nil {
			t.Error(err)
		}
	})
}

// The listener's failure is the component's.
func TestHTTPListenerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ln.Close()
		err := quiet().Run(t.Context(), ln.component("http", sidecar.HTTP(http.NotFoundHandler())))
		checkFailure(t, err, "http", net.ErrClosed)
	})
}

// A server of one's own keeps its settings.
func TestHTTPServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		s := &http.Server{Handler: http.HandlerFunc(slow), ReadTimeout: 3 * time.Second}
		go func() {
			defer cancel()
			begin := time.Now()
			io.ReadAll(ln.dial(t))
			if d := time.Since(begin); d != s.ReadTimeout {
				t.Errorf("reading took %v, want %v", d, s.ReadTimeout)
			}
		}()
		if err := sidecar.HTTPServer(s)(ctx, ln); err != nil {
			t.Error(err)
		}
		if s.IdleTimeout != 0 {
			t.Errorf("IdleTimeout = %v, want it left alone", s.IdleTimeout)
		}
	})
}

// A ServeFunc of HTTP may serve again.
func TestHTTPAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		serve := sidecar.HTTP(http.HandlerFunc(slow))
		for range 2 {
			ln := newPipeListener()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer cancel()
				if body, err := get(ln.dial(t), "/"); body != "done" {
					t.Errorf("got %q, %v", body, err)
				}
			}()
			if err := serve(ctx, ln); err != nil {
				t.Error(err)
			}
		}
	})
}
