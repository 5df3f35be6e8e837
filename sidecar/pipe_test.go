package sidecar_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// A pipeListener is a listener in memory, for bubbles.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// dial connects to l.
func (l *pipeListener) dial(t *testing.T) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	select {
	case l.conns <- server:
	case <-l.closed:
		t.Error("dial: the listener is closed")
	}
	return client
}

// component serves l as Listen would.
func (l *pipeListener) component(name string, serve func(context.Context, net.Listener) error) sidecar.Component {
	return sidecar.Component{Name: name, Serve: func(ctx context.Context) error {
		defer l.Close()
		return serve(ctx, l)
	}}
}
