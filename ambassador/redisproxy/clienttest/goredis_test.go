package clienttest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/shard"
)

// startRedis starts a server on a Unix socket of its own.
func startRedis(t *testing.T) (addr string) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if names := strings.Split(os.Getenv("TEST_REQUIRE"), ","); slices.Contains(names, "redis-server") || slices.Contains(names, "all") {
			t.Fatal("redis-server is required and not installed")
		}
		t.Skip("redis-server is not installed")
	}
	socket := t.TempDir() + "/redis"
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return "unix:" + socket
}

// startProxy serves three real servers on one address.
func startProxy(t *testing.T) (addr string) {
	names := []string{"red", "green", "blue"}
	ring, err := shard.New(names...)
	if err != nil {
		t.Fatal(err)
	}
	config := redisproxy.Config{Pick: ring.Owner}
	for _, name := range names {
		config.Shards = append(config.Shards, redisproxy.Shard{Name: name, Addr: startRedis(t)})
	}
	proxy, err := redisproxy.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- proxy.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	for range 200 {
		if err = proxy.Health(ctx); err == nil {
			return ln.Addr().String()
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(err)
	return ""
}

// go-redis asks for protocol 3 first and falls back to 2 by itself.
func TestGoRedis(t *testing.T) {
	ctx := t.Context()
	for name, options := range map[string]redis.Options{"defaults": {}, "protocol 2": {Protocol: 2}} {
		options.Addr = startProxy(t)
		client := redis.NewClient(&options)
		defer client.Close()

		if err := client.Set(ctx, "a", "1", time.Minute).Err(); err != nil {
			t.Fatalf("%s: SET: %v", name, err)
		}
		if v, err := client.Get(ctx, "a").Result(); err != nil || v != "1" {
			t.Errorf("%s: GET: %q, %v", name, v, err)
		}
		if _, err := client.Get(ctx, "nothing").Result(); !errors.Is(err, redis.Nil) {
			t.Errorf("%s: GET of nothing: %v", name, err)
		}
		if err := client.MSet(ctx, "a", 1, "b", 2, "c", 3, "d", 4).Err(); err != nil {
			t.Errorf("%s: MSET: %v", name, err)
		}
		if v, err := client.MGet(ctx, "a", "b", "c", "d", "e").Result(); err != nil || fmt.Sprint(v) != "[1 2 3 4 <nil>]" {
			t.Errorf("%s: MGET: %v, %v", name, v, err)
		}
		if n, err := client.Del(ctx, "a", "b", "c", "e").Result(); err != nil || n != 3 {
			t.Errorf("%s: DEL: %d, %v", name, n, err)
		}
		if err := client.HSet(ctx, "h", "f", "v", "g", "w").Err(); err != nil {
			t.Errorf("%s: HSET: %v", name, err)
		}
		if v, err := client.HGetAll(ctx, "h").Result(); err != nil || fmt.Sprint(v) != "map[f:v g:w]" {
			t.Errorf("%s: HGETALL: %v, %v", name, v, err)
		}
		if err := client.Incr(ctx, "h").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGTYPE") {
			t.Errorf("%s: INCR of a hash: %v", name, err)
		}
		if err := client.Subscribe(ctx, "channel").Ping(ctx); err != nil {
			t.Errorf("%s: a connection of its own: %v", name, err)
		}
		pipeline(t, name, client)
	}
}

func pipeline(t *testing.T, name string, client *redis.Client) {
	ctx := t.Context()
	pipe := client.Pipeline()
	var want []string
	for i := range 500 {
		pipe.Set(ctx, fmt.Sprint("key:", i), i, 0)
		pipe.Get(ctx, fmt.Sprint("key:", i))
		want = append(want, "OK", fmt.Sprint(i))
	}
	results, err := pipe.Exec(ctx)
	if err != nil || len(results) != len(want) {
		t.Fatalf("%s: pipeline: %d results, %v", name, len(results), err)
	}
	for i, r := range results {
		got := ""
		switch r := r.(type) {
		case *redis.StatusCmd:
			got = r.Val()
		case *redis.StringCmd:
			got = r.Val()
		}
		if got != want[i] {
			t.Errorf("%s: result %d of the pipeline is %q, want %q", name, i, got, want[i])
		}
	}
}
