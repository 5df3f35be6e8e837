package redisproxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A link is the way to one shard: a connection that all sessions share. Requests go out in the order in which they come, so
// replies belong to them in that order.
type link struct {
	endpoint
	name, addr string

	state   linkState
	down    bool   // the shard does not answer: requests fail at once, until it does
	logged  bool   // that it is down, and not yet that it is up again
	why     string // it is down
	conn    int    // number of the connection: what the driver says of an earlier one is ignored
	retired bool   // no longer in the configuration

	scan   resp.Scanner
	in     input
	queue  requests
	behind []byte // requests that go out once the shard has said that it is there

	until    time.Duration // of connecting, or until the next attempt
	upSince  time.Duration
	heard    time.Duration // when something was last read
	attempts int           // that failed in a row

	stats *shardCounters
	group keyGroupOf
}

// keepReply is how large a buffer for replies may be that a link keeps: there are few links, and large values come in rows.
const keepReply = 4 << 20

// A linkState is what a link does.
type linkState uint8

const (
	linkOff  linkState = iota // nothing: not started, stopped, or waiting for the next attempt
	linkDial                  // wants a connection from the driver
	linkPing                  // has one, and asks whether somebody is there
	linkUp
)

func newLink(l *loop, s Shard) *link {
	k := &link{endpoint: endpoint{loop: l}, name: s.Name, addr: s.Addr, stats: newShardCounters(s.Name)}
	k.until = never
	k.stats.link = k
	return k
}

// start begins to connect.
func (k *link) start() {
	if k.state == linkOff && !k.retired && k.loop.started {
		k.state, k.until = linkDial, never
		k.conn++
		k.mark()
	}
}

// stop ends the link for good, or until start.
func (k *link) stop() {
	k.fail("proxy is stopping")
	k.state, k.until, k.down = linkOff, never, false
	k.loop.due(k.loop.now) // to be forgotten, if it is retired
	k.changed()
}

// retire ends the link once it has passed on the replies that it owes.
func (k *link) retire() {
	k.retired = true
	if k.queue.len() == 0 {
		k.stop()
	}
}

// connected says that the driver has connection number conn.
func (k *link) connected(conn int) {
	if conn != k.conn || k.state != linkDial {
		return
	}
	k.state, k.writing = linkPing, 0
	k.scan = resp.Scanner{Limits: k.loop.conf.Limits}
	k.in = input{} // the reader of the connection before may still hold the old buffer
	k.in.prepare(&k.loop.buffers, keepReply)
	k.out = append(k.out[:0], "*1\r\n$4\r\nPING\r\n"...)
	k.until = k.loop.now + k.loop.conf.ConnectTimeout
	k.loop.due(k.until)
	k.mark()
}

// closed says that connection number conn could not be made, or that it is over: err says why.
func (k *link) closed(conn int, err error) {
	if conn != k.conn || k.state == linkOff {
		return
	}
	k.lost(reason(err))
}

// lost gives up the connection. One that was up for a while is made anew at once; requests then wait for that.
func (k *link) lost(why string) {
	if k.state == linkUp {
		k.fail(why + "; the command may have run")
	} else {
		k.fail(why)
	}
	again := k.state == linkUp && k.loop.now-k.upSince >= time.Second
	if again {
		k.attempts = 0
		k.settle()
	}
	k.state = linkOff
	switch {
	case k.retired || !k.loop.started:
		k.until = never
	case again:
		k.start()
	default:
		k.goDown(why)
	}
	k.changed()
}

// goDown makes requests fail at once, and plans the next attempt.
func (k *link) goDown(why string) {
	if !k.logged {
		k.logged = true
		k.loop.events = append(k.loop.events, event{k, why})
	}
	k.down, k.why = true, why
	step := k.loop.conf.RetryAfter / 4 << min(k.attempts, 3)
	k.attempts++
	k.until = k.loop.now + time.Duration(float64(step)*k.loop.jitter())
	k.loop.due(k.until)
}

// up says that the shard has answered.
func (k *link) up() {
	k.state, k.down, k.upSince, k.until = linkUp, false, k.loop.now, k.loop.now+time.Second
	k.loop.due(k.until)
	k.out = k.loop.append(k.out, k.behind)
	k.loop.put(k.behind)
	k.behind = nil
	k.changed()
}

// settle says that the shard is up again, once it has shown that it stays: it has answered a request, or a second has
// passed. One that only accepts connections and closes them would fill the log.
func (k *link) settle() {
	k.until = never
	if k.logged {
		k.logged = false
		k.loop.events = append(k.loop.events, event{k, ""})
	}
}

// changed has the driver and the counters told that the link is in another state.
func (k *link) changed() {
	k.mark()
	k.loop.stats.touchShard(k.stats)
}

// answers reports whether the shard is there, as far as the link knows.
func (k *link) answers() bool { return k.state == linkUp }

// fail answers every request that waits with an error.
func (k *link) fail(why string) {
	k.loop.put(k.out)
	k.loop.put(k.behind)
	k.out, k.behind = nil, nil
	if k.queue.len() == 0 {
		return
	}
	text := resp.AppendError(nil, "ERR shard "+k.name+": "+why)
	for k.queue.len() > 0 {
		k.drop(k.queue.pop(), text)
	}
	k.queue.shrink()
}

// drop answers a request with an error.
func (k *link) drop(r request, text []byte) {
	if r.session != nil {
		k.stats.errors.n++
		k.loop.stats.touchShard(k.stats)
		r.session.part(r, k, text)
	}
}

// send queues a request; r says whose it is. With no shard to send it to it fails at once.
func (k *link) send(r request, frame ...[]byte) {
	r.at = k.loop.now
	k.loop.stats.touchShard(k.stats)
	if why := k.refuses(); why != "" {
		k.stats.errors.n++
		k.loop.scratch = resp.AppendError(k.loop.scratch[:0], why)
		r.session.part(r, k, k.loop.scratch)
		return
	}
	to := &k.out
	if k.state != linkUp {
		to = &k.behind
	}
	for _, part := range frame {
		*to = k.loop.append(*to, part)
	}
	k.loop.due(r.at + k.loop.conf.Timeout)
	k.queue.push(r)
	k.mark()
}

// refuses returns why no request can be queued, "" if one can.
func (k *link) refuses() string {
	switch {
	case k.down:
		return "ERR shard " + k.name + " is down: " + k.why
	case !k.loop.started:
		return "ERR proxy is not serving"
	case k.queue.len() >= maxQueue || k.waiting()+len(k.behind) >= maxQueueBytes:
		return "ERR shard " + k.name + " is too slow: its queue is full"
	}
	return ""
}

// received says that the driver has read n bytes of connection number conn into k.in.space.
func (k *link) received(conn, n int) {
	if conn != k.conn {
		return
	}
	k.in.received(n)
	k.heard = k.loop.now
	k.stats.read.n += uint64(n)
	k.loop.stats.touchShard(k.stats)
	for conn == k.conn && (k.state == linkUp || k.state == linkPing) {
		reply := k.in.rest()
		n, err := k.scan.Reply(reply)
		if err != nil {
			k.lost("unreadable reply")
			return
		}
		if n == 0 {
			break
		}
		k.in.from += n
		k.reply(reply[:n])
	}
	k.in.prepare(&k.loop.buffers, keepReply)
	if k.retired && k.queue.len() == 0 {
		k.stop()
	}
}

// reply passes on a reply to whom it belongs.
func (k *link) reply(reply []byte) {
	switch {
	case reply[0] == '>':
		// Nobody asked for pushes; they answer nothing.
	case k.state == linkPing:
		k.pong(reply)
	case k.queue.len() == 0:
		k.lost("a reply that nobody asked for")
	default:
		k.attempts = 0
		if k.logged {
			k.settle()
		}
		r := k.queue.pop()
		if r.session != nil {
			k.stats.latency.observe(k.loop.now - r.at)
			r.session.part(r, k, reply)
		}
	}
}

// pong takes the first reply of a connection.
func (k *link) pong(reply []byte) {
	text := string(reply[1 : len(reply)-2])
	for _, useless := range []string{"LOADING ", "NOAUTH ", "NOPERM ", "DENIED ", "ERR max number of clients"} {
		if reply[0] == '-' && strings.HasPrefix(text, useless) {
			k.lost(text)
			return
		}
	}
	k.up() // any other error is one that its commands may get, or not
}

// tick lets requests fail that have waited for too long, gives up a shard that is silent, and tries one that is down.
func (k *link) tick() {
	now := k.loop.now
	if k.until <= now {
		switch k.state {
		case linkOff:
			k.until = never
			k.start()
		case linkPing:
			k.lost("no answer to PING")
		case linkUp:
			k.settle()
		}
	}
	k.expire()
	if k.silent() {
		k.upSince = k.loop.now // silence is no reason to hope for the next connection
		k.lost("timed out")
	}
	k.loop.due(k.until)
}

// silent reports whether the shard owes a reply and has said nothing for two time-outs.
func (k *link) silent() bool {
	r := k.queue.first()
	return r != nil && k.state == linkUp && max(r.at, k.heard)+2*k.loop.conf.Timeout <= k.loop.now
}

// expires returns when the request that has waited longest has waited for too long. While its reply arrives, it has not,
// nor have those behind it.
func (k *link) expires(r *request) time.Duration {
	from := r.at
	if k.queue.expired == 0 && k.state == linkUp && len(k.in.rest()) > 0 {
		from = max(from, k.heard)
	}
	return from + k.loop.conf.Timeout
}

// expire answers requests that have waited for Timeout. Their places are kept: the replies may still come.
func (k *link) expire() {
	timeout := k.loop.conf.Timeout
	var text []byte
	for {
		r := k.queue.unexpired()
		if r == nil || k.expires(r) > k.loop.now {
			break
		}
		if text == nil {
			text = resp.AppendError(nil, fmt.Sprintf("ERR shard %s: no reply within %v; the command may have run", k.name, timeout))
		}
		k.drop(*r, text)
		k.queue.expire()
	}
	if r := k.queue.unexpired(); r != nil {
		k.loop.due(k.expires(r))
	}
	if r := k.queue.first(); r != nil && k.state == linkUp {
		k.loop.due(max(max(r.at, k.heard)+2*timeout, k.loop.now+time.Millisecond))
	}
}

// reason says in a few words what is wrong with a connection, without addresses.
func reason(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name does not resolve: " + dns.Err
	}
	if errors.Is(err, io.EOF) {
		return "connection closed"
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "connecting timed out"
	}
	if sys, ok := errors.AsType[*os.SyscallError](err); ok {
		return sys.Err.Error()
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	return err.Error()
}

// take hands the output to the driver.
func (k *link) take() []byte {
	out := k.endpoint.take()
	k.stats.sent.n += uint64(len(out))
	k.loop.stats.touchShard(k.stats)
	return out
}

// A request is one that a link has sent, or will, and whose reply it waits for.
type request struct {
	session *session // nil if nobody waits any more
	seq     uint32   // of the session
	part    uint32   // of a request that was split
	at      time.Duration
}

// requests is a queue, a ring buffer.
type requests struct {
	ring    []request
	head, n int
	expired int // the first of them that have been answered with an error
}

func (q *requests) len() int { return q.n }

// open is how many requests somebody waits for.
func (q *requests) open() int { return q.n - q.expired }

func (q *requests) at(i int) *request { return &q.ring[(q.head+i)&(len(q.ring)-1)] }

// first returns the request that has waited longest, nil if none waits.
func (q *requests) first() *request {
	if q.n == 0 {
		return nil
	}
	return q.at(0)
}

// unexpired returns the one that has waited longest and was not answered.
func (q *requests) unexpired() *request {
	if q.expired == q.n {
		return nil
	}
	return q.at(q.expired)
}

// expire counts the one that unexpired returns as answered.
func (q *requests) expire() {
	q.at(q.expired).session = nil
	q.expired++
}

func (q *requests) push(r request) {
	if q.n == len(q.ring) {
		larger := make([]request, max(16, 2*q.n))
		for i := range q.n {
			larger[i] = *q.at(i)
		}
		q.ring, q.head = larger, 0
	}
	q.n++
	*q.at(q.n - 1) = r
}

func (q *requests) pop() request {
	r := *q.at(0)
	*q.at(0) = request{}
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.n--
	q.expired = max(q.expired-1, 0)
	return r
}

// shrink gives back what a burst took.
func (q *requests) shrink() {
	if q.n == 0 && len(q.ring) > 4096 {
		q.ring, q.head = nil, 0
	}
}
