package shelve

import (
	"context"
	"fmt"
)

// GetMany is Get for several keys in one transaction, so the values are of one moment.
// It returns one value for each key, with [ErrNotFound] itself in the place of a missing
// one.
func (s *Shelf) GetMany(ctx context.Context, keys []string) ([]any, error) {
	values, err := s.getMany(ctx, keys)
	return values, s.fail("get many", "", err)
}

func (s *Shelf) getMany(ctx context.Context, keys []string) ([]any, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	data, err := s.store.getValues(ctx, keys)
	if err != nil {
		return nil, err
	}
	values := make([]any, len(keys))
	for i, key := range keys {
		if value, ok := s.values[key]; ok {
			values[i] = value
			continue
		}
		if data[i] == nil {
			values[i] = ErrNotFound
			continue
		}
		if values[i], err = s.decode(key, data[i]); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
	}
	return values, nil
}

// GetManyBytes is GetBytes for several keys in one transaction. It returns one pickle
// for each key, with nil in the place of a missing one.
func (s *Shelf) GetManyBytes(ctx context.Context, keys []string) ([][]byte, error) {
	data, err := s.getManyBytes(ctx, keys)
	return data, s.fail("get many", "", err)
}

func (s *Shelf) getManyBytes(ctx context.Context, keys []string) ([][]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	data, err := s.store.getValues(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if value, ok := s.values[key]; ok {
			if data[i], err = s.encode(key, value); err != nil {
				return nil, fmt.Errorf("%q: %w", key, err)
			}
		}
	}
	return data, nil
}

// SetMany stores values[i] under keys[i] for every i, in one transaction: all or none.
// Python: update.
func (s *Shelf) SetMany(ctx context.Context, keys []string, values []any) error {
	return s.fail("set many", "", s.setMany(ctx, keys, values))
}

func (s *Shelf) setMany(ctx context.Context, keys []string, values []any) error {
	if len(keys) != len(values) {
		return fmt.Errorf("%d keys but %d values", len(keys), len(values))
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	data := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if data[i], err = s.encode(key, values[i]); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	if err := s.store.setValues(ctx, keys, data); err != nil {
		return err
	}
	if s.writeback {
		for i, key := range keys {
			s.values[key] = values[i]
		}
	}
	return nil
}

// DeleteMany removes keys, in one transaction: all or none. Missing keys are not an
// error.
func (s *Shelf) DeleteMany(ctx context.Context, keys []string) error {
	return s.fail("delete many", "", s.deleteMany(ctx, keys))
}

func (s *Shelf) deleteMany(ctx context.Context, keys []string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.store.deleteKeys(ctx, keys); err != nil {
		return err
	}
	for _, key := range keys {
		delete(s.values, key)
	}
	return nil
}

// HasMany is Has for several keys in one transaction. It returns one answer for each
// key.
func (s *Shelf) HasMany(ctx context.Context, keys []string) ([]bool, error) {
	has, err := s.hasMany(ctx, keys)
	return has, s.fail("has many", "", err)
}

func (s *Shelf) hasMany(ctx context.Context, keys []string) ([]bool, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.store.hasKeys(ctx, keys)
}
