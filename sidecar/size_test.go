package sidecar_test

import (
	"math"
	"strings"
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

func TestSize(t *testing.T) {
	tests := []struct {
		text string
		want sidecar.Size
		back string // "" means text
	}{
		{"0", 0, ""},
		{"0KiB", 0, "0"},
		{"1", 1, ""},
		{"1500", 1500, ""},
		{"1500B", 1500, "1500"},
		{"1024", 1024, "1KiB"},
		{"64KiB", 64 << 10, ""},
		{"64 KiB", 64 << 10, "64KiB"},
		{"2048KiB", 2 << 20, "2MiB"},
		{"1MiB", 1 << 20, ""},
		{"1GiB", 1 << 30, ""},
		{"3TiB", 3 << 40, ""},
		{"5PiB", 5 << 50, ""},
		{"7EiB", 7 << 60, ""},
		{"-1", -1, ""},
		{"-64KiB", -64 << 10, ""},
		{"-8EiB", math.MinInt64, ""},
		{"9223372036854775807", math.MaxInt64, ""},
	}
	for _, tt := range tests {
		var s sidecar.Size
		if err := s.UnmarshalText([]byte(tt.text)); err != nil || s != tt.want {
			t.Errorf("UnmarshalText(%q) = %d, %v, want %d", tt.text, int64(s), err, int64(tt.want))
		}
		back := tt.back
		if back == "" {
			back = tt.text
		}
		if got := s.String(); got != back {
			t.Errorf("String() of %q = %q, want %q", tt.text, got, back)
		}
		if got, err := s.MarshalText(); string(got) != back || err != nil {
			t.Errorf("MarshalText() of %q = %q, %v, want %q", tt.text, got, err, back)
		}
	}
}

func TestSizeBad(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "no size"},
		{"KiB", "no size"},
		{"64KB", "no size"},
		{"64kib", "no size"},
		{"64K", "no size"},
		{"64Ki", "no size"},
		{"64XiB", "no size"},
		{"1.5GiB", "no size"},
		{"1 2", "no size"},
		{"0x10", "no size"},
		{"64KiB!", "no size"},
		{"8EiB", "more than"},
		{"-9EiB", "more than"},
		{"9223372036854775808", "more than"},
		{"9999999999999999999999KiB", "more than"},
	}
	for _, tt := range tests {
		s := sidecar.Size(42)
		err := s.UnmarshalText([]byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("UnmarshalText(%q) = %v, want an error with %q", tt.text, err, tt.want)
		}
		if s != 42 {
			t.Errorf("UnmarshalText(%q) changed the size to %v", tt.text, s)
		}
	}
}
