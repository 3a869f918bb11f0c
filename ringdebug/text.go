package ringdebug

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// none stands where there is no number.
const none = "–"

// countText writes a number with commas, and a large one in millions.
func countText(n uint64) string {
	switch {
	case n >= 10_000_000_000:
		return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + "G"
	case n >= 10_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + "M"
	}
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sizeText writes a number that may be unknown.
func sizeText(n int64) string {
	if n < 0 {
		return none
	}
	return countText(uint64(n))
}

// rateText writes a number of calls per second; below 0: not known.
func rateText(perSecond float64) string {
	switch {
	case perSecond < 0:
		return none
	case perSecond == 0:
		return "0"
	case perSecond < 0.1:
		return "<0.1"
	case perSecond < 9.95:
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	}
	return countText(uint64(math.Round(perSecond)))
}

// percentText writes a part from 0 to 1. Only what is everything is 100%, and only what is
// nothing is 0%.
func percentText(part float64) string {
	switch percent := part * 100; {
	case percent <= 0:
		return "0%"
	case percent < 0.1:
		return "<0.1%"
	case percent >= 100:
		return "100%"
	case percent > 99.9:
		return ">99.9%"
	case percent < 10 || percent > 99:
		return strconv.FormatFloat(percent, 'f', 1, 64) + "%"
	default:
		return strconv.FormatFloat(percent, 'f', 0, 64) + "%"
	}
}

// durationText writes a duration with two or three digits, or with its two largest units.
func durationText(d time.Duration) string {
	switch {
	case d <= 0:
		return none
	case d < time.Millisecond:
		return threeDigits(float64(d)/float64(time.Microsecond)) + " µs"
	case d < time.Second:
		return threeDigits(float64(d)/float64(time.Millisecond)) + " ms"
	case d < time.Minute:
		return threeDigits(d.Seconds()) + " s"
	case d < time.Hour:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < 24*time.Hour:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d, 24*time.Hour, "d", time.Hour, "h")
}

func threeDigits(x float64) string {
	digits := 1
	if x >= 99.95 {
		digits = 0
	}
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', digits, 64), ".0")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := countText(uint64(d/large)) + largeName
	if rest := d % large / small; rest > 0 {
		text += " " + strconv.Itoa(int(rest)) + smallName
	}
	return text
}

// shorten cuts a text that is too long for a page.
func shorten(s string) string {
	const most = 2000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
