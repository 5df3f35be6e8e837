package metrics

import (
	"net/http"
	"strconv"
	"strings"
)

// acceptsGzip reports whether the client takes gzip, and not rather none (RFC 9110, section 12.5.3).
func acceptsGzip(h http.Header) bool {
	gzip, identity, rest := -1.0, -1.0, -1.0 // -1: not named
	for _, line := range h.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			coding, q := parseCoding(item)
			switch coding {
			case "gzip", "x-gzip":
				gzip = max(gzip, q)
			case "identity":
				identity = q
			case "*":
				rest = q
			}
		}
	}
	if gzip < 0 {
		gzip = rest
	}
	return gzip > 0 && gzip >= identity
}

// parseCoding splits an item of Accept-Encoding. A weight that is none counts as 0.
func parseCoding(item string) (coding string, q float64) {
	coding, params, _ := strings.Cut(item, ";")
	coding = strings.ToLower(strings.TrimSpace(coding))
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return coding, 0
		}
		return coding, q
	}
	return coding, 1
}
