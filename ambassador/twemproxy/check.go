package twemproxy

import (
	"errors"
	"fmt"

	"github.com/fairleadgo/fairlead/shard"
)

// check returns what is wrong with the pool as a whole.
func (p *poolParser) check() (wrong string) {
	switch {
	case p.Listen == "":
		return `conf: directive "listen:" is missing`
	case p.ServerConnections == 0:
		return `conf: directive "server_connections:" cannot be 0`
	case p.Auth != "" && !p.Redis:
		return `conf: directive "redis_auth:" is only valid for a redis pool`
	case len(p.Servers) == 0:
		return "conf: pool has no servers"
	}
	_, err := shard.Build(p.Ring)
	if node, ok := errors.AsType[*shard.NodeError](err); ok && errors.Is(node, shard.ErrDuplicate) {
		return fmt.Sprintf("conf: pool has servers with same name '%s'", node.Name)
	}
	if err != nil {
		return "conf: " + err.Error()
	}
	return ""
}

// checkPools returns what is wrong between pools.
func (c *Config) checkPools() error {
	names, listens := make(map[string]bool), make(map[string]string)
	for _, p := range c.Pools {
		if names[p.Name] {
			return &SyntaxError{Pool: p.Name, Text: "conf: there is a pool with same name"}
		}
		if other, taken := listens[p.Listen]; taken {
			return &SyntaxError{Pool: p.Name, Text: fmt.Sprintf("conf: pool '%s' has same listen address", other)}
		}
		names[p.Name], listens[p.Listen] = true, p.Name
	}
	return nil
}

// warn notes what is legal and harmful.
func (c *Config) warn() {
	note := func(p Pool, format string, args ...any) {
		c.Warnings = append(c.Warnings, "pool "+p.Name+": "+fmt.Sprintf(format, args...))
	}
	for _, p := range c.Pools {
		if p.Ring.Hash == "crc32" && p.Ring.Placement == shard.Ketama && len(p.Servers) > 1 {
			note(p, "hash crc32 has 15 bits, so that with ketama one server gets nearly all keys; crc32a is the whole one")
		}
		if p.Ring.Placement == shard.Random && len(p.Servers) > 1 {
			note(p, "distribution random sends a key anywhere; it is for servers that all hold the same")
		}
		if p.Ring.Placement != shard.Ketama {
			continue
		}
		ring, err := shard.Build(p.Ring)
		if err != nil {
			continue // check has seen to that
		}
		for _, n := range p.Ring.Nodes {
			if !ownsAny(ring, n.Name) {
				note(p, "server %s gets no keys: its weight is too small beside the others", n.Name)
			}
		}
	}
}

func ownsAny(ring *shard.Ring, name string) bool {
	for range ring.Ranges(name) {
		return true
	}
	return false
}
