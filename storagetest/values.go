package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

func getMissing(s *subject) {
	for _, key := range s.Keys {
		s.wantMiss(key, "of a key that was never set")
	}
}

func roundTrip(s *subject) {
	for i, key := range s.Keys {
		value := s.Values[i%len(s.Values)]
		s.set(key, value, 0)
		s.want(key, value, "after SetValue")
		s.want(key, value, "for the second time after SetValue")
	}
	for i, value := range s.Values {
		key := s.Keys[i%len(s.Keys)]
		s.set(key, value, 0)
		s.want(key, value, "after SetValue")
	}
}

func overwrite(s *subject) {
	key := s.Keys[0]
	for _, value := range s.Values {
		s.set(key, value, 0)
		s.want(key, value, "after overwriting")
	}
	for _, value := range slices.Backward(s.Values) { // so that a shorter value follows a longer one, too
		s.set(key, value, 0)
		s.set(key, value, 0)
		s.want(key, value, "after overwriting")
	}
}

func deleteValue(s *subject) {
	for i, key := range s.Keys {
		s.set(key, s.Values[i%len(s.Values)], 0)
		s.delete(key, "of a value")
		s.wantMiss(key, "after DeleteValue")
	}
	s.set(s.Keys[0], s.Values[1], 0)
	s.want(s.Keys[0], s.Values[1], "that was deleted and set again")
}

func deleteMissing(s *subject) {
	for _, key := range s.Keys {
		s.delete(key, "of a key that was never set")
		s.wantMiss(key, "after DeleteValue of a key that was never set")
	}
	key := s.Keys[0]
	s.set(key, s.Values[0], 0)
	s.delete(key, "of a value")
	s.delete(key, "for the second time")
}

func keysIndependent(s *subject) {
	before, after := s.Values[1], s.Values[2]
	for _, key := range s.Keys {
		s.set(key, before, 0)
	}
	for i, key := range s.Keys {
		s.set(key, after, 0)
		s.wantOthers(i, before, fmt.Sprintf("after SetValue(%q)", key))
		s.set(key, before, 0)
	}
	for i, key := range s.Keys {
		s.delete(key, "of a value")
		s.wantOthers(i, before, fmt.Sprintf("after DeleteValue(%q)", key))
		s.set(key, before, 0)
	}
}

func (s *subject) wantOthers(i int, value any, when string) {
	s.Helper()
	for j, key := range s.Keys {
		if j != i {
			s.want(key, value, when)
		}
	}
}

func hasValue(s *subject) {
	for i, key := range s.Keys {
		s.wantHas(key, false, "of a key that was never set")
		s.set(key, s.Values[i%len(s.Values)], 0)
		s.wantHas(key, true, "after SetValue")
		s.want(key, s.Values[i%len(s.Values)], "after HasValue")
	}
	for _, key := range s.Keys {
		s.wantHas(key, true, "while other keys were set")
		s.delete(key, "of a value")
		s.wantHas(key, false, "after DeleteValue")
	}
}

// Ownership of values

func valuesCopied(s *subject) {
	key := s.Keys[0]
	for _, value := range s.Values {
		kept, ok := value.([]byte)
		if !ok {
			continue
		}
		mine := bytes.Clone(kept)
		s.set(key, mine, 0)
		scribble(mine)
		s.want(key, value, "after the slice given to SetValue was written over (a storage that is not InMemory keeps a copy)")
		got, _ := s.storage.GetValue(context.Background(), key)
		scribble(got)
		s.want(key, value, "after the slice from GetValue was written over (a storage that is not InMemory returns a copy)")
		if s.can(bulkStorage) {
			s.bulkCopied(key, kept)
		}
	}
}

func (s *subject) bulkCopied(key string, kept []byte) {
	s.Helper()
	mine := bytes.Clone(kept)
	s.setMany([]string{key}, []any{mine}, 0)
	scribble(mine)
	s.want(key, kept, "after the slice given to SetManyValues was written over (a storage that is not InMemory keeps a copy)")
	got, _ := s.bulk().GetManyValues(context.Background(), []string{key})
	for _, value := range got {
		scribble(value)
	}
	s.want(key, kept, "after the slice from GetManyValues was written over (a storage that is not InMemory returns a copy)")
}

func scribble(value any) {
	data, _ := value.([]byte)
	for i := range data {
		data[i] ^= 0xff
	}
}

func valuesIdentical(s *subject) {
	key := s.Keys[0]
	for _, value := range s.Values {
		s.set(key, value, 0)
		s.wantIdentical(key, value, "SetValue")
		if s.can(bulkStorage) {
			s.delete(key, "of a value")
			s.setMany([]string{key}, []any{value}, 0)
			s.wantIdentical(key, value, "SetManyValues")
		}
	}
}

func (s *subject) wantIdentical(key string, value any, set string) {
	s.Helper()
	got, err := s.storage.GetValue(context.Background(), key)
	if err != nil || !identical(got, value) {
		s.fatalf("GetValue(%q) of an InMemory storage: want the value itself that %s was given, %s, got %s",
			key, set, show(value), outcome(got, err))
	}
	if !s.can(bulkStorage) {
		return
	}
	many, err := s.bulk().GetManyValues(context.Background(), []string{key})
	if err != nil || len(many) != 1 || !identical(many[0], value) {
		s.fatalf("GetManyValues([%q]) of an InMemory storage: want the value itself that %s was given, %s, got %s",
			key, set, show(value), outcome(many, err))
	}
}
