package pickle

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// utc is the Location for Python's timezones that are UTC: in time.UTC a time would have
// no timezone.
var utc = time.FixedZone("UTC", 0)

// pytzOffset is the offset of a timezone of pytz at the time to which it belongs.
type pytzOffset struct {
	seconds int
	name    string // such as CET
}

// newOffset makes a dateutil.tz.tzoffset as an object, which gets its name and offset by
// BUILD.
func (d *decoder) newOffset() node {
	n := d.newValue(utc)
	if d.unset == nil {
		d.unset = map[uint64]bool{}
	}
	d.unset[n.payload] = true
	return n
}

// setZoneState sets the state of a tzoffset. The state of other timezones of dateutil is
// not needed.
func (d *decoder) setZoneState(zone, state node) error {
	if !d.unset[zone.payload] {
		return nil
	}
	if state.kind != kindDict {
		return d.errorf("a tzoffset with a state that is not a dict")
	}
	args := make([]node, 2)
	for items := d.items(state); len(items) > 0; items = items[2:] {
		switch name, _ := d.name(items[0]); name {
		case "_name":
			args[0] = items[1]
		case "_offset":
			args[1] = items[1]
		}
	}
	n, err := d.callTzOffset(args)
	if err == nil {
		d.leaves[zone.payload].value = d.value(n)
	}
	return err
}

func isZone(v any) bool { _, ok := v.(*time.Location); return ok }

// location returns the Location that a timezone became.
func (d *decoder) location(n node) (*time.Location, bool) {
	loc, ok := d.value(n).(*time.Location)
	return loc, ok
}

// zones caches the loaded Locations by name: reading one takes a file.
var (
	zones     sync.Map // string → *time.Location
	zoneCount atomic.Int64
)

// mostZones is more than the number of zones; some systems have each under many
// spellings.
const mostZones = 2000

// loadZone returns the Location of a name of the time zone database.
func loadZone(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "UTC" {
		return utc, nil
	}
	if !isZoneName(name) {
		return nil, errZone(name, nil)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone(name, err)
	}
	if zoneCount.Load() < mostZones {
		if _, known := zones.LoadOrStore(name, loc); !known {
			zoneCount.Add(1)
		}
	}
	return loc, nil
}

// isZoneName reports whether a zone may have that name. LoadLocation gives "" and
// "Local" another meaning.
func isZoneName(name string) bool {
	if name == "Local" || len(name) > 100 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" {
			return false
		}
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == ""
}

func errZone(name string, cause error) error {
	return &TypeError{
		Value: fmt.Sprintf("timezone %.100q", name), Type: locationType, cause: cause,
		Reason: "time.LoadLocation does not know it: install the time zone database, or import time/tzdata",
	}
}

// callZone makes a zoneinfo.ZoneInfo from its name; the second argument says whether
// Python takes it from its cache.
func (d *decoder) callZone(args []node) (node, error) {
	if len(args) != 2 {
		return d.errArguments("zoneinfo.ZoneInfo")
	}
	return d.namedZone(args[0], "zoneinfo.ZoneInfo")
}

func (d *decoder) namedZone(n node, class string) (node, error) {
	name, ok := d.name(n)
	if !ok {
		return d.errArguments(class)
	}
	loc, err := loadZone(name)
	if err != nil {
		return node{}, err
	}
	return d.newValue(loc), nil
}

// callPytz makes a timezone of pytz: from its name and, if the offset changes, the
// offset of the time to which it belongs.
func (d *decoder) callPytz(args []node) (node, error) {
	const class = "pytz.timezone"
	switch len(args) {
	case 1:
		return d.namedZone(args[0], class)
	case 4:
	default:
		return d.errArguments(class)
	}
	name, ok := d.name(args[3])
	zone, isName := d.name(args[0])
	if !ok || !isName || args[1].kind != kindInt || args[2].kind != kindInt {
		return d.errArguments(class)
	}
	seconds := int64(args[1].payload)
	if seconds <= -86400 || seconds >= 86400 {
		return d.errArguments(class)
	}
	loc, err := loadZone(zone)
	if err != nil {
		if d.missing++; d.missing > mostMissing {
			return node{}, err
		}
		loc = time.FixedZone(name, int(seconds)) // an unknown zone, but a known offset
	}
	n := d.newValue(loc)
	if d.offsets == nil {
		d.offsets = map[uint64]pytzOffset{}
	}
	d.offsets[n.payload] = pytzOffset{int(seconds), name}
	return n, nil
}

// mostMissing limits the zones of one pickle that are looked for without success,
// because that takes long.
const mostMissing = 100

// at returns a time by its wall clock: in loc if that has the offset then.
func (o pytzOffset) at(wall time.Time, loc *time.Location) time.Time {
	at := wall.Add(-time.Duration(o.seconds) * time.Second).In(loc)
	if _, offset := at.Zone(); offset != o.seconds {
		return at.In(time.FixedZone(o.name, o.seconds))
	}
	return at
}

// callPytzOffset makes a timezone from an offset in minutes.
func (d *decoder) callPytzOffset(args []node) (node, error) {
	if len(args) != 1 || args[0].kind != kindInt {
		return d.errArguments("pytz.FixedOffset")
	}
	minutes := int64(args[0].payload)
	if minutes <= -1440 || minutes >= 1440 {
		return d.errArguments("pytz.FixedOffset")
	}
	return d.newValue(fixedZone("", int(minutes)*60)), nil
}

// fixedZone is time.FixedZone with the one name of UTC.
func fixedZone(name string, offset int) *time.Location {
	if offset == 0 && (name == "" || name == "UTC") {
		return utc
	}
	return time.FixedZone(name, offset)
}

// callTzOffset makes a dateutil.tz.tzoffset from a name or None and an offset.
func (d *decoder) callTzOffset(args []node) (node, error) {
	const class = "dateutil.tz.tzoffset"
	if len(args) != 2 {
		return d.errArguments(class)
	}
	name := ""
	if args[0].kind != kindNone {
		var err error
		if name, err = d.zoneName(args[0], class); err != nil {
			return node{}, err
		}
	}
	if seconds := int64(args[1].payload); args[1].kind == kindInt && -86400 < seconds && seconds < 86400 {
		return d.newValue(fixedZone(name, int(seconds))), nil
	}
	offset, err := d.offset(args[1], class)
	if err != nil {
		return node{}, err
	}
	return d.newValue(fixedZone(name, offset)), nil
}

// callTzLocal makes the timezone of this machine, like Python, even if another machine
// wrote the pickle.
func (d *decoder) callTzLocal(args []node) (node, error) {
	if len(args) != 0 {
		return d.errArguments("dateutil.tz.tzlocal")
	}
	return d.newValue(time.Local), nil
}

// callTzFile makes a dateutil.tz.tzfile from None and the path of its file.
func (d *decoder) callTzFile(class node, args []node) (node, error) {
	if len(args) != 2 {
		return d.errArguments("dateutil.tz.tzfile")
	}
	path, ok := d.name(args[1])
	if !ok {
		return node{}, d.classError(class)
	}
	return d.zoneOfFile(path)
}

// callTzUnpickle is callTzFile in newer versions: its arguments are a class, a name,
// the path of a file and the content of that file.
func (d *decoder) callTzUnpickle(args []node) (node, error) {
	if len(args) < 3 || !args[0].is(callTzFile) {
		return d.errArguments("dateutil.tz.tzfile")
	}
	if _, ok := d.name(args[1]); ok {
		return d.namedZone(args[1], "dateutil.tz.tzfile")
	}
	path, ok := d.name(args[2])
	if !ok {
		return node{}, d.classError(args[0])
	}
	return d.zoneOfFile(path)
}

// zoneOfFile makes a timezone from the name at the end of the path of its file.
func (d *decoder) zoneOfFile(path string) (node, error) {
	name := path
	if _, below, ok := strings.Cut(path, "zoneinfo/"); ok {
		name = below
	}
	loc, err := loadZone(name)
	if err != nil {
		return node{}, err
	}
	return d.newValue(loc), nil
}

// day is more than the offset of any zone.
const day = 24 * time.Hour

// inZone returns the time at which the clocks of loc show wall, which is in time.UTC. If
// they show it twice, fold tells which time is meant. A time that they skip is counted
// from the last one before the gap, as in Python.
func inZone(wall time.Time, loc *time.Location, fold int) time.Time {
	_, before := wall.Add(-day).In(loc).Zone()
	_, after := wall.Add(day).In(loc).Zone()
	early := wall.Add(-time.Duration(before) * time.Second).In(loc)
	late := wall.Add(-time.Duration(after) * time.Second).In(loc)
	_, offset := early.Zone()
	isEarly := offset == before
	_, offset = late.Zone()
	isLate := offset == after
	switch {
	case before == after && !isEarly: // the offset changes twice within two days
		return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	case isEarly == isLate && fold == 0, isEarly && !isLate:
		return early
	}
	return late
}

// zoneOf returns the name of the Location of a time, if the time zone database has the
// same Location under that name. fold tells which of two times with the same wall clock
// v is.
func zoneOf(v time.Time) (name string, fold int, ok bool) {
	name = v.Location().String()
	if name == "UTC" || !isZoneName(name) {
		return "", 0, false
	}
	start, end := v.ZoneBounds()
	if start.IsZero() && end.IsZero() && !strings.Contains(name, "/") {
		return "", 0, false // most likely a FixedZone
	}
	loc, err := loadZone(name)
	if err != nil {
		return "", 0, false
	}
	same := v.In(loc)
	otherStart, otherEnd := same.ZoneBounds()
	_, offset := v.Zone()
	if _, other := same.Zone(); other != offset || !start.Equal(otherStart) || !end.Equal(otherEnd) {
		return "", 0, false
	}
	wall := v.Add(time.Duration(offset) * time.Second).UTC()
	for fold := range 2 {
		if inZone(wall, loc, fold).Equal(v) {
			return name, fold, true
		}
	}
	return "", 0, false
}
