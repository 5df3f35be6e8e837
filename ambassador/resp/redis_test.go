package resp_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// need returns the path of a program, or skips the test; it fails if TEST_REQUIRE names the program.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if names := strings.Split(os.Getenv("TEST_REQUIRE"), ","); slices.Contains(names, program) || slices.Contains(names, "all") {
			t.Fatalf("%s is required and not installed", program)
		}
		t.Skipf("%s is not installed", program)
	}
	return path
}

// startRedis starts a server on a Unix socket in a directory of its own.
func startRedis(t *testing.T) (socket string) {
	dir := t.TempDir()
	socket = filepath.Join(dir, "redis")
	cmd := exec.Command(need(t, "redis-server"), "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 100 {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return socket
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("redis-server does not come up")
	return ""
}

// ask sends a stream, closes it, and returns all that the server says.
func ask(t *testing.T, socket string, stream []byte) []byte {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	go func() {
		conn.Write(stream)
		conn.(*net.UnixConn).CloseWrite()
	}()
	answer, _ := io.ReadAll(conn) // a reset is how it ends after a protocol error with more to read
	return answer
}

// A real Redis finds as many requests in a stream as the scanner, and complains of the same breach in the same words.
func TestAgainstRedis(t *testing.T) {
	socket := startRedis(t)
	rng := rand.New(rand.NewPCG(5, 6))
	breaches := 0
	for i := range 3000 {
		stream := randomStream(rng)
		want := scanRequests(new(resp.Scanner), stream, len(stream)+1)
		if strings.Contains(want.Err, "NUL") {
			continue
		}
		replies, rest, err := scanReplies(new(resp.Scanner), ask(t, socket, stream), 1<<16)
		if err != nil || rest != 0 {
			t.Fatalf("stream %d, %q: answer breaks off: %v", i, stream, err)
		}
		expect := 0
		for _, args := range want.Requests {
			if len(args) > 0 {
				expect++
			}
		}
		if want.Err != "" {
			breaches++
			expect++
			last := ""
			if len(replies) > 0 {
				last = replies[len(replies)-1]
			}
			if last != string(resp.AppendError(nil, want.Err)) {
				t.Fatalf("stream %d, %q: Redis says %q, the scanner %q", i, stream, last, want.Err)
			}
		}
		if len(replies) != expect {
			t.Fatalf("stream %d, %q: Redis gives %d replies %q, want %d", i, stream, len(replies), replies, expect)
		}
	}
	if breaches < 300 {
		t.Errorf("only %d of 3000 streams had a breach: the test has grown dull", breaches)
	}
}

// randomStream returns requests of which some are broken in the lines that announce what follows.
func randomStream(rng *rand.Rand) []byte {
	var b bytes.Buffer
	// None of these is a length that fits: Redis does not look whether CR LF follows the string, and the scanner does.
	odd := []string{"x", "", "-1", "-5", "01", "+1", " 1", "-0", "99999999999", "1x", "2147483648", "-"}
	number := func(n int) string {
		if rng.IntN(25) > 0 {
			return fmt.Sprint(n)
		}
		return odd[rng.IntN(len(odd))]
	}
	for range 1 + rng.IntN(5) {
		if rng.IntN(4) == 0 {
			words := []string{"foo", "\"b\\x41r\"", "'baz'", "\"", "'", "a\"b\"", "\"\\n\"", "", " \t ", "''", "x'y"}
			for range rng.IntN(4) {
				b.WriteString(words[rng.IntN(len(words))] + " ")
			}
			b.WriteString([]string{"\n", "\r\n"}[rng.IntN(2)])
			continue
		}
		n := rng.IntN(4)
		fmt.Fprintf(&b, "*%s\r\n", number(n))
		for range n {
			arg := []string{"foo", "", "a\r\nb", "$1", strings.Repeat("z", 200)}[rng.IntN(5)]
			kind := "$"
			if rng.IntN(40) == 0 {
				kind = string("*:+\rx"[rng.IntN(5)])
			}
			fmt.Fprintf(&b, "%s%s\r\n%s\r\n", kind, number(len(arg)), arg)
		}
	}
	return b.Bytes()
}
