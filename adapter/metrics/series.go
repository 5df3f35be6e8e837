package metrics

import (
	"strconv"
	"strings"
)

// seriesKey is the same for two sets of sorted labels if, and only if, Prometheus takes them for one series.
func seriesKey(labels []Label) string {
	var b []byte
	for _, l := range labels {
		if l.Value != "" {
			b = append(append(b, l.Name...), '=')
			b = strconv.AppendInt(b, int64(len(l.Value)), 10)
			b = append(append(b, ':'), l.Value...)
		}
	}
	return string(b)
}

// labelString is how people write labels.
func labelString(labels []Label) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + strconv.Quote(l.Value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}
