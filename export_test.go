package ring

import (
	"time"

	"github.com/ring-go/ring/internal/flight"
)

// Internals for the tests of package ring_test.

// FlightsOf returns the flights of a rope.
func FlightsOf(r *Rope) *flight.Table { return r.values().Flights }

// IsPartial reports whether the key of a call may leave out what tells it from others.
func IsPartial(r *Rope, args []any) bool { return r.partial.has(nil, args, nil) }

// OpenDict returns the dict over an object.
var OpenDict = openDict

// KeepAges is keepAges, which a rope with Freshness calls.
func (s *MemcacheStorage) KeepAges(ahead, revalidate, onError time.Duration) {
	s.keepAges(ahead, revalidate, onError)
}
