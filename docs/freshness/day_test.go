package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

var update = flag.Bool("update", false, "write the table of the day into docs/freshness.md")

// The day of the page.
const (
	keys     = 200
	interval = 500 * time.Millisecond // of the calls
	takes    = 330 * time.Millisecond // a run, also one that fails; no multiple of interval, so that no run ends as a call begins
	expire   = 10 * time.Minute
)

// isDown tells whether the source fails: in the last 20 minutes of every hour.
func isDown(since time.Duration) bool { return since%time.Hour >= 40*time.Minute }

// days are the rows of the table.
var days = []struct {
	title string
	ring.Freshness
}{
	{title: "nothing"},
	{"`CacheError` 30 s", ring.Freshness{CacheError: ring.CacheErrors(30 * time.Second)}},
	{"`RefreshAhead` 2 min", ring.Freshness{RefreshAhead: 2 * time.Minute}},
	{"`StaleWhileRevalidate` 10 min", ring.Freshness{StaleWhileRevalidate: 10 * time.Minute}},
	{"`StaleIfError` 1 h", ring.Freshness{StaleIfError: time.Hour}},
	{"`RefreshAhead` 2 min, `StaleWhileRevalidate` 10 min, `StaleIfError` 1 h",
		ring.Freshness{RefreshAhead: 2 * time.Minute, StaleWhileRevalidate: 10 * time.Minute, StaleIfError: time.Hour}},
}

// day is what happened on a day.
type day struct {
	mu       sync.Mutex
	start    time.Time
	calls    int
	answered int           // calls that got a value
	waited   int           // calls that took time
	oldest   time.Duration // past its Expire, of the values that calls got
	runs     [2]int        // while the source works, and while it is down
}

var errDown = errors.New("the source is down")

// get is the source. Its value is the time at which that was made.
func (d *day) get(context.Context, int) (time.Time, error) {
	down := isDown(time.Since(d.start))
	d.mu.Lock()
	if down {
		d.runs[1]++
	} else {
		d.runs[0]++
	}
	d.mu.Unlock()
	time.Sleep(takes)
	if down {
		return time.Time{}, errDown
	}
	return time.Now(), nil
}

// call calls the rope, and counts what it gets.
func (d *day) call(r *ring.Rope, key int) {
	began := time.Now()
	made, ok, err := ring.As[time.Time](r.Call(context.Background(), key))
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if now.After(began) {
		d.waited++
	}
	if err == nil && ok {
		d.answered++
		d.oldest = max(d.oldest, now.Sub(made)-expire)
	}
}

// live runs a day with these options.
func live(t *testing.T, f ring.Freshness) *day {
	d := &day{}
	synctest.Test(t, func(*testing.T) {
		d.start = time.Now()
		r := ring.Wrap(d.get, ring.Lru{Expire: expire, MaxSize: keys, Options: ring.Options{
			Freshness: f, OnError: func(context.Context, *ring.Error) {},
		}})
		random := rand.NewPCG(1, 2)
		for time.Since(d.start) < 24*time.Hour {
			u := float64(random.Uint64()>>11) / (1 << 53)
			key := int(keys * u * u) // some are called more often than others
			go d.call(r, key)
			time.Sleep(interval)
		}
		time.Sleep(time.Minute) // until all runs have ended
	})
	return d
}

// row is the row of a day in the table.
func (d *day) row(title string) string {
	percent := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(d.calls)) }
	perMinute := func(n int, share time.Duration) string {
		return fmt.Sprintf("%.2f", float64(n)/keys/(24*share).Minutes())
	}
	oldest := "0"
	if d.oldest > 0 {
		oldest = d.oldest.Round(time.Second).String()
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", title, percent(d.answered), percent(d.waited), oldest,
		perMinute(d.runs[0], 40*time.Minute), perMinute(d.runs[1], 20*time.Minute))
}

const (
	page   = "../freshness.md"
	header = "| `Freshness` | got a value | waited | longest past Expire | runs a minute and key, source up | source down |\n" +
		"|---|---|---|---|---|---|\n"
)

var table = regexp.MustCompile(`(?s)<!-- day -->\n(.*?)<!-- end -->`)

// TestDay: what the page says of a day is what happens. The race detector makes days long: it
// sees the first and the last.
func TestDay(t *testing.T) {
	lived := days
	if raced {
		lived = append(days[:1:1], days[len(days)-1])
	}
	got := make([]*day, len(lived))
	t.Run("days", func(t *testing.T) {
		for i, d := range lived {
			t.Run(d.title, func(t *testing.T) {
				t.Parallel()
				got[i] = live(t, d.Freshness)
			})
		}
	})
	rows := header
	for i, d := range lived {
		rows += got[i].row(d.title)
	}
	compare(t, rows)

	none, all := got[0], got[len(got)-1]
	assert.Less(t, none.answered, none.calls*9/10)
	assert.Equal(t, all.calls, all.answered, "with all options every call gets a value")
	for i, d := range got {
		assert.LessOrEqual(t, d.oldest, max(lived[i].StaleWhileRevalidate, lived[i].StaleIfError)+takes)
		assert.Less(t, d.runs[0], none.runs[0]*3/2, "nothing makes a source that works run much more often")
	}
}

// compare compares the table of the page with these rows, or writes them.
func compare(t *testing.T, rows string) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	if *update {
		require.False(t, raced, "it has some of the rows")
		text = table.ReplaceAllLiteral(text, []byte("<!-- day -->\n"+rows+"<!-- end -->"))
		require.NoError(t, os.WriteFile(page, text, 0o644))
	}
	found := table.FindStringSubmatch(string(text))
	require.NotNil(t, found)
	if !raced {
		assert.Equal(t, rows, found[1], "after a change: make freshness")
	}
	for row := range strings.Lines(rows) {
		assert.Contains(t, found[1], row, "after a change: make freshness")
	}
}
