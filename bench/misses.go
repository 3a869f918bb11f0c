package main

import (
	"reflect"
	"strconv"

	"github.com/ring-go/ring"
)

// turnover is how many arguments the misses have. Each comes back only after the caches,
// which keep the last of them, have evicted it. It is a power of 2.
const turnover = 16 * resident

// newArguments makes the arguments in advance, so that their cost is not part of a miss.
func newArguments() (ints []int, texts []string, structs []point) {
	for i := range turnover {
		ints = append(ints, 1_000_000+i)
		texts = append(texts, "user-"+strconv.Itoa(1_000_000+i))
		structs = append(structs, point{i, -i, texts[i], float64(i) / 4, i%2 == 0})
	}
	return ints, texts, structs
}

// misses compares what a miss costs beside the function: a flight, which other callers
// of the key would join, the store and the eviction. By hand there is no flight.
func misses() ([]row, error) {
	ints, texts, structs := newArguments()
	ofInts, ofTexts, ofStructs, ofRates := wrap(ofInt), wrap(ofString), wrap(ofStruct), wrap(ofRate)
	handInts, handTexts, handStructs := handInt(resident, ofInt), handString(resident, ofString), handStruct(resident, ofStruct)
	handRates := handRate(resident, ofRate)
	rows := []row{
		{name: "Call(int)", goal: 2.5, allocs: 3,
			ours: over(ints, func(n int) error { _, err := ofInts.Call(n); return err }),
			base: over(ints, func(n int) error { handInts(n); return nil })},
		{name: "Call(string)", goal: 2.5, allocs: 3,
			ours: over(texts, func(s string) error { _, err := ofTexts.Call(s); return err }),
			base: over(texts, func(s string) error { handTexts(s); return nil })},
		// Functions of these types are called by reflection.
		{name: "Call(int) of func(int) float64", goal: 4, allocs: -1,
			ours: over(ints, func(n int) error { _, err := ofRates.Call(n); return err }),
			base: over(ints, func(n int) error { handRates(n); return nil })},
		{name: "Call(struct of 5 fields)", goal: 4, allocs: -1,
			ours: over(structs, func(p point) error { _, err := ofStructs.Call(p); return err }),
			base: over(structs, func(p point) error { handStructs(p); return nil })},
	}
	for i := range rows {
		rows[i].baseName, rows[i].total = "by hand, typed", true
	}
	return append(rows, otherMisses(ints, texts)...), nil
}

// otherMisses are the other ways to run the function. Their goals are what they cost when
// this was written.
func otherMisses(ints []int, texts []string) []row {
	decorated, typed, typedText := ofInt, ofInt, ofString
	ring.Decorate(&decorated, cached(resident))
	ring.Decorate1(&typed, cached(resident))
	ring.Decorate1(&typedText, cached(resident))
	byHand, handTexts, handInts := handInt(resident, ofInt), handString(resident, ofString), newHandInts(resident)
	updated, executes, function := wrap(ofInt), wrap(ofInt), reflect.ValueOf(ofInt)
	return []row{
		{name: "Decorate1: func(int) int", goal: 1.6, allocs: 2, total: true, baseName: "by hand, typed",
			ours: over(ints, func(n int) error { typed(n); return nil }),
			base: over(ints, func(n int) error { byHand(n); return nil })},
		{name: "Decorate1: func(string) int", goal: 1.6, allocs: 2, total: true, baseName: "by hand, typed",
			ours: over(texts, func(s string) error { typedText(s); return nil }),
			base: over(texts, func(s string) error { handTexts(s); return nil })},
		// reflect.MakeFunc alone takes a good part of it.
		{name: "decorated func(int) int", goal: 3.6, allocs: 5, total: true, baseName: "by hand, typed",
			ours: over(ints, func(n int) error { decorated(n); return nil }),
			base: over(ints, func(n int) error { byHand(n); return nil })},
		{name: "Update(int)", goal: 4, allocs: -1, total: true, baseName: "by hand, typed",
			ours: over(ints, func(n int) error { _, err := updated.Update(n); return err }),
			base: over(ints, func(n int) error { handInts.set(n, ofInt(n)); return nil })},
		{name: "Execute(int)", goal: 1, allocs: -1, total: true, baseName: "reflect.Value.Call",
			ours: over(ints, func(n int) error { _, err := executes.Execute(n); return err }),
			base: over(ints, func(n int) error { function.Call([]reflect.Value{reflect.ValueOf(n)}); return nil })},
	}
}

// over does something with every argument in turn, from one sample to the next.
func over[A any](args []A, do func(A) error) operation {
	next := 0
	return func(n int) error {
		for range n {
			if err := do(args[next&(turnover-1)]); err != nil {
				return err
			}
			next++
		}
		return nil
	}
}
