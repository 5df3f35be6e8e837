package sidecar_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// runUntilUp runs components until all n listeners are up, calls then with their addresses, and returns Run's error.
func runUntilUp(t *testing.T, n int, then func(addrs map[string]string), components ...sidecar.Component) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addrs := map[string]string{}
	l := quiet()
	l.Listening = func(name string, addr net.Addr) { addrs[name] = addr.String() }
	components = append(components, sidecar.Go("test", func(context.Context) error {
		if len(addrs) != n {
			t.Errorf("%d listeners are up, want %d", len(addrs), n)
		}
		then(addrs)
		return nil
	}))
	return l.Run(ctx, components...)
}

// idle serves nothing until it is told to end.
func idle(ctx context.Context, _ net.Listener) error { <-ctx.Done(); return nil }

// greet writes a greeting to each connection.
func greet(ctx context.Context, ln net.Listener) error {
	defer context.AfterFunc(ctx, func() { ln.Close() })()
	for {
		conn, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		conn.Write([]byte("hello"))
		conn.Close()
	}
}

func wantGreeting(t *testing.T, network, addr string) {
	t.Helper()
	conn, err := net.DialTimeout(network, addr, 5*time.Second)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	buf := make([]byte, 16)
	if n, _ := conn.Read(buf); string(buf[:n]) != "hello" {
		t.Errorf("read %q, want hello", buf[:n])
	}
}

func TestListen(t *testing.T) {
	var addr string
	err := runUntilUp(t, 1, func(addrs map[string]string) {
		addr = addrs["redis"]
		wantGreeting(t, "tcp", addr)
	}, sidecar.Listen("redis", "127.0.0.1:0", greet))
	if err != nil {
		t.Error(err)
	}
	if _, port, _ := net.SplitHostPort(addr); port == "0" || port == "" {
		t.Errorf("listening on %q, want the real port", addr)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("the listener is open after Run")
	}
}

func TestListenIPv6(t *testing.T) {
	if ln, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	} else {
		ln.Close()
	}
	err := runUntilUp(t, 1, func(addrs map[string]string) {
		if !strings.HasPrefix(addrs["it"], "[::1]:") {
			t.Errorf("listening on %q", addrs["it"])
		}
		wantGreeting(t, "tcp", addrs["it"])
	}, sidecar.Listen("it", "[::1]:0", greet))
	if err != nil {
		t.Error(err)
	}
}

// A listener whose serve never ran is closed all the same.
func TestListenNeverServed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var addr string
	l := quiet()
	l.Listening = func(_ string, a net.Addr) { addr = a.String(); cancel() }
	err := l.Run(ctx, sidecar.Listen("it", "127.0.0.1:0", func(context.Context, net.Listener) error {
		t.Error("serve ran")
		return nil
	}))
	if err != nil || addr == "" {
		t.Errorf("Run = %v after listening on %q", err, addr)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("the listener is open after Run")
	}
}

func TestListenBadAddress(t *testing.T) {
	tests := []struct{ addr, want string }{
		{"", "empty"},
		{"8080", "missing port"},
		{"localhost", "missing port"},
		{"127.0.0.1:http", "port is no number"},
		{"127.0.0.1:65536", "port is no number"},
		{"127.0.0.1:-1", "port is no number"},
		{"127.0.0.1:", "port is no number"},
		{"::1:80", "too many colons"},
		{"[::1]", "missing port"},
		{"unix:", "no path"},
	}
	components := map[string]func(addr string) sidecar.Component{
		"Listen":       func(addr string) sidecar.Component { return sidecar.Listen("it", addr, idle) },
		"ListenNext":   func(addr string) sidecar.Component { return sidecar.ListenNext("it", addr, idle) },
		"ListenPacket": func(addr string) sidecar.Component { return sidecar.ListenPacket("it", addr, echo) },
	}
	for _, tt := range tests {
		for name, component := range components {
			err := quiet().Run(t.Context(), component(tt.addr))
			usage, ok := errors.AsType[*sidecar.UsageError](err)
			if !ok || !strings.Contains(usage.Text, tt.want) || !strings.Contains(usage.Text, strconv.Quote(tt.addr)) {
				t.Errorf("%s(%q): %v, want a UsageError with %q", name, tt.addr, err, tt.want)
			}
		}
	}
}

func TestListenTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	err = quiet().Run(t.Context(), sidecar.Listen("it", ln.Addr().String(), idle))
	checkFailure(t, err, "it", inUse)
}

func TestListenNext(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	first := taken.Addr().(*net.TCPAddr).Port
	if first > 65400 {
		t.Skip("too near to the last port")
	}
	err = runUntilUp(t, 1, func(addrs map[string]string) {
		_, port, _ := net.SplitHostPort(addrs["it"])
		if n, _ := strconv.Atoi(port); n <= first || n > first+100 {
			t.Errorf("listening on port %s, want one of the 100 behind %d", port, first)
		}
		wantGreeting(t, "tcp", addrs["it"])
	}, sidecar.ListenNext("it", taken.Addr().String(), greet))
	if err != nil {
		t.Error(err)
	}
}

// The default itself is taken when it is free, and an address that is not this machine's is no reason to go on.
func TestListenNextFirst(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	err = runUntilUp(t, 1, func(addrs map[string]string) {
		if addrs["it"] != addr {
			t.Errorf("listening on %s, want %s", addrs["it"], addr)
		}
	}, sidecar.ListenNext("it", addr, greet))
	if err != nil {
		t.Error(err)
	}
	err = quiet().Run(t.Context(), sidecar.ListenNext("it", "192.0.2.1:80", idle))
	if err == nil || errors.Is(err, inUse) {
		t.Errorf("Run = %v, want that it cannot listen there", err)
	}
}

// inUse is what a taken address is.
const inUse = sidecar.ErrInUse

// A component that fails to serve gives its listener back.
func TestListenServeFails(t *testing.T) {
	var addr string
	l := quiet()
	l.Listening = func(_ string, a net.Addr) { addr = a.String() }
	err := l.Run(t.Context(),
		sidecar.Listen("it", "127.0.0.1:0", func(context.Context, net.Listener) error { return errBoom }),
		sidecar.OnStop("behind", func(context.Context) error {
			if conn, err := net.Dial("tcp", addr); err == nil {
				conn.Close()
				t.Error("the listener is open after serve")
			}
			return nil
		}))
	checkFailure(t, err, "it", errBoom)
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
}
