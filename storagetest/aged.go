package storagetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
)

func agedValues(s *subject) {
	k := s.Keys
	s.wantAged(k[0], missing, 0, 0, "of a key that was never set")
	s.set(k[0], s.Values[0], 0)
	s.wantAged(k[0], s.Values[0], 0, 0, "of a value without expiry")
	s.set(k[1], s.Values[1], 0)
	s.delete(k[1], "of a value")
	s.wantAged(k[1], missing, 0, 0, "of a key whose value was deleted")
	s.wantManyAged([]string{k[1], k[0], k[0]}, []any{missing, s.Values[0], s.Values[0]}, 0, 0)
	s.wantManyAged(nil, nil, 0, 0)
	if s.can(expires) {
		s.agedMortals()
	}
	s.want(k[0], s.Values[0], "after its time left was asked for")
}

func (s *subject) agedMortals() {
	k, from, to := s.Keys, long-patience-s.Resolution, long+s.Resolution
	s.set(k[1], s.Values[1], long)
	s.wantAged(k[1], s.Values[1], from, to, fmt.Sprintf("of a value that was set to expire after %v", long))
	s.wantManyAged([]string{k[1], k[2]}, []any{s.Values[1], missing}, from, to)
	s.set(k[2], s.Values[0], s.ttl())
	s.set(k[3], s.Values[0], s.ttl())
	s.lapse()
	s.wantAged(k[2], missing, 0, 0, "of a value that has expired")
	s.wantManyAged([]string{k[3], k[0]}, []any{missing, s.Values[0]}, 0, 0)
	if s.Advance != nil {
		s.set(k[3], s.Values[2], long)
		s.advance(long / 2)
		s.wantAged(k[3], s.Values[2], long/2-s.Resolution, long/2+s.Resolution,
			fmt.Sprintf("%v after a value was set to expire after %v", long/2, long))
	}
}

// missing is the value of a miss.
var missing any = ring.ErrNotFound

// wantAged asks for a value and the time left to it.
func (s *subject) wantAged(key string, value any, from, to time.Duration, when string) {
	s.Helper()
	a, err := s.storage.(ring.AgedStorage).GetAged(context.Background(), key)
	switch {
	case value == missing && !errors.Is(err, ring.ErrNotFound):
		s.fatalf("GetAged(%q) %s: want an error for which errors.Is(err, ring.ErrNotFound), got %s", key, when, outcome(a.Value, err))
	case value == missing:
	case err != nil || !equal(a.Value, value):
		s.fatalf("GetAged(%q) %s: want the value %s, got %s", key, when, show(value), outcome(a.Value, err))
	case !within(a.Left, from, to):
		s.fatalf("GetAged(%q) %s: want %v to %v left, got %v", key, when, from, to, a.Left)
	}
}

// within reports whether a time left is from … to; 0 to 0 is no expiry.
func within(left, from, to time.Duration) bool {
	return from <= left && left <= to && (left > 0 || to == 0)
}

// wantManyAged is wantAged for several keys. The times are those of the values.
func (s *subject) wantManyAged(keys []string, values []any, from, to time.Duration) {
	s.Helper()
	got, err := s.storage.(ring.AgedStorage).GetManyAged(context.Background(), keys)
	if err != nil || len(got) != len(keys) {
		s.fatalf("GetManyAged of %s: want as many answers and no error, got %d and: %v", list(keys), len(got), err)
	}
	for i, a := range got {
		switch {
		case values[i] == missing && a.Value != missing:
			s.fatalf("GetManyAged of %s: want ring.ErrNotFound itself at %d, for %q, got %s", list(keys), i, keys[i], show(a.Value))
		case values[i] == missing:
		case !equal(a.Value, values[i]):
			s.fatalf("GetManyAged of %s: want the value %s at %d, for %q, got %s", list(keys), show(values[i]), i, keys[i], show(a.Value))
		case !within(a.Left, from, to):
			s.fatalf("GetManyAged of %s: want %v to %v left at %d, for %q, got %v", list(keys), from, to, i, keys[i], a.Left)
		}
	}
}

func shortenValue(s *subject) {
	k, ctx := s.Keys, context.Background()
	shorten := func(key string, left time.Duration, when string) {
		s.Helper()
		if err := s.storage.(ring.ShortenStorage).ShortenValue(ctx, key, left); err != nil {
			s.fatalf("ShortenValue(%q, %v) %s: want no error, got: %v", key, left, when, err)
		}
	}
	shorten(k[0], long, "of a key that was never set")
	s.wantMiss(k[0], "after ShortenValue of a key that was never set")
	for i, expire := range []time.Duration{long, 0, s.ttl()} {
		s.set(k[i], s.Values[i], expire)
		s.want(k[i], s.Values[i], "after SetValue")
	}
	shorten(k[0], s.ttl(), "of a longer life")
	shorten(k[1], s.ttl(), "of a value without expiry")
	shorten(k[2], long, "of a shorter life")
	s.set(k[3], s.Values[0], long)
	shorten(k[3], 2*long, "of a shorter life")
	s.set(k[4], s.Values[1], 0)
	shorten(k[4], long, "of a value without expiry")
	s.lapse()
	s.wantMiss(k[0], "whose life was shortened, after that")
	s.wantMiss(k[1], "without expiry whose life was shortened, after that")
	s.wantMiss(k[2], "that has expired, although ShortenValue got a longer time")
	s.want(k[3], s.Values[0], "after ShortenValue with a longer time")
	s.want(k[4], s.Values[1], "whose life was shortened, before that")
	shorten(k[0], long, "of a value that has expired")
	s.wantMiss(k[0], "whose life was shortened after it had expired")
}
