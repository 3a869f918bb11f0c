package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// GetMany returns the values of keys. A miss is fault.ErrNotFound itself in its place.
// So is a value that cannot be decoded; the joined error has the reason.
// Python: get_many.
func (s *Values) GetMany(ctx context.Context, keys []string) ([]any, error) {
	return s.getMany(ctx, keys, !s.isKept())
}

// GetManyKept is GetMany for which values past their lives count.
func (s *Values) GetManyKept(ctx context.Context, keys []string) ([]any, error) {
	return s.getMany(ctx, keys, true)
}

func (s *Values) getMany(ctx context.Context, keys []string, kept bool) ([]any, error) {
	keys = keepIfWaiting(ctx, s, keys)
	values := make([]any, len(keys))
	var errs []error
	err := s.lookUpMany(ctx, keys, func(i int, f found) {
		values[i] = f.value
		if f.err != nil || !kept && s.isPast(f.age.Left) {
			values[i] = fault.ErrNotFound
		}
		if f.err != nil && !IsMiss(f.err) {
			errs = append(errs, ElementError(i, keys[i], f.err))
		}
	})
	if err != nil {
		return nil, err
	}
	return values, errors.Join(errs...)
}

// found is the result of a look-up: a value, or why there is none.
type found struct {
	value  any
	err    error
	failed bool // err is the storage's error
	age    *flight.Age
}

func foundBy(value any, err error) found {
	return found{value: value, err: err, failed: err != nil && !IsMiss(err) && !errors.Is(err, fault.ErrCoder)}
}

// lookUpMany looks up keys and passes the result for each to take. It returns an error
// if it could not look them up.
func (s *Values) lookUpMany(ctx context.Context, keys []string, take func(i int, f found)) error {
	if len(keys) == 0 {
		return nil
	}
	if _, bulk := s.Storage.(bulkStorage); !bulk && !s.IsTyped() && !s.ages() {
		s.lookUpEach(ctx, keys, take)
		return nil
	}
	return s.note(ctx, "", s.lookUpTogether(ctx, keys, s.noting(ctx, keys, take)))
}

// lookUpTogether is lookUpMany by one question.
func (s *Values) lookUpTogether(ctx context.Context, keys []string, take func(i int, f found)) error {
	if s.ages() {
		return s.lookUpManyAged(ctx, keys, take)
	}
	if s.IsTyped() {
		return s.getManyTyped(ctx, keys, take)
	}
	bulk := s.Storage.(bulkStorage)
	coder, get := *s.Coder.Load(), bulk.GetManyValues
	if coder, ok := coder.(textReader); ok && coder.ReadsText() && s.Texts.Get != nil {
		get = s.Texts.GetMany
	}
	data, err := Ask(ctx, s, func(ctx context.Context) ([]any, error) { return get(ctx, keys) })
	failed, partly := s.Elements(err, len(keys))
	if err != nil && (!partly || len(data) != len(keys)) {
		return err
	}
	if len(data) != len(keys) {
		return fmt.Errorf("%T returned %d values for %d keys", s.Storage, len(data), len(keys))
	}
	for i, d := range data {
		switch err := errorOf(failed, i); {
		case err != nil:
			take(i, found{err: err, failed: true})
		case d == any(fault.ErrNotFound):
			take(i, found{err: fault.ErrNotFound})
		default:
			take(i, foundBy(s.decodeBy(coder, d)))
		}
	}
	return nil
}

// lookUpEach looks up one key after the other, until one takes too long or ctx ends. The
// remaining keys then get its error.
func (s *Values) lookUpEach(ctx context.Context, keys []string, take func(i int, f found)) {
	var last found
	over := false
	for i, key := range keys {
		if !over {
			last = foundBy(s.Get(ctx, key))
			over = last.failed && (isSlow(last.err) || ended(ctx) != nil)
		}
		take(i, last)
	}
}

// SetMany stores as many values as keys, like Set. It leaves out a value that cannot be
// encoded; the joined error has the reason.
// Python: set_many.
func (s *Values) SetMany(ctx context.Context, keys []string, values []any, expire ...time.Duration) error {
	if len(keys) != len(values) {
		return fmt.Errorf("%w: %d values for %d keys", fault.ErrArguments, len(values), len(keys))
	}
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	defer s.forget(keys...)
	return ElementErrors(keys, s.setEach(ctx, keepIfWaiting(ctx, s, keys), values, ttl))
}

// setEach is SetMany that returns one error, or nil, for each element.
func (s *Values) setEach(ctx context.Context, keys []string, values []any, ttl time.Duration) []error {
	if len(keys) == 0 {
		return nil
	}
	set := s.encodeAll(ctx, keys, values)
	var errs []error
	err := s.writeAll(ctx, keys, func(ctx context.Context) error {
		if s.Policy == nil {
			errs = s.setMany(ctx, set, ttl)
			return nil
		}
		errs = s.setLives(ctx, set, func(i int) (time.Duration, bool, error) { return s.life(keys[i], ttl), true, nil })
		return nil
	})
	if err != nil { // errs may still be written to
		return slices.Repeat([]error{err}, len(keys))
	}
	return errs
}

// encodedValues are the values of a bulk set that could be encoded.
type encodedValues struct {
	keys   []string
	data   []any
	places []int   // among all elements
	errs   []error // of all elements
	failed bool    // there is an error among them
}

// fail makes err the error of all elements that were to be set.
func (set *encodedValues) fail(err error) {
	for _, i := range set.places {
		set.errs[i] = err
	}
	set.failed = set.failed || len(set.places) > 0
}

// only returns the set of the elements for which keep returns true.
func (set *encodedValues) only(keep func(i int) bool) *encodedValues {
	kept := &encodedValues{errs: set.errs, failed: set.failed}
	for n, i := range set.places {
		if keep(i) {
			kept.keys, kept.data, kept.places = append(kept.keys, set.keys[n]), append(kept.data, set.data[n]), append(kept.places, i)
		}
	}
	return kept
}

// encodeAll encodes the values while the caller still waits.
func (s *Values) encodeAll(ctx context.Context, keys []string, values []any) *encodedValues {
	n := len(keys)
	set := &encodedValues{make([]string, 0, n), make([]any, 0, n), make([]int, 0, n), make([]error, n), false}
	for i, key := range keys {
		data, err := s.encodeFor(ctx, key, values[i])
		if err != nil {
			set.errs[i], set.failed = err, true
			continue
		}
		set.keys, set.data, set.places = append(set.keys, key), append(set.data, data), append(set.places, i)
	}
	return set
}

// encodeFor is encode for a write under a key that may go on after the caller has gone, which
// may then change its bytes.
func (s *Values) encodeFor(ctx context.Context, key string, value any) (any, error) {
	data, err := s.Encode(value)
	_ = s.note(ctx, key, err)
	if b, ok := data.([]byte); ok && s.storesBehind(ctx) {
		return slices.Clone(b), err
	}
	return data, err
}

// setMany is SetMany for locked keys. It returns one error, or nil, for each element.
func (s *Values) setMany(ctx context.Context, set *encodedValues, ttl time.Duration) []error {
	bulk, isBulk := s.Storage.(bulkStorage)
	if isBulk && len(set.keys) > 0 {
		if err := bulk.SetManyValues(ctx, set.keys, set.data, ttl); err != nil {
			for n, i := range set.places {
				set.errs[i] = inTime(ctx, s.oneOf(err, n, len(set.places)))
			}
			set.failed = true
		}
	}
	for n := 0; !isBulk && n < len(set.keys); n++ {
		if err := s.Storage.SetValue(ctx, set.keys[n], set.data[n], ttl); err != nil {
			set.errs[set.places[n]], set.failed = err, true
		}
	}
	if !set.failed {
		return nil
	}
	s.noteFirst(ctx, set)
	return set.errs
}

// noteFirst notes that a bulk set has failed, once.
func (s *Values) noteFirst(ctx context.Context, set *encodedValues) {
	for n, i := range set.places {
		if err := set.errs[i]; err != nil {
			_ = s.note(ctx, set.keys[n], err)
			return
		}
	}
}

// DeleteMany removes the values of keys. Python: delete_many.
func (s *Values) DeleteMany(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	keys = keepIfWaiting(ctx, s, keys)
	defer s.forget(keys...)
	return s.writeAll(ctx, keys, func(ctx context.Context) error {
		if bulk, ok := s.Storage.(bulkStorage); ok {
			return s.bulkElements(keys, bulk.DeleteManyValues(ctx, keys))
		}
		return each(keys, func(key string) error { return s.Storage.DeleteValue(ctx, key) })
	})
}

// HasMany reports for each of keys whether it has a value.
// Python: has_many.
func (s *Values) HasMany(ctx context.Context, keys []string) ([]bool, error) {
	keys = keepIfWaiting(ctx, s, keys)
	if s.isKept() {
		return s.hasManyLive(ctx, keys)
	}
	return s.HasManyKept(ctx, keys)
}

// HasManyKept is HasMany for which values past their lives count.
func (s *Values) HasManyKept(ctx context.Context, keys []string) ([]bool, error) {
	if bulk, ok := s.Storage.(bulkStorage); ok && len(keys) > 0 {
		all, err := Ask(ctx, s, func(ctx context.Context) ([]bool, error) { return bulk.HasManyValues(ctx, keys) })
		if err == nil && len(all) != len(keys) {
			err = fmt.Errorf("%T returned %d answers for %d keys", s.Storage, len(all), len(keys))
		}
		return all, s.bulkElements(keys, err)
	}
	all := make([]bool, len(keys))
	i := 0
	err := each(keys, func(key string) (err error) {
		all[i], err = s.HasKept(ctx, key)
		i++
		return err
	})
	return all, err
}

// TouchMany renews the expiry of the values of keys; see Touch.
// Python: touch_many.
func (s *Values) TouchMany(ctx context.Context, keys []string, expire ...time.Duration) error {
	bulk, ok := s.Storage.(bulkStorage)
	if !ok || s.Policy != nil && s.Policy.Jitter > 0 { // each key has its own life then
		return each(keys, func(key string) error { return s.Touch(ctx, key, expire...) })
	}
	ttl, err := s.expiry(expire)
	if err != nil || len(keys) == 0 {
		return err
	}
	keys = keepIfWaiting(ctx, s, keys)
	ttl = s.life(keys[0], ttl)
	err = s.touching(ctx, func(ctx context.Context) error { return bulk.TouchManyValues(ctx, keys, ttl) })
	return s.bulkElements(keys, err)
}

// each calls do for one key after the other and joins the errors.
func each(keys []string, do func(key string) error) error {
	var errs []error
	for i, key := range keys {
		if err := do(key); err != nil {
			errs = append(errs, ElementError(i, key, err))
		}
	}
	return errors.Join(errs...)
}

// errorOf returns the error of an element; empty errs are all nil.
func errorOf(errs []error, i int) error {
	if errs == nil {
		return nil
	}
	return errs[i]
}

// oneOf returns the error of the nth of that many keys from the error of a bulk method.
func (s *Values) oneOf(err error, n, of int) error {
	if each, ok := s.Elements(err, of); ok {
		return each[n]
	}
	return err
}

// bulkElements names the elements for which a bulk method failed.
func (s *Values) bulkElements(keys []string, err error) error {
	if each, ok := s.Elements(err, len(keys)); ok {
		return ElementErrors(keys, each)
	}
	return err
}

// ElementError names the element of a bulk call that an error is of.
func ElementError(i int, key string, err error) error {
	return fmt.Errorf("element %d, %q: %w", i, key, err)
}

// ElementErrors joins the errors of the elements and names the elements.
func ElementErrors(keys []string, errs []error) error {
	var failed []error
	for i, err := range errs {
		if err != nil {
			failed = append(failed, ElementError(i, keys[i], err))
		}
	}
	return errors.Join(failed...)
}
