package meter

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Outcome is what a call got: the numbers of ring.Outcome.
type Outcome uint8

const (
	Missed Outcome = iota
	Hit
	Stale
	Shared
	Ran
	Negative
	Bypassed
	Failed
	Outcomes // how many there are
)

// Calls are the calls by what they got.
type Calls [Outcomes]uint64

// stripes are counters that several processors use at a time: each has a part of the count,
// on a cache line of its own.
type stripes []stripe

type stripe [Outcomes]atomic.Uint64

// maxStripes bounds the memory of a meter to 1 KB.
const maxStripes = 16

func newStripes() stripes {
	n := 1
	for n < runtime.GOMAXPROCS(0) && n < maxStripes {
		n *= 2
	}
	return make(stripes, n)
}

// own returns the stripe of the goroutine. Go does not tell its processor, so it follows from where
// its stack lies.
func (s stripes) own() *stripe {
	var here byte
	stack := uint32(uintptr(unsafe.Pointer(&here)) >> 11) // stacks have at least 2 KB
	return &s[stack*2654435769>>(32-4)&uint32(len(s)-1)]
}

// Count counts a call.
func (m *Meter) Count(o Outcome) { m.calls.own()[o].Add(1) }

// CountSeveral counts calls that all got the same.
func (m *Meter) CountSeveral(o Outcome, n int) { m.calls.own()[o].Add(uint64(n)) }

// Calls returns the calls so far.
func (m *Meter) Calls() (c Calls) {
	for i := range m.calls {
		for o := range c {
			c[o] += m.calls[i][o].Load()
		}
	}
	return c
}

// Of returns the calls with one outcome.
func (m *Meter) Of(o Outcome) (n uint64) {
	for i := range m.calls {
		n += m.calls[i][o].Load()
	}
	return n
}
