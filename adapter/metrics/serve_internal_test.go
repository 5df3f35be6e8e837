package metrics

import (
	"errors"
	"io"
	"iter"
	"net/http/httptest"
	"strings"
	"testing"
)

// A format that fails half-way leaves no half page.
func TestEncodingFails(t *testing.T) {
	format := Text()
	format.Encode = func(w io.Writer, _ iter.Seq2[*Family, error]) error {
		io.WriteString(w, "half a page")
		return errors.New("cannot say it")
	}
	for _, accept := range []string{"", "gzip"} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		Handler().serve(w, r, format)
		body := w.Body.String()
		if w.Code != 500 || strings.Contains(body, "half") || !strings.Contains(body, "cannot say it") ||
			w.Header().Get("Content-Encoding") != "" {
			t.Errorf("accept %q: %d %q %v", accept, w.Code, body, w.Header())
		}
	}
}
