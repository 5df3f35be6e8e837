package sidecar_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// echo sends each datagram back.
func echo(ctx context.Context, conn net.PacketConn) error {
	defer context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Now()) })()
	buf := make([]byte, 1024)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		conn.WriteTo(buf[:n], from)
	}
}

func TestListenPacket(t *testing.T) {
	var addr string
	err := runUntilUp(t, 1, func(addrs map[string]string) {
		addr = addrs["statsd"]
		conn, err := net.Dial("udp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		conn.Write([]byte("ping"))
		buf := make([]byte, 16)
		if n, err := conn.Read(buf); string(buf[:n]) != "ping" {
			t.Errorf("read %q, %v, want ping", buf[:n], err)
		}
	}, sidecar.ListenPacket("statsd", "127.0.0.1:0", echo))
	if err != nil {
		t.Error(err)
	}
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		t.Fatalf("the socket is open after Run: %v", err)
	}
	conn.Close()
}

func TestListenPacketNeverServed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var addr string
	l := quiet()
	l.Listening = func(_ string, a net.Addr) { addr = a.String(); cancel() }
	if err := l.Run(ctx, sidecar.ListenPacket("it", "127.0.0.1:0", echo)); err != nil {
		t.Error(err)
	}
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		t.Fatalf("the socket is open after Run: %v", err)
	}
	conn.Close()
}
