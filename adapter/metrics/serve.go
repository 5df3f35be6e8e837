package metrics

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// ServeHTTP gathers and answers GET and HEAD, with gzip for who accepts it. From the arrival of the request it takes at most
// nine tenths of X-Prometheus-Scrape-Timeout-Seconds, so that what is there by then is served. The page is complete or the
// status is 500 and the body says why. What Gather calls an error goes to the Logger, and does not change the status.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.serve(w, r, Text()) }

func (e *Exporter) serve(w http.ResponseWriter, r *http.Request, format Format) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "metrics are for GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := withScrapeTimeout(r.Context(), r.Header)
	defer cancel()
	families, errs := e.gather(ctx)
	if r.Context().Err() != nil {
		return // nobody waits, and the errors are of that
	}
	for _, err := range errs {
		e.log(r.Context(), err)
	}
	page, err := render(format, families, acceptsGzip(r.Header))
	if err != nil {
		e.log(r.Context(), err)
		http.Error(w, "metrics cannot be written: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", format.MediaTypes[0])
	h.Set("Content-Length", strconv.Itoa(len(page)))
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodGet {
		w.Write(page)
	}
}

// render returns the whole page.
func render(format Format, families []*Family, compress bool) ([]byte, error) {
	var page bytes.Buffer
	if !compress {
		err := format.Encode(&page, sequence(families))
		return page.Bytes(), err
	}
	zip, err := gzip.NewWriterLevel(&page, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	err = cmp.Or(format.Encode(zip, sequence(families)), zip.Close())
	return page.Bytes(), err
}

func sequence(families []*Family) func(func(*Family, error) bool) {
	return func(yield func(*Family, error) bool) {
		for _, f := range families {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// withScrapeTimeout gives ctx a deadline that leaves a tenth of the scraper's for the way back.
func withScrapeTimeout(ctx context.Context, h http.Header) (context.Context, context.CancelFunc) {
	s, err := strconv.ParseFloat(h.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	const longest = 24 * 60 * 60 // above it, or NaN, it is no timeout
	if err != nil || !(s > 0 && s <= longest) {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(0.9*s*float64(time.Second)))
}

func (e *Exporter) log(ctx context.Context, err error) {
	if e.Logger == nil {
		return
	}
	var attrs []slog.Attr
	if s, ok := errors.AsType[*sourceError](err); ok {
		attrs = append(attrs, slog.String("source", s.source))
		err = s.err
	}
	attrs = append(attrs, slog.Any("err", err))
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	e.Logger.LogAttrs(ctx, slog.LevelWarn, "metrics are missing", attrs...)
}
