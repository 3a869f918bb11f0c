package ring

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/doctor"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/keytext"
)

// Report is the result of Doctor.
type Report struct {
	Ropes    int       // the number of examined ropes
	Findings []Finding // warnings first; none: nothing to say
}

// Finding is one problem or note of a Report.
type Finding struct {
	Kind    FindingKind
	Ropes   []string // the names of the functions concerned
	Backend string   // where they keep their values
	Message string   // what is wrong, and when
	Remedy  string   // what can be done about it
}

// FindingKind says what kind of problem a Finding is.
type FindingKind uint8

const (
	// KeysMeet: calls of different functions can have the same key in one storage, and
	// so find each other's values. So can calls of one function whose values are coded
	// in two ways.
	KeysMeet FindingKind = iota

	// ReceiverNotInKey: two receivers of a method can have the same key, and so find
	// each other's results. Either the function is a method value in a storage that
	// others reach, whatever its KeyPrefix, or nothing of the receiver is in the key.
	// Doctor trusts a RingKey.
	ReceiverNotInKey

	// NameNotStable: other programs on the same server use the same keys for other
	// functions. A file is assumed to belong to one program.
	NameNotStable

	// ExpiryNotKept: the storage keeps values for another time than Expire says, or
	// refuses such an Expire.
	ExpiryNotKept

	// TypeLost: part of the function's result has an interface type, such as the values
	// of a map[string]any. A hit has another type there than a miss.
	TypeLost

	// GraceDiffers: ropes over the same keys keep values for different times past their
	// Expire: see Freshness. What one stores looks fresh to another for too long, or not
	// long enough.
	GraceDiffers

	// PythonDiffers: a Python process with the same prefix can make other keys, and so
	// miss.
	PythonDiffers
)

// String returns the name of the constant.
func (k FindingKind) String() string {
	switch k {
	case KeysMeet:
		return "KeysMeet"
	case ReceiverNotInKey:
		return "ReceiverNotInKey"
	case NameNotStable:
		return "NameNotStable"
	case ExpiryNotKept:
		return "ExpiryNotKept"
	case TypeLost:
		return "TypeLost"
	case GraceDiffers:
		return "GraceDiffers"
	case PythonDiffers:
		return "PythonDiffers"
	}
	return fmt.Sprintf("FindingKind(%d)", uint8(k))
}

// Warning reports whether a finding of this kind is a mistake in how a rope was made.
// All are but PythonDiffers: that is a note, which matters only if a Python process
// shares the cache.
func (k FindingKind) Warning() bool { return k < PythonDiffers }

// Warnings returns the findings that are warnings. Your own test can demand that there
// are none.
func (r Report) Warnings() []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return !f.Kind.Warning() })
}

// String returns the findings as text.
func (r Report) String() string {
	var b strings.Builder
	warnings := len(r.Warnings())
	fmt.Fprintf(&b, "ring: %s, %s, %s\n", counted(r.Ropes, "rope"), counted(warnings, "warning"), counted(len(r.Findings)-warnings, "note"))
	for _, f := range r.Findings {
		b.WriteString(f.String())
	}
	return b.String()
}

func counted(n int, what string) string { return fmt.Sprintf("%d %s%s", n, what, fault.Plural(n)) }

// String returns the finding as lines of text.
func (f Finding) String() string {
	level := "note"
	if f.Kind.Warning() {
		level = "warning"
	}
	return fmt.Sprintf("%s: %v: %s, on %s\n  %s\n  remedy: %s\n", level, f.Kind, strings.Join(f.Ropes, ", "), f.Backend, f.Message, f.Remedy)
}

// Doctor examines ropes and reports what can go wrong with them: see FindingKind.
// Without arguments it examines all ropes that are alive. Call it when the program has
// made its ropes, or in a test.
//
// It looks only at how ropes are made: it asks no server, runs no function and keeps no
// rope alive. The report of the same ropes is always the same. Doctor does not report
// what it cannot know: keys that your own function or user interface makes, whether
// different KeyRefactors make the same key, whether two of your own storages are one,
// and whether two clients of Memcached, or two addresses of Redis, lead to one server.
// It assumes that a text which a type makes itself can be anything. Python has no
// counterpart.
func Doctor(ropes ...*Rope) Report {
	if len(ropes) == 0 {
		ropes = living.all()
	}
	ropes = inOrder(ropes)
	r := Report{Ropes: len(ropes), Findings: append(meetings(ropes), graces(ropes)...)}
	for _, rope := range ropes {
		for _, check := range checks {
			r.Findings = append(r.Findings, check(rope)...)
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Ropes, b.Ropes),
			strings.Compare(a.Backend, b.Backend), strings.Compare(a.Message, b.Message))
	})
	return r
}

// checks examine one rope each, in the order of the FindingKinds. The report is sorted,
// so it does not depend on their order.
var checks = []func(*Rope) []Finding{
	(*Rope).receiverNotInKey, (*Rope).nameNotStable, (*Rope).expiryNotKept, (*Rope).typeLost, (*Rope).pythonDiffers,
}

// finding returns the result of a check that has found something about the rope.
func (r *Rope) finding(kind FindingKind, message, remedy string) []Finding {
	return []Finding{{Kind: kind, Ropes: []string{r.fn.Name}, Backend: r.base.place().text, Message: message, Remedy: remedy}}
}

// inOrder returns each of ropes once, in an order that depends only on how they were
// made.
func inOrder(ropes []*Rope) []*Rope {
	ordered := make([]*Rope, 0, len(ropes))
	making := map[*Rope]string{nil: ""}
	for _, r := range ropes {
		if _, seen := making[r]; !seen {
			making[r] = fmt.Sprintf("%s\n%s\n%v\n%v\n%q\n%s\n%d", r.fn.Name, r.plan.Prefix, r.fn.Type,
				r.config.KeyStyle, r.config.IgnorableKeys, r.base.place().text, r.grace())
			ordered = append(ordered, r)
		}
	}
	slices.SortFunc(ordered, func(a, b *Rope) int { return strings.Compare(making[a], making[b]) })
	return ordered
}

// makesOwnKeys reports whether the user's own code makes the keys.
func (r *Rope) makesOwnKeys() bool {
	if r.makeFn.Load() != nil {
		return true
	}
	i := slices.IndexFunc(r.ui.parts, func(part any) bool { _, ok := part.(hasKey); return ok })
	return i >= 0 && r.ui.parts[i] != any(CacheUserInterface{})
}

// original identifies the function itself, even if it was given another name.
func (r *Rope) original() callable.Identity { return callable.Identify(r.fn.Func) }

// nameNotStable looks for a prefix that other programs may have as well, where others
// can read what is stored under it.
func (r *Rope) nameNotStable() []Finding {
	switch r.base.Storage().(type) {
	case *ShelveStorage, *DiskCacheStorage:
		return nil
	}
	if !r.base.isOutside() || r.makesOwnKeys() {
		return nil
	}
	const remedy = "give the factory a KeyPrefix that no other program has"
	switch prefix := r.plan.Prefix; {
	case prefix == "":
		return r.finding(NameNotStable, "the keys have no prefix, so every program that has none on this storage comes to them", remedy)
	case prefix == r.original().Name && strings.HasPrefix(prefix, "main."):
		return r.finding(NameNotStable, fmt.Sprintf("the prefix %q is that of a function in every program's package main", prefix), remedy)
	}
	return nil
}

// expiryNotKept compares Expire with what ring's own storages can keep.
func (r *Rope) expiryNotKept() []Finding {
	expire := r.config.Expire
	if expire == 0 {
		return nil
	}
	switch r.base.Storage().(type) {
	case *MemcacheStorage:
		if memcacheExpiry(expire, time.Now()) == 0 {
			return r.finding(ExpiryNotKept, fmt.Sprintf("the values expire after %v, which is later than Memcached's last moment, in 2038, so that they never do", expire),
				"make Expire shorter")
		}
		return r.expiryRounded(time.Second, "Memcached")
	case *RedisStorage:
		return r.expiryRounded(time.Millisecond, "Redis")
	case *PersistentDictStorage, *ShelveStorage, *RedisHashStorage:
		return r.finding(ExpiryNotKept, fmt.Sprintf("a %T has no expiry, so that it refuses every value", r.base.Storage()),
			"use the StorageClass that the factory has by default, or leave out Expire")
	}
	return nil
}

// expiryRounded is for a server whose clock can have coarser ticks than Expire.
func (r *Rope) expiryRounded(tick time.Duration, server string) []Finding {
	expire := r.config.Expire
	if expire%tick == 0 {
		return nil
	}
	kept := expire.Truncate(tick) + tick
	return r.finding(ExpiryNotKept, fmt.Sprintf("%s keeps values for %v where Expire says %v", server, kept, expire),
		fmt.Sprintf("make Expire a multiple of %v", tick))
}

// typeLost looks for interface types in the results of a function whose values go
// through one of ring's own coders.
func (r *Rope) typeLost() []Finding {
	tag, lost := "", ""
	switch coder := *r.values().Coder.Load(); coder.(type) {
	case nil:
		if r.values().Typed == nil {
			return nil
		}
		tag, lost = "pickle", losesByPickle
	case codec.JSON, codec.Dataclass:
		tag, lost = "json", losesByJSON
	case codec.Pickle:
		tag, lost = "pickle", losesByPickle
	default:
		return nil
	}
	for i, t := range r.fn.Results {
		if path, ok := interfaceIn(t, tag, map[reflect.Type]bool{}); ok {
			return r.finding(TypeLost, fmt.Sprintf("result %d (%v)%s can be of any type, but comes back %s", i+1, t, path, lost),
				"return a concrete type, or keep the values in memory, where they stay what they are")
		}
	}
	return nil
}

const (
	losesByJSON   = "as JSON knows it: an int as a float64, a struct as a map[string]any, a slice as an []any"
	losesByPickle = "as Python knows it: an int8 as an int, a struct as a map[string]any, a slice as an []any"
)

// interfaceIn finds an interface in a type and returns the path to it. seen holds the
// types already visited; tag is the struct tag by which the coder leaves fields out.
func interfaceIn(t reflect.Type, tag string, seen map[reflect.Type]bool) (path string, found bool) {
	if seen[t] || keytext.Has(t, codec.TextUnmarshalerType) || tag == "json" && keytext.Has(t, codec.JSONUnmarshalerType) {
		return "", false
	}
	seen[t] = true
	within := func(step string, t reflect.Type) bool {
		path, found = interfaceIn(t, tag, seen)
		path = step + path
		return found
	}
	switch t.Kind() {
	case reflect.Interface:
		return "", true
	case reflect.Pointer:
		within("", t.Elem())
	case reflect.Slice, reflect.Array:
		within(", in its elements", t.Elem())
	case reflect.Map:
		_ = within(", in its keys", t.Key()) || within(", in its values", t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Tag.Get(tag) == "-" || !f.IsExported() && !f.Anonymous {
				continue
			}
			if within(", in its field "+f.Name, f.Type) {
				break
			}
		}
	}
	return path, found
}

// receiverNotInKey looks for methods whose receivers can have the same key, and so find
// each other's results.
func (r *Rope) receiverNotInKey() []Finding {
	if r.makesOwnKeys() {
		return nil
	}
	switch {
	case r.fn.Origin == callable.MethodValue && !r.private:
		return r.finding(ReceiverNotInKey, fmt.Sprintf("it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix %q come to its values", r.plan.Prefix),
			r.fn.BindRemedy())
	case !r.fn.Receiver || r.fn.Params[0].Type.Size() == 0: // all values without state are one receiver
		return nil
	case !r.plan.Has(0):
		return r.finding(ReceiverNotInKey, "IgnorableKeys leaves its receiver out of the key, so that all receivers have each other's results",
			"leave it in, and "+ringKeyRemedy)
	case keytext.AddsNothing(r.fn.Params[0].Type):
		return r.finding(ReceiverNotInKey, fmt.Sprintf("all receivers of the type %v have one key, since it has no fields that are in it, and so each other's results", r.fn.Params[0].Type),
			ringKeyRemedy)
	}
	return nil
}

const ringKeyRemedy = "give the type a method RingKey() string that tells apart the receivers whose results differ, with one text for all if no results do"

// pythonPlan returns the plan of the keys that the rope would have with PythonKeys.
func (r *Rope) pythonPlan() (*keytext.Plan, error) {
	k, err := keytext.NewPlan(keyParams(r.fn, r.config.IgnorableKeys), rulesOf(PythonKeys, r.values().Memory), r.plan.Prefix)
	if err != nil {
		return nil, err
	}
	if what := k.OwnHash(); what != "" {
		return nil, fmt.Errorf("%s: Python's hash of it is its own", what)
	}
	k.Reform(r.plan.Encoding, r.plan.Refactor)
	return k, nil
}

// pythonKey returns the key that a call would have with PythonKeys.
func (r *Rope) pythonKey(values []any) (string, error) {
	k, err := r.pythonPlan()
	if err != nil {
		return "", err
	}
	return k.Key(values)
}

// pythonDiffers compares the keys with those of a Python process that uses the same
// prefix. No Python program uses a Go function's own name as its prefix.
func (r *Rope) pythonDiffers() []Finding {
	if !r.base.isOutside() || r.config.KeyStyle == PythonKeys || r.makesOwnKeys() || r.plan.Prefix == r.original().Name {
		return nil
	}
	python, err := r.pythonPlan()
	if err != nil {
		return r.finding(PythonDiffers, "a Python process cannot have these keys: "+err.Error(),
			"if Python shares the values, give it a type with a text, such as RingKey() string; otherwise there is nothing to do")
	}
	all := r.plan.Differences(python)
	if all == nil {
		return nil
	}
	return r.finding(PythonDiffers, "a Python process can come to other keys, and miss, "+strings.Join(all, "; "),
		"if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do")
}

// meetings finds the ropes that can have the same key in one place. ropes are sorted.
func meetings(ropes []*Rope) []Finding {
	var subjects []*doctor.Subject
	texts := map[any]string{}
	for _, r := range ropes {
		at := r.base.place()
		if at.id == nil || r.makesOwnKeys() {
			continue
		}
		s := &doctor.Subject{
			Name: r.fn.Name, Place: at.id, Plan: r.plan, Func: r.fn.Func, Origin: r.original(), Coder: *r.values().Coder.Load(),
		}
		if doctor.SameFunc(r.plan.Refactor, MemcacheKey) { // Doctor does not run a user's refactor
			s.Refactor = MemcacheKey
		}
		subjects = append(subjects, s)
		if texts[at.id] == "" {
			texts[at.id] = at.text
		}
	}
	var found []Finding
	for _, m := range doctor.Meetings(subjects) {
		message := fmt.Sprintf("calls of them can have the same key, such as %s, and find each other's values", m.Example)
		if m.Codings {
			message = fmt.Sprintf("they are one function, and have keys in common, such as %s, but their values are made data in different ways", m.Example)
		}
		found = append(found, Finding{Kind: KeysMeet, Ropes: m.Names, Backend: texts[m.Place], Message: message,
			Remedy: "give each of them a KeyPrefix of its own, unless they are meant to share their values"})
	}
	return found
}
