package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/ring-go/ring"
)

// Size

func size(s *subject) {
	s.wantSize(0, "of an empty storage")
	for i, key := range s.Keys {
		s.set(key, s.Values[0], 0)
		s.wantSize(i+1, "after one more key was set")
	}
	s.set(s.Keys[0], s.Values[1], 0)
	s.wantSize(len(s.Keys), "after overwriting")
	s.delete(s.Keys[0], "of a value")
	s.delete(s.Keys[0], "for the second time")
	s.wantSize(len(s.Keys)-1, "after a key was deleted")
}

func (s *subject) wantSize(want int, when string) {
	s.Helper()
	limit, current := s.storage.(ring.SizedStorage).Size()
	if limit < -1 {
		s.fatalf("Size() %s: want a limit of 0 or more, or -1 for none, got %d", when, limit)
	}
	if current != -1 && current != want {
		s.fatalf("Size() %s: want %d values, or -1 when it does not know, got %d", when, want, current)
	}
}

// Context

func contextDone(s *subject) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		for _, call := range s.calls() {
			s.set(s.Keys[0], s.Values[0], 0)
			err := call.do(ctx)
			if err != nil && !errors.Is(err, ctx.Err()) && !call.allows(err) {
				s.fatalf("%s with a context that is done: want success or an error that wraps the context's, %q, got: %v",
					call.name, ctx.Err(), err)
			}
			s.wantUsable(call.name)
		}
	}
}

// wantUsable checks that the storage still works after a call has given up.
func (s *subject) wantUsable(call string) {
	s.Helper()
	key := s.Keys[0]
	got, err := s.storage.GetValue(context.Background(), key)
	if err != nil && !errors.Is(err, ring.ErrNotFound) || err == nil && !equal(got, s.Values[0]) && !equal(got, s.Values[1]) {
		s.fatalf("GetValue(%q) after %s with a context that was done: want the value before, the value after or a miss, got %s",
			key, call, outcome(got, err))
	}
}

// call is one call of a method, without its result.
type call struct {
	name   string
	do     func(context.Context) error
	allows func(error) bool
}

// calls returns a call of each method of the storage, with its first two keys. The
// second key is missing.
func (s *subject) calls() []call {
	here, missing := s.Keys[0], s.Keys[1]
	never := func(error) bool { return false }
	miss := func(err error) bool { return errors.Is(err, ring.ErrNotFound) }
	all := []call{
		{"GetValue of a value", func(ctx context.Context) error { _, err := s.storage.GetValue(ctx, here); return err }, never},
		{"GetValue of a missing key", func(ctx context.Context) error { _, err := s.storage.GetValue(ctx, missing); return err }, miss},
		{"SetValue", func(ctx context.Context) error { return s.storage.SetValue(ctx, here, s.Values[1], 0) }, never},
		{"DeleteValue", func(ctx context.Context) error { return s.storage.DeleteValue(ctx, here) }, never},
	}
	if has, ok := s.storage.(ring.HasStorage); ok {
		all = append(all, call{"HasValue", func(ctx context.Context) error { _, err := has.HasValue(ctx, here); return err }, never})
	}
	if touch, ok := s.storage.(ring.TouchStorage); ok {
		// The value has no expiry. Not every storage can touch that.
		all = append(all, call{"TouchValue", func(ctx context.Context) error { return touch.TouchValue(ctx, here, long) }, unsupported})
	}
	if bulk, ok := s.storage.(ring.BulkStorage); ok {
		all = append(all, s.bulkCalls(bulk, []string{here, missing})...)
	}
	return append(all, s.agedCalls([]string{here, missing})...)
}

func (s *subject) agedCalls(keys []string) (all []call) {
	never, here := func(error) bool { return false }, keys[0]
	if a, ok := s.storage.(ring.AgedStorage); ok && s.can(aged) {
		all = append(all,
			call{"GetAged", func(ctx context.Context) error { _, err := a.GetAged(ctx, here); return err }, never},
			call{"GetManyAged", func(ctx context.Context) error { _, err := a.GetManyAged(ctx, keys); return err }, never})
	}
	if c, ok := s.storage.(ring.CondStorage); ok && s.can(adds) {
		all = append(all, call{"AddValue", func(ctx context.Context) error { _, err := c.AddValue(ctx, here, s.Values[1], 0); return err }, never})
	}
	if c, ok := s.storage.(ring.ShortenStorage); ok && s.can(shortens) {
		all = append(all, call{"ShortenValue", func(ctx context.Context) error { return c.ShortenValue(ctx, here, long) }, never})
	}
	return all
}

func (s *subject) bulkCalls(bulk ring.BulkStorage, keys []string) []call {
	never := func(error) bool { return false }
	one := keys[:1] // the second key stays missing
	return []call{
		{"GetManyValues", func(ctx context.Context) error { _, err := bulk.GetManyValues(ctx, keys); return err }, never},
		{"SetManyValues", func(ctx context.Context) error { return bulk.SetManyValues(ctx, one, s.Values[1:2], 0) }, never},
		{"DeleteManyValues", func(ctx context.Context) error { return bulk.DeleteManyValues(ctx, keys) }, never},
		{"HasManyValues", func(ctx context.Context) error { _, err := bulk.HasManyValues(ctx, keys); return err }, never},
		{"TouchManyValues", func(ctx context.Context) error { return bulk.TouchManyValues(ctx, keys, long) }, unsupported},
	}
}
