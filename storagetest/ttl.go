package storagetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
)

func timeLeft(s *subject) {
	k := s.Keys
	s.wantNoTimeLeft(k[0], "of a key that was never set")
	s.set(k[0], s.Values[0], 0)
	s.wantTimeLeft(k[0], 0, 0, "of a value without expiry")
	s.set(k[1], s.Values[1], 0)
	s.delete(k[1], "of a value")
	s.wantNoTimeLeft(k[1], "of a key whose value was deleted")
	if s.can(expires) {
		s.set(k[1], s.Values[1], long)
		s.wantTimeLeft(k[1], long-patience-s.Resolution, long+s.Resolution, fmt.Sprintf("of a value that was set to expire after %v", long))
		s.set(k[2], s.Values[0], s.ttl())
		s.lapse()
		s.wantNoTimeLeft(k[2], "of a value that has expired")
		s.set(k[2], s.Values[2], 0)
		s.wantTimeLeft(k[2], 0, 0, "of a value without expiry that was set after another one had expired")
	}
	if s.can(expires) && s.Advance != nil {
		s.set(k[3], s.Values[0], long)
		s.advance(long / 2)
		s.wantTimeLeft(k[3], long/2-s.Resolution, long/2+s.Resolution, fmt.Sprintf("%v after a value was set to expire after %v", long/2, long))
	}
	s.want(k[0], s.Values[0], "after its time left was asked for")
}

func (s *subject) wantTimeLeft(key string, from, to time.Duration, when string) {
	s.Helper()
	left, err := s.storage.(ring.TTLStorage).TTLValue(context.Background(), key)
	switch {
	case err != nil:
		s.fatalf("TTLValue(%q) %s: want no error, got: %v", key, when, err)
	case from == to && left != from:
		s.fatalf("TTLValue(%q) %s: want %v, got %v", key, when, from, left)
	case left < from || left > to:
		s.fatalf("TTLValue(%q) %s: want %v to %v, got %v", key, when, from, to, left)
	}
}

func (s *subject) wantNoTimeLeft(key, when string) {
	s.Helper()
	left, err := s.storage.(ring.TTLStorage).TTLValue(context.Background(), key)
	if !errors.Is(err, ring.ErrNotFound) {
		s.fatalf("TTLValue(%q) %s: want an error for which errors.Is(err, ring.ErrNotFound), got %v and the error: %v", key, when, left, err)
	}
}
