package storagetest

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ring-go/ring"
)

func expiryLifetime(s *subject) {
	if s.Advance == nil {
		s.lifetimeByWaiting(s.Keys[0], s.ttl())
		return
	}
	r := s.Resolution
	for i, expire := range []time.Duration{r, 2 * r, 2*r + r/2, 7 * r, time.Minute, 40 * 24 * time.Hour} {
		key := s.Keys[i%len(s.Keys)]
		s.set(key, s.Values[0], expire)
		s.want(key, s.Values[0], fmt.Sprintf("at once after it was set to expire after %v", expire))
		s.advance(expire - r)
		if expire > r {
			s.want(key, s.Values[0], fmt.Sprintf("%v after it was set to expire after %v", expire-r, expire))
		}
		s.advance(2 * r)
		s.wantMiss(key, fmt.Sprintf("%v after it was set to expire after %v", expire+r, expire))
	}
}

func (s *subject) lifetimeByWaiting(key string, expire time.Duration) {
	s.Helper()
	var after time.Duration
	for range 2 { // a server on a busy machine learns late what time it is, and then catches up
		gone := false
		if after, gone = s.setAndAwait(expire, key); !gone {
			s.fatalf("GetValue(%q) %v after it was set to expire after %v: want a miss, got the value", key, after, expire)
		}
		if after >= expire-s.Resolution {
			return
		}
	}
	s.fatalf("GetValue(%q) %v after it was set to expire after %v: want the value, got a miss", key, after, expire)
}

// expiryGone looks once at each dead value, each by another method, because the first
// look may be what removes it.
func expiryGone(s *subject) {
	k := s.Keys
	for _, key := range k[:5] {
		s.set(key, s.Values[0], s.ttl())
	}
	s.set(k[5], s.Values[1], long)
	s.lapse()
	s.wantHas(k[0], false, "after it expired")
	s.wantMiss(k[1], "after it expired")
	s.delete(k[2], "after it expired")
	s.wantMiss(k[2], "after it expired and was deleted")
	if s.can(bulkStorage) {
		s.wantMany([]string{k[3], k[5]}, []any{ring.ErrNotFound, s.Values[1]}, "after the first expired")
		s.wantHasMany([]string{k[4], k[5]}, []bool{false, true}, "after the first expired")
	}
	s.want(k[5], s.Values[1], "when others expired")
	s.set(k[0], s.Values[1], 0)
	s.want(k[0], s.Values[1], "that expired and was set again")
}

func expiryShort(s *subject) {
	ways := s.everyWay(time.Nanosecond)
	s.lapse()
	for _, w := range ways {
		s.wantMiss(w.key, fmt.Sprintf("after %s with the expiry 1ns (one too short for the storage is rounded up, it does not become none)", w.method))
	}
}

// expiryLong checks expiries that are easily lost: Memcached reads more than 30 days as
// a date, and a date after the year 2262 does not fit into 64 bits of nanoseconds.
func expiryLong(s *subject) {
	for _, expire := range []time.Duration{40 * 24 * time.Hour, 100 * 365 * 24 * time.Hour, math.MaxInt64} {
		for _, w := range s.everyWay(expire) {
			when := fmt.Sprintf("at once after %s with the expiry %v", w.method, expire)
			s.wantHas(w.key, true, when)
			s.want(w.key, s.Values[0], when)
		}
	}
}

// way is how a key got its expiry.
type way struct{ method, key string }

// everyWay sets the expiry of a key by each method that can.
func (s *subject) everyWay(expire time.Duration) []way {
	s.Helper()
	k, v := s.Keys, s.Values
	s.set(k[0], v[0], expire)
	ways := []way{{"SetValue", k[0]}}
	if s.can(touches) {
		s.set(k[1], v[0], long)
		s.touch(k[1], expire, "of a value")
		ways = append(ways, way{"TouchValue", k[1]})
	}
	if s.can(bulkStorage) {
		s.setMany(k[2:3], v[:1], expire)
		ways = append(ways, way{"SetManyValues", k[2]})
	}
	if s.can(bulkTouches) {
		s.set(k[3], v[0], long)
		s.touchMany(k[3:4], expire, "of a value")
		ways = append(ways, way{"TouchManyValues", k[3]})
	}
	return ways
}

func expiryNone(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], 0)
	s.set(k[1], s.Values[0], s.ttl())
	s.set(k[1], s.Values[1], 0)
	s.lapse()
	if s.Advance != nil {
		s.advance(366 * 24 * time.Hour)
	}
	s.want(k[0], s.Values[0], "after a while, set without expiry")
	s.want(k[1], s.Values[1], "after a while, set with an expiry and then without (the expiry goes with the value that it was set with)")
}

func expiryOverwrite(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], s.ttl())
	s.set(k[0], s.Values[1], long)
	s.set(k[1], s.Values[0], long)
	s.set(k[1], s.Values[1], s.ttl())
	s.set(k[2], s.Values[0], 0)
	s.set(k[2], s.Values[1], s.ttl())
	s.set(k[3], s.Values[0], s.ttl())
	s.lapse()
	s.want(k[0], s.Values[1], "that was overwritten with a longer expiry, after the shorter one")
	s.wantMiss(k[1], "that was overwritten with a shorter expiry, after that")
	s.wantMiss(k[2], "that had no expiry and was overwritten with one, after that")
	s.set(k[3], s.Values[1], long)
	s.want(k[3], s.Values[1], "that expired and was set again")
}

func expiryRefused(s *subject) {
	for i, key := range s.Keys[:2] {
		if i == 1 {
			s.set(key, s.Values[0], 0)
		}
		err := s.storage.SetValue(context.Background(), key, s.Values[1], long)
		if !unsupported(err) {
			s.fatalf("SetValue(%q) with an expiry: want errors.ErrUnsupported, as for another value before, got: %v", key, err)
		}
	}
	if s.can(bulkStorage) {
		err := s.bulk().SetManyValues(context.Background(), s.Keys[:2], s.Values[1:3], long)
		if !unsupported(err) {
			s.fatalf("SetManyValues with an expiry: want errors.ErrUnsupported, as from SetValue, got: %v", err)
		}
	}
	s.wantMiss(s.Keys[0], "after a call with an expiry was refused")
	s.want(s.Keys[1], s.Values[0], "after a call with an expiry was refused")
}
