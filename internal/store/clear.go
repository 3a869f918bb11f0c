package store

import "context"

// Clear removes entries by remove. No run of a key that owns reports stores its value if it
// has begun before, nor if it is under way at the end. If ctx ends, remove may go on in the
// background until it notices.
func (s *Values) Clear(ctx context.Context, owns func(key string) bool, remove func(ctx context.Context) error) error {
	if s.Apart {
		return nil
	}
	if err := s.Flights.Outdate(ctx, owns); err != nil {
		return err
	}
	after := func() {
		_ = s.Flights.Outdate(context.Background(), owns) // that context does not end
		if s.Policy != nil {
			s.Policy.ForgetAll()
		}
	}
	if s.Memory {
		defer after()
		return remove(ctx)
	}
	_, err := await(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, remove(ctx) }, after)
	return err
}
