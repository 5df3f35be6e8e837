package sidecar

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// An address is where to listen: on a port, or a Unix socket.
type address struct {
	host string
	port int
	path string // of a Unix socket; "" if it is a port
}

// parseAddress reads host:port, [ip6]:port or unix:PATH.
func parseAddress(text string) (address, error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if path == "" {
			return address{}, badAddress(text, "it names no path")
		}
		return address{path: path}, nil
	}
	if text == "" {
		return address{}, badAddress(text, "it is empty")
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		if e, ok := err.(*net.AddrError); ok {
			return address{}, badAddress(text, e.Err)
		}
		return address{}, badAddress(text, err.Error())
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return address{}, badAddress(text, "its port is no number from 0 to 65535")
	}
	return address{host: host, port: int(n)}, nil
}

func badAddress(text, why string) error {
	return &UsageError{Text: fmt.Sprintf("cannot listen on %q: %s; write HOST:PORT, [IPV6]:PORT or unix:PATH", text, why)}
}

// network returns the network of a, stream or datagram, and the address as package net has it.
func (a address) network(tcp, unix string) (network, addr string) {
	if a.path != "" {
		return unix, a.path
	}
	return tcp, net.JoinHostPort(a.host, strconv.Itoa(a.port))
}

// socketAddr is the address of a Unix socket as this package writes it.
type socketAddr struct{ net.Addr }

// String returns unix:PATH.
func (a socketAddr) String() string { return "unix:" + a.Addr.String() }

// announced returns a in the form that Lifecycle.Listening is told.
func announced(a net.Addr) net.Addr {
	if u, ok := a.(*net.UnixAddr); ok {
		return socketAddr{u}
	}
	return a
}
