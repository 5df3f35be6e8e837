package sidecar_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// certificate returns the configs of a server called "it" and of a client that trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"it"},
		NotBefore:    time.Unix(0, 0), // the clock of a bubble stands at 2000
		NotAfter:     time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: pool, ServerName: "it"}
}

// greetTLS is greet, and checks what it accepts.
func greetTLS(t *testing.T) sidecar.ServeFunc {
	return func(ctx context.Context, ln net.Listener) error {
		return greet(ctx, checkedListener{ln, t})
	}
}

type checkedListener struct {
	net.Listener
	t *testing.T
}

func (l checkedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if c, ok := conn.(*tls.Conn); !ok || !c.ConnectionState().HandshakeComplete {
		l.t.Errorf("accepted a %T, want a *tls.Conn whose handshake is done", conn)
	}
	return conn, nil
}

func wantTLSGreeting(t *testing.T, conn net.Conn, config *tls.Config) {
	t.Helper()
	got, err := io.ReadAll(tls.Client(conn, config))
	if string(got) != "hello" {
		t.Errorf("read %q, %v, want hello", got, err)
	}
}

// Peers that say nothing, garbage or the wrong thing are dropped in time, and delay nobody.
func TestTLSBadPeers(t *testing.T) {
	server, client := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- quiet().Run(ctx, ln.component("tls", sidecar.TLS(server, greetTLS(t)))) }()

		begin := time.Now()
		var peers sync.WaitGroup
		for range 50 {
			silent := ln.dial(t)
			peers.Go(func() {
				io.ReadAll(silent)
				if d := time.Since(begin); d != 10*time.Second {
					t.Errorf("a silent peer was dropped after %v, want 10s", d)
				}
			})
		}
		garbage := ln.dial(t)
		peers.Go(func() {
			go io.WriteString(garbage, "GET / HTTP/1.1\r\nHost: it\r\n\r\n")
			io.ReadAll(garbage)
			if d := time.Since(begin); d != 0 {
				t.Errorf("garbage was dropped after %v, want it at once", d)
			}
		})
		distrust := &tls.Config{ServerName: "another", RootCAs: client.RootCAs}
		if err := tls.Client(ln.dial(t), distrust).Handshake(); err == nil {
			t.Error("the handshake with the wrong name is done")
		}
		wantTLSGreeting(t, ln.dial(t), client)
		if d := time.Since(begin); d != 0 {
			t.Errorf("a good peer waited for %v", d)
		}
		peers.Wait()
		wantTLSGreeting(t, ln.dial(t), client)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// Handshakes are bounded in number; further connections wait until one ends.
func TestTLSBound(t *testing.T) {
	server, client := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- sidecar.TLS(server, greetTLS(t))(ctx, ln) }()
		begin := time.Now()
		var clients []net.Conn
		for range sidecar.MaxHandshakes {
			clients = append(clients, ln.dial(t))
		}
		if d := time.Since(begin); d != 0 {
			t.Errorf("the first handshakes waited for %v", d)
		}
		late := ln.dial(t)
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("one more was accepted after %v, want when one was dropped", d)
		}
		wantTLSGreeting(t, late, client)
		for _, c := range clients {
			c.Close()
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Handshakes under way, and done ones that nobody accepted, end with the listener; the bubble would tell if not.
func TestTLSStop(t *testing.T) {
	server, client := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- sidecar.TLS(server, idle)(ctx, lateListener{ln}) }()
		begin := time.Now()
		silent, waiting := ln.dial(t), ln.dial(t)
		go tls.Client(waiting, client).Handshake()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("read %d bytes, %v, want the end", n, err)
		}
		if d := time.Since(begin); d != time.Second {
			t.Errorf("stopping took %v, want the 1s of the last Accept", d)
		}
		waiting.Close()
	})
}

// A lateListener takes a second to see that it is closed.
type lateListener struct{ net.Listener }

func (l lateListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		time.Sleep(time.Second)
	}
	return conn, err
}

// A failing listener is the server's to judge, and one that recovers goes on.
func TestTLSAcceptFails(t *testing.T) {
	server, client := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		flaky := &flakyListener{Listener: ln, errs: slices.Repeat([]error{errBoom}, sidecar.MaxHandshakes+1)}
		var got []error
		serve := sidecar.TLS(server, func(ctx context.Context, ln net.Listener) error {
			for {
				conn, err := ln.Accept()
				if err == nil {
					conn.Write([]byte("hello"))
					conn.Close()
					return nil
				}
				got = append(got, err)
				time.Sleep(time.Second)
			}
		})
		go func() { wantTLSGreeting(t, ln.dial(t), client) }()
		if err := serve(t.Context(), flaky); err != nil {
			t.Error(err)
		}
		if len(got) != sidecar.MaxHandshakes+1 || !errors.Is(got[0], errBoom) {
			t.Errorf("Accept failed %d times, first with %v, want each errBoom", len(got), got[0])
		}
	})
}

// A flakyListener fails with errs first.
type flakyListener struct {
	net.Listener
	errs []error
}

func (l *flakyListener) Accept() (net.Conn, error) {
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	return l.Listener.Accept()
}

func TestTLSNone(t *testing.T) {
	called := false
	ln := newPipeListener()
	err := sidecar.TLS(nil, func(_ context.Context, got net.Listener) error {
		called = got == net.Listener(ln)
		return nil
	})(t.Context(), ln)
	if err != nil || !called {
		t.Errorf("%v; serve got the listener itself: %v", err, called)
	}
}

// HTTP/2 comes about through TLS, over a real listener.
func TestTLSHTTP2(t *testing.T) {
	server, client := certificate(t)
	server.NextProtos = []string{"h2", "http/1.1"}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })
	err := runUntilUp(t, 1, func(addrs map[string]string) {
		transport := &http.Transport{TLSClientConfig: client, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		resp, err := (&http.Client{Transport: transport}).Get("https://" + addrs["https"])
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		if body, _ := io.ReadAll(resp.Body); string(body) != "HTTP/2.0" {
			t.Errorf("the server speaks %s, want HTTP/2.0", body)
		}
	}, sidecar.Listen("https", "127.0.0.1:0", sidecar.TLS(server, sidecar.HTTP(handler))))
	if err != nil {
		t.Error(err)
	}
}
