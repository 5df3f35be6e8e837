package sidecar

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Size is a number of bytes, written 64KiB or 1GiB. The zero Size is 0.
type Size int64

// sizeUnits go up in steps of 1024.
const sizeUnits = "KMGTPE"

// String returns s with the largest unit that leaves a whole number: 64KiB, 1GiB, and 1500 as it is.
func (s Size) String() string {
	n, unit := int64(s), 0
	for n != 0 && n%1024 == 0 && unit < len(sizeUnits) {
		n /= 1024
		unit++
	}
	if unit == 0 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%d%ciB", n, sizeUnits[unit-1])
}

// MarshalText returns s as String does. The error is nil.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a whole number with a unit of B, KiB, MiB, GiB, TiB, PiB or EiB; without one it is bytes. Units of
// 1000, such as MB, are refused, as half of the world means 1024 by them. S is unchanged on errors.
func (s *Size) UnmarshalText(text []byte) error {
	number, unit := string(text), ""
	if i := strings.LastIndexAny(number, "0123456789"); i >= 0 {
		number, unit = number[:i+1], strings.TrimSpace(number[i+1:])
	}
	n, err := strconv.ParseInt(number, 10, 64)
	factor, ok := unitFactor(unit)
	switch {
	case err != nil && n != 0, ok && overflows(n, factor):
		return fmt.Errorf("%q is more than a size can be", text)
	case err != nil || !ok:
		return fmt.Errorf("%q is no size, such as 64KiB or 1GiB", text)
	}
	*s = Size(n * factor)
	return nil
}

func unitFactor(unit string) (int64, bool) {
	if unit == "" || unit == "B" {
		return 1, true
	}
	i := strings.IndexByte(sizeUnits, unit[0])
	if i < 0 || unit[1:] != "iB" {
		return 0, false
	}
	return 1 << (10 * (i + 1)), true
}

func overflows(n, factor int64) bool { return n > math.MaxInt64/factor || n < math.MinInt64/factor }
