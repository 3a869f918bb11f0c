// Package doctor finds ropes that can have the same key.
package doctor

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
)

// Subject is what doctor knows about a rope.
type Subject struct {
	Name     string
	Place    any // where its values are, comparable
	Plan     *keytext.Plan
	Func     reflect.Value
	Origin   callable.Identity // of the function itself, even if it was given another name
	Coder    any
	Refactor func(key string) string // Plan.Refactor, if it may be tried on an example

	keys  *keytext.KeySet // computed when it is needed
	group *meeting        // the subjects that it meets, nil: none
}

// Meeting is a group of subjects, each of which can have a key of another one.
type Meeting struct {
	Names   []string // sorted
	Place   any
	Example string // a key that two of them share, for people
	Codings bool   // they are ropes of one function, with different coders
}

// Meetings finds the subjects that can have the same key in one place. They are sorted.
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

// meeting is an incomplete Meeting.
type meeting struct {
	members []*Subject
	example string
	codings bool
}

// meetIn compares the subjects of a place. Equal keys begin with both prefixes, so
// subjects that can meet follow each other in the order of the prefixes.
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

// join joins the groups of a and b, or a and b themselves, into one.
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

// meets returns a key that s and o share. It returns none if they may share keys: if
// they are one function whose values are coded in one way.
func (s *Subject) meets(o *Subject) (example string, codings, ok bool) {
	if !SameFunc(s.Plan.Refactor, o.Plan.Refactor) {
		return "", false, false // the results of their refactors are unknown
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
		return "", false, false // ASCII is the same in all encodings, so the prefix cannot be encoded
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

// example quotes a key. It does not run a user's refactor.
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

// SameFunc reports whether two functions are the same.
func SameFunc(f, g func(string) string) bool {
	return (f == nil) == (g == nil) && (f == nil || callable.Closure(reflect.ValueOf(f)) == callable.Closure(reflect.ValueOf(g)))
}

// sameFunction reports whether two subjects are ropes of one function, with the same
// parameters in their keys. The code alone does not tell functions with different state
// apart.
func (s *Subject) sameFunction(o *Subject) bool {
	a, b := s.Origin, o.Origin
	same := callable.Closure(s.Func) == callable.Closure(o.Func) || a.Stable && b.Stable && a.Name == b.Name
	return same && s.Func.Type() == o.Func.Type() && s.Plan.SameParams(o.Plan)
}

// sameCoder reports whether one subject can read what the other has stored. It returns
// true for coders that cannot be compared.
func (s *Subject) sameCoder(o *Subject) bool {
	a, b := s.Coder, o.Coder
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return a == nil || !reflect.ValueOf(a).Comparable() || a == b
}
