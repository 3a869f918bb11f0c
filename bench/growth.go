package main

import (
	"cmp"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// tolerance is what noise may add to a step: the places of the entries in memory make a
// difference of a quarter from one process to the next.
const tolerance = 1.25

// grown are a hit and a miss at one size, beside the cache by hand and beside the map.
type grown struct{ Hit, Miss, HitInMap, MissInMap figuresOf }

// figuresOf is figures as a child writes them.
type figuresOf struct{ Ours, Base, Ratio float64 }

// growth compares how the costs of a call grow with those of a map with the same keys:
// from one size to the next, the ratio of ring's cost to the map's must not grow. The
// map keeps no order. What an order costs shows the LRU cache by hand beside it.
func growth(s *sheet, _ int) error {
	s.Header = []string{"", "ring", "map and mutex", "ratio", "goal", "by hand"}
	entries := []int{1000, 10_000, 100_000, 1_000_000, 10_000_000}
	if free := availableMemory(); free < 600*entries[4] {
		s.note("Not measured with %s entries: there are only %d MB of memory.", grouped(entries[4]), free>>20)
		entries = entries[:4]
	}
	if err := steps(s, "entries", entries, byEntries); err != nil {
		return err
	}
	return steps(s, "parameters", []int{1, 2, 4, 8}, byParameters)
}

// steps adds the lines of the hits and of the misses.
func steps(s *sheet, unit string, sizes []int, measure func(size int) (grown, error)) error {
	all := make([]grown, len(sizes))
	for i, size := range sizes {
		var err error
		if all[i], err = measure(size); err != nil {
			return err
		}
	}
	for _, what := range []struct {
		name          string
		inMap, byHand func(*grown) *figuresOf
	}{
		{"hit", hitInMap, hit},
		{"miss", missInMap, miss},
	} {
		var previous, previousByHand figuresOf
		for i, size := range sizes {
			f, h := *what.inMap(&all[i]), *what.byHand(&all[i])
			s.step(fmt.Sprintf("%s, %s: %s", what.name, unit, grouped(size)), f, previous, h, previousByHand)
			previous, previousByHand = f, h
		}
	}
	return nil
}

// step adds a line. The first of a series has no previous one, and no goal.
func (s *sheet) step(name string, f, previous, byHand, previousByHand figuresOf) {
	goal, ok := "", true
	if previous.Ratio > 0 {
		limit := previous.Ratio * tolerance
		goal, ok = fmt.Sprintf("≤ %.2f", limit), f.Ratio <= limit
	}
	s.add(line{Name: name, Short: !ok, Cells: []string{name, grownTo(f.Ours, previous.Ours), grownTo(f.Base, previous.Base),
		fmt.Sprintf("%.2f", f.Ratio), goal, grownTo(byHand.Base, previousByHand.Base)}})
}

// grownTo formats a duration and its factor to the previous one.
func grownTo(ns, previous float64) string {
	if previous == 0 {
		return duration(ns)
	}
	return fmt.Sprintf("%s (×%.2f)", duration(ns), ns/previous)
}

// byEntries runs children to measure.
func byEntries(entries int) (grown, error) {
	rounds := 5
	switch {
	case entries > 1_000_000:
		rounds = 1 // a minute each
	case entries > 100_000:
		rounds = 3
	}
	return middle(rounds, func() (grown, error) { return inChild[grown]("growth", "entries", entries) })
}

// byParameters measures in this process: the caches are small.
func byParameters(count int) (grown, error) {
	return middle(3, func() (grown, error) { return newSubject(functions[count], count, resident).measure() })
}

// middle measures several times, because the place of a map in memory differs from one
// to the next, and returns the median ratios.
func middle(rounds int, measure func() (grown, error)) (grown, error) {
	all := make([]grown, rounds)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return grown{}, err
		}
	}
	var g grown
	for _, part := range []func(*grown) *figuresOf{hit, miss, hitInMap, missInMap} {
		slices.SortFunc(all, func(a, b grown) int { return cmp.Compare(part(&a).Ratio, part(&b).Ratio) })
		*part(&g) = *part(&all[rounds/2])
	}
	return g, nil
}

func hit(g *grown) *figuresOf       { return &g.Hit }
func miss(g *grown) *figuresOf      { return &g.Miss }
func hitInMap(g *grown) *figuresOf  { return &g.HitInMap }
func missInMap(g *grown) *figuresOf { return &g.MissInMap }

// plainMap is the simplest cache: a map that drops the oldest entry.
type plainMap struct {
	mu      sync.Mutex
	entries map[string]any
}

func (p *plainMap) get(key []byte) (any, bool) {
	p.mu.Lock()
	v, ok := p.entries[string(key)]
	p.mu.Unlock()
	return v, ok
}

func (p *plainMap) set(key string, v any, oldest []byte) {
	p.mu.Lock()
	p.entries[key] = v
	delete(p.entries, string(oldest))
	p.mu.Unlock()
}

// arguments are those of a call with up to 8 parameters. The first one differs from call
// to call.
type arguments [8]int

func argumentsOf(n int) arguments {
	return arguments{n, 1001, 1002, 1003, 1004, 1005, 1006, 1007}
}

// appendKey writes the key of a call with that many parameters.
func (a *arguments) appendKey(dst []byte, count int) []byte {
	dst = append(dst, prefix...)
	for _, n := range a[:count] {
		dst = strconv.AppendInt(append(dst, ':'), int64(n), 10)
	}
	return dst
}

// subject is a function with that many parameters, cached for that many entries in a
// rope, by hand and in a map.
type subject struct {
	parameters, entries int
	scalars             *ring.Scalars
	byHand              *handLRU[any]
	plain               *plainMap
	next                [sides]int // the arguments of the next misses
}

// The sides of a comparison.
const (
	ropeSide = iota
	handSide
	mapSide
	sides
)

// first is the first argument: all of them have the same number of digits.
const first = 100_000_000

// functions are those of the series that grows by parameters. All are of types that are
// called by reflection: otherwise the step from two parameters to four would show the
// difference between the two ways to call a function, and not what parameters cost.
var functions = map[int]any{
	1: func(a int) result { return result(ran(a)) },
	2: func(a, b int) result { return result(ran(a)) },
	4: func(a, b, c, d int) result { return result(ran(a)) },
	8: func(a, b, c, d, e, f, g, h int) result { return result(ran(a)) },
}

type result int

// newSubject caches a function with that many parameters, which returns its first argument
// as an int or as a result.
func newSubject(function any, parameters, entries int) *subject {
	s := &subject{parameters: parameters, entries: entries, scalars: ring.Wrap(function, cached(entries)).Scalars(),
		byHand: newHandLRU[any](entries), plain: &plainMap{entries: make(map[string]any)}, next: [sides]int{first, first, first}}
	return s
}

// call calls the rope as a user would.
func (s *subject) call(n int) error {
	a := argumentsOf(n)
	var v any
	var err error
	switch s.parameters {
	case 1:
		v, err = s.scalars.Call(a[0])
	case 2:
		v, err = s.scalars.Call(a[0], a[1])
	case 4:
		v, err = s.scalars.Call(a[0], a[1], a[2], a[3])
	default:
		v, err = s.scalars.Call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
	}
	if err != nil || !isResult(v, n) {
		return wrong(v, err)
	}
	return nil
}

func isResult(v any, n int) bool {
	if r, ok := v.(result); ok {
		return int(r) == n
	}
	return v.(int) == n
}

// askByHand asks the cache by hand.
func (s *subject) askByHand(n int) error {
	var buf [128]byte
	a := argumentsOf(n)
	key := a.appendKey(buf[:0], s.parameters)
	v, ok := s.byHand.get(key)
	if !ok {
		v = ran(n)
		s.byHand.set(string(key), v)
	}
	if v.(int) != n {
		return wrong(v, nil)
	}
	return nil
}

// ask asks the map.
func (s *subject) ask(n int) error {
	var buf, old [128]byte
	a := argumentsOf(n)
	key := a.appendKey(buf[:0], s.parameters)
	v, ok := s.plain.get(key)
	if !ok {
		oldest := argumentsOf(n - s.entries)
		v = ran(n)
		s.plain.set(string(key), v, oldest.appendKey(old[:0], s.parameters))
	}
	if v.(int) != n {
		return wrong(v, nil)
	}
	return nil
}

// fresh asks with new arguments.
func (s *subject) fresh(side int, do func(n int) error) operation {
	return func(n int) error {
		for range n {
			if err := do(s.next[side]); err != nil {
				return err
			}
			s.next[side]++
		}
		return nil
	}
}

// known asks for random cached values.
func (s *subject) known(side int, do func(n int) error) operation {
	random := uint64(1)
	return func(n int) error {
		for range n {
			random = random*6364136223846793005 + 1442695040888963407
			high, _ := bits.Mul64(random, uint64(s.entries))
			if err := do(s.next[side] - s.entries + int(high)); err != nil {
				return err
			}
		}
		return nil
	}
}

// measure fills all, and takes the hits before the misses.
func (s *subject) measure() (grown, error) {
	calls := [sides]func(n int) error{s.call, s.askByHand, s.ask}
	for side, call := range calls {
		if err := s.fresh(side, call)(s.entries); err != nil {
			return grown{}, err
		}
	}
	m := measure{samples: 41, sample: 5 * time.Millisecond, own: true}
	var g grown
	for _, part := range []struct {
		figures *figuresOf
		runs    int
		do      func(side int, call func(n int) error) operation
		base    int
	}{
		{&g.Hit, 0, s.known, handSide},
		{&g.HitInMap, 0, s.known, mapSide},
		{&g.Miss, 1, s.fresh, handSide},
		{&g.MissInMap, 1, s.fresh, mapSide},
	} {
		m.runs = part.runs
		f, err := m.row(row{ours: part.do(ropeSide, s.call), base: part.do(part.base, calls[part.base])})
		if err != nil {
			return grown{}, err
		}
		*part.figures = figuresOf{f.ours, f.base, f.ratio}
	}
	runtime.KeepAlive(s)
	return g, nil
}

// measureGrowth is what a child measures.
func measureGrowth(entries int) (grown, error) { return newSubject(ran, 1, entries).measure() }
