package main

import (
	"fmt"
	"runtime"

	"github.com/ring-go/ring"
)

// bulk compares bulk calls of a hundred elements with loops by hand. An operation is an
// element.
func bulk() ([]row, error) {
	b := bulkRows{ints: wrap(ofInt), byHand: newHandInts(resident)}
	for first := 0; first+batch <= resident; first += batch {
		b.known = append(b.known, newElements(numbers[first:first+batch]))
	}
	for _, e := range b.known { // what is to be found
		if _, err := b.ints.GetOrUpdateMany(e.list...); err != nil {
			return nil, err
		}
		for _, n := range e.args {
			b.byHand.set(n, n)
		}
	}
	half, err := b.getOrUpdateHalf()
	if err != nil {
		return nil, err
	}
	rows := []row{b.getMany(), b.getOrUpdateMany(), b.getHalf(), half, b.hasMany()}
	rows = append(rows, b.setMany()...)
	for i := range rows {
		rows[i].baseName = "a loop by hand"
	}
	return rows, nil
}

type bulkRows struct {
	ints   *ring.Rope
	byHand handInts
	known  []elements // all cached
}

// elements are the arguments of a bulk call, as a list for the rope and as numbers for
// the cache by hand, and values to set.
type elements struct {
	list, values []any
	args         []int
}

func newElements(args []int) elements {
	e := elements{args: args}
	for _, n := range args {
		e.list, e.values = append(e.list, ring.Args{n}), append(e.values, n)
	}
	return e
}

// first are the first n elements.
func (e elements) first(n int) elements {
	n = min(n, len(e.args))
	return elements{e.list[:n], e.values[:n], e.args[:n]}
}

// inBatches does something with so many elements, of all batches in turn.
func inBatches(batches []elements, do func(e elements) error) operation {
	next := 0
	return func(n int) error {
		for n > 0 {
			e := batches[next%len(batches)].first(n)
			if err := do(e); err != nil {
				return err
			}
			next++
			n -= len(e.args)
		}
		return nil
	}
}

// eachInBatches does something with the elements one by one.
func eachInBatches(batches []elements, do func(n int) error) operation {
	return inBatches(batches, func(e elements) error {
		for _, n := range e.args {
			if err := do(n); err != nil {
				return err
			}
		}
		return nil
	})
}

// halfOf puts others between the cached elements, batch by batch.
func (b *bulkRows) halfOf(others []int) []elements {
	var batches []elements
	for first := 0; first+batch/2 <= len(others); first += batch / 2 {
		args := make([]int, batch)
		for i := range args {
			args[i] = b.known[len(batches)%len(b.known)].args[i]
			if i%2 == 1 {
				args[i] = others[first+i/2]
			}
		}
		batches = append(batches, newElements(args))
	}
	return batches
}

// expect compares the values of a bulk call with the arguments, which they are equal to,
// or with nothing where every second is missing.
func expect(values []any, e elements, half bool) error {
	for i, v := range values {
		if half && i%2 == 1 {
			if v != nil {
				return wrong(v, nil)
			}
			continue
		}
		if n, ok := v.(int); !ok || n != e.args[i] {
			return wrong(v, nil)
		}
	}
	return nil
}

func (b *bulkRows) hitByHand(n int) error {
	v, ok := b.byHand.get(n)
	if !ok {
		return errMissed
	}
	runtime.KeepAlive(v)
	return nil
}

func (b *bulkRows) getMany() row {
	return row{name: "GetMany, all cached", goal: 1.5, allocs: 0.05, total: true,
		base: eachInBatches(b.known, b.hitByHand),
		ours: inBatches(b.known, func(e elements) error {
			values, err := b.ints.GetMany(e.list...)
			if err != nil {
				return err
			}
			return expect(values, e, false)
		})}
}

func (b *bulkRows) getOrUpdateMany() row {
	return row{name: "GetOrUpdateMany, all cached", goal: 1.5, allocs: 0.05, total: true,
		base: eachInBatches(b.known, func(n int) error {
			runtime.KeepAlive(b.byHand.getOrRun(n, ofInt))
			return nil
		}),
		ours: inBatches(b.known, func(e elements) error {
			values, err := b.ints.GetOrUpdateMany(e.list...)
			if err != nil {
				return err
			}
			return expect(values, e, false)
		})}
}

func (b *bulkRows) getHalf() row {
	others := make([]int, len(numbers))
	for i, n := range numbers {
		others[i] = -n
	}
	batches := b.halfOf(others)
	return row{name: "GetMany, half of them missing", goal: 2.5, allocs: -1,
		base: eachInBatches(batches, func(n int) error {
			v, ok := b.byHand.get(n)
			if ok != (n > 0) {
				return wrong(v, nil)
			}
			return nil
		}),
		ours: inBatches(batches, func(e elements) error {
			values, err := b.ints.GetMany(e.list...)
			if err != nil {
				return err
			}
			return expect(values, e, true)
		})}
}

// getOrUpdateHalf has functions of its own, which count what they do: it is one run for
// two elements. The caches have room for what is new until the others are asked for again.
func (b *bulkRows) getOrUpdateHalf() (row, error) {
	var fresh []int
	for i := range turnover {
		fresh = append(fresh, 1_000_000+i)
	}
	batches, runs, runsByHand := b.halfOf(fresh), 0, 0
	const room = 4 * resident
	rope, byHand := ring.Wrap(func(n int) int { runs++; return n }, cached(room)), newHandInts(room)
	for _, e := range b.known {
		if err := rope.SetMany(e.list, e.values); err != nil {
			return row{}, err
		}
		for _, n := range e.args {
			byHand.set(n, n)
		}
	}
	return row{name: "GetOrUpdateMany, half of them missing", goal: 2.5, allocs: -1,
		base: inBatches(batches, func(e elements) error {
			runsByHand = 0
			for _, n := range e.args {
				byHand.getOrRun(n, func(n int) int { runsByHand++; return n })
			}
			return expectHalf(runsByHand, e)
		}),
		ours: inBatches(batches, func(e elements) error {
			runs = 0
			values, err := rope.GetOrUpdateMany(e.list...)
			if err != nil {
				return err
			}
			if err := expectHalf(runs, e); err != nil {
				return err
			}
			return expect(values, e, false)
		})}, nil
}

func expectHalf(runs int, e elements) error {
	if runs != len(e.args)/2 {
		return fmt.Errorf("the function has run for %d of %d elements", runs, len(e.args))
	}
	return nil
}

func (b *bulkRows) hasMany() row {
	return row{name: "HasMany, all cached", goal: 2.5, allocs: -1,
		base: eachInBatches(b.known, func(n int) error {
			if !b.byHand.has(n) {
				return errMissed
			}
			return nil
		}),
		ours: inBatches(b.known, func(e elements) error {
			found, err := b.ints.HasMany(e.list...)
			for _, ok := range found {
				if !ok {
					return errMissed
				}
			}
			return err
		})}
}

// setMany are the ways to change, on caches of their own. Keys that are deleted have to
// be there, so that DeleteMany is measured with the SetMany before.
func (b *bulkRows) setMany() []row {
	ints, byHand := wrap(ofInt), newHandInts(resident)
	set := func(n int) error { byHand.set(n, n); return nil }
	return []row{
		{name: "SetMany", goal: 2.5, allocs: -1, base: eachInBatches(b.known, set),
			ours: inBatches(b.known, func(e elements) error { return ints.SetMany(e.list, e.values) })},
		{name: "SetMany and DeleteMany", goal: 2.5, allocs: -1,
			base: inBatches(b.known, func(e elements) error {
				for _, n := range e.args {
					byHand.set(n, n)
				}
				for _, n := range e.args {
					byHand.delete(n)
				}
				return nil
			}),
			ours: inBatches(b.known, func(e elements) error {
				if err := ints.SetMany(e.list, e.values); err != nil {
					return err
				}
				return ints.DeleteMany(e.list...)
			})},
	}
}
