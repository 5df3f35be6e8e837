package sidecar_test

import (
	"bufio"
	"fmt"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// openTerminal returns both ends of a new pseudo-terminal.
func openTerminal(t *testing.T) (outer, inner *os.File) {
	t.Helper()
	outer, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { outer.Close() })
	var number, unlock uint32
	for request, arg := range map[uintptr]*uint32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, outer.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Skipf("no terminal can be made here: %v", errno)
		}
	}
	inner, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { inner.Close() })
	return outer, inner
}

// On a terminal the program is in the foreground: it gets one SIGINT for one Ctrl-C, and may read.
func TestInitTerminal(t *testing.T) {
	outer, inner := openTerminal(t)
	cmd := asInit(t, "typed")
	cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
	cmd.Stdin = inner
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(stdout)
	for _, step := range []struct{ prefix, want, typed string }{
		{"ready", "", "\x03"},
		{"count ", "1", "hello\n"},
		{"word ", "hello", ""},
	} {
		got, err := nextLine(r, step.prefix)
		if err != nil || got != step.want {
			t.Fatalf("%s%q, %v, want %q", step.prefix, got, err, step.want)
		}
		outer.WriteString(step.typed)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
