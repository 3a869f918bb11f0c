package pickle

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tuple is a Python tuple.
type Tuple []any

// ByteArray is a Python bytearray; bytes are a plain []byte.
type ByteArray []byte

// Decimal is a Python decimal.Decimal in the text that Python's str gives it, such as
// "1.50" or "1E+3". Any text that Python's Decimal takes is valid, apart from blanks and
// underscores; all digits are kept. As in Python on 64 bits, the power of ten of the first
// digit is at most 999999999999999999 and that of the last one at least
// -1999999999999999997; text beyond that, or no number at all, is an error of [Marshal] and
// [Unmarshal].
type Decimal string

// UUID is a Python uuid.UUID: its 16 bytes in the order they are written.
type UUID [16]byte

// String gives the usual form with four hyphens.
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

// String gives the date as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Time returns midnight of d in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// valid tells whether Python has such a date.
func (d Date) valid() bool {
	if d.Year < 1 || d.Year > 9999 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31 {
		return false
	}
	return d.Time(time.UTC).Day() == d.Day
}

// valid tells whether Python's Decimal takes the text.
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
