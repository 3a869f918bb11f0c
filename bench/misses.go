package main

import (
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
	ofInts, ofTexts, ofStructs := wrap(ofInt), wrap(ofString), wrap(ofStruct)
	decorated := ofInt
	ring.Decorate(&decorated, cached(resident))
	handInts, handTexts, handStructs := handInt(resident, ofInt), handString(resident, ofString), handStruct(resident, ofStruct)
	closure := over(ints, func(n int) error { handInts(n); return nil })
	rows := []row{
		{name: "Call(int)", base: closure,
			ours: over(ints, func(n int) error { _, err := ofInts.Call(n); return err })},
		{name: "Call(string)", base: over(texts, func(s string) error { handTexts(s); return nil }),
			ours: over(texts, func(s string) error { _, err := ofTexts.Call(s); return err })},
		{name: "Call(struct of 5 fields)", base: over(structs, func(p point) error { handStructs(p); return nil }),
			ours: over(structs, func(p point) error { _, err := ofStructs.Call(p); return err })},
		// reflect.MakeFunc alone takes most of the time that the goal would allow.
		{name: "decorated func(int) int", base: closure,
			ours: over(ints, func(n int) error { decorated(n); return nil })},
	}
	for i := range rows {
		rows[i].baseName, rows[i].goal, rows[i].allocs, rows[i].total = "by hand, typed", 3.5, 9, true
	}
	rows[len(rows)-1].goal = 0
	return rows, nil
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
