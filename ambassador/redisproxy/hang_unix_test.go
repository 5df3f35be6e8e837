//go:build unix

package redisproxy_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/redisproxy"
)

// A shard that hangs lets its requests time out, and the rest go on.
func TestHangingShard(t *testing.T) {
	const timeout = 300 * time.Millisecond
	shards, proxy, addr := threeShards(t, redisproxy.Config{Timeout: timeout, ConnectTimeout: timeout})
	owner := func(key string) string { name, _ := proxy.Where([]byte(key)); return name }
	var theirs, others string
	for i := 0; theirs == "" || others == ""; i++ {
		key := fmt.Sprint("key:", i)
		if owner(key) == "shard-1" {
			theirs = key
		} else {
			others = key
		}
	}
	time.Sleep(1100 * time.Millisecond) // up for long enough to be thought well of
	shards[1].cmd.Process.Signal(syscall.SIGSTOP)
	defer shards[1].cmd.Process.Signal(syscall.SIGCONT)

	began := time.Now()
	reply, err := ask(addr, "GET", theirs)
	if took := time.Since(began); err != nil || !strings.HasPrefix(reply, "-ERR shard shard-1: no reply within 300ms") ||
		took < timeout || took > timeout+200*time.Millisecond {
		t.Errorf("%q, %v after %v", reply, err, took)
	}
	for range 100 {
		began := time.Now()
		if reply, err := ask(addr, "GET", others); err != nil || reply != "$-1\r\n" || time.Since(began) > 200*time.Millisecond {
			t.Errorf("another shard: %q, %v after %v", reply, err, time.Since(began))
		}
		time.Sleep(10 * time.Millisecond)
	}
	began = time.Now()
	reply, err = ask(addr, "GET", theirs)
	if err != nil || !strings.HasPrefix(reply, "-ERR shard shard-1 is down: ") || time.Since(began) > 100*time.Millisecond {
		t.Errorf("after a second: %q, %v after %v", reply, err, time.Since(began))
	}
	shards[1].cmd.Process.Signal(syscall.SIGCONT)
	began = time.Now()
	waitUp(t, proxy)
	if took := time.Since(began); took > time.Second {
		t.Errorf("up %v after its return", took)
	}
	if reply, err = ask(addr, "GET", theirs); err != nil || reply != "$-1\r\n" {
		t.Errorf("after its return: %q, %v", reply, err)
	}
}
