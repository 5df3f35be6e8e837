package redisproxy_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// Fifty clients send mixed commands through the proxy and to one real Redis, in random pipelines that are cut anywhere:
// every reply is the same, byte for byte.
func TestDifferential(t *testing.T) {
	const clients, commands = 50, 2000 // each
	single := startRedis(t)
	_, _, addr := threeShards(t, redisproxy.Config{Timeout: 20 * time.Second})

	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() {
			rng := rand.New(rand.NewPCG(11, uint64(i)))
			var requests [][]byte
			for range commands {
				requests = append(requests, randomCommand(rng, i))
			}
			got := converse(t, addr, requests, rng)
			want := converse(t, single.addr, requests, rng)
			for n := range requests {
				if n < len(got) && n < len(want) && bytes.Equal(got[n], want[n]) {
					continue
				}
				if n >= len(got) || n >= len(want) {
					t.Errorf("client %d: %d replies, Redis gives %d", i, len(got), len(want))
				} else {
					t.Errorf("client %d, request %d %q: got %q, Redis says %q", i, n, requests[n], got[n], want[n])
				}
				return
			}
		})
	}
	running.Wait()
}

// converse sends requests in pipelines of random length, cut at random bytes, and returns the replies.
func converse(t *testing.T, addr string, requests [][]byte, rng *rand.Rand) (replies [][]byte) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	reader := replyReader{r: conn}
	for len(requests) > 0 {
		n := min(1+rng.IntN(64), len(requests))
		stream := bytes.Join(requests[:n], nil)
		requests = requests[n:]
		go func(cuts *rand.Rand) {
			for len(stream) > 0 {
				k := min(1+cuts.IntN(200), len(stream))
				conn.Write(stream[:k])
				stream = stream[k:]
			}
		}(rand.New(rand.NewPCG(rng.Uint64(), 0)))
		for range n {
			reply, err := reader.next()
			if err != nil {
				t.Errorf("after %d replies: %v", len(replies), err)
				return replies
			}
			replies = append(replies, bytes.Clone(reply))
		}
	}
	return replies
}

// randomCommand is one whose reply does not depend on chance, on keys of this client.
func randomCommand(rng *rand.Rand, client int) []byte {
	key := func(kind string) string { return fmt.Sprintf("%s:%d:%d", kind, client, rng.IntN(20)) }
	keys := func(n int) (all []string) {
		for range n {
			all = append(all, key("str"))
		}
		return all
	}
	value := func() string {
		return []string{"", "1", "-7", "v", "a\r\nb", "\x00\xff", strings.Repeat("long", rng.IntN(3000))}[rng.IntN(7)]
	}
	small := func() string { return fmt.Sprint(rng.IntN(10)) }
	choices := [][]string{
		{"SET", key("str"), value()}, {"set", key("str"), small()}, {"GET", key("str")}, {"get", key("hash")},
		append([]string{"MGET"}, keys(1+rng.IntN(8))...),
		append([]string{"mget", key("hash"), key("str")}, keys(3)...),
		append([]string{"DEL"}, keys(1+rng.IntN(4))...),
		append([]string{"UNLINK"}, keys(1+rng.IntN(4))...),
		append([]string{"EXISTS"}, keys(1+rng.IntN(6))...),
		append([]string{"TOUCH"}, keys(1+rng.IntN(6))...),
		{"MSET", key("str"), value(), key("str"), value(), key("str"), small()},
		{"MSET", key("str")}, {"MSET", key("str"), "1", key("str")}, {"MGET"}, {"DEL"},
		{"INCR", key("str")}, {"INCRBY", key("str"), small()}, {"APPEND", key("str"), small()}, {"STRLEN", key("str")},
		{"GETRANGE", key("str"), "0", small()}, {"SETNX", key("str"), value()}, {"GETSET", key("str"), value()},
		{"EXPIRE", key("str"), "100000"}, {"PERSIST", key("str")}, {"TYPE", key("list")}, {"TYPE", key("str")},
		{"LPUSH", key("list"), value(), value()}, {"RPUSH", key("list"), small()}, {"LPOP", key("list")},
		{"LRANGE", key("list"), "0", "-1"}, {"LLEN", key("list")}, {"LINDEX", key("list"), small()}, {"LLEN", key("str")},
		{"HSET", key("hash"), small(), value()}, {"HGET", key("hash"), small()}, {"HMGET", key("hash"), small(), small()},
		{"HGETALL", key("nohash")}, {"HDEL", key("hash"), small()}, {"HINCRBY", key("hash"), small(), "3"},
		{"SADD", key("set"), small(), small()}, {"SMEMBERS", key("set")}, {"SISMEMBER", key("set"), small()}, {"SREM", key("set"), small()},
		{"ZADD", key("zset"), small(), "m" + small()}, {"ZRANGE", key("zset"), "0", "-1", "WITHSCORES"}, {"ZSCORE", key("zset"), "m" + small()},
		{"XADD", key("stream"), "*"}, {"XLEN", key("stream")}, {"XINFO", "STREAM", key("nostream")},
		{"SETBIT", key("bits"), small(), "1"}, {"BITCOUNT", key("bits")}, {"PFADD", key("hll"), value()},
		{"OBJECT", "ENCODING", key("list")}, {"OBJECT", "NONSENSE", key("list")}, {"OBJECT"},
		{"PING"}, {"PING", value()}, {"PING", "a", "b"}, {"ECHO", value()}, {"ECHO"}, {"SELECT", "0"}, {"SELECT", "x"},
		{"CLIENT", "GETNAME"}, {"CLIENT", "SETNAME", "a b"}, {"CLIENT", "NONSENSE"}, {"CLIENT"}, {"CLIENT", "ID", "x"},
		{"GET"}, {"GET", "a", "b"}, {"SET", key("str")}, {"HSET", key("hash"), "x"}, {"NONSENSE", value(), "x"}, {"nonsense"},
		{"HELLO", "9"}, {"HELLO", "x"}, {"HELLO", "2", "NONSENSE"},
	}
	args := choices[rng.IntN(len(choices))]
	if rng.IntN(10) == 0 && inlineable(args) {
		return []byte(strings.Join(args, " ") + "\r\n")
	}
	return resp.AppendRequest(nil, args...)
}

// inlineable reports whether args can be written as a line as they are.
func inlineable(args []string) bool {
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \r\n\x00\"'\\") || len(a) > 1000 {
			return false
		}
	}
	return args[0][0] != '*'
}
