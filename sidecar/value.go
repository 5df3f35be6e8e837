package sidecar

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A value is what a Param's Value points to. A list has setList, all others have set.
type value struct {
	kind    string // as in the JSON form
	set     func(text string) error
	setList func(elements []string)
	current func() any // a string, or the []string of a list

	min, max string // as texts; "" means unlimited
}

// valueOf returns the value of p, or what is wrong with its Value, Min and Max.
func valueOf(p Param) (value, error) {
	if v := reflect.ValueOf(p.Value); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return value{}, errors.New("its Value is nil")
	}
	switch v := p.Value.(type) {
	case *int:
		return number(p, v, "int", strconv.Atoi, strconv.Itoa, func(i int) (int, bool) { return i, true })
	case *int64:
		return number(p, v, "int64", parseInt64, decimal, func(i int) (int64, bool) { return int64(i), true })
	case *uint64:
		return number(p, v, "uint64", parseUint64, decimal, func(i int) (uint64, bool) { return uint64(i), i >= 0 })
	case *float64:
		return number(p, v, "float64", parseFloat64, showFloat64, func(i int) (float64, bool) { return float64(i), true })
	case *time.Duration:
		return number(p, v, "duration", time.ParseDuration, time.Duration.String, func(int) (time.Duration, bool) { return 0, false })
	case *Size:
		return number(p, v, "size", parseSize, Size.String, func(i int) (Size, bool) { return Size(i), true })
	}
	if p.Min != nil || p.Max != nil {
		return value{}, errors.New("only numbers, durations and Size have Min and Max")
	}
	switch v := p.Value.(type) {
	case *string:
		return value{
			kind:    "string",
			set:     func(text string) error { *v = text; return nil },
			current: func() any { return *v },
		}, nil
	case *bool:
		return value{kind: "bool", set: setBool(v), current: func() any { return strconv.FormatBool(*v) }}, nil
	case *[]string:
		return value{
			kind:    "list",
			setList: func(elements []string) { *v = elements },
			current: func() any { return slices.Clone(*v) },
		}, nil
	case encoding.TextUnmarshaler:
		return value{
			kind:    "text",
			set:     func(text string) error { return v.UnmarshalText([]byte(text)) },
			current: func() any { return textOf(v) },
		}, nil
	}
	return value{}, fmt.Errorf("its Value is a %T, which is not supported", p.Value)
}

// number is the value of an ordered v. FromInt converts an untyped limit.
func number[T cmp.Ordered](p Param, v *T, kind string, parse func(string) (T, error), show func(T) string, fromInt func(int) (T, bool)) (value, error) {
	low, errLow := limit("Min", p.Min, fromInt)
	high, errHigh := limit("Max", p.Max, fromInt)
	if err := errors.Join(errLow, errHigh); err != nil {
		return value{}, err
	}
	if low != nil && high != nil && *low > *high {
		return value{}, errors.New("its Min is more than its Max")
	}
	set := func(text string) error {
		n, err := parse(text)
		switch {
		case err != nil:
			return noNumber(kind, text, err)
		case low != nil && n < *low:
			return fmt.Errorf("%s is less than %s", text, show(*low))
		case high != nil && n > *high:
			return fmt.Errorf("%s is more than %s", text, show(*high))
		}
		*v = n
		return nil
	}
	return value{
		kind:    kind,
		set:     set,
		current: func() any { return show(*v) },
		min:     showLimit(low, show),
		max:     showLimit(high, show),
	}, nil
}

// limit returns x, the field of that name, as a T; nil if it is nil.
func limit[T any](field string, x any, fromInt func(int) (T, bool)) (*T, error) {
	switch x := x.(type) {
	case nil:
		return nil, nil
	case T:
		return &x, nil
	case int:
		if n, ok := fromInt(x); ok {
			return &n, nil
		}
	}
	return nil, fmt.Errorf("%s is the %T %v, which its Value cannot be", field, x, x)
}

func showLimit[T any](limit *T, show func(T) string) string {
	if limit == nil {
		return ""
	}
	return show(*limit)
}

// noNumber says in the words of this package that text is not of that kind.
func noNumber(kind, text string, err error) error {
	switch {
	case kind == "size":
		return err
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is out of range", text)
	case kind == "duration":
		return fmt.Errorf("%q is no duration, such as 500ms or 1m30s", text)
	case kind == "float64":
		return fmt.Errorf("%q is no number", text)
	case kind == "uint64":
		return fmt.Errorf("%q is no whole number from 0 on", text)
	}
	return fmt.Errorf("%q is no whole number", text)
}

func setBool(v *bool) func(string) error {
	return func(text string) error {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*v = b
		return nil
	}
}

func parseInt64(text string) (int64, error)   { return strconv.ParseInt(text, 10, 64) }
func parseUint64(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) }

// parseFloat64 refuses what no limit applies to.
func parseFloat64(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if math.IsNaN(f) || math.IsInf(f, 0) && err == nil {
		return 0, strconv.ErrSyntax
	}
	return f, err
}

func parseSize(text string) (s Size, err error) {
	err = s.UnmarshalText([]byte(text))
	return s, err
}

func decimal[T int64 | uint64](n T) string { return fmt.Sprint(n) }

func showFloat64(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// textOf returns v as it marshals itself, or its string.
func textOf(v any) string {
	switch v := v.(type) {
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return string(text)
		}
	case fmt.Stringer:
		return v.String()
	}
	return ""
}

// splitList returns the elements of text, without surrounding blanks and empty ones.
func splitList(text string, separators ...string) []string {
	elements := []string{text}
	for _, sep := range separators {
		if sep == "" {
			continue
		}
		var parts []string
		for _, e := range elements {
			parts = append(parts, strings.Split(e, sep)...)
		}
		elements = parts
	}
	var kept []string
	for _, e := range elements {
		if e = strings.TrimSpace(e); e != "" {
			kept = append(kept, e)
		}
	}
	return kept
}
