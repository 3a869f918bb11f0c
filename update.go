package ring

import "context"

// update runs run and stores its value for key, unless something was written meanwhile
// that is not older: what a delete, a set or an update that began later wrote is newer than
// what run may have read.
func (s *BaseStorage) update(ctx context.Context, key string, run func() (any, error)) outcome {
	f := s.flights.begin(key)
	storing := false
	defer func() {
		if !storing {
			s.flights.drop(f)
		}
	}()
	value, err := run()
	if err != nil {
		return outcome{value: value, err: err}
	}
	data, err := s.encodeFor(ctx, value)
	if err != nil {
		return outcome{value: value, err: err, ran: true}
	}
	storing = true
	err = s.storing(ctx, key, func(ctx context.Context) error {
		defer s.flights.drop(f)
		return s.store(ctx, f, data)
	}, func() {})
	return outcome{value: value, err: err, ran: true}.own()
}
