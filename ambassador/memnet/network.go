// Package memnet is a network in memory, for tests: listeners and the DialContext that reaches them.
// Its connections are net.Pipes, so it works inside a testing/synctest bubble.
//
// It is not for measuring: a pipe has no buffer, so a Write waits for the Reads that take it, and a connection cannot be
// closed for one direction only.
package memnet

import (
	"context"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// A Network connects its listeners with its dialers. The zero Network is ready to use, from any number of goroutines.
// It must not be copied after first use.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*listener
	dialed    uint64
}

// Listen listens on an address, which is any string that nobody listens on yet: syscall.EADDRINUSE if somebody does,
// syscall.EINVAL if it is empty. The address is the String of the listener's Addr.
//
// There is no backlog: a dial waits until Accept takes it. Close gives the address free and ends waiting dials and Accepts;
// connections that were accepted stay.
func (n *Network) Listen(addr string) (net.Listener, error) {
	if addr == "" {
		return nil, opError("listen", nil, address(addr), os.NewSyscallError("bind", syscall.EINVAL))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[addr] != nil {
		return nil, opError("listen", nil, address(addr), os.NewSyscallError("bind", syscall.EADDRINUSE))
	}
	if n.listeners == nil {
		n.listeners = make(map[string]*listener)
	}
	l := &listener{network: n, addr: address(addr), conns: make(chan *conn), closed: make(chan struct{})}
	n.listeners[addr] = l
	return l, nil
}

// DialContext connects to a listener; network is ignored. It waits for an Accept until ctx ends, and then fails with ctx's
// error. With nobody there, or nobody any more, the error is syscall.ECONNREFUSED. All errors are of type *net.OpError.
//
// The local address of the n-th connection of a Network is dialer:n.
func (n *Network) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, opError("dial", nil, address(addr), err)
	}
	l, local := n.route(addr)
	if l == nil {
		return nil, refused(addr)
	}
	near, far := pipe(local, l.addr)
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, refused(addr)
	case <-ctx.Done():
		return nil, opError("dial", nil, address(addr), ctx.Err())
	}
}

// route returns who listens on addr, and an address for who dials it.
func (n *Network) route(addr string) (*listener, address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.listeners[addr]
	if l == nil {
		return nil, ""
	}
	n.dialed++
	return l, address("dialer:" + strconv.FormatUint(n.dialed, 10))
}

// forget frees the address of l. It is called once for each listener.
func (n *Network) forget(l *listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.listeners, string(l.addr))
}

// An address is any string; its form is the user's.
type address string

func (a address) Network() string { return "memory" }
func (a address) String() string  { return string(a) }

func refused(addr string) error {
	return opError("dial", nil, address(addr), os.NewSyscallError("connect", syscall.ECONNREFUSED))
}

func opError(op string, source, addr net.Addr, err error) error {
	return &net.OpError{Op: op, Net: "memory", Source: source, Addr: addr, Err: err}
}
