package storagetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"
)

// clock is a clock that only Advance moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(_ *testing.T, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// recorder is a host that records the failures of each check instead of failing.
type recorder struct {
	check  string
	only   string // the check to run beside Interfaces; "": all
	opener func() ring.Storage
	mover  func(*testing.T, time.Duration)
	seen   *record
}

var _ host = recorder{}

type record struct {
	mu       sync.Mutex
	ran      []string
	failures map[string][]string
}

// examine does what Run does, without a *testing.T, or only one check of it.
func examine(only string, open func() ring.Storage, opts *Options) *record {
	o := opts.orDefaults()
	seen := &record{failures: map[string][]string{}}
	r := recorder{"", only, open, o.Advance, seen}
	r.inGoroutine(func() { run(r, o) })
	return seen
}

// inGoroutine runs f in a goroutine, so that FailNow ends only f.
func (recorder) inGoroutine(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

func (recorder) Helper() {}

func (recorder) Logf(string, ...any) {}

func (r recorder) Errorf(format string, args ...any) {
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	r.seen.failures[r.check] = append(r.seen.failures[r.check], fmt.Sprintf(format, args...))
}

func (recorder) FailNow() { runtime.Goexit() }

func (r recorder) run(name string, f func(host)) {
	if r.only != "" && name != r.only && name != interfacesCheck {
		return
	}
	r.seen.ran = append(r.seen.ran, name)
	r.check = name
	r.inGoroutine(func() { f(r) })
}

func (r recorder) open() ring.Storage { return r.opener() }

func (r recorder) advance(d time.Duration) { r.mover(nil, d) }
