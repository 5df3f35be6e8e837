// Package twemproxy reads nutcracker's configuration: nutcracker.yml as twemproxy 0.5.0 takes it, no more and no less.
// It is the one package that ties others together, and is for programs that take twemproxy's place; new programs have no
// need of it. What is there now is the parser; it serves nothing yet.
package twemproxy

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/fairleadgo/fairlead/shard"
)

// A SyntaxError says where a nutcracker.yml is wrong, in nutcracker's own words where it has any.
type SyntaxError struct {
	Line int    // from 1; 0 if it is about the whole file
	Pool string // "" if it is not about one
	Text string // such as `conf: directive "hash" is not a valid hash`
}

// Error returns the line, the pool and the text.
func (e *SyntaxError) Error() string {
	where := ""
	if e.Line > 0 {
		where = fmt.Sprintf("line %d: ", e.Line)
	}
	if e.Pool != "" {
		where += "pool " + e.Pool + ": "
	}
	return where + e.Text
}

// A Config is a whole nutcracker.yml. The zero Config has no pools.
type Config struct {
	Pools    []Pool   // in the order of the file
	Warnings []string // what is legal and harmful, such as crc32 with ketama, and servers that get no keys
}

// A Pool is one of its pools, with twemproxy's defaults filled in.
type Pool struct {
	Name   string
	Listen string       // host:port, or unix:PATH
	Mode   fs.FileMode  // of the socket file; 0 means as it comes
	Redis  bool         // false means memcached
	Ring   shard.Config // distribution, hash, hash_tag and the servers by their ring names, in the order of the file

	Servers []Server // of the ring's nodes, in the same order

	Timeout           time.Duration // from when a request is queued until its reply; negative means none
	Backlog           int           // of the listening socket
	ClientConnections int           // at most; 0 means any number
	Keepalive         bool          // of connections to clients and servers
	Preconnect        bool
	ServerConnections int // to each server, at least 1

	AutoEject    bool          // servers that fail leave the ring for a while
	RetryTimeout time.Duration // how long
	FailureLimit int           // failures in a row until then

	Auth string // password of clients and of servers; "" means none; never to be shown
	DB   int    // selected on connections to servers
}

// A Server is a server of a Pool.
type Server struct {
	Name string // by which it is placed, see shard.Ketama
	Addr string // host:port, or unix:PATH
}

// newPool returns a pool with the defaults of twemproxy.
func newPool(name string) Pool {
	return Pool{
		Name:              name,
		Ring:              shard.Config{Placement: shard.Ketama, Hash: shard.FNV1a64},
		Timeout:           -1,
		Backlog:           512,
		ServerConnections: 1,
		RetryTimeout:      30 * time.Second,
		FailureLimit:      2,
	}
}
