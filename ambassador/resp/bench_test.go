package resp_test

import (
	"strings"
	"testing"

	"github.com/tidwall/redcon"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// BenchmarkRequest scans 64 pipelined requests an op, beside redcon's reader of commands.
func BenchmarkRequest(b *testing.B) {
	for name, args := range map[string][]string{
		"GET": {"GET", "key:000000000042"},
		"SET": {"SET", "key:000000000042", strings.Repeat("v", 64)},
	} {
		var buf []byte
		for range 64 {
			buf = resp.AppendRequest(buf, args...)
		}
		b.Run(name+"/resp", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(buf)))
			var s resp.Scanner
			for b.Loop() {
				for rest := buf; len(rest) > 0; {
					n, err := s.Request(rest)
					if err != nil || s.NumArgs() != len(args) {
						b.Fatal(n, err)
					}
					rest = rest[n:]
				}
			}
		})
		b.Run(name+"/redcon", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(buf)))
			var argbuf [][]byte
			for b.Loop() {
				for rest := buf; len(rest) > 0; {
					ok, got, _, left, err := redcon.ReadNextCommand(rest, argbuf[:0])
					if !ok || err != nil || len(got) != len(args) {
						b.Fatal(ok, err)
					}
					rest, argbuf = left, got
				}
			}
		})
	}
}

// BenchmarkReply scans 64 replies an op, beside redcon's reader of replies.
func BenchmarkReply(b *testing.B) {
	var buf []byte
	for range 64 {
		buf = resp.AppendBulk(buf, strings.Repeat("v", 64))
	}
	b.Run("resp", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(buf)))
		var s resp.Scanner
		for b.Loop() {
			for rest := buf; len(rest) > 0; {
				n, err := s.Reply(rest)
				if n == 0 || err != nil {
					b.Fatal(n, err)
				}
				rest = rest[n:]
			}
		}
	})
	b.Run("redcon", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(buf)))
		for b.Loop() {
			for rest := buf; len(rest) > 0; {
				n, _ := redcon.ReadNextRESP(rest)
				if n == 0 {
					b.Fatal(n)
				}
				rest = rest[n:]
			}
		}
	})
}
