package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"
)

// operation does something n times.
type operation func(n int) error

// row compares two operations, or our own cost over another one's.
type row struct {
	name       string
	ours, base operation
	baseName   string
	goal       float64 // the ratio ours/base at most; with over, nanoseconds beyond base
	over       bool
	allocs     float64 // allocations beyond base at most; below 0: any
}

type measure struct {
	samples int
	sample  time.Duration
}

// figures are what a row came to.
type figures struct {
	ours, base             float64 // nanoseconds, medians
	ratio                  float64 // the median over the pairs of samples, each measured at one time
	oursAllocs, baseAllocs float64
}

// table measures the rows and prints them. It returns how many fall short.
func (m measure) table(out io.Writer, rows []row) (short int, err error) {
	const line = "%-42s %9s  %-36s %10s %10s %8s %5s  %s\n" // one by one: they take their time
	fmt.Fprintf(out, line, "", "ring", "against", "ratio", "goal", "allocs", "goal", "")
	for _, r := range rows {
		f, err := m.row(r)
		if err != nil {
			return short, fmt.Errorf("%s: %w", r.name, err)
		}
		ratio, goal, ok := fmt.Sprintf("%.2f", f.ratio), fmt.Sprintf("≤ %.2f", r.goal), f.ratio <= r.goal
		if r.over {
			beyond := f.ours - f.base
			ratio, goal, ok = fmt.Sprintf("+%s", duration(beyond)), fmt.Sprintf("≤ +%s", duration(r.goal)), beyond <= r.goal
		}
		more := f.oursAllocs - f.baseAllocs
		allocs, limit := fmt.Sprintf("%+.1f", more), ""
		if r.allocs >= 0 {
			limit = fmt.Sprintf("≤ %.0f", r.allocs)
			ok = ok && more < r.allocs+0.5
		}
		mark := ""
		if !ok {
			mark = "falls short"
			short++
		}
		fmt.Fprintf(out, line, r.name, duration(f.ours), r.baseName+" "+duration(f.base), ratio, goal, allocs, limit, mark)
	}
	return short, nil
}

func duration(ns float64) string {
	switch {
	case ns < 1000:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	}
	return fmt.Sprintf("%.2f ms", ns/1e6)
}

// row measures both sides in turns.
func (m measure) row(r row) (figures, error) {
	var f figures
	for _, op := range []operation{r.ours, r.base} { // connections are made, caches warmed
		if err := op(64); err != nil {
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
	var ours, base []float64
	for i := range m.samples {
		first, second := func() error { return once(r.ours, nOurs, &ours, &f.oursAllocs) },
			func() error { return once(r.base, nBase, &base, &f.baseAllocs) }
		if i%2 == 1 { // neither side is always the second
			first, second = second, first
		}
		if err := first(); err != nil {
			return f, err
		}
		if err := second(); err != nil {
			return f, err
		}
	}
	ratios := make([]float64, m.samples)
	for i := range ratios {
		ratios[i] = ours[i] / base[i]
	}
	f.ours, f.base, f.ratio = median(ours), median(base), median(ratios)
	return f, nil
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
func once(op operation, n int, samples *[]float64, allocs *float64) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	err := op(n)
	spent := time.Since(start)
	runtime.ReadMemStats(&after)
	*samples = append(*samples, float64(spent)/float64(n))
	*allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	return err
}

func median(samples []float64) float64 {
	slices.Sort(samples)
	return samples[len(samples)/2]
}

// parallel spreads an operation over so many goroutines.
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

// loop is an operation of one goroutine that is told which turn it is.
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
