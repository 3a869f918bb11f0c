package keytext

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// TestTextOfATime: the zone is part of it, as in RFC 9557.
func TestTextOfATime(t *testing.T) {
	at := time.Date(2024, 1, 15, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		in   *time.Location
		want string
	}{
		{time.UTC, "2024-01-15T08:00:00Z"},
		{zone(t, "UTC"), "2024-01-15T08:00:00Z"},
		{zone(t, "Europe/Paris"), "2024-01-15T09:00:00+01:00[Europe/Paris]"},
		{zone(t, "Africa/Lagos"), "2024-01-15T09:00:00+01:00[Africa/Lagos]"},
		{zone(t, "Europe/London"), "2024-01-15T08:00:00Z[Europe/London]"},
		{zone(t, "Etc/UTC"), "2024-01-15T08:00:00Z[Etc/UTC]"},
		{zone(t, "Etc/GMT+1"), "2024-01-15T07:00:00-01:00[Etc/GMT+1]"},
		{zone(t, "CET"), "2024-01-15T09:00:00+01:00[!CET]"},
		{time.FixedZone("X", 3600), "2024-01-15T09:00:00+01:00[X]"},
		{time.FixedZone("UTC+1", 3600), "2024-01-15T09:00:00+01:00[UTC+1]"},
		{time.FixedZone("UTC", 0), "2024-01-15T08:00:00Z[UTC]"},
		{time.FixedZone("Local", 3600), "2024-01-15T09:00:00+01:00[Local]"},
		{time.FixedZone("", 3600), "2024-01-15T09:00:00+01:00[]"},
		{time.FixedZone("X", 3630), "2024-01-15T09:00:30+01:00+30s[X]"},
		{time.FixedZone("X", -30), "2024-01-15T07:59:30+00:00-30s[X]"},
		{time.FixedZone("a b]:[,'é%\\", 0), "2024-01-15T08:00:00Z[a%20b%5D%3A%5B%2C%27%C3%A9%25%5C]"},
		// An offset is not the zone with the same name.
		{time.FixedZone("Europe/Paris", 3600), "2024-01-15T09:00:00+01:00[!Europe/Paris]"},
		{time.FixedZone("CET", 3600), "2024-01-15T09:00:00+01:00[CET]"},
	} {
		assert.Equal(t, tt.want, part(t, safeKeys, at.In(tt.in)), tt.in)
		assert.Equal(t, tt.want, part(t, hashKeys, at.In(tt.in)), tt.in)
		assert.Equal(t, "['"+tt.want+"']", part(t, safeKeys, []time.Time{at.In(tt.in)}), tt.in)
		text, err := anyPart(Rules{}, at.In(tt.in))
		require.NoError(t, err)
		assert.Equal(t, "time.Time('"+tt.want+"')", text)
	}
	assert.Equal(t, "2024-01-15 09:00:00+01:00", part(t, pythonKeys, at.In(zone(t, "Europe/Paris"))), "Python's text has no zone")
}

// TestMonotonicClock: the monotonic clock of a time is not part of a key.
func TestMonotonicClock(t *testing.T) {
	now := time.Now()
	assert.Equal(t, part(t, safeKeys, now.Round(0)), part(t, safeKeys, now))
}

// TestLocalTime: it has only its offset; but without one it is not UTC, unless the
// machine has no other zone. A process has one local zone.
func TestLocalTime(t *testing.T) {
	winter, summer := time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC), time.Date(2024, 7, 15, 9, 0, 0, 0, time.UTC)
	if os.Getenv("RING_LOCAL_CHILD") != "" {
		fmt.Println("local:", part(t, safeKeys, winter.Local()), part(t, safeKeys, summer.Local()))
		return
	}
	for zone, want := range map[string]string{
		"Europe/Paris":  "local: 2024-01-15T10:00:00+01:00 2024-07-15T11:00:00+02:00\n",
		"Europe/London": "local: 2024-01-15T09:00:00+00:00 2024-07-15T10:00:00+01:00\n",
		"Etc/UTC":       "local: 2024-01-15T09:00:00Z 2024-07-15T09:00:00Z\n",
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLocalTime$", "-test.v")
		cmd.Env = append(os.Environ(), "RING_LOCAL_CHILD=1", "TZ="+zone)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), want, zone)
	}
}

// TestZonesInEveryPlace: wherever a time is, its zone tells two calls apart.
func TestZonesInEveryPlace(t *testing.T) {
	type tagged struct {
		At time.Time
		DB *int `hash:"ignore"`
	}
	type text struct {
		At time.Time `hash:"string"`
	}
	type inner struct{ At []time.Time }
	type deep struct {
		In map[string]inner
		DB *int `hash:"ignore"`
	}
	paris, lagos := time.Date(2024, 1, 15, 9, 0, 0, 0, zone(t, "Europe/Paris")), time.Date(2024, 1, 15, 9, 0, 0, 0, zone(t, "Africa/Lagos"))
	berlin := time.Date(2024, 1, 15, 9, 0, 0, 0, zone(t, "Europe/Berlin"))
	london := time.Date(2024, 1, 15, 8, 0, 0, 0, zone(t, "Europe/London"))
	times := []time.Time{paris, lagos, berlin, london, london.UTC()}
	for _, style := range []Rules{safeKeys, hashKeys} {
		allDiffer(t, style, times...)
		allDiffer(t, style, mapped(times, func(at time.Time) *time.Time { return &at })...)
		allDiffer(t, style, mapped(times, func(at time.Time) []time.Time { return []time.Time{at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) [1]time.Time { return [1]time.Time{at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) timeAndName { return timeAndName{at, "n"} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) namedTime { return namedTime{at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) map[string]time.Time { return map[string]time.Time{"a": at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) map[time.Time]int { return map[time.Time]int{at: 1} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) map[time.Time]struct{} { return map[time.Time]struct{}{at: {}} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) tagged { return tagged{at, nil} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) text { return text{at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) deep { return deep{map[string]inner{"a": {[]time.Time{at}}}, nil} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) choosy { return choosy{At: at} })...)
		allDiffer(t, style, mapped(times, func(at time.Time) choosy { return choosy{Times: map[string]time.Time{"a": at}} })...)
	}
	assert.Equal(t, part(t, safeKeys, choosy{Left: paris, Times: map[string]time.Time{"left": paris}}), part(t, safeKeys, choosy{Left: lagos}),
		"what a type leaves out stays out")
	assert.NotEqual(t, part(t, safeKeys, choosy{At: paris}), part(t, safeKeys, choosy{At: paris, Times: map[string]time.Time{"b": paris}}))
}

func mapped[T, U any](all []T, f func(T) U) (results []U) {
	for _, v := range all {
		results = append(results, f(v))
	}
	return results
}

// choosy decides which of its fields, and which entries of its map, are hashed.
type choosy struct {
	At, Left time.Time
	Times    map[string]time.Time `hash:""`
}

func (c choosy) HashInclude(field string, _ any) (bool, error) { return field != "Left", nil }
func (c choosy) HashIncludeMap(field string, k, _ any) (bool, error) {
	return field != "Times" || k != "left", nil
}

// TestZonesOfOneName: a zone of the database and an offset with its name are two zones.
func TestZonesOfOneName(t *testing.T) {
	winter, summer := time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC), time.Date(2024, 7, 15, 9, 0, 0, 0, time.UTC)
	for _, name := range []string{"CET", "EST5EDT", "Japan", "Europe/Paris", "Asia/Tokyo", "Africa/Abidjan", "Zulu", "Etc/UTC"} {
		for _, at := range []time.Time{winter, summer} {
			_, offset := at.In(zone(t, name)).Zone()
			fixed, other := at.In(time.FixedZone(name, offset)), at.In(time.FixedZone("X", offset))
			allDiffer(t, safeKeys, at.In(zone(t, name)), fixed, other, at, at.In(time.FixedZone("", offset)))
		}
	}
	assert.Equal(t, "2024-01-15T09:00:00Z[GMT]", part(t, safeKeys, winter.In(zone(t, "GMT"))), "it is nothing but an offset")
}

// TestAllocationsOfTheKeyOfATime counts them with and without a zone.
func TestAllocationsOfTheKeyOfATime(t *testing.T) {
	if racing {
		t.Log("the race detector allocates")
		return
	}
	plan := planFor(t, safeKeys, timeType)
	for _, in := range []*time.Location{time.UTC, zone(t, "Europe/Paris"), time.FixedZone("X", 3600)} {
		args := []any{time.Now().In(in)}
		txt := &Text{Buf: make([]byte, 0, 256)}
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			txt.Buf = txt.Buf[:0]
			if err := plan.Write(txt, nil, args); err != nil {
				t.Fatal(err)
			}
		}), in)
	}
}
