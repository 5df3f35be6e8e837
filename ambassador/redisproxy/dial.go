package redisproxy

import (
	"context"
	"net"
)

// A shardPeer moves the bytes of one link, from connection to connection.
type shardPeer struct {
	server *Server
	link   *link
	now    *wire // the connection in use or in the making; nil if there is none
}

// ready is called with the server locked.
func (p *shardPeer) ready() {
	k := p.link
	if p.now != nil && (p.now.number != k.conn || k.state == linkOff) {
		p.now.close()
		p.now = nil
	}
	switch {
	case p.now == nil && k.state == linkDial:
		p.now = p.dial()
	case p.now != nil && p.now.conn != nil && len(k.out) > 0:
		p.now.start()
	}
}

// dial starts to make the connection that the link wants. The server is locked.
func (p *shardPeer) dial() *wire {
	c := p.server.loop.conf
	ctx, cancel := context.WithTimeout(context.Background(), c.ConnectTimeout)
	w := &wire{pump: pump{server: p.server, spawn: p.server.workers.Go}, peer: p, number: p.link.conn, cancel: cancel}
	w.output = w
	w.spawn(func() { w.serve(ctx, c.Dial) })
	return w
}

// A wire is one connection to a shard. What it has to say after another took its place is not heard.
type wire struct {
	pump
	peer   *shardPeer
	number int
	cancel context.CancelFunc // of dialling
}

// close ends the connection, or the making of it. The server is locked.
func (w *wire) close() {
	w.cancel()
	if w.conn != nil {
		w.spawn(func() { w.conn.Close() }) // which takes its time with TLS
	}
}

// serve connects, and reads until the connection is over.
func (w *wire) serve(ctx context.Context, dial func(ctx context.Context, network, addr string) (net.Conn, error)) {
	network, addr := network(w.peer.link.addr)
	conn, err := dial(ctx, network, addr)
	w.cancel()
	var space []byte
	w.server.turn(func() {
		switch {
		case err != nil:
			w.peer.link.closed(w.number, err)
		case w.current():
			w.conn = conn
			w.peer.link.connected(w.number)
			space = w.peer.link.in.space()
		}
	})
	if err != nil {
		return
	}
	defer conn.Close()
	for len(space) > 0 {
		space = w.read(space)
	}
}

// read reads once, and returns where to read to next: nowhere if the connection is over.
func (w *wire) read(space []byte) []byte {
	n, err := w.conn.Read(space)
	w.server.turn(func() {
		if n > 0 {
			w.peer.link.received(w.number, n)
		}
		if err != nil {
			w.peer.link.closed(w.number, err)
		}
		if space = nil; err == nil && w.current() {
			space = w.peer.link.in.space()
		}
	})
	return space
}

// current reports whether the link still wants this connection.
func (w *wire) current() bool {
	k := w.peer.link
	return w.peer.now == w && w.number == k.conn && k.state != linkOff
}

func (w *wire) take() []byte {
	if !w.current() {
		return nil
	}
	return w.peer.link.take()
}

func (w *wire) wrote(out []byte) {
	if w.current() {
		w.peer.link.wrote(out)
	} else {
		w.server.loop.put(out)
	}
}

func (w *wire) mark() { w.peer.link.mark() }

func (w *wire) broke(err error) { w.peer.link.closed(w.number, err) }
