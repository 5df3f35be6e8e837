package memnet

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// A conn is one end of a pipe, with addresses and with the errors of a socket.
type conn struct {
	net.Conn
	local, remote address
	closed        atomic.Bool
}

// pipe returns the ends of a connection, the dialer's first.
func pipe(near, far address) (*conn, *conn) {
	a, b := net.Pipe()
	return &conn{Conn: a, local: near, remote: far}, &conn{Conn: b, local: far, remote: near}
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.error("read", err)
}

// Write drops an empty b, as a socket does: through a pipe it would make the peer's Read return 0 bytes.
func (c *conn) Write(b []byte) (int, error) {
	if len(b) == 0 && !c.closed.Load() {
		return 0, nil
	}
	n, err := c.Conn.Write(b)
	return n, c.error("write", err)
}

func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return c.error("close", io.ErrClosedPipe)
	}
	return c.Conn.Close()
}

func (c *conn) SetDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetReadDeadline(t))
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetWriteDeadline(t))
}

// deadline is error for setting one, which a socket allows when only the other end is closed.
func (c *conn) deadline(err error) error {
	if !c.closed.Load() {
		return nil
	}
	return c.error("set", err)
}

// error turns what a pipe says into what a socket says: net.ErrClosed once this end is closed, syscall.EPIPE once the
// other is. EOF stays as it is.
func (c *conn) error(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if inner, ok := errors.AsType[*net.OpError](err); ok {
		err = inner.Err
	}
	if err == io.ErrClosedPipe {
		err = syscall.EPIPE
		if c.closed.Load() {
			err = net.ErrClosed
		}
	}
	return opError(op, c.local, c.remote, err)
}
