package sidecar

import (
	"context"
	"errors"
	"net"
)

// nextPorts is how many further ports ListenNext tries.
const nextPorts = 100

// A ServeFunc serves a listener until ctx ends and then returns nil. Every Serve method of this module
// that takes a listener is one. It may close ln; whoever opened ln closes it afterwards.
type ServeFunc func(ctx context.Context, ln net.Listener) error

// Listen is a component that listens on addr when it starts, and serves what it accepts.
//
// Addr is host:port, [ip6]:port or unix:PATH; an empty host means all interfaces, port 0 any free port. An address of
// another form is a *UsageError. When there is a socket at PATH already on which nobody answers, it is replaced; one
// that somebody answers on is in use, and what is no socket is left alone.
//
// The real address is told to Lifecycle.Listening. The listener is closed when serve returns, or when the program stops
// before it ran.
func Listen(name, addr string, serve ServeFunc) Component {
	return listenWith(name, addr, serve, openStream)
}

// ListenNext is Listen for demonstrations: when the port is taken, it takes the next free one, at most 100 further.
// A Unix socket has no next; there it is Listen.
func ListenNext(name, addr string, serve ServeFunc) Component {
	return listenWith(name, addr, serve, openNext)
}

func listenWith(name, addr string, serve ServeFunc, open func(context.Context, address) (net.Listener, error)) Component {
	var ln net.Listener
	return Component{
		Name: name,
		Start: func(ctx context.Context) error {
			a, err := parseAddress(addr)
			if err != nil {
				return err
			}
			if ln, err = open(ctx, a); err != nil {
				return err
			}
			tellListening(ctx, name, announced(ln.Addr()))
			return nil
		},
		Serve: func(ctx context.Context) error {
			defer ln.Close()
			return serve(ctx, ln)
		},
		Stop: func(context.Context) error {
			ln.Close() // closed already, unless Serve never ran
			return nil
		},
	}
}

// openStream listens on a, in place of a stale socket if there is one.
func openStream(ctx context.Context, a address) (net.Listener, error) {
	network, addr := a.network("tcp", "unix")
	return open(ctx, a, network, func(lc *net.ListenConfig) (net.Listener, error) { return lc.Listen(ctx, network, addr) })
}

// open calls listen, and once more after a stale socket is out of its way.
func open[T any](ctx context.Context, a address, network string, listen func(*net.ListenConfig) (T, error)) (T, error) {
	var lc net.ListenConfig
	l, err := listen(&lc)
	if err == nil || a.path == "" || !errors.Is(err, errInUse) {
		return l, err
	}
	if err := clearSocket(ctx, network, a.path, err); err != nil {
		return l, err
	}
	return listen(&lc)
}

func openNext(ctx context.Context, a address) (net.Listener, error) {
	ln, err := openStream(ctx, a)
	if a.path != "" || a.port == 0 {
		return ln, err
	}
	first := err
	for range nextPorts {
		if err == nil || !errors.Is(err, errInUse) || a.port == 65535 {
			break
		}
		a.port++
		ln, err = openStream(ctx, a)
	}
	if errors.Is(err, errInUse) {
		return nil, first
	}
	return ln, err
}

type listeningKey struct{}

// withListening returns a ctx whose Runs tell f of each open listener, after those that were to be told before.
func withListening(ctx context.Context, f func(name string, addr net.Addr)) context.Context {
	outer, _ := ctx.Value(listeningKey{}).(func(string, net.Addr))
	return context.WithValue(ctx, listeningKey{}, func(name string, addr net.Addr) {
		if outer != nil {
			outer(name, addr)
		}
		f(name, addr)
	})
}

func tellListening(ctx context.Context, name string, addr net.Addr) {
	if f, ok := ctx.Value(listeningKey{}).(func(string, net.Addr)); ok {
		f(name, addr)
	}
}
