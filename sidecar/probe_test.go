package sidecar_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// probed is a server with an answer of each kind. Other is a URL on another host.
func probed(other string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		codes := map[string]int{"200": 200, "204": 204, "304": 304, "399": 399, "400": 400, "404": 404, "500": 500, "503": 503}
		w.WriteHeader(codes[r.PathValue("code")])
		if r.PathValue("code") == "503" {
			io.WriteString(w, "[-]shards failed: reason withheld\nmore\n")
		}
	})
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/status/200", http.StatusFound) })
	mux.HandleFunc("/bad", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/status/500", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/hops/{n}", func(w http.ResponseWriter, r *http.Request) {
		n := r.PathValue("n")
		if n == "" || len(n) == 1 {
			return
		}
		http.Redirect(w, r, "/hops/"+n[1:], http.StatusFound)
	})
	mux.HandleFunc("/agent", func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "greeter-probe" || r.Method != http.MethodGet || !r.Close {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	return mux
}

func TestProbe(t *testing.T) {
	plain := httptest.NewServer(probed("http://localhost:1/"))
	defer plain.Close()
	// Whatever proxy the environment names, the probe goes past it.
	t.Setenv("HTTP_PROXY", plain.URL)
	t.Setenv("http_proxy", plain.URL)
	secure := httptest.NewTLSServer(probed("http://localhost:1/"))
	defer secure.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	tests := []struct {
		url    string
		code   int
		stderr string
	}{
		{plain.URL + "/status/200", 0, ""},
		{plain.URL + "/status/204", 0, ""},
		{plain.URL + "/status/304", 0, ""},
		{plain.URL + "/status/399", 0, ""},
		{plain.URL + "/status/400", 1, "400 Bad Request"},
		{plain.URL + "/status/404", 1, "404 Not Found"},
		{plain.URL + "/status/500", 1, "500"},
		{plain.URL + "/status/503", 1, "greeter: probe: 503 Service Unavailable: [-]shards failed: reason withheld\n"},
		{plain.URL + "/here", 0, ""},
		{plain.URL + "/bad", 1, "500"},
		{plain.URL + "/away", 0, ""}, // nobody is there, and nobody is asked
		{plain.URL + "/loop", 1, "too many redirects"},
		{plain.URL + "/hops/" + strings.Repeat("x", 11), 0, ""},
		{plain.URL + "/hops/" + strings.Repeat("x", 12), 1, "too many redirects"},
		{plain.URL + "/agent", 0, ""},
		{secure.URL + "/status/200", 0, ""},
		{secure.URL + "/status/503", 1, "503"},
		{closed.URL, 1, "refused"},
		{"http://it.invalid/status/200", 1, "it.invalid"},
		{"unix:/path", 2, "it is no URL"},
		{"127.0.0.1:80", 2, "it is no URL"},
		{"http://", 2, "it is no URL"},
		{"ftp://127.0.0.1/", 2, "it is no URL"},
		{"http://127.0.0.1:x/", 2, "it is no URL"},
		{"", 2, "it is no URL"},
	}
	for _, tt := range tests {
		got := execute(t, greeter(), []string{"probe", tt.url}, nil, nil)
		if got.code != tt.code || got.stdout != "" || !strings.Contains(got.stderr, tt.stderr) || (tt.stderr == "") != (got.stderr == "") {
			t.Errorf("probe %s: got %+v, want %d and %q", tt.url, got, tt.code, tt.stderr)
		}
		if got.code == 1 && strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("probe %s says more than a line: %q", tt.url, got.stderr)
		}
	}
}

// A server that does not answer fails the probe in time, here that of the caller; its own is 5 s.
func TestProbeHangs(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, tt := range []struct {
		timeout, least, most time.Duration
	}{
		{100 * time.Millisecond, 100 * time.Millisecond, 4 * time.Second},
		{time.Minute, 5 * time.Second, 9 * time.Second},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
		begin := time.Now()
		var stderr bytes.Buffer
		code := greeter().Exec(ctx, []string{"probe", "http://" + ln.Addr().String()}, nil, nil, &stderr, &stderr, nil)
		cancel()
		if d := time.Since(begin); code != 1 || d < tt.least || d > tt.most {
			t.Errorf("probe within %v = %d after %v: %s", tt.timeout, code, d, stderr.String())
		}
	}
}

func TestProbeHidesPasswords(t *testing.T) {
	spec := &sidecar.Spec{Name: "prog"}
	var stderr bytes.Buffer
	code := spec.Exec(t.Context(), []string{"probe", "http://user:secret%zw@host/"}, nil, nil, io.Discard, &stderr, nil)
	if code != 2 || strings.Contains(stderr.String(), "secret") {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}
