package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/ring-go/ring"
)

// subject is a fresh storage for one check.
type subject struct {
	host
	Options
	storage ring.Storage
	able    ability
}

func (s *subject) can(a ability) bool { return s.able&a == a }

func (s *subject) bulk() ring.BulkStorage { return s.storage.(ring.BulkStorage) }

// fatalf ends the check: what follows would only repeat the failure.
func (s *subject) fatalf(format string, args ...any) {
	s.Helper()
	s.Errorf(format, args...)
	s.FailNow()
}

func (s *subject) set(key string, value any, expire time.Duration) {
	s.Helper()
	if err := s.storage.SetValue(context.Background(), key, value, expire); err != nil {
		s.fatalf("SetValue(%q, %s, %v): want no error, got: %v", key, show(value), expire, err)
	}
}

func (s *subject) delete(key, when string) {
	s.Helper()
	if err := s.storage.DeleteValue(context.Background(), key); err != nil {
		s.fatalf("DeleteValue(%q) %s: want no error, got: %v", key, when, err)
	}
}

func (s *subject) touch(key string, expire time.Duration, when string) {
	s.Helper()
	if err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, expire); err != nil {
		s.fatalf("TouchValue(%q, %v) %s: want no error, got: %v", key, expire, when, err)
	}
}

// tryTouch accepts a refusal of what not every storage can touch: a value without
// expiry, or any value with the expiry 0.
func (s *subject) tryTouch(key string, expire time.Duration, when string) (done bool) {
	s.Helper()
	err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, expire)
	if err != nil && !unsupported(err) {
		s.fatalf("TouchValue(%q, %v) %s: want no error or errors.ErrUnsupported, got: %v", key, expire, when, err)
	}
	return err == nil
}

// wantNoTouch is for a storage that has refused to touch before.
func (s *subject) wantNoTouch(key string) {
	s.Helper()
	err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, long)
	if !unsupported(err) {
		s.fatalf("TouchValue(%q, %v): want errors.ErrUnsupported, as for another value before, got: %v", key, long, err)
	}
}

func (s *subject) want(key string, value any, when string) {
	s.Helper()
	got, err := s.storage.GetValue(context.Background(), key)
	if err != nil || !equal(got, value) {
		s.fatalf("GetValue(%q) %s: want the value %s, got %s", key, when, show(value), outcome(got, err))
	}
}

func (s *subject) wantMiss(key, when string) {
	s.Helper()
	got, err := s.storage.GetValue(context.Background(), key)
	if !errors.Is(err, ring.ErrNotFound) {
		s.fatalf("GetValue(%q) %s: want an error for which errors.Is(err, ring.ErrNotFound), got %s", key, when, outcome(got, err))
	}
}

// wantHas asks HasValue, if the storage has it.
func (s *subject) wantHas(key string, want bool, when string) {
	s.Helper()
	has, ok := s.storage.(ring.HasStorage)
	if !ok {
		return
	}
	got, err := has.HasValue(context.Background(), key)
	if err != nil || got != want {
		s.fatalf("HasValue(%q) %s: want %t, got %s", key, when, want, outcome(got, err))
	}
}

func (s *subject) setMany(keys []string, values []any, expire time.Duration) {
	s.Helper()
	if err := s.bulk().SetManyValues(context.Background(), keys, values, expire); err != nil {
		s.fatalf("SetManyValues of %s with the expiry %v: want no error, got: %v", list(keys), expire, err)
	}
}

// wantMany compares what GetManyValues returns. In want a miss is ring.ErrNotFound.
func (s *subject) wantMany(keys []string, want []any, when string) {
	s.Helper()
	got, err := s.bulk().GetManyValues(context.Background(), keys)
	if err != nil {
		s.fatalf("GetManyValues of %s, %s: want no error, got: %v", list(keys), when, err)
	}
	if len(got) != len(keys) {
		s.fatalf("GetManyValues of %s, %s: want %d values for as many keys, got %d", list(keys), when, len(keys), len(got))
	}
	for i, value := range got {
		if want[i] == any(ring.ErrNotFound) {
			s.wantMissInPlace(value, i, keys, when)
			continue
		}
		if !equal(value, want[i]) {
			s.fatalf("GetManyValues of %s, %s: want the value %s at %d, for %q, got %s",
				list(keys), when, show(want[i]), i, keys[i], show(value))
		}
	}
}

func (s *subject) wantMissInPlace(value any, i int, keys []string, when string) {
	s.Helper()
	if value == any(ring.ErrNotFound) {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, ring.ErrNotFound) {
		s.fatalf("GetManyValues of %s, %s: want ring.ErrNotFound itself at %d, for %q, got an error that wraps it: %v",
			list(keys), when, i, keys[i], err)
	}
	s.fatalf("GetManyValues of %s, %s: want ring.ErrNotFound at %d, for %q, got %s",
		list(keys), when, i, keys[i], show(value))
}

func (s *subject) wantHasMany(keys []string, want []bool, when string) {
	s.Helper()
	got, err := s.bulk().HasManyValues(context.Background(), keys)
	if err != nil {
		s.fatalf("HasManyValues of %s, %s: want no error, got: %v", list(keys), when, err)
	}
	if len(got) != len(keys) {
		s.fatalf("HasManyValues of %s, %s: want %d answers for as many keys, got %d", list(keys), when, len(keys), len(got))
	}
	for i, has := range got {
		if has != want[i] {
			s.fatalf("HasManyValues of %s, %s: want %t at %d, for %q, got %t", list(keys), when, want[i], i, keys[i], has)
		}
	}
}

func (s *subject) deleteMany(keys []string, when string) {
	s.Helper()
	if err := s.bulk().DeleteManyValues(context.Background(), keys); err != nil {
		s.fatalf("DeleteManyValues of %s, %s: want no error, got: %v", list(keys), when, err)
	}
}

func (s *subject) touchMany(keys []string, expire time.Duration, when string) {
	s.Helper()
	if err := s.bulk().TouchManyValues(context.Background(), keys, expire); err != nil {
		s.fatalf("TouchManyValues of %s with the expiry %v, %s: want no error, got: %v", list(keys), expire, when, err)
	}
}

// ttl is an expiry that a check can wait for. A clock that ticks once per Resolution may
// shorten it by one tick.
func (s *subject) ttl() time.Duration { return 2 * s.Resolution }

// longest is an expiry that no check outlives, or 0 if the storage has none.
func (s *subject) longest() time.Duration {
	if s.can(expires) {
		return long
	}
	return 0
}

// lapse waits until everything that was to live for ttl is dead.
func (s *subject) lapse() {
	s.Helper()
	d := s.ttl() + s.Resolution
	if s.Advance != nil {
		s.advance(d)
		return
	}
	// Other values of the same storage tell when: that takes no longer than necessary
	// and does not fail on a busy machine. They are not values that the check looks at,
	// because reading may be what removes a dead value. They are many, because servers
	// have a clock each.
	if after, gone := s.setAndAwait(d, s.Keys[checked:]...); !gone {
		s.fatalf("a value that was set to expire after %v is still there after %v", d, after)
	}
}

// checked is how many of the keys, from the first, a check with an expiry may look at.
const checked = 7

// setAndAwait sets values that expire and reads them until they are gone, or until one
// should have been gone for long. It returns a time that is never shorter than the
// longest of their lives.
func (s *subject) setAndAwait(expire time.Duration, keys ...string) (after time.Duration, gone bool) {
	s.Helper()
	start := time.Now()
	for _, key := range keys {
		s.set(key, s.Values[0], expire)
	}
	for len(keys) > 0 {
		got, err := s.storage.GetValue(context.Background(), keys[0])
		after = time.Since(start)
		switch {
		case errors.Is(err, ring.ErrNotFound):
			keys = keys[1:]
			continue
		case err != nil || !equal(got, s.Values[0]):
			s.fatalf("GetValue(%q) while waiting for the value to expire: want the value %s or a miss, got %s",
				keys[0], show(s.Values[0]), outcome(got, err))
		case after > expire+patience+5*s.Resolution:
			return after, false
		}
		time.Sleep(max(s.Resolution/10, time.Millisecond))
	}
	return after, true
}

// Get, set and delete
