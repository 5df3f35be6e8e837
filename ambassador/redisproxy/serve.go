package redisproxy

import (
	"context"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// Serve answers the clients that ln accepts until ctx ends, then answers what it accepted and returns nil. It owns ln and
// closes it. It may be called for several listeners at a time, and again. TLS is the listener's: see tls.NewListener. An
// error is that of a listener that broke.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.acquire()
	defer s.release()
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	defer ln.Close()

	front := &front{server: s, clients: make(map[*clientPeer]struct{})}
	err := front.accept(ctx, ln)
	front.drain()
	return err
}

// A front is the clients of one listener.
type front struct {
	server  *Server
	clients map[*clientPeer]struct{} // guarded by server.mu
	done    sync.WaitGroup

	refusing atomic.Int32
}

// accept takes clients until ctx ends or the listener breaks. While there is no descriptor to be had it waits, ever longer up to a second.
func (f *front) accept(ctx context.Context, ln net.Listener) error {
	pause := time.Duration(0)
	for {
		conn, err := ln.Accept()
		switch {
		case err == nil:
			pause = 0
			f.add(conn)
		case ctx.Err() != nil:
			return nil
		case !isTemporary(err):
			return err
		default:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			f.server.Config().Logger.Warn("cannot accept", "err", err, "again", pause)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
	}
}

// add serves a client, unless there are too many.
func (f *front) add(conn net.Conn) {
	p := &clientPeer{front: f, pump: pump{server: f.server, conn: conn}}
	p.changed.L = &f.server.mu
	p.spawn = f.done.Go
	s := f.server
	s.turn(func() {
		l := s.loop
		if int(l.stats.clients.n) >= l.conf.MaxClients {
			l.stats.refused.n++
			return
		}
		l.stats.accepted.n++
		l.stats.clients.n++
		p.session = l.newSession()
		p.session.peer = p
		p.output = p.session
		f.clients[p] = struct{}{}
	})
	if p.session != nil {
		f.done.Go(p.serve)
		return
	}
	f.done.Go(func() { f.refuse(conn) })
}

// refuse turns a client away, with a word about why unless too many are to be told at once.
func (f *front) refuse(conn net.Conn) {
	defer conn.Close()
	if f.refusing.Add(1) <= maxRefusing {
		conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		conn.Write(resp.AppendError(nil, "ERR max number of clients reached"))
	}
	f.refusing.Add(-1)
}

const maxRefusing = 64

// drain has every client answered what it was heard to say, and no more.
func (f *front) drain() {
	f.each(func(p *clientPeer) { p.conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond)) })
	giveUp := time.AfterFunc(f.server.Config().DrainTimeout, func() {
		f.each(func(p *clientPeer) {
			p.session.kill()
		})
	})
	defer giveUp.Stop()
	f.done.Wait()
}

func (f *front) each(do func(*clientPeer)) {
	f.server.turn(func() {
		for p := range f.clients {
			do(p)
		}
	})
}

// A clientPeer moves the bytes of one client: a goroutine reads, and another writes while there is output.
type clientPeer struct {
	pump
	front   *front
	session *session
	hungUp  bool
	changed sync.Cond // of server.mu: the session is not paused any more, or over
}

// serve reads until there is no more to read, and closes the connection when all is answered.
func (p *clientPeer) serve() {
	for p.read() {
	}
	s := p.server
	s.mu.Lock()
	for !p.session.over() || p.busy {
		p.changed.Wait()
	}
	killed := p.session.dead
	s.mu.Unlock()
	if !killed {
		linger(p.conn)
	}
	p.conn.Close()
	s.turn(func() {
		p.session.release()
		delete(p.front.clients, p)
		s.loop.stats.clients.n--
	})
}

// read reads once, and waits while the session is paused. It reports whether there may be more.
func (p *clientPeer) read() (more bool) {
	n, err := p.conn.Read(p.session.in.space()) // nobody else touches it while the session is not paused
	s := p.server
	s.turn(func() {
		if n > 0 {
			p.session.received(n)
		}
		if err != nil {
			p.session.eof()
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	for p.session.paused {
		p.changed.Wait()
	}
	return err == nil && !p.session.ending
}

// ready is called with the server locked.
func (p *clientPeer) ready() {
	switch {
	case p.session.dead && !p.hungUp:
		p.hungUp = true
		p.spawn(func() { p.conn.Close() }) // which takes its time with TLS
	case len(p.session.out) > 0:
		p.start()
	}
	p.changed.Signal()
}

// linger says that no more will come and gives the client a moment to hang up first: closing a connection with input unread
// would reset it, and the client lose the last reply.
func linger(conn net.Conn) {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
	io.CopyN(io.Discard, conn, 1<<20)
}

// An output is an endpoint as a pump sees it.
type output interface {
	take() []byte
	wrote([]byte)
	broke(error)
	mark() // has ready called at the end of the turn
}

// A pump writes the output of an endpoint. Its goroutine lives while there is something to write.
type pump struct {
	server *Server
	conn   net.Conn
	output output
	spawn  func(func()) // runs a goroutine that somebody waits for
	busy   bool         // a goroutine writes; guarded by server.mu
}

// start has the output written. The server is locked.
func (p *pump) start() {
	if !p.busy {
		p.busy = true
		p.spawn(p.write)
	}
}

// write writes until nothing is left. Before it takes what is there it lets others run: they often add to it.
func (p *pump) write() {
	runtime.Gosched()
	var out []byte
	var err error
	for {
		p.server.turn(func() {
			if out != nil {
				p.output.wrote(out)
			}
			if err != nil {
				p.output.broke(err)
			}
			if out = p.output.take(); len(out) == 0 || err != nil {
				p.busy = false
				p.output.mark() // somebody may wait for this
			}
		})
		if len(out) == 0 || err != nil {
			return
		}
		_, err = p.conn.Write(out)
	}
}
