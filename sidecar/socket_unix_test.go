//go:build unix

package sidecar_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// socketPath returns a path that is short enough for a socket.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sidecar")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "it.sock")
}

// stale leaves a socket file behind that nobody answers on.
func stale(t *testing.T, network, path string) {
	t.Helper()
	switch network {
	case "unix":
		ln, err := net.ListenUnix(network, &net.UnixAddr{Name: path, Net: network})
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		ln.Close()
	case "unixgram":
		conn, err := net.ListenUnixgram(network, &net.UnixAddr{Name: path, Net: network})
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
}

func wantNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket file is there after Run: %v", err)
	}
}

func TestListenUnix(t *testing.T) {
	for _, left := range []string{"nothing", "stale"} {
		path := socketPath(t)
		if left == "stale" {
			stale(t, "unix", path)
		}
		err := runUntilUp(t, 1, func(addrs map[string]string) {
			if got, want := addrs["it"], "unix:"+path; got != want {
				t.Errorf("listening on %q, want %q", got, want)
			}
			wantGreeting(t, "unix", path)
		}, sidecar.Listen("it", "unix:"+path, greet))
		if err != nil {
			t.Errorf("over %s: %v", left, err)
		}
		wantNoFile(t, path)
	}
}

func TestListenUnixLive(t *testing.T) {
	path := socketPath(t)
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go greet(t.Context(), ln)
	for name, c := range map[string]sidecar.Component{
		"Listen":       sidecar.Listen("it", "unix:"+path, idle),
		"ListenNext":   sidecar.ListenNext("it", "unix:"+path, idle),
		"ListenPacket": sidecar.ListenPacket("it", "unix:"+path, echo),
	} {
		err := quiet().Run(t.Context(), c)
		if !errors.Is(err, inUse) || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("%s: %v, want that the address is in use", name, err)
		}
	}
	wantGreeting(t, "unix", path)
}

// What is no socket is never removed, nor what a link points to.
func TestListenUnixNoSocket(t *testing.T) {
	dir := filepath.Dir(socketPath(t))
	file, sub, link, target := filepath.Join(dir, "file"), filepath.Join(dir, "dir"), filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := errors.Join(os.WriteFile(file, []byte("precious"), 0o600), os.Mkdir(sub, 0o700), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	stale(t, "unix", target)
	for _, path := range []string{file, sub, link} {
		for name, c := range map[string]sidecar.Component{
			"Listen":       sidecar.Listen("it", "unix:"+path, idle),
			"ListenPacket": sidecar.ListenPacket("it", "unix:"+path, echo),
		} {
			err := quiet().Run(t.Context(), c)
			if !errors.Is(err, inUse) || !strings.Contains(err.Error(), "no socket") {
				t.Errorf("%s(%s): %v, want that it is no socket", name, path, err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("%s(%s): %v", name, path, err)
			}
		}
	}
	if content, _ := os.ReadFile(file); string(content) != "precious" {
		t.Errorf("the file holds %q", content)
	}
}

func TestListenUnixNoDirectory(t *testing.T) {
	err := quiet().Run(t.Context(), sidecar.Listen("it", "unix:"+socketPath(t)+"/none/it.sock", idle))
	checkFailure(t, err, "it", fs.ErrNotExist)
}

func TestListenPacketUnix(t *testing.T) {
	for _, left := range []string{"nothing", "stale"} {
		path := socketPath(t)
		if left == "stale" {
			stale(t, "unixgram", path)
		}
		err := runUntilUp(t, 1, func(addrs map[string]string) {
			if got, want := addrs["it"], "unix:"+path; got != want {
				t.Errorf("listening on %q, want %q", got, want)
			}
			conn, err := net.Dial("unixgram", path)
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		}, sidecar.ListenPacket("it", "unix:"+path, echo))
		if err != nil {
			t.Errorf("over %s: %v", left, err)
		}
		wantNoFile(t, path)
	}
}

// The file of another socket, put there meanwhile, is not removed.
func TestListenPacketUnixReplaced(t *testing.T) {
	path := socketPath(t)
	err := runUntilUp(t, 1, func(map[string]string) {
		os.Remove(path)
		stale(t, "unixgram", path)
	}, sidecar.ListenPacket("it", "unix:"+path, func(ctx context.Context, _ net.PacketConn) error { return untilDone(ctx) }))
	if err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the file of another was removed: %v", err)
	}
}
