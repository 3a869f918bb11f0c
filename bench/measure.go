package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// operation does something n times.
type operation func(n int) error

// row compares two operations, or our own cost beyond another one's.
type row struct {
	name       string
	ours, base operation
	baseName   string
	goal       float64 // the largest ratio ours/base; with over, nanoseconds beyond base; 0: none
	over       bool    // the difference is shown
	beyond     float64 // with over, the goal where instructions are counted: the most of them beyond base
	timed      bool    // there are other goroutines, whose instructions cannot be told from the runtime's
	byTime     bool    // the goal is for the times, also where instructions are counted
	faster     bool    // goal is the smallest factor by which ours is faster than base
	allocs     float64 // the most allocations beyond base; below 0: any
	total      bool    // allocs counts all of ours, whatever base does
}

type measure struct {
	samples int
	sample  time.Duration
	repeats int  // a row that falls short is measured this often, and the median is reported
	warm    int  // operations of each side before the first sample; 0: 64
	own     bool // leave out the time in which the thread waited for a processor
	runs    int  // executions of a function that an operation takes: 1 for a miss
	counted int  // operations of each side whose instructions are counted; 0: only times are measured
}

// figures are the results of a row.
type figures struct {
	comparison             // nanoseconds, medians; the ratio is that over the pairs of samples, each measured at one time
	oursAllocs, baseAllocs float64
	instructions           counts
}

// pairs is the sheet of a table of rows, without lines yet.
func pairs() *sheet {
	return &sheet{Header: []string{"", "ring", "against", "ratio", "instr", "against", "ratio", "goal", "allocs", "goal"}}
}

// table measures the rows one by one and prints each of them at once: they take their
// time. Their instructions have been counted before, if at all.
func (m measure) table(s *sheet, rows []row, instructions []counts) error {
	for i, r := range rows {
		var counted counts
		if instructions != nil {
			counted = instructions[i]
		}
		f, err := m.verdict(r, counted)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		s.add(r.line(f))
	}
	return nil
}

// verdict measures a row, and again if its time falls short, since what else the machine
// does can only make it worse. Instructions come to the same again.
func (m measure) verdict(r row, counted counts) (figures, error) {
	f, err := m.row(r)
	f.instructions = counted
	if err != nil || counted.known() || !r.line(f).Short || m.repeats < 3 {
		return f, err
	}
	all := []figures{f}
	for len(all) < m.repeats {
		if f, err = m.row(r); err != nil {
			return f, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b figures) int { return cmp.Compare(a.ratio, b.ratio) })
	return all[len(all)/2], nil
}

// row measures both sides in turns.
func (m measure) row(r row) (figures, error) {
	m.own = m.own && !r.timed // others work while the thread waits
	var f figures
	for _, op := range []operation{r.ours, r.base} { // to make connections and warm caches
		if err := op(cmp.Or(m.warm, 64)); err != nil {
			return f, err
		}
	}
	nOurs, err := m.calibrate(r.ours)
	if err != nil {
		return f, err
	}
	nBase, err := m.calibrate(r.base)
	if err != nil {
		return f, err
	}
	before := executed.Load()
	var ours, base, oursAllocs, baseAllocs []float64
	for i := range m.samples {
		first, second := func() error { return m.once(r.ours, nOurs, &ours, &oursAllocs) },
			func() error { return m.once(r.base, nBase, &base, &baseAllocs) }
		if i%2 == 1 { // neither side is always second
			first, second = second, first
		}
		if err := first(); err != nil {
			return f, err
		}
		if err := second(); err != nil {
			return f, err
		}
	}
	if err := expectRuns(before, m.samples*m.runs*(nOurs+nBase)); err != nil {
		return f, err
	}
	ratios := make([]float64, m.samples)
	for i := range ratios {
		ratios[i] = ours[i] / base[i]
	}
	f.ours, f.base, f.ratio = median(ours), median(base), median(ratios)
	f.oursAllocs, f.baseAllocs = median(oursAllocs), median(baseAllocs)
	return f, nil
}

// expectRuns compares how often the functions were executed since a count of before.
func expectRuns(before int64, expected int) error {
	if n := executed.Load() - before; n != int64(expected) {
		return fmt.Errorf("the functions were executed %d times instead of %d", n, expected)
	}
	return nil
}

// calibrate finds how many operations a sample takes.
func (m measure) calibrate(op operation) (int, error) {
	for n := 1; ; n *= 2 {
		start := time.Now()
		if err := op(n); err != nil {
			return 0, err
		}
		if spent := time.Since(start); spent > m.sample/10 || n >= 1<<30 {
			return max(1, int(float64(n)*float64(m.sample)/float64(spent))), nil
		}
	}
}

// once takes one sample: nanoseconds and allocations per operation.
func (m measure) once(op operation, n int, samples, allocs *[]float64) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	clock, err := openWaiting()
	if err != nil {
		return err
	}
	defer clock.close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	waited := clock.read()
	start := time.Now()
	err = deeper(5*len(*samples), func() error { return op(n) })
	spent := time.Since(start)
	if m.own {
		spent -= clock.read() - waited
	}
	runtime.ReadMemStats(&after)
	*samples = append(*samples, float64(spent)/float64(n))
	*allocs = append(*allocs, float64(after.Mallocs-before.Mallocs)/float64(n))
	return err
}

// deeper does something that many frames further down the stack. Every sample is taken
// at another depth: writing numbers to a small buffer takes twice as long if the buffer
// happens to cross two pages of the stack.
//
//go:noinline
func deeper(frames int, do func() error) error {
	if frames == 0 {
		return do()
	}
	return deeper(frames-1, do)
}

func median(samples []float64) float64 {
	slices.Sort(samples)
	return samples[len(samples)/2]
}

// parallel spreads an operation over that many goroutines.
func parallel(goroutines int, op func(worker, n int) error) operation {
	return func(n int) error {
		errs := make([]error, goroutines)
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() { errs[g] = op(g, (n+goroutines-1-g)/goroutines) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// loop is an operation of one goroutine that gets the number of its turn.
func loop(do func(i int) error) operation {
	return func(n int) error {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
}
