package main

import (
	"cmp"
	"fmt"
	"math"
)

// comparison is what the sides of a row take.
type comparison struct{ ours, base, ratio float64 }

// slack is what background work of the runtime may add to an average of allocations.
const slack = 0.1

// line judges the figures of a row: by instructions where these were counted, unless the
// row asks for the time, else by time. It shows both.
func (r row) line(f figures) line {
	l := line{Name: r.name, Peer: r.baseName, Ours: f.ours, Base: f.base, Ratio: f.ratio, Instructions: f.instructions}
	judged, unit, counted := f.comparison, duration, []string{"", "", ""}
	if c := f.instructions; c.known() {
		counted = []string{instructions(c.Ours), instructions(c.Base), r.shown(c.comparison(), instructions)}
		if !r.byTime {
			judged, unit = c.comparison(), instructions
			r.goal = cmp.Or(r.beyond, r.goal)
		}
	}
	allocs, limit, ok := r.allocations(f)
	l.Short = !ok || !r.meets(judged)
	l.Cells = append([]string{r.name, duration(f.ours), r.baseName + " " + duration(f.base), r.shown(f.comparison, duration)}, counted...)
	l.Cells = append(l.Cells, r.goalText(unit), allocs, limit)
	return l
}

// meets tells whether a comparison is within the goal.
func (r row) meets(c comparison) bool {
	switch {
	case r.goal == 0:
		return true
	case r.over:
		return c.ours-c.base <= r.goal
	case r.faster:
		return 1/c.ratio >= r.goal
	}
	return c.ratio <= r.goal
}

// shown is what of a comparison its reader is to see.
func (r row) shown(c comparison, unit func(float64) string) string {
	switch {
	case r.over:
		return signed(c.ours-c.base, unit)
	case r.faster:
		return fmt.Sprintf("%.1f× faster", 1/c.ratio)
	}
	return fmt.Sprintf("%.2f", c.ratio)
}

func (r row) goalText(unit func(float64) string) string {
	switch {
	case r.goal == 0:
		return ""
	case r.over:
		return "≤ " + signed(r.goal, unit)
	case r.faster:
		return fmt.Sprintf("≥ %.1f×", r.goal)
	}
	return fmt.Sprintf("≤ %.2f", r.goal)
}

// allocations shows them and their limit. A limit that is no whole number is an average
// already, and has no slack.
func (r row) allocations(f figures) (shown, limit string, ok bool) {
	digits, most := 0, r.allocs+slack
	if r.allocs > 0 && r.allocs != math.Trunc(r.allocs) {
		digits, most = 2, r.allocs
	}
	allocs := f.oursAllocs - f.baseAllocs
	shown, limit = fmt.Sprintf("%+.*f", max(1, digits), allocs), fmt.Sprintf("≤ +%.*f", digits, r.allocs)
	if r.total {
		allocs = f.oursAllocs
		shown, limit = fmt.Sprintf("%.*f", max(1, digits), allocs), fmt.Sprintf("≤ %.*f", digits, r.allocs)
	}
	if r.allocs < 0 {
		return shown, "", true
	}
	return shown, limit, allocs <= most
}

// signed is a difference with its sign.
func signed(v float64, unit func(float64) string) string {
	if v < 0 {
		return "-" + unit(-v)
	}
	return "+" + unit(v)
}

func instructions(n float64) string { return grouped(int(math.Round(n))) }

func duration(ns float64) string {
	switch {
	case ns < 100:
		return fmt.Sprintf("%.1f ns", ns)
	case ns < 1000:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	}
	return fmt.Sprintf("%.2f ms", ns/1e6)
}
