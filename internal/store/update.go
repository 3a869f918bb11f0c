package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
)

// Update runs run and stores its value for key, unless something was written meanwhile
// that is not older: what a delete, a set or an update that began later wrote is newer than
// what run may have read.
func (s *Values) Update(ctx context.Context, key string, run func() (any, error)) flight.Outcome {
	f := s.Flights.Begin(key)
	storing := false
	defer func() {
		if !storing {
			s.Flights.Drop(f)
		}
	}()
	value, err := run()
	if err != nil {
		return flight.Outcome{Value: value, Err: err}
	}
	data, err := s.encodeFor(ctx, value)
	if err != nil {
		return flight.Outcome{Value: value, Err: err, Ran: true}
	}
	storing = true
	err = s.storing(ctx, key, func(ctx context.Context) error {
		defer s.Flights.Drop(f)
		return s.store(ctx, f, data)
	}, func() {})
	return flight.Outcome{Value: value, Err: err, Ran: true}.Own()
}
