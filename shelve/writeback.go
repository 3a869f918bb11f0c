package shelve

import (
	"context"
	"errors"
	"fmt"
)

// flush writes the values kept for Writeback and forgets them, as Python does. Values
// that cannot be pickled stay. If there are any values, the caller holds s.mu for
// writing.
func (s *Shelf) flush() error {
	if len(s.values) == 0 {
		return nil
	}
	var errs []error
	var keys []string
	var data [][]byte
	for key, value := range s.values {
		d, err := s.encode(key, value)
		if err != nil {
			errs = append(errs, fmt.Errorf("write back %q: %w", key, err))
			continue
		}
		keys, data = append(keys, key), append(data, d)
	}
	if err := s.store.setValues(context.Background(), keys, data); err != nil {
		return errors.Join(append(errs, fmt.Errorf("write back: %w", err))...)
	}
	for _, key := range keys {
		delete(s.values, key)
	}
	return errors.Join(errs...)
}
