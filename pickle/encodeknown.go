package pickle

import (
	"encoding/binary"
	"math/big"
	"time"
)

// The types that stand for Python classes.

func (e *encoder) complex(v complex128) error {
	return e.object(constant, func() error {
		e.global(globalComplex)
		e.float(real(v))
		e.float(imag(v))
		e.buf = append(e.buf, opTuple2, opReduce)
		return nil
	})
}

func (e *encoder) decimal(v Decimal) error {
	if !v.valid() {
		return &TypeError{Value: "text that Python cannot read", Type: decimalType, Reason: `give it digits, such as "1.50", and an exponent of at most 18 digits`}
	}
	e.global(globalDecimal)
	if len(v) < longText { // a separate str in Python, even if it is short
		e.text(string(v))
	} else if err := e.sharedStr(string(v)); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple1, opReduce)
	return nil
}

func (e *encoder) uuid(v UUID) error {
	e.global(globalUUID)
	e.buf = append(e.buf, opEmptyTuple, opNewObj)
	e.begun()
	e.op(opEmptyDict)
	e.name("int", func(write func() error) error { return e.once(memoInt, write) })
	if err := e.bigInt(new(big.Int).SetBytes(v[:])); err != nil {
		return err
	}
	e.buf = append(e.buf, opSetItem, opBuild)
	return nil
}

func (e *encoder) date(v Date) error {
	if !v.valid() {
		return &TypeError{Value: v.String(), Type: dateType, Reason: "there is no such day in the years 1 to 9999"}
	}
	e.global(globalDate)
	packed := binary.BigEndian.AppendUint16(nil, uint16(v.Year))
	if err := e.freshBytes(append(packed, byte(v.Month), byte(v.Day))); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple1, opReduce)
	return nil
}

func (e *encoder) duration(v time.Duration) error {
	if e.rounds() {
		v = v.Truncate(time.Microsecond)
	}
	if v%time.Microsecond != 0 {
		return &TypeError{Value: v.String(), Type: durationType, Reason: "Python's timedelta ends at microseconds: use Truncate(time.Microsecond)"}
	}
	const day = 24 * time.Hour
	days := v / day
	if v%day < 0 {
		days--
	}
	rest := v - days*day // overflows back for the most negative values
	e.timedelta(int64(days), int64(rest/time.Second), int64(rest%time.Second/time.Microsecond))
	return nil
}

func (e *encoder) timedelta(days, seconds, micro int64) {
	e.global(globalTimedelta)
	e.int(days)
	e.int(seconds)
	e.int(micro)
	e.buf = append(e.buf, opTuple3, opReduce)
}

// time writes a datetime: without a timezone for a time in UTC, with its ZoneInfo for a
// Location of the time zone database, and with the offset for any other.
func (e *encoder) time(v time.Time) error {
	if e.rounds() {
		v = v.Add(-time.Duration(v.Nanosecond() % 1000))
	}
	if v.Nanosecond()%1000 != 0 {
		return &TypeError{Value: v.String(), Type: timeType, Reason: "Python's datetime ends at microseconds: use Truncate(time.Microsecond)"}
	}
	year, month, day := v.Date()
	if year < 1 || year > 9999 {
		return &TypeError{Value: v.String(), Type: timeType, Reason: "Python's datetime has the years 1 to 9999"}
	}
	zone, fold, named := "", 0, false
	if v.Location() != time.UTC {
		zone, fold, named = zoneOf(v)
	}
	if fold > 0 && e.protocol < 4 { // these protocols have no place for it
		named, fold = false, 0
	}
	e.global(globalDatetime)
	micro := v.Nanosecond() / 1000
	hour, minute, second := v.Clock()
	packed := binary.BigEndian.AppendUint16(make([]byte, 0, 10), uint16(year))
	packed = append(packed, byte(month)|byte(fold<<7), byte(day), byte(hour), byte(minute), byte(second), byte(micro>>16), byte(micro>>8), byte(micro))
	if err := e.freshBytes(packed); err != nil {
		return err
	}
	if v.Location() == time.UTC {
		e.buf = append(e.buf, opTuple1, opReduce)
		return nil
	}
	if named {
		e.zoneInfo(zone)
	} else {
		_, offset := v.Zone()
		if err := e.timezone(offset, ""); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, opTuple2, opReduce)
	return nil
}

// zoneName identifies a zone for onceOf.
type zoneName string

// zoneInfo writes a zoneinfo.ZoneInfo, of which Python has only one for each name.
func (e *encoder) zoneInfo(name string) {
	_ = e.onceOf(zoneName(name), func() error {
		e.global(globalGetattr)
		e.global(globalZoneInfo)
		e.text("_unpickle")
		e.buf = append(e.buf, opTuple2, opReduce)
		e.text(name)
		e.int(1) // it is taken from Python's cache of zones
		e.buf = append(e.buf, opTuple2, opReduce)
		return nil
	})
}

// timeOfDay writes a time.
func (e *encoder) timeOfDay(v Time) error {
	if !v.valid() {
		return &TypeError{Value: v.String(), Type: timeOfDayType, Reason: "there is no such time of day"}
	}
	e.global(globalTime)
	micro := v.Microsecond
	packed := []byte{byte(v.Hour), byte(v.Minute), byte(v.Second), byte(micro >> 16), byte(micro >> 8), byte(micro)}
	if err := e.freshBytes(packed); err != nil {
		return err
	}
	if v.Location == nil {
		e.buf = append(e.buf, opTuple1, opReduce)
		return nil
	}
	if err := e.location(v.Location); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple2, opReduce)
	return nil
}

// rat writes a Fraction of two ints, which every Python reads: Python refuses text of
// thousands of digits.
func (e *encoder) rat(v *big.Rat) error {
	if v.Num().BitLen() > maxFraction || v.Denom().BitLen() > maxFraction {
		return errFraction()
	}
	return e.object(mutable, func() error {
		e.global(globalFraction)
		if err := e.bigInt(v.Num()); err != nil {
			return err
		}
		if err := e.bigInt(v.Denom()); err != nil {
			return err
		}
		e.buf = append(e.buf, opTuple2, opReduce)
		return nil
	})
}

func (e *encoder) rangeOf(v Range) error {
	if v.Step == 0 {
		return &TypeError{Value: v.String(), Type: rangeType, Reason: "the step is 0"}
	}
	e.global(globalRange)
	e.int(int64(v.Start))
	e.int(int64(v.Stop))
	e.int(int64(v.Step))
	e.buf = append(e.buf, opTuple3, opReduce)
	return nil
}

// location writes a ZoneInfo for a Location of the time zone database, and a timezone
// for any other Location whose offset never changes.
func (e *encoder) location(v *time.Location) error {
	at := time.Unix(0, 0).In(v)
	if name, _, ok := zoneOf(at); ok {
		e.zoneInfo(name)
		return nil
	}
	if start, end := at.ZoneBounds(); !start.IsZero() || !end.IsZero() {
		return &TypeError{Value: v.String(), Type: locationType, Reason: "its offset changes and its name is not that of a zone: use time.LoadLocation or a time.FixedZone"}
	}
	name, offset := at.Zone()
	if offset == 0 && name == "UTC" {
		name = ""
	}
	return e.timezone(offset, name)
}

// timezone writes an offset in seconds. Python has one object for UTC.
func (e *encoder) timezone(offset int, name string) error {
	if offset <= -86400 || offset >= 86400 {
		return &TypeError{Value: "an offset of " + time.Duration(offset*1e9).String(), Type: locationType, Reason: "Python's are less than a day"}
	}
	if offset == 0 && name == "" {
		return e.once(memoUTC, func() error {
			e.global(globalTimezone)
			e.timedelta(0, 0, 0)
			e.buf = append(e.buf, opTuple1, opReduce)
			return nil
		})
	}
	days := 0
	if offset < 0 {
		days, offset = -1, offset+86400
	}
	return e.object(mutable, func() error {
		e.global(globalTimezone)
		e.timedelta(int64(days), int64(offset), 0)
		if name == "" {
			e.buf = append(e.buf, opTuple1, opReduce)
			return nil
		}
		if err := e.sharedStr(name); err != nil {
			return err
		}
		e.buf = append(e.buf, opTuple2, opReduce)
		return nil
	})
}

// rounds reports whether a time may be truncated to microseconds. As a key it may not:
// two keys could become one.
func (e *encoder) rounds() bool { return e.truncate && e.inKey == 0 }
