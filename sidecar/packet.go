package sidecar

import (
	"context"
	"io/fs"
	"net"
	"os"
)

// ListenPacket is Listen for datagrams: UDP on host:port, or a Unix datagram socket on unix:PATH, whose file is removed
// at the end. Serve gets a *net.UDPConn or *net.UnixConn.
func ListenPacket(name, addr string, serve func(ctx context.Context, conn net.PacketConn) error) Component {
	var (
		conn net.PacketConn
		path string
		file fs.FileInfo
	)
	shut := func() {
		conn.Close()
		if path != "" {
			removeSocket(path, file)
		}
	}
	return Component{
		Name: name,
		Start: func(ctx context.Context) error {
			a, err := parseAddress(addr)
			if err != nil {
				return err
			}
			if conn, err = openPacket(ctx, a); err != nil {
				return err
			}
			// Package net removes the files of stream sockets only.
			if path = a.path; path != "" {
				file, _ = os.Lstat(path)
			}
			tellListening(ctx, name, announced(conn.LocalAddr()))
			return nil
		},
		Serve: func(ctx context.Context) error {
			defer shut()
			return serve(ctx, conn)
		},
		Stop: func(context.Context) error {
			shut() // shut already, unless Serve never ran
			return nil
		},
	}
}

func openPacket(ctx context.Context, a address) (net.PacketConn, error) {
	network, addr := a.network("udp", "unixgram")
	return open(ctx, a, network, func(lc *net.ListenConfig) (net.PacketConn, error) { return lc.ListenPacket(ctx, network, addr) })
}
