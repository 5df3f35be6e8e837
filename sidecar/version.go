package sidecar

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version returns that of the program: its own, or its module's if the build knows it.
func (s *Spec) version() string {
	if s.Version != "" {
		return s.Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	return cmp.Or(info.Main.Version, "(devel)")
}

func (s *Spec) writeVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s %s %s %s/%s\n", s.Name, s.version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
