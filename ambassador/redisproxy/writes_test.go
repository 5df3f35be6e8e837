package redisproxy_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidwall/redcon"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A countingConn counts writes.
type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

type countingListener struct {
	net.Listener
	writes *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countingConn{conn, l.writes}, nil
}

// startFake starts a server that answers every GET with 64 bytes.
func startFake(t testing.TB) (addr string) {
	value := []byte(strings.Repeat("v", 64))
	started := make(chan error, 1)
	srv := redcon.NewServer("127.0.0.1:0", func(conn redcon.Conn, cmd redcon.Command) {
		if string(cmd.Args[0]) == "PING" {
			conn.WriteString("PONG")
		} else {
			conn.WriteBulk(value)
		}
	}, nil, nil)
	go srv.ListenServeAndSignal(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv.Addr().String()
}

// Fifty clients that pipeline 64 requests each cost the proxy at most one write for ten requests, those to clients and
// to shards together.
func TestWritesPerRequest(t *testing.T) {
	const clients, depth, rounds = 50, 64, 100
	var writes atomic.Int64
	config := redisproxy.Config{
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return countingConn{conn, &writes}, err
		},
	}
	for i := range 3 {
		config.Shards = append(config.Shards, redisproxy.Shard{Name: fmt.Sprint("shard-", i), Addr: startFake(t)})
	}
	config.Pick = pick(config.Shards)
	proxy, err := redisproxy.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, proxy, countingListener{ln, &writes})
	waitUp(t, proxy)
	writes.Store(0)

	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			reader := replyReader{r: conn}
			for round := range rounds {
				var stream []byte
				for i := range depth {
					stream = resp.AppendRequest(stream, "GET", fmt.Sprintf("key:%012d", round*depth+i))
				}
				conn.Write(stream)
				for range depth {
					if reply, err := reader.next(); err != nil || len(reply) != 71 {
						t.Errorf("%q, %v", reply, err)
						return
					}
				}
			}
		})
	}
	running.Wait()
	got := float64(writes.Load()) / (clients * depth * rounds)
	t.Logf("%.4f writes per request", got)
	if got > 0.1 {
		t.Errorf("%.4f writes per request, want at most 0.1", got)
	}
}
