package pickle

import (
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
)

// Tuple is a Python tuple.
type Tuple []any

// ByteArray is a Python bytearray; bytes are a plain []byte.
type ByteArray []byte

// Decimal is a Python decimal.Decimal in the text of Python's str, such as "1.50" or
// "1E+3". Any text that Python's Decimal accepts is valid, except blanks and
// underscores; all digits are kept. As in Python on 64 bits, the power of ten of the
// first digit is at most 999999999999999999, and that of the last digit at least
// -1999999999999999997. [Marshal] and [Unmarshal] return an error for text beyond that
// and for text that is not a number.
type Decimal string

// UUID is a Python uuid.UUID: its 16 bytes in the order in which they are written.
type UUID [16]byte

// String returns the usual form with four hyphens.
func (u UUID) String() string {
	h := hex.EncodeToString(u[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// Date is a Python datetime.date.
type Date struct {
	Year  int // 1 to 9999
	Month time.Month
	Day   int
}

// String returns the date as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Time returns midnight of d in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// valid reports whether Python has such a date.
func (d Date) valid() bool {
	if d.Year < 1 || d.Year > 9999 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31 {
		return false
	}
	return d.Time(time.UTC).Day() == d.Day
}

// valid reports whether Python's Decimal accepts the text.
func (d Decimal) valid() bool {
	s := string(d)
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	switch lower := strings.ToLower(s); {
	case lower == "inf" || lower == "infinity":
		return true
	case strings.HasPrefix(lower, "nan"):
		return digits(s[3:]) == len(s)-3
	case strings.HasPrefix(lower, "snan"):
		return digits(s[4:]) == len(s)-4
	}
	whole := digits(s)
	mantissa, s := s[:whole], s[whole:]
	part := 0
	if s != "" && s[0] == '.' {
		part = digits(s[1:])
		mantissa, s = mantissa+s[1:1+part], s[1+part:]
	}
	if mantissa == "" {
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	exp, err := strconv.ParseInt(s[1:], 10, 64)
	if err != nil || exp < minExponent || exp > 2*maxExponent {
		return false
	}
	// The exponents of the last digit and of the first one that is not 0.
	last := exp - int64(part)
	first := last + int64(max(len(strings.TrimLeft(mantissa, "0")), 1)) - 1
	return last >= minExponent && first <= maxExponent
}

// The bounds of decimal.MAX_EMAX and decimal.MIN_ETINY.
const (
	maxExponent = 999_999_999_999_999_999
	minExponent = -1_999_999_999_999_999_997
)

// digits counts the decimal digits at the start of s.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// Time is a Python datetime.time: a time of day.
type Time struct {
	Hour, Minute, Second, Microsecond int

	Location *time.Location // nil: without a timezone
}

// String returns the time as 15:04:05.999999, with the Location after a blank.
func (t Time) String() string {
	text := fmt.Sprintf("%02d:%02d:%02d", t.Hour, t.Minute, t.Second)
	if t.Microsecond != 0 {
		text += fmt.Sprintf(".%06d", t.Microsecond)
	}
	if t.Location != nil {
		text += " " + t.Location.String()
	}
	return text
}

// On returns the time t on the day d, in t's own Location if it has one, or else in loc.
func (t Time) On(d Date, loc *time.Location) time.Time {
	if t.Location != nil {
		loc = t.Location
	}
	return time.Date(d.Year, d.Month, d.Day, t.Hour, t.Minute, t.Second, t.Microsecond*1000, loc)
}

// valid reports whether Python has such a time.
func (t Time) valid() bool {
	within := func(v, end int) bool { return v >= 0 && v < end }
	return within(t.Hour, 24) && within(t.Minute, 60) && within(t.Second, 60) && within(t.Microsecond, 1_000_000)
}

// Range is a Python range: Start and every Step from there, up to but without Stop. Step
// is not 0.
type Range struct {
	Start, Stop, Step int
}

// Len returns how many numbers r contains.
func (r Range) Len() int {
	span, step := uint(r.Stop)-uint(r.Start), uint(r.Step)
	if r.Step < 0 {
		span, step = -span, -step
	}
	if r.Step == 0 || r.Step > 0 && r.Start >= r.Stop || r.Step < 0 && r.Start <= r.Stop {
		return 0
	}
	return int(min((span-1)/step+1, math.MaxInt))
}

// All iterates over the numbers of r.
func (r Range) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		v := r.Start
		for range r.Len() {
			if !yield(v) {
				return
			}
			v += r.Step
		}
	}
}

// String returns the range as Python writes it: range(0, 10), or range(0, 10, 2).
func (r Range) String() string {
	if r.Step == 1 {
		return fmt.Sprintf("range(%d, %d)", r.Start, r.Stop)
	}
	return fmt.Sprintf("range(%d, %d, %d)", r.Start, r.Stop, r.Step)
}
