package keytext

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// buildTime: a time is written as RFC 9557 does. Its colons stand in fixed places.
func (c *compiler) buildTime(co *coercer) {
	if c.Python {
		c.buildText(co, func(v reflect.Value) (string, error) { return datetime(timeIn(v)), nil }, shapeDelimited)
		co.rule = ruleTime
		return
	}
	co.everywhere(func(t *Text, v reflect.Value) error {
		t.Buf = appendInstant(t.Buf, timeIn(v))
		return nil
	}, shapeDelimited)
	co.repr = func(t *Text, v reflect.Value) error { // it has colons, and nothing to escape
		t.Buf = append(appendInstant(append(t.Buf, '\''), timeIn(v)), '\'')
		return nil
	}
	co.rule = ruleTime
}

// timeIn returns the time in v, without a copy of it that would have to be allocated.
func timeIn(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}

// appendInstant writes a time: RFC 3339, the seconds of an offset that has some, which
// RFC 3339 leaves out, and, unless it is UTC or the local one, the name of its zone. Two
// zones of one offset are two as soon as a date is reckoned with.
func appendInstant(dst []byte, t time.Time) []byte {
	zone, offset := t.Zone()
	loc := t.Location()
	layout := time.RFC3339Nano
	if loc == time.Local && offset == 0 && !(zone == "UTC" && isFixed(t)) {
		layout = "2006-01-02T15:04:05.999999999-07:00" // London in winter is not UTC
	}
	dst = t.AppendFormat(dst, layout)
	if seconds := offset % 60; seconds != 0 {
		if seconds > 0 {
			dst = append(dst, '+')
		}
		dst = append(strconv.AppendInt(dst, int64(seconds), 10), 's')
	}
	if loc == time.UTC || loc == time.Local {
		return dst
	}
	name := loc.String()
	dst = append(dst, '[')
	if fromDatabase, usual := zone != name || !isFixed(t), strings.IndexByte(name, '/') >= 0; fromDatabase != usual {
		dst = append(dst, '!') // CET of the database, which has a summer time, and an offset with that name are two zones
	}
	return append(appendZoneName(dst, name), ']')
}

// isFixed tells whether the zone of t has never had another offset, and never will.
func isFixed(t time.Time) bool {
	start, end := t.ZoneBounds()
	return start.IsZero() && end.IsZero()
}

// zoneNameChars are the characters of a zone's name that are written as they are.
const zoneNameChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + digits + "/_+-."

var zoneNameBytes = bytesIn(zoneNameChars)

// appendZoneName writes a name so that the bracket behind it ends it.
func appendZoneName(dst []byte, name string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(name) {
		b := name[i]
		if zoneNameBytes[b] {
			dst = append(dst, b)
			continue
		}
		dst = append(dst, '%', hex[b>>4], hex[b&15])
	}
	return dst
}

// datetime is str(datetime). A time in time.UTC is taken as Python's naive one;
// what is shorter than a microsecond, Python does not know.
func datetime(t time.Time) string {
	layout := "2006-01-02 15:04:05"
	switch ns := t.Nanosecond(); {
	case ns%1000 != 0:
		layout += ".000000000"
	case ns != 0:
		layout += ".000000"
	}
	if t.Location() != time.UTC {
		layout += "-07:00"
	}
	return t.Format(layout)
}
