package examples

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// demonstrations are the programs and how to try what each demonstrates. Every program has a row.
var demonstrations = map[string]func(t *testing.T, p *process){
	"redis-ambassador": driveRedis,
}

func driveRedis(t *testing.T, p *process) {
	conn, err := net.Dial("tcp", p.listening("redis"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(conn, "MSET user:1 ada user:2 grace user:3 edsger\r\nMGET user:1 user:2 user:3 user:4\r\nDEL user:1 user:2 user:3\r\nQUIT\r\n")
	got, err := io.ReadAll(conn)
	if want := "+OK\r\n*4\r\n$3\r\nada\r\n$5\r\ngrace\r\n$6\r\nedsger\r\n$-1\r\n:3\r\n+OK\r\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	admin := "http://" + p.listening("admin")
	if code, body := get(t, admin+"/where?key=user:1"); code != 200 || len(strings.Fields(body)) != 2 {
		t.Errorf("/where: %d %q", code, body)
	}
	if _, body := get(t, admin+"/metrics"); !strings.Contains(body, "redis_commands_total{command=\"mget\"} 1\n") {
		t.Errorf("/metrics does not count MGET:\n%s", body)
	}
	if n := strings.Count(p.stderr(), "\nlistening "); n != 2 || !strings.Contains(p.stderr(), "redis-cli") {
		t.Errorf("it says %q", p.stderr())
	}
}

// Each program, without a word of configuration: it runs its demonstration, works, is found ready, and ends well.
func TestDemonstrations(t *testing.T) {
	for _, name := range programs(t) {
		t.Run(name, func(t *testing.T) {
			drive := demonstrations[name]
			if drive == nil {
				t.Fatal("has no row in the table of demonstrations")
			}
			bin := build(t, name)
			p := start(t, bin, nil)
			drive(t, p)
			probe(t, bin, p)
			second := start(t, bin, nil) // takes other ports
			drive(t, second)
			if code := second.end(t, os.Interrupt); code != 0 {
				t.Errorf("after SIGINT: exit %d\n%s", code, second.stderr())
			}
			if code := p.end(t, syscall.SIGTERM); code != 0 {
				t.Errorf("after SIGTERM: exit %d\n%s", code, p.stderr())
			}
		})
	}
}

// probe asks a running program for its health, as Kubernetes and as itself.
func probe(t *testing.T, bin string, p *process) {
	t.Helper()
	admin := "http://" + p.listening("admin")
	for _, path := range []string{"/livez", "/readyz", "/startupz"} {
		body, code := "", 0
		for range 100 {
			if code, body = get(t, admin+path); code == 200 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if code != 200 || body != "ok" {
			t.Errorf("%s: %d %q", path, code, body)
		}
		if out, code := output(t, bin, "", nil, "probe", admin+path); code != 0 {
			t.Errorf("probe %s: exit %d, %s", path, code, out)
		}
	}
	if out, code := output(t, bin, "", nil, "probe", admin+"/nowhere"); code != 1 {
		t.Errorf("probe of a page that is not there: exit %d, %s", code, out)
	}
}

// What is common to all programs: help, version, description; mistakes end with 2 and a hint.
func TestCommandLines(t *testing.T) {
	for _, name := range programs(t) {
		t.Run(name, func(t *testing.T) {
			bin := build(t, name)
			variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_"
			for _, tt := range []struct {
				args []string
				env  string
				code int
				want string // in stdout and stderr together
			}{
				{[]string{"help"}, "", 0, "-listen"},
				{[]string{"-h"}, "", 0, "-listen"},
				{[]string{"--help"}, variable + "LISTEM=x", 0, "-listen"},
				{[]string{"version"}, "", 0, name + " "},
				{[]string{"spec", "-o", "json"}, "", 0, `"name": "` + name + `"`},
				{[]string{"spec", "-o", "nonsense"}, "", 2, "nonsense"},
				{[]string{"-lissten", "x"}, "", 2, "did you mean -listen?"},
				{[]string{"--nonsense"}, "", 2, "-nonsense is unknown"},
				{[]string{"-listen"}, "", 2, "-listen: a value is missing"},
				{[]string{"-listen", "nowhere"}, "", 2, "nowhere"},
				{[]string{"nonsense"}, "", 2, "nonsense"},
				{nil, variable + "LISTEM=127.0.0.1:0", 2, "did you mean " + variable + "LISTEN?"},
				{[]string{"probe"}, "", 2, "URL"},
			} {
				out, code := output(t, bin, "", []string{tt.env}, tt.args...)
				if code != tt.code || !strings.Contains(out, tt.want) {
					t.Errorf("%q with %q: exit %d, want %d; %q in\n%s", tt.args, tt.env, code, tt.code, tt.want, out)
				}
			}
			out, _ := output(t, bin, "", nil, "spec", "-o", "json")
			if !json.Valid([]byte(out)) {
				t.Errorf("spec is no JSON:\n%s", out)
			}
			// Variables that Kubernetes sets for a service of the same name are none of the program's business.
			p := start(t, bin, []string{variable + "SERVICE_HOST=10.0.0.1", variable + "PORT=tcp://10.0.0.1:1", variable + "PORT_1_TCP=x"})
			if code := p.end(t, syscall.SIGTERM); code != 0 {
				t.Errorf("with variables of Kubernetes: exit %d\n%s", code, p.stderr())
			}
		})
	}
}

// build builds a program, once.
func build(t *testing.T, name string) (bin string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("ends processes by signals")
	}
	bin = filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", bin, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// output runs a program to its end.
func output(t *testing.T, bin, stdin string, env []string, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// A process is a program that runs.
type process struct {
	t   *testing.T
	cmd *exec.Cmd

	mu    sync.Mutex
	lines bytes.Buffer
	done  chan struct{} // stderr has ended
}

// start starts a program and waits until its listeners are open.
func start(t *testing.T, bin string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(bin, args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			p.mu.Lock()
			p.lines.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
		}
	}()
	p.listening("admin") // the last to be told of may be another: drive asks for what it needs
	return p
}

func (p *process) stderr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines.String()
}

// listening returns the address of a listener, once it is open.
func (p *process) listening(name string) string {
	p.t.Helper()
	for range 200 {
		for line := range strings.Lines(p.stderr()) {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "listening" && f[1] == name {
				return f[2]
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.t.Fatalf("no listener %s:\n%s", name, p.stderr())
	return ""
}

// end sends a signal and returns the exit code.
func (p *process) end(t *testing.T, sig os.Signal) int {
	t.Helper()
	p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		t.Fatalf("does not end after %v:\n%s", sig, p.stderr())
	}
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
