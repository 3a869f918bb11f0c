package ring

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
)

// meetings finds the ropes that can come to one key in one place. Ropes of which each
// meets another one are one finding. ropes are sorted.
func meetings(ropes []*Rope) []Finding {
	byPlace := map[any][]*member{}
	var places []place
	for _, r := range ropes {
		at := r.base.place()
		if at.id == nil || r.makesOwnKeys() {
			continue
		}
		if byPlace[at.id] == nil {
			places = append(places, at)
		}
		byPlace[at.id] = append(byPlace[at.id], &member{Rope: r})
	}
	var found []Finding
	for _, at := range places {
		found = append(found, meetIn(at, byPlace[at.id])...)
	}
	return found
}

// member is a rope among those of one place.
type member struct {
	*Rope
	keys  *keytext.KeySet // made when it is needed
	group *meeting        // those that it meets, nil: none
}

// meeting is ropes that meet, with a key that two of them have in common.
type meeting struct {
	members []*member
	example string // for people
	codings bool   // they are of one function
}

// meetIn compares the ropes of a place. Keys that are equal begin with one prefix as
// well as with the other, so in the order of the prefixes those that can meet follow
// each other.
func meetIn(at place, members []*member) []Finding {
	slices.SortStableFunc(members, func(a, b *member) int { return strings.Compare(a.plan.Prefix, b.plan.Prefix) })
	var groups []*meeting
	for i, a := range members {
		for _, b := range members[i+1:] {
			if !strings.HasPrefix(b.plan.Prefix, a.plan.Prefix) {
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
	var found []Finding
	for _, g := range groups {
		if g.members != nil {
			found = append(found, g.finding(at))
		}
	}
	return found
}

// join makes the groups of a and b, or they themselves, one.
func join(groups []*meeting, a, b *member, example string, codings bool) []*meeting {
	if a.group == nil {
		a.group = &meeting{members: []*member{a}, example: example, codings: codings}
		groups = append(groups, a.group)
	}
	others, left := []*member{b}, b.group
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

func (g *meeting) finding(at place) Finding {
	f := Finding{Kind: KeysMeet, Backend: at.text, Remedy: "give each of them a KeyPrefix of its own, unless they are meant to share their values"}
	for _, m := range g.members {
		f.Ropes = append(f.Ropes, m.fn.Name)
	}
	slices.Sort(f.Ropes)
	f.Message = fmt.Sprintf("calls of them can have the same key, such as %s, and find each other's values", g.example)
	if g.codings {
		f.Message = fmt.Sprintf("they are one function, and have keys in common, such as %s, but their values are made data in different ways", g.example)
	}
	return f
}

// meets returns a key that a and b have in common, unless that is right: because they
// are one function whose values are kept in one way.
func (a *member) meets(b *member) (example string, codings, ok bool) {
	if !sameFunc(a.plan.Refactor, b.plan.Refactor) {
		return "", false, false // what comes of their texts cannot be told
	}
	same := a.sameFunction(b.Rope)
	if same && a.sameCoder(b.Rope) {
		return "", false, false
	}
	text, ok := a.keySet().Meet(b.keySet())
	if !ok {
		return "", false, false
	}
	key, ok := a.encoded(text)
	other, otherOK := b.encoded(text)
	if !ok || !otherOK || key != other {
		return "", false, false // ASCII is the same in all encodings, so it is the prefix that is not
	}
	return a.example(key), same, true
}

func (m *member) encoded(text string) (key string, ok bool) {
	if m.plan.Encoding == nil {
		return text, true
	}
	key, err := m.plan.Encoding(text)
	return key, err == nil
}

// example quotes a key. A refactor of the user's is not run for it.
func (m *member) example(key string) string {
	f := m.plan.Refactor
	if f == nil || sameFunc(f, MemcacheKey) && MemcacheKey(key) == key {
		return strconv.Quote(key)
	}
	return strconv.Quote(key) + " (before its KeyRefactor)"
}

func (m *member) keySet() *keytext.KeySet {
	if m.keys == nil {
		m.keys = keytext.NewKeySet(m.plan)
	}
	return m.keys
}

func sameFunc(f, g func(string) string) bool {
	return (f == nil) == (g == nil) && (f == nil || callable.Closure(reflect.ValueOf(f)) == callable.Closure(reflect.ValueOf(g)))
}

// sameFunction tells whether two ropes are of one function, with the same parameters
// in their keys. The code alone does not tell a function with a state from another.
func (r *Rope) sameFunction(o *Rope) bool {
	a, b := r.original(), o.original()
	same := callable.Closure(r.fn.Func) == callable.Closure(o.fn.Func) || a.Stable && b.Stable && a.Name == b.Name
	return same && r.fn.Type == o.fn.Type && r.plan.SameParams(o.plan)
}

// sameCoder tells whether one rope can read what the other one has stored. Of coders
// that cannot be compared it supposes so.
func (r *Rope) sameCoder(o *Rope) bool {
	a, b := *r.storage.Coder.Load(), *o.storage.Coder.Load()
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return a == nil || !reflect.ValueOf(a).Comparable() || a == b
}
