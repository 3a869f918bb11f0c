package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
)

// Update calls run and stores its value for key, unless something newer was written
// meanwhile: a delete, a set or an update that began later is newer than what run may
// have read.
//
// who identifies the caller if its key is partial, else 0.
func (s *Values) Update(ctx context.Context, key string, who flight.Goroutine, run runFunc) flight.Outcome {
	if s.Apart {
		return s.updateApart(ctx, key, run)
	}
	f := s.Flights.Begin(ctx, key, s, who)
	storing := false
	defer func() {
		if !storing {
			f.Leave(s.Meter)
			s.Flights.Drop(f)
		}
	}()
	value, err := s.runUpdate(f, run)
	if err != nil {
		return flight.Outcome{Value: value, Err: err}
	}
	data, err := s.encodeFor(ctx, key, value)
	if err != nil {
		return flight.Outcome{Value: value, Err: err, Ran: true}
	}
	storing = true
	err = s.storing(ctx, key, func(ctx context.Context) error {
		defer s.Flights.Drop(f)
		return s.store(ctx, f, data)
	}, func() {})
	o := flight.Outcome{Value: value, Err: err, Ran: true}
	o.MakeOwn()
	return o
}

// runUpdate calls run. Later calls on the same goroutine are not within the run.
func (s *Values) runUpdate(f *flight.Flight, run runFunc) (any, error) {
	if f.Leader() != 0 {
		defer s.Flights.End(f, &flight.Outcome{})
	}
	return run(f)
}
