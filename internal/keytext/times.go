package keytext

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// buildTime: a time is written as in RFC 9557. Its colons have fixed places.
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
	co.repr = func(t *Text, v reflect.Value) error { // it has colons, but nothing to escape
		t.Buf = append(appendInstant(append(t.Buf, '\''), timeIn(v)), '\'')
		return nil
	}
	co.rule = ruleTime
}

// timeIn returns the time in v without allocating a copy.
func timeIn(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}

// appendInstant writes a time: RFC 3339, then the seconds of the offset if it has any,
// which RFC 3339 leaves out, and then the name of its zone unless that is UTC or the
// local one. Two zones with the same offset differ as soon as a program calculates with
// dates.
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
		dst = append(dst, '!') // CET of the database, which has a summer time, and a fixed offset with that name are two zones
	}
	return append(appendZoneName(dst, name), ']')
}

// isFixed reports whether the zone of t has always had, and will always have, the same
// offset.
func isFixed(t time.Time) bool {
	start, end := t.ZoneBounds()
	return start.IsZero() && end.IsZero()
}

// zoneNameChars are the characters of a zone's name that need no escape.
const zoneNameChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + digits + "/_+-."

var zoneNameBytes = bytesIn(zoneNameChars)

// appendZoneName writes a name so that the closing bracket ends it.
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

// datetime returns str(datetime). A time in time.UTC is one of Python's naive times.
// Python has no more digits than microseconds.
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
