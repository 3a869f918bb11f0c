package ringdebug

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// TestNumbers: numbers are short, and what is not all is not written as all.
func TestNumbers(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", 12_345_678: "12.3M", 12_345_678_901: "12.3G"} {
		assert.Equal(t, want, countText(n))
	}
	assert.Equal(t, "–", sizeText(-1))
	for rate, want := range map[float64]string{-1: "–", 0: "0", 0.04: "<0.1", 2.34: "2.3", 9.96: "10", 1234.5: "1,235"} {
		assert.Equal(t, want, rateText(rate))
	}
	for part, want := range map[float64]string{0: "0%", 0.0005: "<0.1%", 0.0123: "1.2%", 0.5: "50%", 0.995: "99.5%", 0.99999: ">99.9%", 1: "100%"} {
		assert.Equal(t, want, percentText(part))
	}
	for d, want := range map[time.Duration]string{
		0: "–", 350 * time.Nanosecond: "0.3 µs", 12 * time.Microsecond: "12 µs", 1234 * time.Microsecond: "1.2 ms", 250 * time.Millisecond: "250 ms",
		1500 * time.Millisecond: "1.5 s", time.Minute: "1m", 90 * time.Second: "1m 30s", 3*time.Hour + 12*time.Minute: "3h 12m", 50 * time.Hour: "2d 2h",
	} {
		assert.Equal(t, want, durationText(d), d)
	}
}

// TestCells: what a cell says is escaped, and fewer than one in a thousand is not nothing.
func TestCells(t *testing.T) {
	r := row{entry: &entry{}, Rates: []float64{0.04}, Stats: ring.Stats{Hits: 1, Misses: 9999, Errors: 2, Entries: 7, MaxEntries: 9}}
	r.Share = shareOf(&r.Stats)
	cells := string(r.Cells())
	checkElements(t, "the cells", "<!DOCTYPE html>\n<html>"+cells+"</html>")
	assert.Contains(t, cells, "<span>&lt;0.1</span>")
	assert.Contains(t, cells, "<span>&lt;0.1%</span>")
	assert.Contains(t, cells, `aria-label="&lt;0.1% hit, 0% stale, &gt;99.9% miss, &lt;0.1% error"`)
	assert.Contains(t, cells, `class="errors some" data-label="Errors">2<`)
	assert.Contains(t, cells, `7<span class="limit"> of 9</span>`)
}

// TestRates: the calls per second are those between two looks. A look right after another
// changes nothing, and after a long time without one the samples begin again.
func TestRates(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newSampler(func() time.Time { return now })
	a, b := &entry{ID: "a"}, &entry{ID: "b"}
	look := func(after time.Duration, entries []*entry, calls ...uint64) [][]float64 {
		now = now.Add(after)
		return s.rates(entries, calls)
	}
	assert.Equal(t, [][]float64{nil}, look(0, []*entry{a}, 100))
	assert.Equal(t, [][]float64{nil}, look(time.Second/2, []*entry{a}, 150))
	assert.Equal(t, [][]float64{{40}}, look(2*time.Second, []*entry{a}, 200), "100 in 2.5 s")
	assert.Equal(t, [][]float64{{40, 10}, nil}, look(2*time.Second, []*entry{a, b}, 220, 5), "b is new")
	assert.Equal(t, [][]float64{{10}}, look(time.Second, []*entry{b}, 15), "a is gone")
	assert.Equal(t, [][]float64{nil}, look(31*time.Second, []*entry{b}, 99), "a long time")
	assert.Equal(t, [][]float64{{0}}, look(time.Second, []*entry{b}, 98), "never below 0")
	for range 2 * maxSamples {
		look(time.Second, []*entry{b}, 98)
	}
	assert.Len(t, look(time.Second, []*entry{b}, 100)[0], maxSamples-1)
}

// TestLife: the stages of a value follow from the Expire and the Freshness.
func TestLife(t *testing.T) {
	for _, c := range []struct {
		name   string
		config ring.Config
		words  string
	}{
		{"for good", ring.Config{}, "fresh from the store on"},
		{"an expiry", ring.Config{Expire: time.Minute}, "fresh 0 – 1m"},
		{"all", ring.Config{Expire: time.Minute, Freshness: ring.Freshness{RefreshAhead: 10 * time.Second, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour}},
			"fresh 0 – 50 s, due 50 s – 1m, stale 1m – 2m, spare 2m – 1h 1m"},
		{"a shorter StaleIfError", ring.Config{Expire: time.Minute, Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour, StaleIfError: time.Minute}},
			"fresh 0 – 1m, stale 1m – 1h 1m"},
	} {
		l := lifeOf(&c.config)
		assert.Equal(t, "The life of a value: "+c.words, l.Words(), c.name)
		assert.Contains(t, string(l.Picture()), `aria-label="The life of a value: `+c.words+`"`, c.name)
		checkElements(t, c.name, "<!DOCTYPE html>\n<html>"+string(l.Picture())+"</html>")
	}
}

// TestHistogram: there is a bar for each bucket, and the marks are between the right ones.
func TestHistogram(t *testing.T) {
	s := ring.Stats{}
	s.RunBuckets[4], s.RunBuckets[5] = 6, 3 // up to 1 ms, and up to 2.5 ms
	h := histogramOf(&s, 900*time.Microsecond, 2500*time.Microsecond)
	assert.EqualValues(t, 9, h.Runs)
	assert.Len(t, h.Bars, len(s.RunBuckets))
	assert.Equal(t, "up to 1 ms", h.Bars[4].Name)
	assert.Equal(t, "longer than 1m", h.Bars[len(h.Bars)-1].Name)
	assert.InDelta(t, (4+0.8)*5, h.place(900*time.Microsecond), 1e-6)
	assert.InDelta(t, 6*5, h.place(2500*time.Microsecond), 1e-6)
	assert.InDelta(t, 19.5*5, h.place(time.Hour), 1e-6)
	checkElements(t, "the picture", "<!DOCTYPE html>\n<html>"+string(h.Picture())+"</html>")
	assert.Contains(t, histogramOf(&ring.Stats{}, 0, 0).Words(), "No run")
}
