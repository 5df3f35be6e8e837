package sidecar

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
)

// HTTP serves h with timeouts set, and finishes requests under way when it stops. A request's header must arrive within
// 10 s, an idle connection is closed after 2 min; bodies and answers may take as long as they need, for streams. Nil is
// http.DefaultServeMux. For HTTP/2 put it inside of TLS with NextProtos "h2" and "http/1.1".
func HTTP(h http.Handler) ServeFunc {
	return func(ctx context.Context, ln net.Listener) error {
		return HTTPServer(&http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout})(ctx, ln)
	}
}

// HTTPServer is HTTP with a server of one's own, whose timeouts are left as they are. It serves once: a server that was
// shut down cannot serve again.
//
// When ctx ends, idle connections are closed and requests under way finished, for as long as the Run around it grants,
// 25 s without one. Then they are cut, and the error says so. Hijacked connections are the handler's to end.
func HTTPServer(s *http.Server) ServeFunc {
	return func(ctx context.Context, ln net.Listener) error {
		served := make(chan error, 1)
		go func() { served <- s.Serve(ln) }()
		select {
		case err := <-served:
			return notClosed(err)
		case <-ctx.Done():
		}
		drain, cancel := drainTime(ctx)
		defer cancel()
		err := s.Shutdown(drain)
		if drain.Err() != nil && errors.Is(err, drain.Err()) {
			s.Close()
			err = fmt.Errorf("requests under way were cut: %w", context.Cause(drain))
		}
		return errors.Join(err, notClosed(<-served))
	}
}

// notClosed returns nil for the error of a server that was shut down.
func notClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
