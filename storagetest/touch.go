package storagetest

import (
	"context"

	"github.com/ring-go/ring"
)

func touchMissing(s *subject) {
	key := s.Keys[0]
	err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, long)
	if err != nil && (s.can(touches) || !unsupported(err)) {
		s.fatalf("TouchValue(%q) of a key that was never set: want no error, got: %v", key, err)
	}
	s.wantHas(key, false, "after TouchValue of a key that was never set")
	s.wantMiss(key, "after TouchValue of a key that was never set")
}

func touchKeepsValue(s *subject) {
	for i, key := range s.Keys {
		value := s.Values[i%len(s.Values)]
		s.set(key, value, s.longest())
		s.touch(key, long, "of a value")
		s.want(key, value, "after TouchValue")
		s.tryTouch(key, 0, "of a value")
		s.want(key, value, "after TouchValue without an expiry")
	}
}

func touchRenews(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], s.ttl())
	s.touch(k[0], long, "of a value")
	s.set(k[1], s.Values[1], long)
	s.touch(k[1], s.ttl(), "of a value")
	s.set(k[2], s.Values[0], s.ttl())
	s.set(k[3], s.Values[1], 0)
	touched := s.tryTouch(k[3], s.ttl(), "of a value without expiry")
	s.lapse()
	s.want(k[0], s.Values[0], "that was touched with a longer expiry, after the shorter one")
	s.wantMiss(k[1], "that was touched with a shorter expiry, after that")
	s.wantMiss(k[2], "after it expired while others were touched")
	if touched {
		s.wantMiss(k[3], "without expiry that was touched with one, after that")
		return
	}
	s.want(k[3], s.Values[1], "without expiry that could not be touched, after a while")
}

func touchNeverRevives(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], s.ttl())
	s.set(k[1], s.Values[0], s.ttl())
	s.set(k[2], s.Values[0], s.ttl())
	s.lapse()
	s.touch(k[0], long, "after it expired")
	s.wantHas(k[0], false, "that was touched after it expired")
	s.wantMiss(k[0], "that was touched after it expired")
	s.wantMiss(k[1], "after it expired")
	s.touch(k[1], long, "after it expired and was found missing")
	s.wantMiss(k[1], "that was touched after it expired and was found missing")
	s.tryTouch(k[2], 0, "after it expired")
	s.wantMiss(k[2], "that was touched without an expiry after it expired")
}

func touchRefused(s *subject) {
	for i, key := range s.Keys {
		value := s.Values[i%len(s.Values)]
		s.set(key, value, s.longest())
		s.wantNoTouch(key)
		s.want(key, value, "that could not be touched")
	}
}
