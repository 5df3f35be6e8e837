package sidecar

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"
)

// dialTime bounds the question whether somebody answers on a socket.
const dialTime = time.Second

// clearSocket removes the socket file at path if it is stale: nobody answers on it. It returns inUse, the error of the
// attempt to listen, if it is not, with a reason where that error does not say it.
func clearSocket(ctx context.Context, network, path string, inUse error) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its owner went away just now
	}
	if err != nil {
		return errors.Join(inUse, err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%w: it is no socket and was left alone", inUse)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, path)
	if err == nil {
		conn.Close()
		return inUse
	}
	if !errors.Is(err, errRefused) {
		return fmt.Errorf("%w: whether somebody answers there is unknown: %w", inUse, err)
	}
	return os.Remove(path)
}

// removeSocket removes the socket file at path if it is still the one in info.
func removeSocket(path string, info fs.FileInfo) {
	if now, err := os.Lstat(path); err == nil && info != nil && os.SameFile(now, info) {
		os.Remove(path)
	}
}
