package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// tolerance is what noise may add to a step.
const tolerance = 1.1

// grown are a hit and a miss at one size.
type grown struct{ Hit, Miss figuresOf }

// figuresOf is figures as a child writes them.
type figuresOf struct{ Ours, Base, Ratio float64 }

// growth compares how the costs of a call grow with those of a plain map behind a
// mutex, which has the same keys: from one size to the next, ring's cost over the map's
// must not become greater.
func growth(s *sheet, _ int) error {
	s.Header = []string{"", "ring", "map and mutex", "ratio", "goal"}
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
		name string
		of   func(grown) figuresOf
	}{
		{"hit", hitOf},
		{"miss", missOf},
	} {
		for i, size := range sizes {
			f, previous := what.of(all[i]), figuresOf{}
			if i > 0 {
				previous = what.of(all[i-1])
			}
			s.step(fmt.Sprintf("%s, %s: %s", what.name, unit, grouped(size)), f, previous)
		}
	}
	return nil
}

// step adds a line. The first of a series has no previous one, and no goal.
func (s *sheet) step(name string, f, previous figuresOf) {
	ours, base, goal, ok := duration(f.Ours), duration(f.Base), "", true
	if previous.Ratio > 0 {
		limit := previous.Ratio * tolerance
		ours += fmt.Sprintf(" (×%.2f)", f.Ours/previous.Ours)
		base += fmt.Sprintf(" (×%.2f)", f.Base/previous.Base)
		goal, ok = fmt.Sprintf("≤ %.2f", limit), f.Ratio <= limit
	}
	s.add(line{Name: name, Cells: []string{name, ours, base, fmt.Sprintf("%.2f", f.Ratio), goal}, Short: !ok})
}

// byEntries has children measure.
func byEntries(entries int) (grown, error) {
	rounds := 3
	if entries > 1_000_000 {
		rounds = 1 // a minute each
	}
	return middle(rounds, func() (grown, error) { return inChild[grown]("growth", "entries", entries) })
}

// byParameters measures in this process: the caches are small.
func byParameters(count int) (grown, error) {
	return middle(3, func() (grown, error) { return newSubject(count, resident).measure() })
}

// middle measures more than once, since how a map lies in memory differs from one to
// the next, and takes the middle ratios.
func middle(rounds int, measure func() (grown, error)) (grown, error) {
	all := make([]grown, rounds)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return grown{}, err
		}
	}
	of := func(part func(grown) figuresOf) figuresOf {
		slices.SortFunc(all, func(a, b grown) int { return cmp.Compare(part(a).Ratio, part(b).Ratio) })
		return part(all[rounds/2])
	}
	return grown{of(hitOf), of(missOf)}, nil
}

func hitOf(g grown) figuresOf  { return g.Hit }
func missOf(g grown) figuresOf { return g.Miss }

// plainMap is the least that keeps results: a map that forgets the oldest.
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

// arguments are those of a call with up to 8 parameters. The first tells the calls from
// each other.
type arguments [8]int

func argumentsOf(n int) arguments {
	return arguments{n, 1001, 1002, 1003, 1004, 1005, 1006, 1007}
}

// appendKey writes the key of a call with so many parameters.
func (a *arguments) appendKey(dst []byte, count int) []byte {
	dst = append(dst, prefix...)
	for _, n := range a[:count] {
		dst = strconv.AppendInt(append(dst, ':'), int64(n), 10)
	}
	return dst
}

// subject is a function with so many parameters, cached for so many entries in a rope
// and in a map.
type subject struct {
	parameters, entries int
	scalars             *ring.Scalars
	plain               *plainMap
	next                [2]int // the arguments of the next misses, of the rope and of the map
}

// first is the first argument: all of them have the same number of digits.
const first = 100_000_000

func newSubject(parameters, entries int) *subject {
	functions := map[int]any{
		1: func(a int) int { return ran(a) },
		2: func(a, b int) int { return ran(a) },
		4: func(a, b, c, d int) int { return ran(a) },
		8: func(a, b, c, d, e, f, g, h int) int { return ran(a) },
	}
	s := &subject{parameters: parameters, entries: entries, scalars: ring.Wrap(functions[parameters], cached(entries)).Scalars(),
		plain: &plainMap{entries: make(map[string]any)}, next: [2]int{first, first}}
	return s
}

// call asks the rope, as its user writes it.
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
	if err != nil || v.(int) != n {
		return wrong(v, err)
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

// known asks at random for what is cached.
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

// measure fills both, and takes the hits before the misses.
func (s *subject) measure() (grown, error) {
	ours, base := s.fresh(0, s.call), s.fresh(1, s.ask)
	if err := errors.Join(ours(s.entries), base(s.entries)); err != nil {
		return grown{}, err
	}
	m := measure{samples: 41, sample: 10 * time.Millisecond, own: true}
	hit, err := m.row(row{ours: s.known(0, s.call), base: s.known(1, s.ask)})
	if err != nil {
		return grown{}, err
	}
	m.runs = 1
	miss, err := m.row(row{ours: ours, base: base})
	if err != nil {
		return grown{}, err
	}
	runtime.KeepAlive(s)
	return grown{figuresOf{hit.ours, hit.base, hit.ratio}, figuresOf{miss.ours, miss.base, miss.ratio}}, nil
}

// measureGrowth is what a child measures.
func measureGrowth(entries int) (grown, error) { return newSubject(1, entries).measure() }
