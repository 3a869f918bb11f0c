package storagetest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring"
)

func addValue(s *subject) {
	key := s.Keys[0]
	s.add(key, s.Values[0], 0, true, "of a key that was never set")
	s.want(key, s.Values[0], "after AddValue")
	s.add(key, s.Values[1], 0, false, "of a key with a value")
	s.want(key, s.Values[0], "after AddValue has stored nothing")
	s.delete(key, "of a value")
	s.add(key, s.Values[1], 0, true, "of a key whose value was deleted")
	s.want(key, s.Values[1], "after AddValue")
	if !s.can(expires) {
		return
	}
	key = s.Keys[1]
	s.add(key, s.Values[0], s.ttl(), true, "of a key that was never set")
	s.set(s.Keys[2], s.Values[0], s.ttl())
	s.lapse()
	s.wantMiss(key, "that was added with an expiry, after that")
	s.add(s.Keys[2], s.Values[1], long, true, "of a key whose value has expired")
	s.want(s.Keys[2], s.Values[1], "after AddValue")
}

func (s *subject) add(key string, value any, expire time.Duration, want bool, when string) {
	s.Helper()
	stored, err := s.storage.(ring.CondStorage).AddValue(context.Background(), key, value, expire)
	if err != nil || stored != want {
		s.fatalf("AddValue(%q) %s: want %t and no error, got %t and: %v", key, when, want, stored, err)
	}
}

func replaceValue(s *subject) {
	key, v := s.Keys[0], s.Values
	s.set(key, v[0], 0)
	first := s.version(key)
	s.replace(key, first, v[1], 0, true, "of the version that is stored")
	s.want(key, v[1], "after ReplaceValue")
	s.replace(key, first, v[2], 0, false, "of a version that was replaced")
	second := s.version(key)
	s.set(key, v[2], 0)
	s.replace(key, second, v[0], 0, false, "of a version that was overwritten")
	s.want(key, v[2], "after ReplaceValue has stored nothing")
	third := s.version(key)
	s.delete(key, "of a value")
	s.replace(key, third, v[0], 0, false, "of a version that was deleted")
	s.wantMiss(key, "after ReplaceValue of a version that was deleted")
	s.add(key, v[0], 0, true, "of a key whose value was deleted")
	s.replace(key, third, v[1], 0, false, "of a version that was deleted before another value was added")
	s.want(key, v[0], "after ReplaceValue has stored nothing")
	if s.can(expires) {
		s.replaceMortals()
	}
}

func (s *subject) replaceMortals() {
	k, v := s.Keys, s.Values
	for i, had := range []time.Duration{0, long, s.ttl()} {
		s.set(k[i], v[0], had)
	}
	expired := s.version(k[2])
	s.replace(k[0], s.version(k[0]), v[1], s.ttl(), true, "of a value without expiry")
	s.replace(k[1], s.version(k[1]), v[1], 0, true, "of a value with an expiry")
	s.lapse()
	s.wantMiss(k[0], "that was replaced by one with an expiry, after that")
	s.want(k[1], v[1], "that was replaced by one without expiry")
	s.replace(k[2], expired, v[1], long, false, "of a version that has expired")
	s.wantMiss(k[2], "after ReplaceValue of a version that has expired")
}

func (s *subject) version(key string) any {
	s.Helper()
	a, err := s.storage.(ring.AgedStorage).GetAged(context.Background(), key)
	if err != nil || a.Version == nil {
		s.fatalf("GetAged(%q) of a CondStorage: want a Version and no error, got %v and: %v", key, a.Version, err)
	}
	return a.Version
}

func (s *subject) replace(key string, version, value any, expire time.Duration, want bool, when string) {
	s.Helper()
	stored, err := s.storage.(ring.CondStorage).ReplaceValue(context.Background(), key, version, value, expire)
	if err != nil || stored != want {
		s.fatalf("ReplaceValue(%q) %s: want %t and no error, got %t and: %v", key, when, want, stored, err)
	}
}

// condRaces lets several goroutines store under one condition. Each has its own value, so
// that the winner's is known.
func condRaces(s *subject) {
	n := min(goroutines, len(s.Values)-1)
	for round := range ownRounds {
		key, cond := s.Keys[round%len(s.Keys)], s.storage.(ring.CondStorage)
		s.delete(key, "before a race")
		winner := s.race(n, "AddValue", func(g int) (bool, error) {
			return cond.AddValue(context.Background(), key, s.Values[g], 0)
		})
		s.want(key, s.Values[winner], "of the goroutine whose AddValue has stored")
		if !s.can(aged) {
			continue
		}
		old := s.Values[n] // nobody else's
		s.set(key, old, 0)
		version := s.version(key)
		winner = s.race(n, "ReplaceValue", func(g int) (bool, error) {
			return cond.ReplaceValue(context.Background(), key, version, s.Values[g], 0)
		})
		s.want(key, s.Values[winner], "of the goroutine whose ReplaceValue has stored")
	}
}

// race returns the only goroutine that has stored.
func (s *subject) race(n int, what string, store func(g int) (bool, error)) (winner int) {
	s.Helper()
	var winners, last atomic.Int64
	s.together(n, func(g int) error {
		stored, err := store(g)
		if stored {
			winners.Add(1)
			last.Store(int64(g))
		}
		return describe(what, err)
	})
	if winners.Load() != 1 {
		s.fatalf("%s by %d goroutines at a time: want that 1 has stored, got %d", what, n, winners.Load())
	}
	return int(last.Load())
}
