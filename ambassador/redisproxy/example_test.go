package redisproxy_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/shard"
)

func Example() {
	ring, err := shard.New("red", "blue")
	if err != nil {
		log.Fatal(err)
	}
	proxy, err := redisproxy.New(redisproxy.Config{
		Shards: []redisproxy.Shard{
			{Name: "red", Addr: "10.0.0.1:6379"},
			{Name: "blue", Addr: "10.0.0.2:6379"},
		},
		Pick: ring.Owner,
	})
	if err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:6379")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(proxy.Serve(context.Background(), ln))
}

// TLS to clients is a matter of the listener.
func ExampleServer_Serve_tls() {
	conf := new(tls.Config) // with Certificates
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Addr: "unix:/run/redis.sock"}}})
	if err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:6380")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(proxy.Serve(context.Background(), tls.NewListener(ln, conf)))
}

// Do is for programs with a server of their own: each call is a client.
func ExampleServer_Do() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Addr: "10.0.0.1:6379"}}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go proxy.Run(ctx)

	reply, err := proxy.Do(ctx, nil, []byte("ECHO"), []byte("hello"))
	fmt.Printf("%q %v\n", reply, err)
	// Output: "$5\r\nhello\r\n" <nil>
}

// Change a copy of what is in force; a bad configuration is refused, and the old one serves on.
func ExampleServer_Update() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Addr: "10.0.0.1:6379"}}})
	if err != nil {
		log.Fatal(err)
	}
	c := proxy.Config()
	c.Timeout = 200 * time.Millisecond
	c.Shards[0].Addr = "nowhere"
	fmt.Println(proxy.Update(c))
	fmt.Println(proxy.Config().Timeout)
	// Output:
	// Shards[0] "10.0.0.1:6379": address "nowhere": want host:port or unix:PATH
	// 1s
}

// Pick is a plain function: here sessions live apart from everything else.
func ExampleConfig_pick() {
	ring, _ := shard.New("red", "blue")
	pick := func(key []byte) string {
		if bytes.HasPrefix(key, []byte("session:")) {
			return "sessions"
		}
		return ring.Owner(key)
	}
	proxy, err := redisproxy.New(redisproxy.Config{Pick: pick, Shards: []redisproxy.Shard{
		{Name: "sessions", Addr: "10.0.0.9:6379"},
		{Name: "red", Addr: "10.0.0.1:6379"},
		{Name: "blue", Addr: "10.0.0.2:6379"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(proxy.Where([]byte("session:42")))
	// Output: sessions 10.0.0.9:6379
}

// A shard can be told that it is behind a TLS front by its Dial.
func ExampleConfig_dial() {
	dialer := tls.Dialer{Config: new(tls.Config)} // with RootCAs
	redisproxy.New(redisproxy.Config{
		Shards: []redisproxy.Shard{{Addr: "redis.example.com:6380"}},
		Dial:   dialer.DialContext,
	})
}

func ExampleDownError() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "10.0.0.1:6379"}}})
	if err != nil {
		log.Fatal(err)
	}
	err = proxy.Health(context.Background())
	if down, ok := errors.AsType[*redisproxy.DownError](err); ok {
		fmt.Println(down, down.Degraded())
	}
	// Output: shard red does not answer false
}

// The tags of Stats are what adapter/metrics needs to serve it: metrics.Stats("redis", proxy.Stats).
func ExampleStats() {
	var s redisproxy.Stats
	s.Shards = []redisproxy.ShardStats{{Shard: "red", Latency: redisproxy.Histogram{
		Bounds: []float64{0.001, 0.01}, Counts: []uint64{98, 2, 0}, Sum: 0.05,
	}}}
	s.Commands = []redisproxy.CommandStats{{Command: "get", Calls: 100}}
	for _, shard := range s.Shards {
		fmt.Printf("%s: %d of %d within %vs\n", shard.Shard, shard.Latency.Counts[0], s.Commands[0].Calls, shard.Latency.Bounds[0])
	}
	// Output: red: 98 of 100 within 0.001s
}

// A shard without a name is known by its address.
func ExampleShard() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Addr: "unix:/run/redis.sock"}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(proxy.Where([]byte("any key")))
	// Output: unix:/run/redis.sock unix:/run/redis.sock
}

func ExampleShardStats() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "10.0.0.1:6379"}}})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range proxy.Stats().Shards {
		fmt.Println(s.Shard, s.Up, s.Pending)
	}
	// Output: red false 0
}

func ExampleCommandStats() {
	proxy, err := redisproxy.New(redisproxy.Config{Shards: []redisproxy.Shard{{Name: "red", Addr: "10.0.0.1:6379"}}})
	if err != nil {
		log.Fatal(err)
	}
	proxy.Do(context.Background(), nil, []byte("PING"))
	proxy.Do(context.Background(), nil, []byte("PING"), []byte("too"), []byte("many"))
	for _, c := range proxy.Stats().Commands {
		fmt.Printf("%+v\n", c)
	}
	// Output: {Command:ping Calls:2 Errors:1}
}

// The median lies in the first bucket that holds half of what was observed, together with those below it.
func ExampleHistogram() {
	h := redisproxy.Histogram{Bounds: []float64{0.001, 0.01, 0.1}, Counts: []uint64{10, 80, 9, 1}}
	sum := uint64(0)
	for i, n := range h.Counts {
		if sum += n; sum >= 50 {
			fmt.Println("at most", h.Bounds[i], "s")
			break
		}
	}
	// Output: at most 0.01 s
}
