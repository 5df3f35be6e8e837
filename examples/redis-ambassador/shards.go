package main

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
	"github.com/fairleadgo/fairlead/shard"
	"github.com/fairleadgo/fairlead/sidecar"
)

// proxy returns the ring over the shards of the command line and the proxy that uses it. Nothing is contacted.
func (c *config) proxy(logger *slog.Logger) (*shard.Ring, *redisproxy.Server, error) {
	var nodes []shard.Node
	var errs []error
	conf := redisproxy.Config{Timeout: c.timeout, Logger: logger}
	for _, text := range c.shards {
		node, addr, err := parseShard(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		nodes = append(nodes, node)
		conf.Shards = append(conf.Shards, redisproxy.Shard{Name: node.Name, Addr: addr})
	}
	if len(errs) > 0 {
		return nil, nil, errors.Join(errs...)
	}
	ring, err := shard.Build(shard.Config{Nodes: nodes, Tag: c.hashTag})
	if err != nil {
		return nil, nil, &sidecar.UsageError{Text: "-shards and -hash-tag: " + err.Error()}
	}
	conf.Pick = ring.Owner
	proxy, err := redisproxy.New(conf)
	if err != nil {
		return nil, nil, &sidecar.UsageError{Text: "-shards: " + err.Error()}
	}
	return ring, proxy, nil
}

// parseShard reads NAME=ADDR@WEIGHT. Without NAME= the address is the name; what follows the last @ is a weight if it is
// a number, so that an address may have one.
func parseShard(text string) (node shard.Node, addr string, err error) {
	addr = text
	if name, rest, ok := strings.Cut(text, "="); ok && !strings.HasPrefix(name, "unix:") {
		if node.Name, addr = name, rest; name == "" {
			return node, "", &sidecar.UsageError{Text: "-shards " + text + ": there is no name before ="}
		}
	}
	if i := strings.LastIndexByte(addr, '@'); i >= 0 {
		if w, err := strconv.ParseFloat(addr[i+1:], 64); err == nil {
			if addr = addr[:i]; !(w > 0) {
				return node, "", &sidecar.UsageError{Text: "-shards " + text + ": the weight must be more than 0"}
			}
			node.Weight = w
		}
	}
	if addr == "" {
		return node, "", &sidecar.UsageError{Text: "-shards " + text + ": there is no address"}
	}
	if node.Name == "" {
		node.Name = addr
	}
	return node, addr, nil
}
