package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring"
)

// extremes are the cases with separate figures.
func extremes(s *sheet, _ int) error {
	s.Header = []string{"", "ring", "", "", "goal"}
	if err := coldKey(s); err != nil {
		return err
	}
	return hugeArgument(s)
}

// figure adds a line with one figure and its goal.
func (s *sheet) figure(name, shown, goal string, ok bool) {
	s.add(line{Name: name, Cells: []string{name, shown, "", "", goal}, Short: !ok})
}

// cold is a function whose keys are not cached.
type cold struct {
	rope       *ring.Rope
	waiting    atomic.Int64
	executions atomic.Int64
	end        time.Time // when the function returned
}

// newCold makes a function that runs until that many goroutines are about to call it,
// and a little longer, so that the last of them can join the flight.
func newCold(waiters int64, while time.Duration) *cold {
	c := new(cold)
	c.rope = ring.Wrap(func(n int) int {
		c.executions.Add(1)
		for c.waiting.Load() < waiters {
			runtime.Gosched()
		}
		time.Sleep(while)
		c.end = time.Now()
		return n
	}, cached(resident))
	return c
}

// ask makes goroutines call the function with one argument, and then deletes the value.
// It returns how long after the function's end the last of them got its answer.
func (c *cold) ask(waiters, argument int) (time.Duration, error) {
	c.waiting.Store(0)
	answered, values := make([]time.Time, waiters), make([]any, waiters)
	var wg sync.WaitGroup
	for g := range waiters {
		wg.Go(func() {
			c.waiting.Add(1)
			values[g], _ = c.rope.Call(argument)
			answered[g] = time.Now()
		})
	}
	wg.Wait()
	for _, v := range values {
		if v != argument {
			return 0, wrong(v, nil)
		}
	}
	return slices.MaxFunc(answered, time.Time.Compare).Sub(c.end), c.rope.Delete(argument)
}

// coldKey makes many goroutines ask for a key that is not cached, while the function
// runs.
func coldKey(s *sheet) error {
	const (
		waiters = 1000
		rounds  = 31
	)
	c := newCold(waiters, 5*time.Millisecond)
	goroutines, late := runtime.NumGoroutine(), make([]float64, rounds)
	for i := range late {
		spent, err := c.ask(waiters, 1000+i)
		if err != nil {
			return err
		}
		late[i] = float64(spent)
	}
	middle, worst := median(late), slices.Max(late)
	perKey := float64(c.executions.Load()) / rounds
	left := runtime.NumGoroutine() - goroutines
	for limit := time.Now().Add(time.Second); left > 0 && time.Now().Before(limit); { // the last are about to end
		time.Sleep(time.Millisecond)
		left = runtime.NumGoroutine() - goroutines
	}
	s.figure(fmt.Sprintf("a cold key, %d goroutines: executions", waiters), fmt.Sprint(perKey), "1", perKey == 1)
	s.figure("the last answer after the function's end", duration(middle), "≤ 5 ms", middle <= 5e6)
	s.figure("the worst of all rounds", duration(worst), "", true)
	s.figure("goroutines left behind", fmt.Sprint(left), "0", left <= 0)
	return leftBehind(s)
}

// leftBehind looks for memory that is still held for deleted keys.
func leftBehind(s *sheet) error {
	const (
		waiters = 8
		keys    = 4000
	)
	c := newCold(waiters, 0)
	var before uint64
	for i := range 2 * keys { // the first half is for the runtime and for what pools keep
		if i == keys {
			before = heapAlloc()
		}
		if _, err := c.ask(waiters, 1000+i); err != nil {
			return err
		}
	}
	left := max(0, float64(heapAlloc())-float64(before)) / keys
	s.figure("memory left behind, a key", fmt.Sprintf("%.0f B", left), "≤ 16 B", left <= 16)
	runtime.KeepAlive(c)
	return nil
}

// heapAlloc returns the memory in use after a collection.
func heapAlloc() uint64 {
	runtime.GC()
	runtime.GC() // pools keep their content for one more collection
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// hugeArgument measures what an entry keeps of an argument of a megabyte.
func hugeArgument(s *sheet) error {
	const entries = 64
	rope := wrap(ofString)
	call := func(i int) error {
		v, err := rope.Call(fmt.Sprint(i, strings.Repeat("x", 1<<20)))
		if err != nil || v.(int) < 1<<20 {
			return wrong(v, err)
		}
		return nil
	}
	if err := call(-1); err != nil {
		return err
	}
	before := heapAlloc()
	for i := range entries {
		if err := call(i); err != nil {
			return err
		}
	}
	kept := max(0, float64(heapAlloc())-float64(before)) / entries
	ran := executed.Load()
	for i := range entries {
		if err := call(i); err != nil {
			return err
		}
	}
	if executed.Load() != ran {
		return errMissed
	}
	s.figure("kept of an argument of 1 MB, an entry", fmt.Sprintf("%.1f kB", kept/1000), "≤ 10 kB", kept <= 10_000)
	runtime.KeepAlive(rope)
	return nil
}
