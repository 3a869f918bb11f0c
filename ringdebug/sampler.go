package ringdebug

import (
	"sync"
	"time"
)

const (
	minGap     = time.Second      // samples are not closer than that
	maxGap     = 30 * time.Second // after a longer time without a look the samples begin again
	maxSamples = 31
)

// sampler remembers how many calls there had been, to tell how many there are now. It takes a
// sample when somebody looks, so that it needs no goroutine and costs nothing otherwise.
type sampler struct {
	now func() time.Time

	mu    sync.Mutex
	times []time.Time // of the samples, the oldest first
	calls map[*entry][]uint64
}

func newSampler(now func() time.Time) *sampler { return &sampler{now: now} }

// rates returns for each rope its calls per second between the samples, the oldest first, and
// takes a sample unless there has just been one. calls are those of the entries until now.
func (s *sampler) rates(entries []*entry, calls []uint64) [][]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if n := len(s.times); n == 0 || now.Sub(s.times[n-1]) >= minGap {
		s.sample(now, entries, calls)
	}
	all := make([][]float64, len(entries))
	for i, e := range entries {
		all[i] = s.ratesOf(e)
	}
	return all
}

// sample adds a sample.
func (s *sampler) sample(now time.Time, entries []*entry, calls []uint64) {
	if n := len(s.times); n > 0 && now.Sub(s.times[n-1]) > maxGap {
		s.times, s.calls = nil, nil
	}
	s.times = lastOf(append(s.times, now))
	next := make(map[*entry][]uint64, len(entries)) // without those that are gone
	for i, e := range entries {
		next[e] = lastOf(append(s.calls[e], calls[i]))
	}
	s.calls = next
}

// lastOf drops the first element if there are too many.
func lastOf[T any](all []T) []T {
	if len(all) <= maxSamples {
		return all
	}
	return append(all[:0], all[1:]...)
}

// ratesOf returns the rates of one rope.
func (s *sampler) ratesOf(e *entry) []float64 {
	calls := s.calls[e]
	if len(calls) < 2 {
		return nil
	}
	times := s.times[len(s.times)-len(calls):]
	rates := make([]float64, len(calls)-1)
	for i := range rates {
		if calls[i+1] > calls[i] {
			rates[i] = float64(calls[i+1]-calls[i]) / times[i+1].Sub(times[i]).Seconds()
		}
	}
	return rates
}
