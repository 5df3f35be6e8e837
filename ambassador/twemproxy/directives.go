package twemproxy

import (
	"io/fs"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/fairleadgo/fairlead/shard"
)

// A poolParser sets the fields of a pool by its directives.
type poolParser struct {
	Pool
	seen map[string]bool
}

// set obeys a directive and returns what is wrong with it, in nutcracker's words.
func (p *poolParser) set(key, value string) (wrong string) {
	if p.seen[key] && key != "servers" {
		return "is a duplicate"
	}
	p.seen[key] = true
	switch key {
	case "listen":
		return p.setListen(value)
	case "hash":
		return p.setHash(value)
	case "hash_tag":
		if len(value) != 2 {
			return "is not a valid hash tag string with two characters"
		}
		p.Ring.Tag = value
	case "distribution":
		p.Ring.Placement = shard.Placement(value)
		if value != "ketama" && value != "modula" && value != "random" {
			return "is not a valid distribution"
		}
	case "timeout":
		return setMillis(&p.Timeout, value)
	case "server_retry_timeout":
		return setMillis(&p.RetryTimeout, value)
	case "backlog":
		return setNumber(&p.Backlog, value)
	case "client_connections":
		return setNumber(&p.ClientConnections, value)
	case "server_connections":
		return setNumber(&p.ServerConnections, value)
	case "server_failure_limit":
		return setNumber(&p.FailureLimit, value)
	case "redis_db":
		return setNumber(&p.DB, value)
	case "redis":
		return setBool(&p.Redis, value)
	case "tcpkeepalive":
		return setBool(&p.Keepalive, value)
	case "preconnect":
		return setBool(&p.Preconnect, value)
	case "auto_eject_hosts":
		return setBool(&p.AutoEject, value)
	case "redis_auth":
		p.Auth = value
	case "servers":
		return p.addServer(value)
	default:
		return "is unknown"
	}
	return ""
}

func setNumber(n *int, value string) (wrong string) {
	v, ok := number(value)
	if !ok {
		return "is not a number"
	}
	*n = v
	return ""
}

func setMillis(d *time.Duration, value string) (wrong string) {
	v, ok := number(value)
	if !ok {
		return "is not a number"
	}
	*d = time.Duration(v) * time.Millisecond
	return ""
}

// number reads digits and nothing else, up to 32 bits.
func number(s string) (n int, ok bool) {
	v, err := strconv.ParseUint(s, 10, 31)
	return int(v), err == nil && s[0] != '+'
}

func setBool(b *bool, value string) (wrong string) {
	if *b = value == "true"; !*b && value != "false" {
		return `is not "true" or "false"`
	}
	return ""
}

func (p *poolParser) setHash(value string) (wrong string) {
	probe := shard.Config{Placement: shard.Modula, Hash: shard.Hash(value), Nodes: []shard.Node{{Name: "probe"}}}
	if _, err := shard.Build(probe); err != nil {
		return "is not a valid hash"
	}
	p.Ring.Hash = shard.Hash(value)
	return ""
}

// setListen reads host:port, or /path with an octal mode behind a blank.
func (p *poolParser) setListen(value string) (wrong string) {
	if !strings.HasPrefix(value, "/") {
		i := strings.LastIndexByte(value, ':')
		port, ok := number(value[i+1:])
		switch {
		case i < 0:
			return `has an invalid "host:port" format string`
		case !ok || port < 1 || port > math.MaxUint16:
			return `has an invalid port in "host:port" format string`
		}
		p.Listen = net.JoinHostPort(value[:i], value[i+1:])
		return ""
	}
	path, mode, ok := cutLast(value, ' ')
	if !ok {
		p.Listen = "unix:" + value
		return ""
	}
	bits := octal(mode)
	if bits > 0o777 {
		return `has an invalid file permission in "/path permission" format string`
	}
	p.Listen, p.Mode = "unix:"+path, fs.FileMode(bits)
	return ""
}

// octal reads the octal digits that s begins with, as strtol does there: what is none counts as 0, and so sets no mode.
func octal(s string) (n uint64) {
	for _, c := range []byte(s) {
		if c < '0' || c > '7' || n > 0o777 {
			break
		}
		n = n<<3 | uint64(c-'0')
	}
	return n
}

// addServer reads host:port:weight or /path:weight, with a name behind a blank. It reads from the end.
func (p *poolParser) addServer(value string) (wrong string) {
	const format = `"hostname:port:weight [name]" or "/path/unix_socket:weight [name]" format string`
	rest, name, named := cutLast(value, ' ')
	if !named {
		rest = value
	}
	addr, weightText, ok := cutLast(rest, ':')
	if !ok {
		return "has an invalid " + format
	}
	weight, ok := number(weightText)
	switch {
	case !ok:
		return "has an invalid weight in " + format
	case weight == 0:
		return "has a zero weight in " + format
	}
	server := Server{Addr: "unix:" + addr, Name: addr + ":"}
	if !strings.HasPrefix(addr, "/") {
		host, portText, ok := cutLast(addr, ':')
		port, isNumber := number(portText)
		if !ok {
			return "has an invalid " + format
		}
		if !isNumber || port < 1 || port > math.MaxUint16 {
			return "has an invalid port in " + format
		}
		server = Server{Addr: net.JoinHostPort(host, portText), Name: addr}
		if port == 11211 {
			server.Name = host
		}
	}
	if named {
		server.Name = name
	}
	p.Servers = append(p.Servers, server)
	p.Ring.Nodes = append(p.Ring.Nodes, shard.Node{Name: server.Name, Weight: float64(weight)})
	return ""
}

// cutLast cuts s at the last sep.
func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}
