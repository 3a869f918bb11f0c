package diskcache

import (
	"math"
	"time"
)

// Times are stored as seconds since 1970 in a float, as Python's time.time gives
// them.

func seconds(t time.Time) float64 {
	if y := t.Year(); y > 1678 && y < 2262 { // as far as UnixNano goes
		return float64(t.UnixNano()) / 1e9
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// instant is the inverse, to the microsecond, below which a float of this size has
// no truth. Times out of the range of years, such as infinity, are the zero Time.
func instant(s float64) time.Time {
	const year9999 = 253402300799
	if !(math.Abs(s) <= year9999) {
		return time.Time{}
	}
	whole := math.Floor(s)
	micro := math.Round((s - whole) * 1e6)
	return time.Unix(int64(whole), int64(micro)*1000)
}
