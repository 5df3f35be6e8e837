package memnet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/memnet"
)

// connect returns both ends of a connection to addr.
func connect(t *testing.T, network *memnet.Network, ln net.Listener) (client, server net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err := network.DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func listen(t *testing.T, network *memnet.Network, addr string) net.Listener {
	t.Helper()
	ln, err := network.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestAddresses(t *testing.T) {
	var network memnet.Network
	ln := listen(t, &network, "api:80")
	client, server := connect(t, &network, ln)
	for _, a := range []struct {
		what string
		addr net.Addr
		want string
	}{
		{"listener", ln.Addr(), "api:80"},
		{"client's remote", client.RemoteAddr(), "api:80"},
		{"server's local", server.LocalAddr(), "api:80"},
		{"client's local", client.LocalAddr(), "dialer:1"},
		{"server's remote", server.RemoteAddr(), "dialer:1"},
	} {
		if a.addr.String() != a.want || a.addr.Network() != "memory" {
			t.Errorf("%s address = %s %s, want memory %s", a.what, a.addr.Network(), a.addr, a.want)
		}
	}
	if second, _ := connect(t, &network, ln); second.LocalAddr().String() != "dialer:2" {
		t.Errorf("second client's address = %s, want dialer:2", second.LocalAddr())
	}
}

func TestListenRefuses(t *testing.T) {
	var network memnet.Network
	ln := listen(t, &network, "a")
	for addr, want := range map[string]error{"a": syscall.EADDRINUSE, "": syscall.EINVAL} {
		if got, err := network.Listen(addr); got != nil || !errors.Is(err, want) {
			t.Errorf("Listen(%q) = %v, %v, want %v", addr, got, err, want)
		}
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	again := listen(t, &network, "a") // the address is free
	if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close = %v, want %v", err, net.ErrClosed)
	}
	connect(t, &network, again) // and the second Close of the old listener does not touch the new one
}

func TestDialRefused(t *testing.T) {
	var network memnet.Network
	_, err := network.DialContext(t.Context(), "tcp", "nobody")
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want %v", err, syscall.ECONNREFUSED)
	}
	if op, ok := errors.AsType[*net.OpError](err); !ok || op.Op != "dial" || op.Addr.String() != "nobody" {
		t.Errorf("got %#v, want a dial error that names the address", err)
	}
}

func TestDialEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network memnet.Network
		listen(t, &network, "busy")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := network.DialContext(ctx, "tcp", "busy")
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v after %v, want %v after 1s", err, took, context.DeadlineExceeded)
		}
		if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Timeout() {
			t.Errorf("%v is no timeout", err)
		}
		if _, err := network.DialContext(ctx, "tcp", "nobody"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial with an ended context = %v", err)
		}
	})
}

func TestCloseEndsWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network memnet.Network
		idle, busy := listen(t, &network, "idle"), listen(t, &network, "busy")
		var dial, accept error
		go func() { _, accept = idle.Accept() }()
		go func() { _, dial = network.DialContext(t.Context(), "tcp", "busy") }()
		synctest.Wait()
		if dial != nil || accept != nil {
			t.Fatalf("ended early: dial %v, accept %v", dial, accept)
		}
		idle.Close()
		busy.Close()
		synctest.Wait()
		if !errors.Is(dial, syscall.ECONNREFUSED) {
			t.Errorf("dial = %v, want %v", dial, syscall.ECONNREFUSED)
		}
		if !errors.Is(accept, net.ErrClosed) {
			t.Errorf("accept = %v, want %v", accept, net.ErrClosed)
		}
		if _, err := busy.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept after Close = %v, want %v", err, net.ErrClosed)
		}
	})
}

func TestConnOutlivesListener(t *testing.T) {
	var network memnet.Network
	ln := listen(t, &network, "a")
	client, server := connect(t, &network, ln)
	ln.Close()
	go server.Write([]byte("still here\n"))
	if line, err := bufio.NewReader(client).ReadString('\n'); line != "still here\n" || err != nil {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestConnErrors(t *testing.T) {
	var network memnet.Network
	ln := listen(t, &network, "a")
	one := make([]byte, 1)
	read := func(c net.Conn) error { _, err := c.Read(one); return err }
	write := func(c net.Conn) error { _, err := c.Write(one); return err }
	late := func(c net.Conn) error { return c.SetDeadline(time.Now().Add(-time.Second)) }
	for _, test := range []struct {
		name    string
		prepare func(mine, theirs net.Conn) error
		act     func(net.Conn) error
		want    error
	}{
		{"read, closed here", func(m, _ net.Conn) error { return m.Close() }, read, net.ErrClosed},
		{"write, closed here", func(m, _ net.Conn) error { return m.Close() }, write, net.ErrClosed},
		{"empty write, closed here", func(m, _ net.Conn) error { return m.Close() },
			func(c net.Conn) error { _, err := c.Write(nil); return err }, net.ErrClosed},
		{"close, closed here", func(m, _ net.Conn) error { return m.Close() }, net.Conn.Close, net.ErrClosed},
		{"deadline, closed here", func(m, _ net.Conn) error { return m.Close() }, late, net.ErrClosed},
		{"read, closed there", func(_, th net.Conn) error { return th.Close() }, read, io.EOF},
		{"write, closed there", func(_, th net.Conn) error { return th.Close() }, write, syscall.EPIPE},
		{"read, too late", func(m, _ net.Conn) error { return late(m) }, read, os.ErrDeadlineExceeded},
		{"write, too late", func(m, _ net.Conn) error { return late(m) }, write, os.ErrDeadlineExceeded},
		{"empty write", func(m, _ net.Conn) error { return nil },
			func(c net.Conn) error { _, err := c.Write(nil); return err }, nil},
	} {
		mine, theirs := connect(t, &network, ln)
		if err := test.prepare(mine, theirs); err != nil {
			t.Fatal(err)
		}
		err := test.act(mine)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
		if op, ok := errors.AsType[*net.OpError](err); err != nil && err != io.EOF && (!ok || op.Net != "memory") {
			t.Errorf("%s: got %#v, want a *net.OpError of network memory", test.name, err)
		}
	}
}

// Many dial, listen and close at once; whoever connects is answered.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network memnet.Network
		var all sync.WaitGroup
		for i := range 8 {
			addr := fmt.Sprint("node", i)
			all.Go(func() { serve(t, &network, addr) })
			for range 8 {
				all.Go(func() { ask(t, &network, addr) })
			}
		}
		all.Wait()
	})
}

// serve answers on addr for a second.
func serve(t *testing.T, network *memnet.Network, addr string) {
	ln, err := network.Listen(addr)
	if err != nil {
		t.Error(err)
		return
	}
	time.AfterFunc(time.Second, func() { ln.Close() })
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() { defer c.Close(); io.WriteString(c, addr) }()
	}
}

// ask wants its answer from addr until nobody is there any more.
func ask(t *testing.T, network *memnet.Network, addr string) {
	answers := 0
	for {
		time.Sleep(10 * time.Millisecond)
		c, err := network.DialContext(t.Context(), "tcp", addr)
		if err != nil {
			if !errors.Is(err, syscall.ECONNREFUSED) || answers == 0 {
				t.Errorf("after %d answers: %v", answers, err)
			}
			return
		}
		if got, err := io.ReadAll(c); string(got) != addr || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, addr)
		}
		c.Close()
		answers++
	}
}
