package ringtest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ring-go/ring"
)

// sieve is a bulk call after it was decided what fails.
type sieve struct {
	keys   []string // those that go on
	places []int    // of these among all
	errs   []error  // of all keys
}

// sift decides about each of the keys, and waits for the slowest. The keys that fail or get
// lost do not go on.
func (f *Faulty) sift(ctx context.Context, op string, faults *Faults, keys []string) (*sieve, error) {
	s := &sieve{errs: make([]error, len(keys))}
	var slowest time.Duration
	for i, key := range keys {
		next := f.fateOf(op, faults, key)
		slowest = max(slowest, next.delay)
		if s.errs[i] = next.err; next.err == nil && !next.lost {
			s.keys, s.places = append(s.keys, key), append(s.places, i)
		}
	}
	return s, pause(ctx, slowest)
}

// join returns the errors of all keys. err is that of those that went on.
func (s *sieve) join(err error) error {
	failed := slices.ContainsFunc(s.errs, func(err error) bool { return err != nil })
	if !failed && (err == nil || len(s.keys) == len(s.errs)) {
		return err
	}
	var each ring.BulkErrors
	isEach := errors.As(err, &each) && len(each) == len(s.keys)
	for n, i := range s.places {
		if s.errs[i] = err; isEach {
			s.errs[i] = each[n]
		}
	}
	return ring.BulkErrors(s.errs)
}

// GetManyValues implements ring.BulkStorage.
func (f *Faulty) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	s, err := f.sift(ctx, "get", &f.Get, keys)
	if err != nil {
		return nil, err
	}
	found, err := f.getMany(ctx, s.keys)
	values := slices.Repeat([]any{ring.ErrNotFound}, len(keys))
	if len(found) == len(s.keys) {
		for n, i := range s.places {
			values[i] = found[n]
		}
	} else if err == nil || len(s.keys) == len(keys) {
		return found, err // the Storage inside is wrong, or has failed for all
	}
	return values, s.join(err)
}

func (f *Faulty) getMany(ctx context.Context, keys []string) ([]any, error) {
	if bulk, ok := f.Storage.(ring.BulkStorage); ok {
		return bulk.GetManyValues(ctx, keys)
	}
	values := make([]any, len(keys))
	err := eachKey(keys, func(i int) (err error) {
		values[i], err = f.Storage.GetValue(ctx, keys[i])
		if err != nil {
			values[i] = ring.ErrNotFound
		}
		if errors.Is(err, ring.ErrNotFound) {
			return nil
		}
		return err
	})
	return values, err
}

// SetManyValues implements ring.BulkStorage.
func (f *Faulty) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	s, err := f.sift(ctx, "set", &f.Set, keys)
	if err != nil {
		return err
	}
	left := make([]any, len(s.places))
	for n, i := range s.places {
		left[n] = values[i]
	}
	if bulk, ok := f.Storage.(ring.BulkStorage); ok {
		return s.join(bulk.SetManyValues(ctx, s.keys, left, expire))
	}
	return s.join(eachKey(s.keys, func(i int) error { return f.Storage.SetValue(ctx, s.keys[i], left[i], expire) }))
}

// DeleteManyValues implements ring.BulkStorage.
func (f *Faulty) DeleteManyValues(ctx context.Context, keys []string) error {
	s, err := f.sift(ctx, "delete", &f.Delete, keys)
	if err != nil {
		return err
	}
	if bulk, ok := f.Storage.(ring.BulkStorage); ok {
		return s.join(bulk.DeleteManyValues(ctx, s.keys))
	}
	return s.join(eachKey(s.keys, func(i int) error { return f.Storage.DeleteValue(ctx, s.keys[i]) }))
}

// HasManyValues implements ring.BulkStorage.
func (f *Faulty) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	s, err := f.sift(ctx, "has", &f.Has, keys)
	if err != nil {
		return nil, err
	}
	found, err := f.hasMany(ctx, s.keys)
	all := make([]bool, len(keys))
	if len(found) == len(s.keys) {
		for n, i := range s.places {
			all[i] = found[n]
		}
	} else if err == nil || len(s.keys) == len(keys) {
		return found, err
	}
	return all, s.join(err)
}

func (f *Faulty) hasMany(ctx context.Context, keys []string) ([]bool, error) {
	if bulk, ok := f.Storage.(ring.BulkStorage); ok {
		return bulk.HasManyValues(ctx, keys)
	}
	all := make([]bool, len(keys))
	err := eachKey(keys, func(i int) (err error) {
		all[i], err = hasValue(ctx, f.Storage, keys[i])
		return err
	})
	return all, err
}

// TouchManyValues implements ring.BulkStorage.
func (f *Faulty) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	s, err := f.sift(ctx, "touch", &f.Touch, keys)
	if err != nil {
		return err
	}
	if bulk, ok := f.Storage.(ring.BulkStorage); ok {
		return s.join(bulk.TouchManyValues(ctx, s.keys, expire))
	}
	return s.join(eachKey(s.keys, func(i int) error { return touchValue(ctx, f.Storage, s.keys[i], expire) }))
}

// eachKey does something for each of the keys and returns the errors as ring.BulkErrors.
func eachKey(keys []string, do func(i int) error) error {
	errs, failed := make([]error, len(keys)), false
	for i := range keys {
		errs[i] = do(i)
		failed = failed || errs[i] != nil
	}
	if !failed {
		return nil
	}
	return ring.BulkErrors(errs)
}
