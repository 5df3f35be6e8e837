package redisproxy

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// redisVersion is the version of Redis whose answers the proxy gives.
const redisVersion = "7.0.15"

// localCommands are those that are answered here. Each appends its reply.
func localCommands() map[string]func(*session, []byte) []byte {
	return map[string]func(*session, []byte) []byte{
		"ping": ping, "echo": echo, "select": selectDB, "quit": quit, "hello": hello, "client": client,
		"command": commandInfo, "info": info,
	}
}

func done(dst []byte) []byte { return append(dst, "+OK\r\n"...) }

func wrongArgs(dst []byte, name string) []byte {
	return resp.AppendError(dst, "ERR wrong number of arguments for '"+name+"' command")
}

func ping(s *session, dst []byte) []byte {
	switch s.scan.NumArgs() {
	case 1:
		return append(dst, "+PONG\r\n"...)
	case 2:
		return resp.AppendBulk(dst, s.arg(1))
	}
	return wrongArgs(dst, "ping")
}

func echo(s *session, dst []byte) []byte {
	if s.scan.NumArgs() != 2 {
		return wrongArgs(dst, "echo")
	}
	return resp.AppendBulk(dst, s.arg(1))
}

// selectDB accepts the one database that there is.
func selectDB(s *session, dst []byte) []byte {
	if s.scan.NumArgs() != 2 {
		return wrongArgs(dst, "select")
	}
	db, ok := integer(s.arg(1))
	switch {
	case !ok:
		return resp.AppendError(dst, "ERR value is not an integer or out of range")
	case db < math.MinInt32 || db > math.MaxInt32:
		return resp.AppendError(dst, "ERR value is out of range, value must between -2147483648 and 2147483647")
	case db != 0:
		return resp.AppendError(dst, "ERR DB index is out of range")
	}
	return done(dst)
}

// integer parses as Redis does: no plus sign, no leading zero.
func integer(b []byte) (n int64, ok bool) {
	if len(b) > len("-9223372036854775808") {
		return 0, false
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == string(b)
}

func quit(s *session, dst []byte) []byte {
	s.quit()
	return done(dst)
}

// hello agrees on protocol 2. Clients take the refusal of 3 for a sign to go on with 2.
func hello(s *session, dst []byte) []byte {
	if s.scan.NumArgs() > 1 {
		version, ok := integer(s.arg(1))
		if !ok {
			return resp.AppendError(dst, "ERR Protocol version is not an integer or out of range")
		}
		if version != 2 {
			return resp.AppendError(dst, "NOPROTO unsupported protocol version")
		}
		if wrong := s.helloOptions(); wrong != "" {
			return resp.AppendError(dst, wrong)
		}
	}
	dst = resp.AppendHeader(dst, '*', 14)
	for _, kv := range [][2]string{{"server", "redis"}, {"version", redisVersion}} {
		dst = resp.AppendBulk(resp.AppendBulk(dst, kv[0]), kv[1])
	}
	dst = resp.AppendInt(resp.AppendBulk(dst, "proto"), 2)
	dst = resp.AppendInt(resp.AppendBulk(dst, "id"), int64(s.id))
	for _, kv := range [][2]string{{"mode", "standalone"}, {"role", "master"}} {
		dst = resp.AppendBulk(resp.AppendBulk(dst, kv[0]), kv[1])
	}
	return resp.AppendHeader(resp.AppendBulk(dst, "modules"), '*', 0)
}

// helloOptions obeys what follows the version, and returns what is wrong with it.
func (s *session) helloOptions() (wrong string) {
	n := s.scan.NumArgs()
	for i := 2; i < n; i++ {
		option := s.arg(i)
		switch {
		case bytes.EqualFold(option, []byte("AUTH")) && i+2 < n:
			if string(s.arg(i+1)) != "default" {
				return "WRONGPASS invalid username-password pair or user is disabled."
			}
			i += 2 // there is no password: any will do, as in a Redis without one
		case bytes.EqualFold(option, []byte("SETNAME")) && i+1 < n:
			if wrong := s.setName(s.arg(i + 1)); wrong != "" {
				return wrong
			}
			i++
		default:
			return "ERR Syntax error in HELLO option '" + string(cut(option, 128)) + "'"
		}
	}
	return ""
}

// setName names the client, or returns what is wrong with the name.
func (s *session) setName(name []byte) (wrong string) {
	if !plain(name) {
		return "ERR Client names cannot contain spaces, newlines or special characters."
	}
	if len(name) > maxName {
		return "ERR Client names cannot have more than 1024 bytes in this proxy"
	}
	s.name = bytes.Clone(name)
	return ""
}

// maxName bounds what a client can have the proxy keep.
const maxName = 1024

// plain reports whether b is printable ASCII without blanks.
func plain(b []byte) bool {
	for _, c := range b {
		if c < '!' || c > '~' {
			return false
		}
	}
	return true
}

func unknownSub(command string, sub []byte) string {
	return "ERR unknown subcommand '" + string(cut(sub, 128)) + "'. Try " + strings.ToUpper(command) + " HELP."
}

func client(s *session, dst []byte) []byte {
	n := s.scan.NumArgs()
	if n < 2 {
		return wrongArgs(dst, "client")
	}
	sub := strings.ToLower(string(cut(s.arg(1), 128)))
	want := map[string]int{"setinfo": 4, "setname": 3, "getname": 2, "id": 2}[sub]
	switch {
	case want == 0:
		return resp.AppendError(dst, unknownSub("client", s.arg(1)))
	case n != want:
		return wrongArgs(dst, "client|"+sub)
	}
	switch sub {
	case "setinfo":
		return setInfo(s, dst)
	case "setname":
		if wrong := s.setName(s.arg(2)); wrong != "" {
			return resp.AppendError(dst, wrong)
		}
		return done(dst)
	case "getname":
		if len(s.name) == 0 {
			return resp.AppendNull(dst, 2)
		}
		return resp.AppendBulk(dst, s.name)
	}
	return resp.AppendInt(dst, int64(s.id))
}

// setInfo accepts what client libraries tell of themselves, and keeps none of it.
func setInfo(s *session, dst []byte) []byte {
	attr := strings.ToLower(string(cut(s.arg(2), 128)))
	switch {
	case attr != "lib-name" && attr != "lib-ver":
		return resp.AppendError(dst, "ERR Unrecognized option '"+string(cut(s.arg(2), 128))+"'")
	case !plain(s.arg(3)):
		return resp.AppendError(dst, "ERR "+attr+" cannot contain spaces, newlines or special characters.")
	}
	return done(dst)
}

// commandInfo says nothing about commands; clients then do without.
func commandInfo(s *session, dst []byte) []byte {
	if s.scan.NumArgs() == 1 {
		return append(dst, "*0\r\n"...)
	}
	switch sub := strings.ToLower(string(cut(s.arg(1), 32))); sub {
	case "count":
		if s.scan.NumArgs() > 2 {
			return wrongArgs(dst, "command|count")
		}
		return resp.AppendInt(dst, 0)
	case "docs", "info", "list":
		return append(dst, "*0\r\n"...)
	case "getkeys", "getkeysandflags", "help":
		return resp.AppendError(dst, "ERR 'command|"+sub+"' is not supported by this proxy")
	}
	return resp.AppendError(dst, unknownSub("command", s.arg(1)))
}

// info gives what clients look for.
func info(s *session, dst []byte) []byte {
	l := s.loop
	text := fmt.Sprintf(`# Server
redis_version:%s
redis_mode:standalone
uptime_in_seconds:%d

# Clients
connected_clients:%d
maxclients:%d

# Persistence
loading:0

# Stats
total_connections_received:%d

# Replication
role:master
connected_slaves:0

# Cluster
cluster_enabled:0
`, redisVersion, int(l.now.Seconds()), l.stats.clients.n, l.conf.MaxClients, l.stats.accepted.n)
	return resp.AppendBulk(dst, strings.ReplaceAll(infoSections(text, s), "\n", "\r\n"))
}

// infoSections keeps the sections that the request asks for; none, or one for all of them, means all.
func infoSections(text string, s *session) string {
	wanted := make(map[string]bool)
	for i := 1; i < s.scan.NumArgs(); i++ {
		name := strings.ToLower(string(cut(s.arg(i), 32)))
		if name == "all" || name == "default" || name == "everything" {
			return text
		}
		wanted[name] = true
	}
	if len(wanted) == 0 {
		return text
	}
	var kept []string
	for section := range strings.SplitSeq(text, "\n\n") {
		title, _, _ := strings.Cut(section[len("# "):], "\n")
		if wanted[strings.ToLower(title)] {
			kept = append(kept, strings.TrimSuffix(section, "\n")+"\n")
		}
	}
	return strings.Join(kept, "\n")
}
