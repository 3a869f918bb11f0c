// Package doctor finds ropes that can come to one key.
package doctor

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
)

// Subject is a rope as it is looked at here.
type Subject struct {
	Name     string
	Place    any // where its values lie, comparable
	Plan     *keytext.Plan
	Func     reflect.Value
	Origin   callable.Identity // of the function, whatever name it was given
	Coder    any
	Refactor func(key string) string // Plan.Refactor, where it may be tried on an example

	keys  *keytext.KeySet // made when it is needed
	group *meeting        // those that it meets, nil: none
}

// Meeting is subjects of which each meets another one.
type Meeting struct {
	Names   []string // sorted
	Place   any
	Example string // a key that two of them have in common, for people
	Codings bool   // they are of one function, whose values are made data in different ways
}

// Meetings finds the subjects that can come to one key in one place. They are sorted.
func Meetings(subjects []*Subject) []Meeting {
	byPlace := map[any][]*Subject{}
	var places []any
	for _, s := range subjects {
		if byPlace[s.Place] == nil {
			places = append(places, s.Place)
		}
		byPlace[s.Place] = append(byPlace[s.Place], s)
	}
	var found []Meeting
	for _, at := range places {
		found = append(found, meetIn(at, byPlace[at])...)
	}
	return found
}

// meeting is a Meeting in the making.
type meeting struct {
	members []*Subject
	example string
	codings bool
}

// meetIn compares the subjects of a place. Keys that are equal begin with one prefix as
// well as with the other, so in the order of the prefixes those that can meet follow
// each other.
func meetIn(at any, members []*Subject) []Meeting {
	slices.SortStableFunc(members, func(a, b *Subject) int { return strings.Compare(a.Plan.Prefix, b.Plan.Prefix) })
	var groups []*meeting
	for i, a := range members {
		for _, b := range members[i+1:] {
			if !strings.HasPrefix(b.Plan.Prefix, a.Plan.Prefix) {
				break
			}
			if a.group != nil && a.group == b.group {
				continue
			}
			if example, codings, ok := a.meets(b); ok {
				groups = join(groups, a, b, example, codings)
			}
		}
	}
	var found []Meeting
	for _, g := range groups {
		if g.members != nil {
			found = append(found, g.finding(at))
		}
	}
	return found
}

// join makes the groups of a and b, or they themselves, one.
func join(groups []*meeting, a, b *Subject, example string, codings bool) []*meeting {
	if a.group == nil {
		a.group = &meeting{members: []*Subject{a}, example: example, codings: codings}
		groups = append(groups, a.group)
	}
	others, left := []*Subject{b}, b.group
	if left != nil {
		others = left.members
		left.members = nil
		a.group.codings = a.group.codings && left.codings
	}
	a.group.codings = a.group.codings && codings
	for _, m := range others {
		m.group = a.group
		a.group.members = append(a.group.members, m)
	}
	return groups
}

func (g *meeting) finding(at any) Meeting {
	m := Meeting{Place: at, Example: g.example, Codings: g.codings}
	for _, s := range g.members {
		m.Names = append(m.Names, s.Name)
	}
	slices.Sort(m.Names)
	return m
}

// meets returns a key that s and o have in common, unless that is right: because they
// are one function whose values are kept in one way.
func (s *Subject) meets(o *Subject) (example string, codings, ok bool) {
	if !SameFunc(s.Plan.Refactor, o.Plan.Refactor) {
		return "", false, false // what comes of their texts cannot be told
	}
	same := s.sameFunction(o)
	if same && s.sameCoder(o) {
		return "", false, false
	}
	text, ok := s.keySet().Meet(o.keySet())
	if !ok {
		return "", false, false
	}
	key, ok := s.encoded(text)
	other, otherOK := o.encoded(text)
	if !ok || !otherOK || key != other {
		return "", false, false // ASCII is the same in all encodings, so it is the prefix that is not
	}
	return s.example(key), same, true
}

func (s *Subject) encoded(text string) (key string, ok bool) {
	if s.Plan.Encoding == nil {
		return text, true
	}
	key, err := s.Plan.Encoding(text)
	return key, err == nil
}

// example quotes a key. A refactor of the user's is not run for it.
func (s *Subject) example(key string) string {
	if s.Plan.Refactor == nil || s.Refactor != nil && s.Refactor(key) == key {
		return strconv.Quote(key)
	}
	return strconv.Quote(key) + " (before its KeyRefactor)"
}

func (s *Subject) keySet() *keytext.KeySet {
	if s.keys == nil {
		s.keys = keytext.NewKeySet(s.Plan)
	}
	return s.keys
}

// SameFunc tells whether two functions are one.
func SameFunc(f, g func(string) string) bool {
	return (f == nil) == (g == nil) && (f == nil || callable.Closure(reflect.ValueOf(f)) == callable.Closure(reflect.ValueOf(g)))
}

// sameFunction tells whether two subjects are of one function, with the same parameters
// in their keys. The code alone does not tell a function with a state from another.
func (s *Subject) sameFunction(o *Subject) bool {
	a, b := s.Origin, o.Origin
	same := callable.Closure(s.Func) == callable.Closure(o.Func) || a.Stable && b.Stable && a.Name == b.Name
	return same && s.Func.Type() == o.Func.Type() && s.Plan.SameParams(o.Plan)
}

// sameCoder tells whether one of them can read what the other one has stored. Of coders
// that cannot be compared it supposes so.
func (s *Subject) sameCoder(o *Subject) bool {
	a, b := s.Coder, o.Coder
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return a == nil || !reflect.ValueOf(a).Comparable() || a == b
}
