package pickle

import (
	"fmt"
	"math"
	"time"
)

// callDatetime makes a datetime from packed bytes, or from numbers as in a call in
// Python, and a timezone.
func (d *decoder) callDatetime(args []node) (node, error) {
	var part [7]int
	var zone []node
	fold := 0
	if len(args) == 1 || len(args) == 2 {
		b := d.packed(args[0], 10)
		if b == nil {
			return d.errArguments("datetime.datetime")
		}
		// The top bit of the month is fold: which of two equal times at the end of summer
		// time is meant.
		fold = int(b[2] >> 7)
		year, month, day := packedDate(b)
		part = [7]int{year, month & 0x7F, day, int(b[4]), int(b[5]), int(b[6]), int(b[7])<<16 | int(b[8])<<8 | int(b[9])}
		zone = args[1:]
	} else {
		var ok bool
		if part, zone, ok = d.numbers(args, 7); !ok || len(args)-len(zone) < 3 {
			return d.errArguments("datetime.datetime")
		}
	}
	date := Date{part[0], time.Month(part[1]), part[2]}
	if !date.valid() || !(Time{part[3], part[4], part[5], part[6], nil}).valid() {
		return d.errArguments("datetime.datetime")
	}
	wall := time.Date(date.Year, date.Month, date.Day, part[3], part[4], part[5], part[6]*1000, time.UTC)
	if len(zone) == 0 || zone[0].kind == kindNone {
		return d.newValue(wall), nil
	}
	loc, ok := d.location(zone[0])
	if !ok {
		return d.errArguments("datetime.datetime")
	}
	if offset, ok := d.offsets[zone[0].payload]; ok {
		return d.newValue(offset.at(wall, loc)), nil
	}
	return d.newValue(inZone(wall, loc, fold)), nil
}

func (d *decoder) callDate(args []node) (node, error) {
	var part [7]int
	switch len(args) {
	case 1:
		b := d.packed(args[0], 4)
		if b == nil {
			return d.errArguments("datetime.date")
		}
		part[0], part[1], part[2] = packedDate(b)
	case 3:
		var rest []node
		var ok bool
		if part, rest, ok = d.numbers(args, 3); !ok || len(rest) > 0 {
			return d.errArguments("datetime.date")
		}
	default:
		return d.errArguments("datetime.date")
	}
	date := Date{part[0], time.Month(part[1]), part[2]}
	if !date.valid() {
		return d.errArguments("datetime.date")
	}
	return d.newValue(date), nil
}

// callTimedelta takes days, seconds and microseconds. A program can also give
// milliseconds, minutes, hours and weeks. Each may be missing.
func (d *decoder) callTimedelta(args []node) (node, error) {
	const most = 999999999
	unit := [7]int64{86400e6, 1e6, 1, 1e3, 60e6, 3600e6, 7 * 86400e6}
	if len(args) > len(unit) {
		return d.errArguments("datetime.timedelta")
	}
	micro := int64(0)
	days := 0.0 // exact enough to detect a value out of bounds
	for i, n := range args {
		part := int64(n.payload)
		if n.kind != kindInt || part > most || part < -most {
			return d.errArguments("datetime.timedelta")
		}
		days += float64(part) * float64(unit[i]) / 86400e6
		micro += part * unit[i] // it may overflow, which days detects
	}
	if math.Abs(days) > most+1 {
		return d.errArguments("datetime.timedelta")
	}
	if math.Abs(days) > 107000 || micro > math.MaxInt64/1000 || micro < math.MinInt64/1000 {
		return node{}, &TypeError{Value: fmt.Sprintf("a timedelta of %.0f days", days), Type: durationType, Reason: "beyond the 292 years that it can tell"}
	}
	return d.newValue(time.Duration(micro * 1000)), nil
}

func (d *decoder) callTimezone(args []node) (node, error) {
	if len(args) != 1 && len(args) != 2 {
		return d.errArguments("datetime.timezone")
	}
	offset, err := d.offset(args[0], "datetime.timezone")
	if err != nil {
		return node{}, err
	}
	name := ""
	if len(args) == 2 {
		if name, err = d.zoneName(args[1], "datetime.timezone"); err != nil {
			return node{}, err
		}
	} else if offset == 0 {
		name = "UTC"
	}
	return d.newValue(time.FixedZone(name, offset)), nil
}

// offset returns a timedelta in seconds, as the offset of a timezone.
func (d *decoder) offset(n node, class string) (int, error) {
	offset, ok := d.value(n).(time.Duration)
	if !ok || offset.Abs() >= 24*time.Hour {
		_, err := d.errArguments(class)
		return 0, err
	}
	if offset%time.Second != 0 {
		return 0, &TypeError{Value: "a timezone of offset " + offset.String(), Type: locationType, Reason: "offsets are in whole seconds"}
	}
	return int(offset / time.Second), nil
}

// zoneName returns the name given to a timezone.
func (d *decoder) zoneName(n node, class string) (string, error) {
	n = d.raw(n)
	if !d.isText(n) {
		_, err := d.errArguments(class)
		return "", err
	}
	if err := d.spendText(n); err != nil {
		return "", err
	}
	return string(d.bytes(n)), nil
}
