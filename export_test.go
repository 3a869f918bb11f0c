package ring

import "github.com/ring-go/ring/internal/flight"

// What the tests of package ring_test see of the inside.

// FlightsOf are the flights of a rope.
func FlightsOf(r *Rope) *flight.Table { return r.storage.Flights }

// IsPartial tells whether the key of a call may leave out what tells it from others.
func IsPartial(r *Rope, args []any) bool { return r.partial.has(nil, args, nil) }

// OpenDict is how a dict is found.
var OpenDict = openDict
