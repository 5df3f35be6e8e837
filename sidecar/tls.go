package sidecar

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

const (
	handshakeTimeout = 10 * time.Second
	maxHandshakes    = 1024
)

// TLS passes on connections over TLS, as *tls.Conn whose handshake is done. Nil passes them as they are.
//
// Handshakes run beside each other, so that no peer delays another. One that fails or takes longer than 10 s is dropped.
// At most 1024 connections are in their handshake or wait to be accepted; further ones wait in the listener's backlog.
// All of them end when the listener is closed. The config must not change while it serves; see GetConfigForClient.
func TLS(c *tls.Config, serve ServeFunc) ServeFunc {
	if c == nil {
		return serve
	}
	return func(ctx context.Context, ln net.Listener) error {
		t := newTLSListener(ln, c)
		defer t.handshakes.Wait()
		defer t.Close()
		return serve(ctx, t)
	}
}

// A tlsListener accepts connections whose handshake is done.
type tlsListener struct {
	net.Listener
	config     *tls.Config
	open       context.Context // ends with the listener
	shut       context.CancelFunc
	slots      chan struct{}
	accepted   chan accepted
	handshakes sync.WaitGroup // and the loop that begins them
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

var _ net.Listener = (*tlsListener)(nil)

func newTLSListener(ln net.Listener, c *tls.Config) *tlsListener {
	t := &tlsListener{
		Listener: ln,
		config:   c,
		slots:    make(chan struct{}, maxHandshakes),
		accepted: make(chan accepted),
	}
	t.open, t.shut = context.WithCancel(context.Background())
	t.handshakes.Go(t.loop)
	return t
}

// Accept returns the next connection whose handshake is done, or an error of the listener below.
func (t *tlsListener) Accept() (net.Conn, error) {
	select {
	case a := <-t.accepted:
		return a.conn, a.err
	case <-t.open.Done():
		return nil, net.ErrClosed
	}
}

// Close closes the listener and drops all connections that were not accepted. It does not wait for them.
func (t *tlsListener) Close() error {
	t.shut()
	return t.Listener.Close()
}

// loop begins handshakes until the listener is closed. Errors of the listener go to Accept, whose caller knows which of
// them pass and how long to wait; meanwhile the loop waits too.
func (t *tlsListener) loop() {
	for {
		select {
		case t.slots <- struct{}{}:
		case <-t.open.Done():
			return
		}
		conn, err := t.Listener.Accept()
		if err != nil {
			<-t.slots
			if !t.pass(accepted{err: err}) {
				return
			}
			continue
		}
		t.handshakes.Go(func() {
			defer func() { <-t.slots }()
			t.handshake(conn)
		})
	}
}

func (t *tlsListener) handshake(conn net.Conn) {
	ctx, cancel := context.WithTimeout(t.open, handshakeTimeout)
	defer cancel()
	server := tls.Server(conn, t.config)
	// Whoever is dropped gets no farewell: it could block.
	if err := server.HandshakeContext(ctx); err != nil || !t.pass(accepted{conn: server}) {
		conn.Close()
	}
}

// pass gives a to Accept. It returns false if the listener was closed first.
func (t *tlsListener) pass(a accepted) bool {
	select {
	case t.accepted <- a:
		return true
	case <-t.open.Done():
		return false
	}
}
