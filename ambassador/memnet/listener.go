package memnet

import (
	"net"
	"sync"
)

// A listener hands the far ends of connections to Accept.
type listener struct {
	network *Network
	addr    address
	conns   chan *conn // without a buffer, so that a closed listener holds no connection
	once    sync.Once
	closed  chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed: // first, so that no dial gets through after Close
		return nil, l.error("accept")
	default:
	}
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, l.error("accept")
	}
}

func (l *listener) Close() error {
	err := l.error("close")
	l.once.Do(func() {
		l.network.forget(l)
		close(l.closed)
		err = nil
	})
	return err
}

func (l *listener) Addr() net.Addr { return l.addr }

func (l *listener) error(op string) error { return opError(op, nil, l.addr, net.ErrClosed) }
