package storagetest

import (
	"context"
	"slices"

	"github.com/ring-go/ring"
)

func bulkEmpty(s *subject) {
	key := s.Keys[0]
	s.set(key, s.Values[0], 0)
	for _, none := range [][]string{nil, {}} {
		s.wantMany(none, nil, "of no keys")
		s.wantHasMany(none, nil, "of no keys")
		s.setMany(none, nil, 0)
		s.deleteMany(none, "of no keys")
		if s.can(bulkTouches) {
			s.touchMany(none, long, "of no keys")
		}
	}
	s.want(key, s.Values[0], "after bulk calls of no keys")
}

func bulkGet(s *subject) {
	keys, values := s.everyOther()
	s.wantMany(keys, values, "of values and misses")
	slices.Reverse(keys)
	slices.Reverse(values)
	s.wantMany(keys, values, "of values and misses, in the reverse order")
	s.wantMany(slices.Concat(keys, keys), slices.Concat(values, values), "of all keys twice")
	s.wantMany(keys[:1], values[:1], "of one key")
	missing := s.Keys[1]
	s.wantMany([]string{missing, missing}, []any{ring.ErrNotFound, ring.ErrNotFound}, "of a missing key twice")
}

// everyOther sets every other key. It returns all keys and the values that a bulk
// look-up has to return.
func (s *subject) everyOther() (keys []string, values []any) {
	s.Helper()
	for i, key := range s.Keys {
		value := any(ring.ErrNotFound)
		if i%2 == 0 {
			value = s.Values[i/2%len(s.Values)]
			s.set(key, value, 0)
		}
		keys, values = append(keys, key), append(values, value)
	}
	return keys, values
}

func bulkSet(s *subject) {
	values := make([]any, len(s.Keys))
	for shift := range 2 { // the second time overwrites
		for i := range values {
			values[i] = s.Values[(i+shift)%len(s.Values)]
		}
		s.setMany(s.Keys, values, 0)
		for i, key := range s.Keys {
			s.want(key, values[i], "after SetManyValues")
		}
		s.wantMany(s.Keys, values, "after SetManyValues")
	}
	s.setMany(s.Keys[:1], s.Values[2:3], 0)
	s.want(s.Keys[0], s.Values[2], "after SetManyValues of one key")
	s.want(s.Keys[1], values[1], "after SetManyValues of another key")
}

func bulkSetTwice(s *subject) {
	a, b, v := s.Keys[0], s.Keys[1], s.Values
	s.setMany([]string{a, b, a}, []any{v[0], v[1], v[2]}, 0)
	s.want(a, v[2], "that was twice in one SetManyValues (the last value stays)")
	s.want(b, v[1], "between two equal keys in one SetManyValues")
}

func bulkDelete(s *subject) {
	keys, _ := s.everyOther()
	last := len(keys) - 1
	s.set(keys[last], s.Values[0], 0)
	s.deleteMany(slices.Concat(keys[:last], keys[:2]), "of values, missing keys and keys that are named twice")
	for _, key := range keys[:last] {
		s.wantMiss(key, "after DeleteManyValues")
	}
	s.want(keys[last], s.Values[0], "after DeleteManyValues of other keys")
	s.deleteMany(keys[:last], "of missing keys only")
}

func bulkHas(s *subject) {
	keys, values := s.everyOther()
	want := make([]bool, len(keys))
	for i, value := range values {
		want[i] = value != any(ring.ErrNotFound)
		s.wantHas(keys[i], want[i], "in a storage of which every other key was set")
	}
	s.wantHasMany(keys, want, "of values and misses")
	slices.Reverse(keys)
	slices.Reverse(want)
	s.wantHasMany(keys, want, "of values and misses, in the reverse order")
	s.wantHasMany(slices.Concat(keys, keys), slices.Concat(want, want), "of all keys twice")
}

func bulkLarge(s *subject) {
	keys, values, has := make([]string, largeBulk), make([]any, largeBulk), make([]bool, largeBulk)
	for i := range keys {
		n := i % len(s.Keys)
		keys[i], values[i], has[i] = s.Keys[n], s.Values[n%len(s.Values)], true
	}
	s.setMany(keys, values, 0)
	s.wantMany(keys, values, "of very many keys")
	s.wantHasMany(keys, has, "of very many keys")
	if s.can(bulkTouches | expires) {
		s.setMany(keys, values, long)
		s.touchMany(keys, long, "of very many keys")
	}
	s.deleteMany(keys, "of very many keys")
	for _, key := range s.Keys {
		s.wantMiss(key, "after DeleteManyValues of very many keys")
	}
}

func bulkSlices(s *subject) {
	keys, values := slices.Clone(s.Keys[:3]), slices.Clone(s.Values[:3])
	s.setMany(keys, values, 0)
	s.wantMany(keys, values, "after SetManyValues")
	s.wantHasMany(keys, []bool{true, true, true}, "after SetManyValues")
	if s.can(bulkTouches) {
		_ = s.bulk().TouchManyValues(context.Background(), keys, long) // a storage may refuse this for values without expiry
	}
	if !slices.Equal(keys, s.Keys[:3]) || !slices.EqualFunc(values, s.Values[:3], equal) {
		s.fatalf("a bulk method has changed its caller's slices, to %s and %s", show(keys), show(values))
	}
	s.deleteMany(keys, "of values")
	if !slices.Equal(keys, s.Keys[:3]) {
		s.fatalf("DeleteManyValues has changed its caller's slice, to %s", show(keys))
	}
	s.setMany(keys, values, 0)
	clear(keys)
	clear(values)
	for i, key := range s.Keys[:3] {
		s.want(key, s.Values[i], "after the slices given to SetManyValues were cleared")
	}
}

func bulkExpiry(s *subject) {
	k, v := s.Keys, []any{s.Values[0], s.Values[1], s.Values[2]}
	s.set(k[3], v[0], s.ttl())
	s.set(k[4], v[0], s.ttl())
	s.setMany(k[:3], v, s.ttl())
	s.set(k[1], v[2], 0)
	s.setMany(k[3:4], v[:1], long)
	s.setMany(k[4:6], v[:2], 0)
	s.wantMany(k[:6], []any{v[0], v[2], v[2], v[0], v[0], v[1]}, "before they expire, or at once after an expiry of an hour or none")
	s.lapse()
	s.wantMiss(k[0], "that was the first of a SetManyValues with an expiry, after that")
	s.want(k[1], v[2], "that was set without expiry after a SetManyValues with one (every value has its own expiry)")
	s.wantMiss(k[2], "that was the last of a SetManyValues with an expiry, after that")
	s.want(k[3], v[0], "that SetManyValues overwrote with a longer expiry, after the shorter one")
	s.want(k[4], v[0], "that SetManyValues overwrote without expiry, after the earlier expiry")
	s.want(k[5], v[1], "that SetManyValues set without expiry, after a while")
}

func bulkTouch(s *subject) {
	k, v := s.Keys, s.Values
	if s.can(touchStorage) && !s.can(touches) {
		s.fatalf("TouchManyValues works, TouchValue says errors.ErrUnsupported: want both alike")
	}
	s.set(k[0], v[0], s.ttl())
	s.lapse()
	s.set(k[1], v[1], s.ttl())
	s.set(k[2], v[2], s.ttl())
	s.set(k[3], v[0], s.ttl())
	s.touchMany([]string{k[0], k[1], k[4], k[2], k[1]}, long, "of a dead value, two values, one of them twice, and a missing key")
	s.wantMiss(k[0], "that TouchManyValues touched after it expired")
	s.wantMiss(k[4], "after TouchManyValues of a key that was never set")
	s.set(k[5], v[1], long)
	s.touchMany([]string{k[5]}, s.ttl(), "of a value")
	s.lapse()
	s.want(k[1], v[1], "that TouchManyValues touched with a longer expiry, after the shorter one")
	s.want(k[2], v[2], "that TouchManyValues touched with a longer expiry, after the shorter one")
	s.wantMiss(k[3], "after it expired while TouchManyValues touched others")
	s.wantMiss(k[5], "that TouchManyValues touched with a shorter expiry, after that")
}

func bulkTouchRefused(s *subject) {
	if s.can(touches) {
		s.fatalf("TouchValue works, TouchManyValues says errors.ErrUnsupported: want both alike")
	}
	keys, values := s.Keys[:3], s.Values[:3]
	s.setMany(keys, values, s.longest())
	if err := s.bulk().TouchManyValues(context.Background(), keys, long); !unsupported(err) {
		s.fatalf("TouchManyValues of %d keys: want errors.ErrUnsupported, as for one key before, got: %v", len(keys), err)
	}
	s.wantMany(keys, values, "that could not be touched")
}
