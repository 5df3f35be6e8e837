package resp_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// scanReplies returns the replies of a stream that is fed in chunks, what is left, and the error.
func scanReplies(s *resp.Scanner, stream []byte, chunk int) (replies []string, rest int, err error) {
	var buf []byte
	for {
		n, err := s.Reply(buf)
		switch {
		case err != nil:
			return replies, len(buf), err
		case n > 0:
			replies = append(replies, string(buf[:n]))
			buf = buf[n:]
		case len(stream) == 0:
			return replies, len(buf), nil
		default:
			n = min(chunk, len(stream))
			buf = append(slices.Clone(buf), stream[:n]...)
			stream = stream[n:]
		}
	}
}

// valid are replies of every kind, each complete.
var valid = []string{
	"+OK\r\n", "+\r\n", "-ERR no\r\n", ":0\r\n", ":-9223372036854775808\r\n", ":+5\r\n", "$0\r\n\r\n", "$5\r\na\r\nbc\r\n",
	"$-1\r\n", "*-1\r\n", "*0\r\n", "*2\r\n:1\r\n$1\r\na\r\n", "*1\r\n*1\r\n*1\r\n*0\r\n", "_\r\n", "#t\r\n", "#f\r\n", ",3.14\r\n",
	",inf\r\n", "(3492890328409238509324850943850943825024385\r\n", "!5\r\nERR x\r\n", "=7\r\ntxt:abc\r\n",
	"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", "~2\r\n:1\r\n:2\r\n", ">2\r\n+message\r\n+x\r\n", "%0\r\n",
	"|1\r\n+ttl\r\n:3600\r\n$1\r\na\r\n", "*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n", "|0\r\n|0\r\n:1\r\n",
}

func TestReply(t *testing.T) {
	stream := []byte(strings.Join(valid, ""))
	for _, chunk := range []int{1, 2, 3, 5, 7, 1000} {
		got, rest, err := scanReplies(new(resp.Scanner), stream, chunk)
		if err != nil || rest != 0 {
			t.Fatalf("chunks of %d: rest %d, error %v", chunk, rest, err)
		}
		if diff := cmp.Diff(valid, got); diff != "" {
			t.Errorf("chunks of %d (-want +got):\n%s", chunk, diff)
		}
	}
}

// Every reply, cut anywhere, is incomplete and nothing else.
func TestReplyTruncated(t *testing.T) {
	for _, reply := range valid {
		for n := range len(reply) {
			if got, err := new(resp.Scanner).Reply([]byte(reply[:n])); got != 0 || err != nil {
				t.Errorf("Reply(%q) = %d, %v", reply[:n], got, err)
			}
			if _, _, err := resp.Decode([]byte(reply[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("Decode(%q): error %v", reply[:n], err)
			}
		}
	}
}

func TestReplyErrors(t *testing.T) {
	for in, want := range map[string]string{
		"x\r\n":                           "unknown reply type 'x'",
		"\r\n":                            `unknown reply type '\r'`,
		":\r\n":                           "invalid reply line",
		":1x\r\n":                         "invalid reply line",
		":9223372036854775808\r\n":        "invalid reply line",
		"#x\r\n":                          "invalid reply line",
		"#\r\n":                           "invalid reply line",
		"_x\r\n":                          "invalid reply line",
		"+a\rb":                           "invalid reply line",
		"$-2\r\n":                         "invalid bulk length",
		"!-1\r\n":                         "invalid bulk length",
		"$9223372036854775806\r\nab\r\n":  "invalid bulk length", // panics in redcon
		"$?\r\n":                          "invalid bulk length",
		"$1\r\nabc":                       "invalid bulk length",
		"*-2\r\n":                         "invalid multibulk length",
		"%-1\r\n":                         "invalid multibulk length",
		"*2147483648\r\n":                 "invalid multibulk length",
		"$" + strings.Repeat("1", 70_000): "too big bulk count string",
		strings.Repeat("*1\r\n", 200_000): "too deeply nested reply", // 3 s and quadratic in redcon
	} {
		began := time.Now()
		_, _, err := scanReplies(new(resp.Scanner), []byte(in), len(in))
		if err == nil || err.Error() != "ERR Protocol error: "+want {
			t.Errorf("%.40q: error %v, want %q", in, err, want)
		}
		if _, ok := errors.AsType[*resp.Error](err); !ok {
			t.Errorf("%.40q: error is a %T", in, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%.40q took %v", in, took)
		}
	}
}

func TestReplyLimits(t *testing.T) {
	limits := resp.Limits{Bulk: 10, Depth: 3, Total: 30}
	for in, ok := range map[string]bool{
		"$10\r\n0123456789\r\n":          true,
		"$11\r\n":                        false,
		"+012345678\r\n":                 true,
		"+0123456789ab\r\n":              false,
		"*1\r\n*1\r\n*1\r\n:1\r\n":       true,
		"*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n": false,
		"*31\r\n":                        false,
		strings.Repeat("|0\r\n", 9):      false,
	} {
		if _, _, err := scanReplies(&resp.Scanner{Limits: limits}, []byte(in), 3); (err == nil) != ok {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func TestDecode(t *testing.T) {
	in := "*9\r\n+OK\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n#t\r\n_\r\n%1\r\n+k\r\n,1.5\r\n*-1\r\n=5\r\ntxt:x\r\nrest"
	got, n, err := resp.Decode([]byte(in))
	if err != nil || in[n:] != "rest" {
		t.Fatal(n, err)
	}
	want := resp.Value{Kind: '*', Elems: []resp.Value{
		{Kind: '+', Text: []byte("OK")},
		{Kind: ':', Text: []byte("-7"), Int: -7},
		{Kind: '$', Text: []byte("a\r\n")},
		{Kind: '$', Null: true},
		{Kind: '#', Text: []byte("t"), Int: 1},
		{Kind: '_', Text: []byte(""), Null: true},
		{Kind: '%', Elems: []resp.Value{{Kind: '+', Text: []byte("k")}, {Kind: ',', Text: []byte("1.5")}}},
		{Kind: '*', Null: true},
		{Kind: '=', Text: []byte("txt:x")},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzReply(f *testing.F) {
	for _, reply := range valid {
		f.Add([]byte(reply+reply), byte(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, chunk byte) {
		limits := resp.Limits{Bulk: 1000, Inline: 200, Depth: 5, Total: 2000}
		whole, rest, err := scanReplies(&resp.Scanner{Limits: limits}, in, len(in)+1)
		parts, rest2, err2 := scanReplies(&resp.Scanner{Limits: limits}, in, int(chunk)+1)
		if diff := cmp.Diff(whole, parts); diff != "" || (err == nil) != (err2 == nil) || err == nil && rest != rest2 {
			t.Fatalf("whole and in chunks of %d (-whole +parts):\n%s%v %v", chunk+1, diff, err, err2)
		}
		for _, reply := range whole {
			v, n, err := resp.Decode([]byte(reply))
			if err != nil || n != len(reply) {
				t.Fatalf("Decode(%q) = %d, %v", reply, n, err)
			}
			if again := encode(nil, v); !strings.Contains(reply, "|") && len(again) > len(reply) {
				t.Fatalf("%q decoded and encoded is %q", reply, again)
			}
		}
	})
}

// encode writes a decoded value as a reply.
func encode(dst []byte, v resp.Value) []byte {
	switch v.Kind {
	case '*', '~', '>', '%':
		n := len(v.Elems)
		if v.Kind == '%' {
			n /= 2
		}
		if v.Null {
			n = -1
		}
		dst = resp.AppendHeader(dst, v.Kind, n)
		for _, e := range v.Elems {
			dst = encode(dst, e)
		}
		return dst
	case '$', '=', '!':
		if v.Null {
			return resp.AppendNull(dst, 2)
		}
		dst = resp.AppendHeader(dst, v.Kind, len(v.Text))
		return append(append(dst, v.Text...), '\r', '\n')
	}
	return append(append(append(dst, byte(v.Kind)), v.Text...), '\r', '\n')
}

// What is decoded and encoded again is the reply itself, for every kind but attributes.
func TestEncodeDecode(t *testing.T) {
	for _, reply := range valid {
		v, _, err := resp.Decode([]byte(reply))
		if err != nil {
			t.Fatal(err)
		}
		if again := string(encode(nil, v)); again != reply && !strings.Contains(reply, "|") {
			t.Errorf("%q decoded and encoded is %q", reply, again)
		}
	}
}

func TestReplyDoesNotAllocate(t *testing.T) {
	buf := []byte(strings.Join(valid, ""))
	var s resp.Scanner
	run := func() {
		for rest := buf; len(rest) > 0; {
			n, err := s.Reply(rest)
			if n == 0 || err != nil {
				t.Fatal(n, err)
			}
			rest = rest[n:]
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAppend(t *testing.T) {
	var b []byte
	b = resp.AppendSimple(b, "OK\r\n")
	b = resp.AppendError(b, "ERR a\nb")
	b = resp.AppendInt(b, -42)
	b = resp.AppendBulk(b, []byte("x\r\n"))
	b = resp.AppendNull(b, 2)
	b = resp.AppendNull(b, 3)
	b = resp.AppendHeader(b, '%', 0)
	want := "+OK  \r\n-ERR a b\r\n:-42\r\n$3\r\nx\r\n\r\n$-1\r\n_\r\n%0\r\n"
	if string(b) != want {
		t.Errorf("got %q, want %q", b, want)
	}
}
