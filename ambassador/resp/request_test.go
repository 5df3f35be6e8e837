package resp_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A scan is what a scanner finds in a stream of requests.
type scan struct {
	Requests [][]string
	Err      string
	Rest     int // bytes of an incomplete request
}

// scanRequests feeds stream in chunks of the given size, moving the bytes to another buffer each time.
func scanRequests(s *resp.Scanner, stream []byte, chunk int) (got scan) {
	var buf []byte
	for {
		n, err := s.Request(buf)
		switch {
		case err != nil:
			got.Err = err.Error()
			return got
		case n > 0:
			var args []string
			for arg := range s.Args(buf) {
				args = append(args, string(arg))
			}
			if len(args) != s.NumArgs() {
				panic("NumArgs differs from Args")
			}
			got.Requests = append(got.Requests, args)
			buf = buf[n:]
		case len(stream) == 0:
			got.Rest = len(buf)
			return got
		default:
			n = min(chunk, len(stream))
			buf = append(slices.Clone(buf), stream[:n]...)
			stream = stream[n:]
		}
	}
}

func TestRequest(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want scan
	}{
		{"*1\r\n$4\r\nPING\r\n", scan{Requests: [][]string{{"PING"}}}},
		{"*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$1\r\nx\r\n", scan{Requests: [][]string{{"GET", ""}, {"x"}}}},
		{"*1\r\n$4\r\na\r\nb\r\n", scan{Requests: [][]string{{"a\r\nb"}}}},
		{"*0\r\n*-1\r\n*-10\r\n\r\n\n  \r\n", scan{Requests: [][]string{nil, nil, nil, nil, nil, nil}}},
		{"PING\r\n", scan{Requests: [][]string{{"PING"}}}},
		{" set  a\t\"b \\x41\\n\\\"\\q\"\v'c\\'\\n'\n", scan{Requests: [][]string{{"set", "a", "b A\n\"q", "c'\\n"}}}},
		{"set \"\" ''\r\n", scan{Requests: [][]string{{"set", "", ""}}}},
		{"a\"b c\"\n", scan{Requests: [][]string{{"ab c"}}}},
		{"*2\r\n$3\r\nGET\r\n$", scan{Rest: 14}},
		{"*2\r\n$3\r\nGET\r\n$1\r\nk\r", scan{Rest: 19}},
		{"PING", scan{Rest: 4}},
		{"", scan{}},
	} {
		for chunk := 1; chunk <= len(tt.in)+1; chunk++ {
			got := scanRequests(new(resp.Scanner), []byte(tt.in), chunk)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("%q in chunks of %d (-want +got):\n%s", tt.in, chunk, diff)
			}
		}
	}
}

func TestRequestErrors(t *testing.T) {
	long := strings.Repeat("1", 70_000)
	for in, want := range map[string]string{
		"*x\r\n":                                "invalid multibulk length",
		"*\r\n":                                 "invalid multibulk length",
		"*+1\r\n":                               "invalid multibulk length",
		"*01\r\n":                               "invalid multibulk length",
		"*-\r\n":                                "invalid multibulk length",
		"*-0\r\n":                               "invalid multibulk length",
		"* 1\r\n":                               "invalid multibulk length",
		"*1 \r\n":                               "invalid multibulk length",
		"*1\rx":                                 "invalid multibulk length",
		"*1048577\r\n":                          "invalid multibulk length",
		"*2147483647\r\n":                       "invalid multibulk length", // this one took redcon 4 s for each read
		"*3000000000\r\n":                       "invalid multibulk length",
		"*" + long + "\r\n":                     "too big mbulk count string",
		"*1\r\n$x\r\n":                          "invalid bulk length",
		"*1\r\n$-1\r\n":                         "invalid bulk length",
		"*1\r\n$-2\r\n":                         "invalid bulk length", // and this one its life
		"*1\r\n$536870913\r\n":                  "invalid bulk length",
		"*1\r\n$" + long + "\r\n":               "too big bulk count string",
		"*1\r\n$9223372036854775800\r\nabc\r\n": "invalid bulk length", // and this one
		"*1\r\n$3\r\nabcd\r\n":                  "invalid bulk length",
		"*1\r\n$3\r\nabc\rx":                    "invalid bulk length",
		"*1\r\nabc\r\n":                         "expected '$', got 'a'",
		"*1\r\n\xff\r\n":                        "expected '$', got '\xff'",
		"*1\r\n\r\n":                            "expected '$', got '\r'",
		"*2\r\n$1\r\na\r\n:1\r\n":               "expected '$', got ':'",
		long + "\r\n":                           "too big inline request",
		"set \"a\r\n":                           "unbalanced quotes in request",
		"set 'a\r\n":                            "unbalanced quotes in request",
		"set \"a\"b\r\n":                        "unbalanced quotes in request",
		"set 'a'b\r\n":                          "unbalanced quotes in request",
		"a\x00b\r\n":                            "NUL in inline request",
	} {
		want = "ERR Protocol error: " + want
		for _, chunk := range []int{1, 7, len(in)} {
			s := new(resp.Scanner)
			if got := scanRequests(s, []byte(in), chunk); got.Err != want || got.Requests != nil {
				t.Errorf("%.40q in chunks of %d: %+.90v, want %q", in, chunk, got, want)
			}
			if _, err := s.Request([]byte("PING\r\n")); err == nil {
				t.Errorf("%.40q: the scanner goes on after an error", in)
			}
		}
	}
}

func TestRequestLimits(t *testing.T) {
	limits := resp.Limits{Args: 3, Bulk: 10, Inline: 12, Total: 40}
	for in, want := range map[string]string{
		"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n": "",
		"*4\r\n":                      "invalid multibulk length",
		"*1\r\n$10\r\n0123456789\r\n": "",
		"*1\r\n$11\r\n":               "invalid bulk length",
		"*3\r\n$10\r\n0123456789\r\n$9\r\n012345678\r\n$9\r\n": "too big request",
		"a b c\r\n":       "",
		"a b c d\r\n":     "too many words in inline request",
		"0123456789a\n":   "",
		"0123456789ab\n":  "",
		"0123456789abc\n": "too big inline request",
	} {
		got := scanRequests(&resp.Scanner{Limits: limits}, []byte(in), 5)
		if strings.TrimPrefix(got.Err, "ERR Protocol error: ") != want || want == "" && got.Rest > 0 {
			t.Errorf("%q: %+v, want %q", in, got, want)
		}
	}
}

// A peer that declares much and sends little costs nothing; one that trickles costs no more than one that does not.
func TestRequestCost(t *testing.T) {
	s := new(resp.Scanner)
	if n := testing.AllocsPerRun(1, func() { s.Request([]byte("*1048576\r\n$536870912\r\n")) }); n != 0 {
		t.Errorf("a large announcement: %v allocations", n)
	}
	buf := fmt.Appendf(nil, "*2\r\n$3\r\nSET\r\n$%d\r\n", 8<<20)
	buf = append(buf, bytes.Repeat([]byte("x"), 8<<20)...)
	s = new(resp.Scanner)
	began := time.Now()
	for n := range len(buf) {
		if n, err := s.Request(buf[:n]); n != 0 || err != nil {
			t.Fatal(n, err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("8 MiB byte by byte took %v", took)
	}
}

func TestRequestDoesNotAllocate(t *testing.T) {
	buf := resp.AppendRequest(nil, "SET", "key:000000000042", strings.Repeat("v", 64))
	var s resp.Scanner
	s.Request(buf)
	n := testing.AllocsPerRun(100, func() {
		if n, err := s.Request(buf); n != len(buf) || err != nil || len(s.Arg(buf, 2)) != 64 {
			t.Fatal(n, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRequest(f *testing.F) {
	for _, in := range []string{
		"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n", "set \"a\\x41\" 'b'\r\n", "*1\r\n$-2\r\n", "*0\r\n*-1\r\n\r\n",
		"*1\r\n$9223372036854775800\r\nabc\r\n",
	} {
		f.Add([]byte(in), byte(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, chunk byte) {
		limits := resp.Limits{Args: 100, Bulk: 1000, Inline: 200, Total: 2000}
		whole := scanRequests(&resp.Scanner{Limits: limits}, in, len(in)+1)
		parts := scanRequests(&resp.Scanner{Limits: limits}, in, int(chunk)+1)
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatalf("whole and in chunks of %d (-whole +parts):\n%s", chunk+1, diff)
		}
		var again []byte
		for _, args := range whole.Requests {
			again = resp.AppendRequest(again, args...)
		}
		back := scanRequests(&resp.Scanner{}, again, len(again)+1)
		if diff := cmp.Diff(whole.Requests, back.Requests); diff != "" || back.Err != "" || back.Rest != 0 {
			t.Fatalf("written and read again (-want +got):\n%s%s", diff, back.Err)
		}
	})
}
