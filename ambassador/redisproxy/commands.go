package redisproxy

import (
	"slices"
	"strings"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A kind says what becomes of a command.
type kind uint8

const (
	kindRefused kind = iota // known, and answered with an error that says so
	kindKey                 // goes to the owner of its one key
	kindMGet                // split by key, values put together
	kindMSet                // split by key and value
	kindSum                 // split by key, replies added up
	kindLocal               // answered here
	kindHTTP                // a browser that was made to talk to us: hung up on without a word, as Redis does
)

// A command is one that clients may send.
type command struct {
	name  string // in lower case; in brackets if it stands for what has none
	kind  kind
	key   int // index of the key among the arguments
	local func(s *session, dst []byte) []byte
	stats *commandCounters
	table *commands
}

func (c *command) called() {
	c.stats.calls.n++
	c.table.touch(c.stats)
}

// failed counts a reply that is an error.
func (c *command) failed() {
	c.stats.errors.n++
	c.table.touch(c.stats)
}

// The commands of Redis 7.0, by what becomes of them. (Facts: COMMAND of a server of that version.)
const (
	keyCommands = `append bitcount bitfield bitfield_ro bitpos decr decrby dump expire expireat expiretime geoadd geodist
		geohash geopos georadius_ro georadiusbymember_ro geosearch get getbit getdel getex getrange getset hdel hexists
		hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hrandfield hscan hset hsetnx hstrlen hvals incr incrby
		incrbyfloat lindex linsert llen lpop lpos lpush lpushx lrange lrem lset ltrim move persist pexpire pexpireat
		pexpiretime pfadd psetex pttl restore rpop rpush rpushx sadd scard set setbit setex setnx setrange sismember
		smembers smismember spop srandmember srem sscan strlen substr ttl type xack xadd xautoclaim xclaim xdel xlen
		xpending xrange xrevrange xsetid xtrim zadd zcard zcount zincrby zlexcount zmscore zpopmax zpopmin zrandmember
		zrange zrangebylex zrangebyscore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange
		zrevrangebylex zrevrangebyscore zrevrank zscan zscore`
	// The key stands behind a sub-command, which may be one of these. Others have none.
	subKeyCommands = `memory|usage object|encoding object|freq object|idletime object|refcount xgroup|create
		xgroup|createconsumer xgroup|delconsumer xgroup|destroy xgroup|setid xinfo|consumers xinfo|groups xinfo|stream`
	subKeyless  = `memory|doctor memory|help memory|malloc-stats memory|purge memory|stats object|help xgroup|help xinfo|help`
	sumCommands = `del exists touch unlink`
	refused     = `acl asking auth bgrewriteaof bgsave bitop blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax
		bzpopmin cluster config copy dbsize debug discard eval eval_ro evalsha evalsha_ro exec failover fcall fcall_ro
		flushall flushdb function georadius georadiusbymember geosearchstore keys lastsave latency lcs lmove lmpop lolwut
		migrate module monitor msetnx multi pfcount pfdebug pfmerge pfselftest psubscribe psync publish pubsub
		punsubscribe randomkey readonly readwrite rename renamenx replconf replicaof reset restore-asking role rpoplpush
		save scan script sdiff sdiffstore shutdown sinter sintercard sinterstore slaveof slowlog smove sort sort_ro
		spublish ssubscribe subscribe sunion sunionstore sunsubscribe swapdb sync time unsubscribe unwatch wait watch
		xread xreadgroup zdiff zdiffstore zinter zintercard zinterstore zmpop zrangestore zunion zunionstore`
)

// commands is a table of commands by name.
type commands struct {
	byName  map[string]*command
	all     []*command
	unknown *command
	broken  *command // stands for what is no request
	touched []*commandCounters
}

func newCommands() *commands {
	t := &commands{byName: make(map[string]*command)}
	t.unknown = t.add("(unknown)", command{})
	t.broken = t.add("(broken)", command{})
	for name := range strings.FieldsSeq(keyCommands) {
		t.add(name, command{kind: kindKey, key: 1})
	}
	for name := range strings.FieldsSeq("memory object xgroup xinfo") {
		t.add(name, command{kind: kindKey, key: 2})
	}
	for name := range strings.FieldsSeq(sumCommands) {
		t.add(name, command{kind: kindSum})
	}
	for name := range strings.FieldsSeq(refused) {
		t.add(name, command{})
	}
	t.add("post", command{kind: kindHTTP})
	t.add("host:", command{kind: kindHTTP})
	t.add("mget", command{kind: kindMGet})
	t.add("mset", command{kind: kindMSet})
	for name, f := range localCommands() {
		t.add(name, command{kind: kindLocal, local: f})
	}
	return t
}

func (t *commands) add(name string, c command) *command {
	c.name, c.table = name, t
	c.stats = newCommandCounters(name)
	t.all = append(t.all, &c)
	t.byName[name] = &c
	return &c
}

// find returns the command of that name in any case.
func (t *commands) find(name []byte) *command {
	var lower [24]byte // more than the longest name has
	if len(name) > len(lower) {
		return t.unknown
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	if c := t.byName[string(lower[:len(name)])]; c != nil {
		return c
	}
	return t.unknown
}

// command does what becomes of the request at hand.
func (s *session) command() {
	c := s.loop.table.find(s.arg(0))
	c.called()
	switch {
	case c.kind == kindKey && c.key == 2:
		s.forwardSub(c)
	case c.kind == kindKey:
		s.forward(c)
	case c.kind == kindHTTP:
		s.kill()
	case c.kind == kindLocal:
		s.loop.scratch = c.local(s, s.loop.scratch[:0])
		s.answer(c, s.loop.scratch)
	case c.kind != kindRefused:
		s.forwardSplit(c)
	case c == s.loop.table.unknown:
		s.error(c, s.unknownText())
	default:
		s.error(c, "ERR '"+c.name+"' is not supported by this proxy")
	}
}

// forward sends the request at hand to the owner of its key.
func (s *session) forward(c *command) {
	if s.scan.NumArgs() <= c.key {
		s.wrongArgs(c)
		return
	}
	k, name := s.loop.owner(s.arg(c.key))
	if k == nil {
		s.noShard(c, name)
		return
	}
	seq, _ := s.reserve(c)
	k.send(request{session: s, seq: seq}, s.wire())
}

// forwardSub is forward for a command with sub-commands.
func (s *session) forwardSub(c *command) {
	if s.scan.NumArgs() < 2 {
		s.wrongArgs(c)
		return
	}
	sub := c.name + "|" + strings.ToLower(string(cut(s.arg(1), 32)))
	switch {
	case slices.Contains(strings.Fields(subKeyless), sub):
		s.error(c, "ERR '"+sub+"' is not supported by this proxy")
	case s.scan.NumArgs() > 2:
		s.forward(c)
	case slices.Contains(strings.Fields(subKeyCommands), sub):
		s.error(c, "ERR wrong number of arguments for '"+sub+"' command")
	default:
		s.error(c, unknownSub(c.name, s.arg(1)))
	}
}

// wire returns the request at hand as it goes to a shard: as it came, unless it came inline.
func (s *session) wire() []byte {
	if s.args[0] == '*' {
		return s.args
	}
	l := s.loop
	l.frame = resp.AppendHeader(l.frame[:0], '*', s.scan.NumArgs())
	for arg := range s.scan.Args(s.args) {
		l.frame = resp.AppendBulk(l.frame, arg)
	}
	return l.frame
}

// error answers the request at hand with an error.
func (s *session) error(c *command, text string) {
	s.loop.scratch = resp.AppendError(s.loop.scratch[:0], text)
	s.answer(c, s.loop.scratch)
}

func (s *session) wrongArgs(c *command) {
	s.error(c, "ERR wrong number of arguments for '"+c.name+"' command")
}

func (s *session) noShard(c *command, name string) {
	s.error(c, "ERR no shard named '"+name+"' for this key")
}

// unknownText is what Redis says to a command that it does not know.
func (s *session) unknownText() string {
	var b strings.Builder
	b.WriteString("ERR unknown command '")
	b.Write(cut(s.arg(0), 128))
	b.WriteString("', with args beginning with: ")
	for i, left := 1, 128; i < s.scan.NumArgs() && left > 0; i++ {
		arg := cut(s.arg(i), left)
		b.WriteByte('\'')
		b.Write(arg)
		b.WriteString("' ")
		left -= len(arg) + 3
	}
	return b.String()
}

// cut shortens b to n bytes, and to what stands before a NUL.
func cut(b []byte, n int) []byte {
	b = b[:min(n, len(b))]
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}
