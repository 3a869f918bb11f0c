package diskcache

import (
	"math"
	"time"
)

// Times are stored as seconds since 1970 in a float, like Python's time.time.

func seconds(t time.Time) float64 {
	if y := t.Year(); y > 1678 && y < 2262 { // the range of UnixNano
		return float64(t.UnixNano()) / 1e9
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// instant is the inverse, to the microsecond, which is the precision of a float of this
// size. Times out of the range of years, such as infinity, become the zero Time.
func instant(s float64) time.Time {
	const year9999 = 253402300799
	if !(math.Abs(s) <= year9999) {
		return time.Time{}
	}
	whole := math.Floor(s)
	micro := math.Round((s - whole) * 1e6)
	return time.Unix(int64(whole), int64(micro)*1000)
}
