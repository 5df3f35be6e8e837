package redisproxy

import (
	"bytes"
	"fmt"
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

func ok(dst []byte) []byte { return append(dst, "+OK\r\n"...) }

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
	db, err := strconv.ParseInt(string(s.arg(1)), 10, 32)
	switch {
	case err != nil:
		return resp.AppendError(dst, "ERR value is not an integer or out of range")
	case db != 0:
		return resp.AppendError(dst, "ERR DB index is out of range")
	}
	return ok(dst)
}

func quit(s *session, dst []byte) []byte {
	s.quit()
	return ok(dst)
}

// hello agrees on protocol 2. Clients take the refusal of 3 for a sign to go on with 2.
func hello(s *session, dst []byte) []byte {
	name := s.name
	if n := s.scan.NumArgs(); n > 1 {
		version, err := strconv.ParseInt(string(s.arg(1)), 10, 64)
		if err != nil {
			return resp.AppendError(dst, "ERR Protocol version is not an integer or out of range")
		}
		if version != 2 {
			return resp.AppendError(dst, "NOPROTO unsupported protocol version")
		}
		var wrong string
		if name, wrong = s.helloOptions(n); wrong != "" {
			return resp.AppendError(dst, wrong)
		}
	}
	s.name = name
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

// helloOptions reads what follows the version, n arguments in all.
func (s *session) helloOptions(n int) (name []byte, wrong string) {
	name = s.name
	for i := 2; i < n; i++ {
		option := s.arg(i)
		switch {
		case bytes.EqualFold(option, []byte("AUTH")) && i+2 < n:
			if string(s.arg(i+1)) != "default" {
				return nil, "WRONGPASS invalid username-password pair or user is disabled."
			}
			i += 2 // there is no password: any will do, as in a Redis without one
		case bytes.EqualFold(option, []byte("SETNAME")) && i+1 < n:
			if !validName(s.arg(i + 1)) {
				return nil, badName
			}
			name = bytes.Clone(s.arg(i + 1))
			i++
		default:
			return nil, "ERR Syntax error in HELLO option '" + string(cut(option, 128)) + "'"
		}
	}
	return name, ""
}

const badName = "ERR Client names cannot contain spaces, newlines or special characters."

func validName(b []byte) bool {
	for _, c := range b {
		if c < '!' || c > '~' {
			return false
		}
	}
	return len(b) <= 1024
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
		return resp.AppendError(dst, "ERR unknown subcommand '"+string(cut(s.arg(1), 128))+"'. Try CLIENT HELP.")
	case n != want:
		return wrongArgs(dst, "client|"+sub)
	}
	switch sub {
	case "setinfo":
		return setInfo(s, dst)
	case "setname":
		if !validName(s.arg(2)) {
			return resp.AppendError(dst, badName)
		}
		s.name = bytes.Clone(s.arg(2))
		return ok(dst)
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
	case !validName(s.arg(3)):
		return resp.AppendError(dst, "ERR "+attr+" cannot contain spaces, newlines or special characters.")
	}
	return ok(dst)
}

// commandInfo says nothing about commands; clients then do without.
func commandInfo(s *session, dst []byte) []byte {
	if s.scan.NumArgs() > 1 && bytes.EqualFold(s.arg(1), []byte("COUNT")) {
		return resp.AppendInt(dst, 0)
	}
	return append(dst, "*0\r\n"...)
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
