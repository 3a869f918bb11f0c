package pickle

import "iter"

// Set is a Python set. Members compare like the keys of a Dict. They keep the order in
// which they were added, unlike in Python. The zero value is an empty Set. Any number of
// goroutines may read it while none changes it.
type Set struct {
	members Dict
}

// NewSet returns a set of the items. It panics like Add.
func NewSet(items ...any) *Set {
	s := &Set{Dict{pairs: make([]Pair, 0, len(items))}}
	for _, item := range items {
		s.Add(item)
	}
	return s
}

// Add adds item unless an equal one is there. It panics if item cannot be a member, such
// as a slice or a *Dict.
func (s *Set) Add(item any) { s.members.Set(item, nil) }

// Has reports whether an equal item is a member.
func (s *Set) Has(item any) bool {
	_, ok := s.members.Get(item)
	return ok
}

func (s *Set) lend() { s.members.lend() }

// Len returns the number of members.
func (s *Set) Len() int { return s.members.Len() }

// All iterates over the members in the order in which they were added.
func (s *Set) All() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, p := range s.members.pairs {
			if !yield(p.Key) {
				return
			}
		}
	}
}

// String formats the set as Python does. It cuts very long or deep content short.
func (s *Set) String() string { return repr(s) }

// FrozenSet is a Python frozenset: a Set that does not change, and so can be a key.
type FrozenSet struct {
	set Set
}

// NewFrozenSet returns a frozenset of the items. It panics if one of them cannot be a
// member, such as a slice or a *Dict.
func NewFrozenSet(items ...any) *FrozenSet {
	return &FrozenSet{*NewSet(items...)}
}

// Has reports whether an equal item is a member.
func (s *FrozenSet) Has(item any) bool { return s.set.Has(item) }

// Len returns the number of members.
func (s *FrozenSet) Len() int { return s.set.Len() }

// All iterates over the members in the order in which they were given.
func (s *FrozenSet) All() iter.Seq[any] { return s.set.All() }

// String formats the set as Python does. It cuts very long or deep content short.
func (s *FrozenSet) String() string { return repr(s) }
