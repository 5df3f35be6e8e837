package sidecar

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	probeTimeout   = 5 * time.Second
	probeRedirects = 10
	probeBody      = 10 << 10 // what is read of an answer, so that it is not cut off
)

// probe asks a URL as the kubelet does: any status from 200 to 399 is success, certificates are not verified, proxies not
// used, and redirects followed on the same host only; one to another host is an answer.
func probe(ctx context.Context, target, agent string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usagef("cannot probe %q: it is no URL such as http://127.0.0.1:8080/livez", withoutUser(target))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "*/*")
	resp, err := probeClient().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, probeBody))
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return fmt.Errorf("probe: %s: %s", resp.Status, firstLine(body))
	}
	return nil
}

// withoutUser cuts what may be a password out of what may be a URL.
func withoutUser(target string) string {
	scheme, rest, ok := strings.Cut(target, "://")
	i := strings.LastIndexByte(rest, '@')
	if !ok || i < 0 {
		return target
	}
	return scheme + "://" + rest[i+1:]
}

// probeClient returns a client that makes a connection of its own.
func probeClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if req.URL.Hostname() != via[0].URL.Hostname() {
				return http.ErrUseLastResponse
			}
			if len(via) > probeRedirects {
				return errors.New("too many redirects")
			}
			return nil
		},
	}
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	return strings.TrimSpace(line)
}
