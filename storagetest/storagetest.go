// Package storagetest holds implementations of ring.Storage against the contract
// of that interface, as testing/slogtest does for handlers of log/slog.
//
// A storage of one's own needs one test:
//
//	func TestMyStorage(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) ring.Storage {
//			s := openMyStorage(t.TempDir())
//			t.Cleanup(s.Close)
//			return s
//		}, nil)
//	}
//
// # The contract
//
// What a storage was given under a key it returns for exactly that key, until the
// value is overwritten or deleted or has expired. From then on every method
// treats the key like one that was never set: GetValue returns an error for which
// errors.Is(err, ring.ErrNotFound) holds, HasValue returns false, and to delete or
// to touch it is no error. Keys are any text; two keys that differ in one byte
// have nothing to do with each other.
//
// A storage that does not say InMemory keeps a copy: neither the slice that it was
// given nor the one that it returned leads to what it keeps. One that does say so
// returns the value itself.
//
// An expiry counts from the call that names it and replaces an earlier one; an
// expiry of 0 removes it. One that is too short for the storage's clock is rounded
// up, never down to 0, and one that is too long means a value that stays. A
// storage without expiry refuses every value that is to have one with an error
// that wraps errors.ErrUnsupported, and then keeps nothing of the call.
//
// Touching puts a new expiry on a value and leaves the value alone. It brings no
// value back. A storage that cannot touch says errors.ErrUnsupported, and says so
// of every value that has an expiry; one that can may still say so of a value
// without expiry, and of the expiry 0.
//
// A bulk method is its single method for one key after the other, in their order:
// of equal keys the last value stays. Its results are as many as the keys and stand
// in their places; a miss is ring.ErrNotFound itself. No keys are no work. The
// slices stay the caller's: they are neither changed nor kept.
//
// All methods are safe for concurrent use. When the context is done they either do
// their work or return an error that wraps the context's.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"
)

// Options adapts Run to what a storage can keep and how its time passes. A nil
// *Options is one with all defaults.
type Options struct {
	// Values are what the checks store: at least 3, no two of them equal by
	// reflect.DeepEqual, by which they are also compared with what comes back (an
	// empty and a nil []byte count as equal). The concurrency check gives every
	// key values of its own and so uses no more keys than there are Values; 16 or
	// more make it strongest. Run does not change them.
	// nil: 32 values of type []byte, the longest of 100,000 bytes.
	Values []any

	// Advance moves the clock of the storages forward; apart from that the clock
	// stands still. It is called from the test's own goroutine.
	// nil: they go by the real time. Then an expiry takes a few times Resolution to
	// check, and a missing one some seconds to be noticed.
	Advance func(t *testing.T, d time.Duration)

	// Keys are the keys to use: at least 8, all different.
	// nil: about 40 ordinary and odd ones, of 0 to 200 bytes. Among them are such
	// as differ only in case, in a blank at the end or in how Unicode spells a
	// letter, and such as hold what some storage gives a meaning to: blanks, line
	// ends, a zero byte, slashes, wildcards, braces. All of it can be in a key that
	// a rope makes.
	Keys []string

	// Resolution is the shortest expiry that the storages can tell from its double.
	// At most a minute. 0: 10 milliseconds. Memcached's is a second.
	Resolution time.Duration
}

const (
	defaultResolution = 10 * time.Millisecond

	minKeys   = 8 // six for a check and one for await
	minValues = 3

	long     = time.Hour       // longer than any check takes
	patience = 5 * time.Second // how late a value may expire by the real clock

	goroutines = 64
	rounds     = 50 // of each goroutine
	sharedKeys = 16
	largeBulk  = 2000 // beyond the number of parameters of an SQL statement (999)
)

// Run holds the storages that open returns against the contract that the package
// comment states. Every clause is a subtest with a storage of its own; a clause
// about an optional interface, or about expiry, is left out for storages that do
// not have it.
//
// open returns an empty storage with room for a value under each of Options.Keys,
// and leaves it to t.Cleanup to close it. It may be called while an earlier storage
// is still open, but nobody uses that one any more.
func Run(t *testing.T, open func(t *testing.T) ring.Storage, opts *Options) {
	t.Helper()
	o := opts.orDefaults()
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	run(testHost{t, open, o.Advance}, o)
}

func (o *Options) orDefaults() Options {
	var all Options
	if o != nil {
		all = *o
	}
	if all.Values == nil {
		all.Values = defaultValues()
	}
	if all.Keys == nil {
		all.Keys = defaultKeys()
	}
	if all.Resolution == 0 {
		all.Resolution = defaultResolution
	}
	return all
}

func (o Options) validate() error {
	if len(o.Keys) < minKeys {
		return fmt.Errorf("storagetest: Options.Keys has %d keys, at least %d are needed", len(o.Keys), minKeys)
	}
	for i, key := range o.Keys {
		if slices.Contains(o.Keys[:i], key) {
			return fmt.Errorf("storagetest: Options.Keys has the key %q twice", key)
		}
	}
	if len(o.Values) < minValues {
		return fmt.Errorf("storagetest: Options.Values has %d values, at least %d are needed", len(o.Values), minValues)
	}
	for i, value := range o.Values {
		if slices.ContainsFunc(o.Values[:i], func(v any) bool { return equal(v, value) }) {
			return fmt.Errorf("storagetest: Options.Values has the value %s twice", show(value))
		}
	}
	if o.Resolution < 0 || o.Resolution > time.Minute {
		return fmt.Errorf("storagetest: Options.Resolution is %v, want more than 0 and at most a minute", o.Resolution)
	}
	return nil
}

func defaultKeys() []string {
	return []string{
		"user:7", "key", "keys", "ke", "Key", "KEY", "key ", " key", "key:", "key:1", "key:12", "key:1:2",
		"", " ", ":", "::", "a b  c", "tab\there", "line\nend", "line\r\nend", "key\x00", "key\x00key",
		"{key}", "{key}:1", "[1, 2]", "{'a': 1}", `"key"`, "'key'", `back\slash`,
		"/key", "../key", "key/1", "key%201", "key%", "key*", "ke?", "k_y", "key+1", "0", "00",
		"é", "e\u0301", "straße", "STRASSE", "ключ", "鍵", "🗝",
		strings.Repeat("long", 50), strings.Repeat("long", 49) + "LONG",
	}
}

func defaultValues() []any {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	texts := []string{
		"", " ", "0", "00", "1.0", "null", "ключ", "a\r\nb\r\n", "\x00", "\xff\xfe", "<nil>",
		string(every), strings.Repeat("0123456789", 10_000),
	}
	values := make([]any, 0, 32)
	for _, text := range texts {
		values = append(values, []byte(text))
	}
	for len(values) < cap(values) {
		values = append(values, fmt.Appendf(nil, "value %d", len(values)))
	}
	return values
}

// host is what the checks need of a test. There are two: a *testing.T, and the
// recorder with which this package tests its own checks.
type host interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()

	run(name string, f func(host)) // as a subtest
	open() ring.Storage
	advance(d time.Duration)
}

type testHost struct {
	*testing.T
	opener func(*testing.T) ring.Storage
	mover  func(*testing.T, time.Duration)
}

var _ host = testHost{}

func (h testHost) run(name string, f func(host)) {
	h.Helper()
	h.T.Run(name, func(t *testing.T) { f(testHost{t, h.opener, h.mover}) })
}

func (h testHost) open() ring.Storage { return h.opener(h.T) }

func (h testHost) advance(d time.Duration) { h.mover(h.T, d) }

// ability is a set of what storages can do beyond the three methods.
type ability uint

const (
	hasStorage ability = 1 << iota
	touchStorage
	bulkStorage
	sizedStorage
	inMemory
	expires     // SetValue takes an expiry
	touches     // TouchValue does not say that it is unsupported
	bulkTouches // TouchManyValues does not
	bytesKept   // a matter of Options.Values: one of them is a []byte
)

// check is one clause of the contract, for storages with all abilities that it
// needs and none that it excludes.
type check struct {
	name            string
	needs, excludes ability
	hold            func(*subject)
}

var checks = []check{
	{"GetMissing", 0, 0, getMissing},
	{"RoundTrip", 0, 0, roundTrip},
	{"Overwrite", 0, 0, overwrite},
	{"Delete", 0, 0, deleteValue},
	{"DeleteMissing", 0, 0, deleteMissing},
	{"KeysIndependent", 0, 0, keysIndependent},
	{"ValuesCopied", bytesKept, inMemory, valuesCopied},
	{"ValuesIdentical", inMemory, 0, valuesIdentical},
	{"Has", hasStorage, 0, hasValue},
	{"ExpiryLifetime", expires, 0, expiryLifetime},
	{"ExpiryGone", expires, 0, expiryGone},
	{"ExpiryShort", expires, 0, expiryShort},
	{"ExpiryLong", expires, 0, expiryLong},
	{"ExpiryNone", expires, 0, expiryNone},
	{"ExpiryOverwrite", expires, 0, expiryOverwrite},
	{"ExpiryRefused", 0, expires, expiryRefused},
	{"TouchMissing", touchStorage, 0, touchMissing},
	{"TouchKeepsValue", touches, 0, touchKeepsValue},
	{"TouchRenews", touches | expires, 0, touchRenews},
	{"TouchNeverRevives", touches | expires, 0, touchNeverRevives},
	{"TouchRefused", touchStorage, touches, touchRefused},
	{"BulkEmpty", bulkStorage, 0, bulkEmpty},
	{"BulkGet", bulkStorage, 0, bulkGet},
	{"BulkSet", bulkStorage, 0, bulkSet},
	{"BulkSetTwice", bulkStorage, 0, bulkSetTwice},
	{"BulkDelete", bulkStorage, 0, bulkDelete},
	{"BulkHas", bulkStorage, 0, bulkHas},
	{"BulkLarge", bulkStorage, 0, bulkLarge},
	{"BulkSlices", bulkStorage, 0, bulkSlices},
	{"BulkExpiry", bulkStorage | expires, 0, bulkExpiry},
	{"BulkTouch", bulkTouches | expires, 0, bulkTouch},
	{"BulkTouchRefused", bulkStorage, bulkTouches, bulkTouchRefused},
	{"Size", sizedStorage, 0, size},
	{"ContextDone", 0, 0, contextDone},
	{"ConcurrentSharedKeys", 0, 0, concurrentSharedKeys},
	{"ConcurrentOwnKeys", 0, 0, concurrentOwnKeys},
}

// interfacesCheck comes before the others, which depend on what it finds out.
const interfacesCheck = "Interfaces"

func run(h host, o Options) {
	h.Helper()
	able, ran, known := ability(0), false, false
	h.run(interfacesCheck, func(h host) {
		ran = true
		guard(h, func() {
			storage := openOne(h)
			able, known = explore(storage, o), true
			interfaces(h, storage, able)
		})
	})
	if ran && !known {
		return // open has failed, and would again
	}
	if !ran { // by the flag -run
		able = explore(openOne(h), o)
	}
	for _, c := range checks {
		if able&c.needs != c.needs || able&c.excludes != 0 {
			continue
		}
		h.run(c.name, func(h host) {
			guard(h, func() { c.hold(&subject{h, o, openOne(h), able}) })
		})
	}
}

func openOne(h host) ring.Storage {
	h.Helper()
	storage := h.open()
	if storage == nil {
		h.Errorf("open returned no storage")
		h.FailNow()
	}
	return storage
}

// guard turns a panic into a failure, so that the other checks still run.
func guard(h host, f func()) {
	defer func() {
		if r := recover(); r != nil {
			h.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	f()
}

// explore finds out by trying what the interfaces of a storage do not say. A method
// that fails in another way than by errors.ErrUnsupported is left to its check.
func explore(storage ring.Storage, o Options) ability {
	ctx, key := context.Background(), o.Keys[0]
	refused := func(f func() error) bool { return unsupported(safely(f)) }
	able := claims(storage)
	if slices.ContainsFunc(o.Values, func(v any) bool { _, ok := v.([]byte); return ok }) {
		able |= bytesKept
	}
	able |= expires
	if refused(func() error { return storage.SetValue(ctx, key, o.Values[0], long) }) {
		able &^= expires
		_ = safely(func() error { return storage.SetValue(ctx, key, o.Values[0], 0) })
	}
	if touch, ok := storage.(ring.TouchStorage); ok && !refused(func() error { return touch.TouchValue(ctx, key, long) }) {
		able |= touches
	}
	if bulk, ok := storage.(ring.BulkStorage); ok &&
		!refused(func() error { return bulk.TouchManyValues(ctx, []string{key}, long) }) {
		able |= bulkTouches
	}
	return able
}

// claims is what the interfaces of a storage say.
func claims(storage ring.Storage) ability {
	var able ability
	if _, ok := storage.(ring.HasStorage); ok {
		able |= hasStorage
	}
	if _, ok := storage.(ring.TouchStorage); ok {
		able |= touchStorage
	}
	if _, ok := storage.(ring.BulkStorage); ok {
		able |= bulkStorage
	}
	if _, ok := storage.(ring.SizedStorage); ok {
		able |= sizedStorage
	}
	if m, ok := storage.(ring.InMemory); ok && m.InMemoryStorage() {
		able |= inMemory
	}
	return able
}

// interfaces finds methods that look as if they belonged to an optional interface,
// and that are never called because the interface is not implemented. Size is too
// common a name for such a guess.
func interfaces(h host, storage ring.Storage, able ability) {
	h.Helper()
	h.Logf("%T: expiry %t, has %t, touch %t, bulk %t, size %t, in memory %t", storage, able&expires != 0, able&hasStorage != 0,
		able&touches != 0, able&bulkStorage != 0, able&sizedStorage != 0, able&inMemory != 0)
	for _, optional := range []reflect.Type{
		reflect.TypeFor[ring.HasStorage](), reflect.TypeFor[ring.TouchStorage](),
		reflect.TypeFor[ring.BulkStorage](), reflect.TypeFor[ring.InMemory](),
	} {
		if reflect.TypeOf(storage).Implements(optional) {
			continue
		}
		if name := oneOf(reflect.TypeOf(storage), optional); name != "" {
			h.Errorf("%T has a method %s but does not implement ring.%s, so that ring never calls it: want %v",
				storage, name, optional.Name(), methods(optional))
		}
	}
}

// oneOf returns the name of a method that typ, or a pointer to it, has in common
// with an interface.
func oneOf(typ, iface reflect.Type) string {
	if typ.Kind() != reflect.Pointer {
		typ = reflect.PointerTo(typ)
	}
	for m := range iface.Methods() {
		if _, ok := typ.MethodByName(m.Name); ok {
			return m.Name
		}
	}
	return ""
}

func methods(iface reflect.Type) string {
	var all []string
	for m := range iface.Methods() {
		all = append(all, m.Name+strings.TrimPrefix(m.Type.String(), "func"))
	}
	return strings.Join(all, "; ")
}

// subject is a fresh storage under one check.
type subject struct {
	host
	Options
	storage ring.Storage
	able    ability
}

func (s *subject) can(a ability) bool { return s.able&a == a }

func (s *subject) bulk() ring.BulkStorage { return s.storage.(ring.BulkStorage) }

// fatalf ends the check: what comes after would only repeat the failure.
func (s *subject) fatalf(format string, args ...any) {
	s.Helper()
	s.Errorf(format, args...)
	s.FailNow()
}

func (s *subject) set(key string, value any, expire time.Duration) {
	s.Helper()
	if err := s.storage.SetValue(context.Background(), key, value, expire); err != nil {
		s.fatalf("SetValue(%q, %s, %v): want no error, got: %v", key, show(value), expire, err)
	}
}

func (s *subject) delete(key, when string) {
	s.Helper()
	if err := s.storage.DeleteValue(context.Background(), key); err != nil {
		s.fatalf("DeleteValue(%q) %s: want no error, got: %v", key, when, err)
	}
}

func (s *subject) touch(key string, expire time.Duration, when string) {
	s.Helper()
	if err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, expire); err != nil {
		s.fatalf("TouchValue(%q, %v) %s: want no error, got: %v", key, expire, when, err)
	}
}

// tryTouch allows for what not every storage can touch: a value without expiry, or
// any value with the expiry 0.
func (s *subject) tryTouch(key string, expire time.Duration, when string) (done bool) {
	s.Helper()
	err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, expire)
	if err != nil && !unsupported(err) {
		s.fatalf("TouchValue(%q, %v) %s: want no error or errors.ErrUnsupported, got: %v", key, expire, when, err)
	}
	return err == nil
}

// wantNoTouch is for a storage that has refused to touch before.
func (s *subject) wantNoTouch(key string) {
	s.Helper()
	err := s.storage.(ring.TouchStorage).TouchValue(context.Background(), key, long)
	if !unsupported(err) {
		s.fatalf("TouchValue(%q, %v): want errors.ErrUnsupported, as for another value before, got: %v", key, long, err)
	}
}

func (s *subject) want(key string, value any, when string) {
	s.Helper()
	got, err := s.storage.GetValue(context.Background(), key)
	if err != nil || !equal(got, value) {
		s.fatalf("GetValue(%q) %s: want the value %s, got %s", key, when, show(value), outcome(got, err))
	}
}

func (s *subject) wantMiss(key, when string) {
	s.Helper()
	got, err := s.storage.GetValue(context.Background(), key)
	if !errors.Is(err, ring.ErrNotFound) {
		s.fatalf("GetValue(%q) %s: want an error that is ring.ErrNotFound, got %s", key, when, outcome(got, err))
	}
}

// wantHas asks HasValue where there is one.
func (s *subject) wantHas(key string, want bool, when string) {
	s.Helper()
	has, ok := s.storage.(ring.HasStorage)
	if !ok {
		return
	}
	got, err := has.HasValue(context.Background(), key)
	if err != nil || got != want {
		s.fatalf("HasValue(%q) %s: want %t, got %t and the error %v", key, when, want, got, err)
	}
}

func (s *subject) setMany(keys []string, values []any, expire time.Duration) {
	s.Helper()
	if err := s.bulk().SetManyValues(context.Background(), keys, values, expire); err != nil {
		s.fatalf("SetManyValues of %d keys, %s, with the expiry %v: want no error, got: %v", len(keys), show(keys), expire, err)
	}
}

// wantMany compares what GetManyValues returns; a miss among the wanted values is
// ring.ErrNotFound.
func (s *subject) wantMany(keys []string, want []any, when string) {
	s.Helper()
	got, err := s.bulk().GetManyValues(context.Background(), keys)
	if err != nil {
		s.fatalf("GetManyValues(%s) %s: want no error, got: %v", show(keys), when, err)
	}
	if len(got) != len(keys) {
		s.fatalf("GetManyValues(%s) %s: want %d values for as many keys, got %d", show(keys), when, len(keys), len(got))
	}
	for i, value := range got {
		if want[i] == any(ring.ErrNotFound) {
			s.wantMissInPlace(value, i, keys, when)
			continue
		}
		if !equal(value, want[i]) {
			s.fatalf("GetManyValues(%s) %s: want the value %s at %d, for %q, got %s",
				show(keys), when, show(want[i]), i, keys[i], show(value))
		}
	}
}

func (s *subject) wantMissInPlace(value any, i int, keys []string, when string) {
	s.Helper()
	if value == any(ring.ErrNotFound) {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, ring.ErrNotFound) {
		s.fatalf("GetManyValues(%s) %s: want ring.ErrNotFound itself at %d, for %q, got an error that wraps it: %v",
			show(keys), when, i, keys[i], err)
	}
	s.fatalf("GetManyValues(%s) %s: want ring.ErrNotFound at %d, for %q, got %s", show(keys), when, i, keys[i], show(value))
}

func (s *subject) wantHasMany(keys []string, want []bool, when string) {
	s.Helper()
	got, err := s.bulk().HasManyValues(context.Background(), keys)
	if err != nil || !slices.Equal(got, want) {
		s.fatalf("HasManyValues(%s) %s: want %s, got %s and the error %v", show(keys), when, show(want), show(got), err)
	}
}

func (s *subject) deleteMany(keys []string, when string) {
	s.Helper()
	if err := s.bulk().DeleteManyValues(context.Background(), keys); err != nil {
		s.fatalf("DeleteManyValues(%s) %s: want no error, got: %v", show(keys), when, err)
	}
}

func (s *subject) touchMany(keys []string, expire time.Duration, when string) {
	s.Helper()
	if err := s.bulk().TouchManyValues(context.Background(), keys, expire); err != nil {
		s.fatalf("TouchManyValues(%s, %v) %s: want no error, got: %v", show(keys), expire, when, err)
	}
}

// ttl is an expiry that a check can wait for. A clock that ticks once per
// Resolution may take up to one tick off it.
func (s *subject) ttl() time.Duration { return 2 * s.Resolution }

// longest is an expiry that no check outlives, where the storage has expiry.
func (s *subject) longest() time.Duration {
	if s.can(expires) {
		return long
	}
	return 0
}

// lapse lets so much time pass that everything that was to live for ttl is dead.
func (s *subject) lapse() {
	s.Helper()
	d := s.ttl() + s.Resolution
	if s.Advance != nil {
		s.advance(d)
		return
	}
	// A value of the same storage tells when: that takes no longer than it has to
	// and does not fail on a busy machine. It is not one that the check looks at,
	// since reading may be what removes a dead value.
	if after, gone := s.setAndAwait(s.Keys[len(s.Keys)-1], d); !gone {
		s.fatalf("a value that was set to expire after %v is still there after %v", d, after)
	}
}

// setAndAwait sets a value that expires and reads it until it is gone, or ought to
// have been for long. The time that it took is never less than the value lived.
func (s *subject) setAndAwait(key string, expire time.Duration) (after time.Duration, gone bool) {
	s.Helper()
	start := time.Now()
	s.set(key, s.Values[0], expire)
	for {
		got, err := s.storage.GetValue(context.Background(), key)
		after = time.Since(start)
		switch {
		case errors.Is(err, ring.ErrNotFound):
			return after, true
		case err != nil || !equal(got, s.Values[0]):
			s.fatalf("GetValue(%q) while waiting for the value to expire: want the value %s or a miss, got %s",
				key, show(s.Values[0]), outcome(got, err))
		case after > expire+patience+5*s.Resolution:
			return after, false
		}
		time.Sleep(max(s.Resolution/10, time.Millisecond))
	}
}

// Get, set and delete

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
	for _, value := range slices.Backward(s.Values) { // so that a shorter one follows a longer one, too
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

// Whose values they are

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

// Expiry

func expiryLifetime(s *subject) {
	if s.Advance == nil {
		s.lifetimeByWaiting(s.Keys[0], s.ttl())
		return
	}
	r := s.Resolution
	for i, expire := range []time.Duration{r, 2 * r, 2*r + r/2, 7 * r, time.Minute, 40 * 24 * time.Hour} {
		key := s.Keys[i%len(s.Keys)]
		s.set(key, s.Values[0], expire)
		s.want(key, s.Values[0], fmt.Sprintf("at once after it was set to expire after %v", expire))
		s.advance(expire - r)
		if expire > r {
			s.want(key, s.Values[0], fmt.Sprintf("%v after it was set to expire after %v", expire-r, expire))
		}
		s.advance(2 * r)
		s.wantMiss(key, fmt.Sprintf("%v after it was set to expire after %v", expire+r, expire))
	}
}

func (s *subject) lifetimeByWaiting(key string, expire time.Duration) {
	s.Helper()
	after, gone := s.setAndAwait(key, expire)
	if !gone {
		s.fatalf("GetValue(%q) %v after it was set to expire after %v: want a miss, got the value", key, after, expire)
	}
	if after < expire-s.Resolution {
		s.fatalf("GetValue(%q) %v after it was set to expire after %v: want the value, got a miss", key, after, expire)
	}
}

// expiryGone looks at every dead value once, each by another method: the first may
// be what removes it.
func expiryGone(s *subject) {
	k := s.Keys
	for _, key := range k[:5] {
		s.set(key, s.Values[0], s.ttl())
	}
	s.set(k[5], s.Values[1], long)
	s.lapse()
	s.wantHas(k[0], false, "after it expired")
	s.wantMiss(k[1], "after it expired")
	s.delete(k[2], "after it expired")
	s.wantMiss(k[2], "after it expired and was deleted")
	if s.can(bulkStorage) {
		s.wantMany([]string{k[3], k[5]}, []any{ring.ErrNotFound, s.Values[1]}, "after the first expired")
		s.wantHasMany([]string{k[4], k[5]}, []bool{false, true}, "after the first expired")
	}
	s.want(k[5], s.Values[1], "when others expired")
	s.set(k[0], s.Values[1], 0)
	s.want(k[0], s.Values[1], "that expired and was set again")
}

func expiryShort(s *subject) {
	ways := s.everyWay(time.Nanosecond)
	s.lapse()
	for _, w := range ways {
		s.wantMiss(w.key, fmt.Sprintf("after %s with the expiry 1ns (one too short for the storage is rounded up, it does not become none)", w.method))
	}
}

// expiryLong meets what is easily lost: memcached takes more than 30 days for a
// date, and a date beyond the year 2262 does not fit into 64 bits of nanoseconds.
func expiryLong(s *subject) {
	for _, expire := range []time.Duration{40 * 24 * time.Hour, 100 * 365 * 24 * time.Hour, math.MaxInt64} {
		for _, w := range s.everyWay(expire) {
			when := fmt.Sprintf("at once after %s with the expiry %v", w.method, expire)
			s.wantHas(w.key, true, when)
			s.want(w.key, s.Values[0], when)
		}
	}
}

// way is how a key came to its expiry.
type way struct{ method, key string }

// everyWay gives a key the expiry by each method that can.
func (s *subject) everyWay(expire time.Duration) []way {
	s.Helper()
	k, v := s.Keys, s.Values
	s.set(k[0], v[0], expire)
	ways := []way{{"SetValue", k[0]}}
	if s.can(touches) {
		s.set(k[1], v[0], long)
		s.touch(k[1], expire, "of a value")
		ways = append(ways, way{"TouchValue", k[1]})
	}
	if s.can(bulkStorage) {
		s.setMany(k[2:3], v[:1], expire)
		ways = append(ways, way{"SetManyValues", k[2]})
	}
	if s.can(bulkTouches) {
		s.set(k[3], v[0], long)
		s.touchMany(k[3:4], expire, "of a value")
		ways = append(ways, way{"TouchManyValues", k[3]})
	}
	return ways
}

func expiryNone(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], 0)
	s.set(k[1], s.Values[0], s.ttl())
	s.set(k[1], s.Values[1], 0)
	s.lapse()
	if s.Advance != nil {
		s.advance(366 * 24 * time.Hour)
	}
	s.want(k[0], s.Values[0], "after a while, set without expiry")
	s.want(k[1], s.Values[1], "after a while, set with an expiry and then without (the expiry goes with the value that it was set with)")
}

func expiryOverwrite(s *subject) {
	k := s.Keys
	s.set(k[0], s.Values[0], s.ttl())
	s.set(k[0], s.Values[1], long)
	s.set(k[1], s.Values[0], long)
	s.set(k[1], s.Values[1], s.ttl())
	s.set(k[2], s.Values[0], 0)
	s.set(k[2], s.Values[1], s.ttl())
	s.set(k[3], s.Values[0], s.ttl())
	s.lapse()
	s.want(k[0], s.Values[1], "that was overwritten with a longer expiry, after the shorter one")
	s.wantMiss(k[1], "that was overwritten with a shorter expiry, after that")
	s.wantMiss(k[2], "that had no expiry and was overwritten with one, after that")
	s.set(k[3], s.Values[1], long)
	s.want(k[3], s.Values[1], "that expired and was set again")
}

func expiryRefused(s *subject) {
	for i, key := range s.Keys[:2] {
		if i == 1 {
			s.set(key, s.Values[0], 0)
		}
		err := s.storage.SetValue(context.Background(), key, s.Values[1], long)
		if !unsupported(err) {
			s.fatalf("SetValue(%q) with an expiry: want errors.ErrUnsupported, as for another value before, got: %v", key, err)
		}
	}
	if s.can(bulkStorage) {
		err := s.bulk().SetManyValues(context.Background(), s.Keys[:2], s.Values[1:3], long)
		if !unsupported(err) {
			s.fatalf("SetManyValues with an expiry: want errors.ErrUnsupported, as from SetValue, got: %v", err)
		}
	}
	s.wantMiss(s.Keys[0], "after a call with an expiry was refused")
	s.want(s.Keys[1], s.Values[0], "after a call with an expiry was refused")
}

// Touch

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

// Bulk

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

// everyOther sets every other key, and returns all of them with what a bulk get
// has to return.
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
	for shift := range 2 { // the second time it overwrites
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
		_ = s.bulk().TouchManyValues(context.Background(), keys, long) // of values without expiry: may be refused
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

// Size

func size(s *subject) {
	s.wantSize(0, "of an empty storage")
	for i, key := range s.Keys {
		s.set(key, s.Values[0], 0)
		s.wantSize(i+1, "after one more key was set")
	}
	s.set(s.Keys[0], s.Values[1], 0)
	s.wantSize(len(s.Keys), "after overwriting")
	s.delete(s.Keys[0], "of a value")
	s.delete(s.Keys[0], "for the second time")
	s.wantSize(len(s.Keys)-1, "after a key was deleted")
}

func (s *subject) wantSize(want int, when string) {
	s.Helper()
	limit, current := s.storage.(ring.SizedStorage).Size()
	if limit < -1 {
		s.fatalf("Size() %s: want a limit of 0 or more, or -1 for none, got %d", when, limit)
	}
	if current != -1 && current != want {
		s.fatalf("Size() %s: want %d values, or -1 when it does not know, got %d", when, want, current)
	}
}

// Context

func contextDone(s *subject) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		for _, call := range s.calls() {
			s.set(s.Keys[0], s.Values[0], 0)
			err := call.do(ctx)
			if err != nil && !errors.Is(err, ctx.Err()) && !call.allows(err) {
				s.fatalf("%s with a context that is done: want success or an error that wraps the context's, %q, got: %v",
					call.name, ctx.Err(), err)
			}
			s.wantUsable(call.name)
		}
	}
}

// wantUsable makes sure that a call which gave up has left no half of its work.
func (s *subject) wantUsable(call string) {
	s.Helper()
	key := s.Keys[0]
	got, err := s.storage.GetValue(context.Background(), key)
	if err != nil && !errors.Is(err, ring.ErrNotFound) || err == nil && !equal(got, s.Values[0]) && !equal(got, s.Values[1]) {
		s.fatalf("GetValue(%q) after %s with a context that was done: want the value before, the value after or a miss, got %s",
			key, call, outcome(got, err))
	}
}

// call is one call of a method, without its result.
type call struct {
	name   string
	do     func(context.Context) error
	allows func(error) bool
}

// calls are all methods that the storage has, for its first two keys. Of these the
// second is missing.
func (s *subject) calls() []call {
	here, missing := s.Keys[0], s.Keys[1]
	never := func(error) bool { return false }
	miss := func(err error) bool { return errors.Is(err, ring.ErrNotFound) }
	all := []call{
		{"GetValue of a value", func(ctx context.Context) error { _, err := s.storage.GetValue(ctx, here); return err }, never},
		{"GetValue of a missing key", func(ctx context.Context) error { _, err := s.storage.GetValue(ctx, missing); return err }, miss},
		{"SetValue", func(ctx context.Context) error { return s.storage.SetValue(ctx, here, s.Values[1], 0) }, never},
		{"DeleteValue", func(ctx context.Context) error { return s.storage.DeleteValue(ctx, here) }, never},
	}
	if has, ok := s.storage.(ring.HasStorage); ok {
		all = append(all, call{"HasValue", func(ctx context.Context) error { _, err := has.HasValue(ctx, here); return err }, never})
	}
	if touch, ok := s.storage.(ring.TouchStorage); ok {
		// The value has no expiry, which not every storage can touch.
		all = append(all, call{"TouchValue", func(ctx context.Context) error { return touch.TouchValue(ctx, here, long) }, unsupported})
	}
	if bulk, ok := s.storage.(ring.BulkStorage); ok {
		all = append(all, s.bulkCalls(bulk, []string{here, missing})...)
	}
	return all
}

func (s *subject) bulkCalls(bulk ring.BulkStorage, keys []string) []call {
	never := func(error) bool { return false }
	one := keys[:1] // the other stays missing
	return []call{
		{"GetManyValues", func(ctx context.Context) error { _, err := bulk.GetManyValues(ctx, keys); return err }, never},
		{"SetManyValues", func(ctx context.Context) error { return bulk.SetManyValues(ctx, one, s.Values[1:2], 0) }, never},
		{"DeleteManyValues", func(ctx context.Context) error { return bulk.DeleteManyValues(ctx, keys) }, never},
		{"HasManyValues", func(ctx context.Context) error { _, err := bulk.HasManyValues(ctx, keys); return err }, never},
		{"TouchManyValues", func(ctx context.Context) error { return bulk.TouchManyValues(ctx, keys, long) }, unsupported},
	}
}

// Concurrency

// concurrentSharedKeys lets all methods meet on a few keys. Every key has values of
// its own, so that a value tells which key it was set for.
func concurrentSharedKeys(s *subject) {
	n := min(sharedKeys, len(s.Keys), len(s.Values))
	own := make([][]any, n)
	for i, value := range s.Values {
		own[i%n] = append(own[i%n], value)
	}
	s.together(goroutines, func(g int) error {
		w := worker{s, s.Keys[:n], own, rand.New(rand.NewPCG(uint64(g), 0))}
		for range rounds {
			if err := w.step(); err != nil {
				return err
			}
		}
		return nil
	})
	w := worker{s, s.Keys[:n], own, nil}
	for i, key := range w.keys {
		if err := w.get(i); err != nil {
			s.fatalf("after all goroutines have ended: %v", err)
		}
		s.set(key, s.Values[0], 0)
		s.want(key, s.Values[0], "after all goroutines have ended")
	}
}

// concurrentOwnKeys gives every goroutine a key of its own. What others do must not
// get lost when a storage rewrites more than the one key.
func concurrentOwnKeys(s *subject) {
	s.together(min(goroutines, len(s.Keys)), func(g int) error {
		for round := range rounds {
			if err := s.setGetDelete(s.Keys[g], s.Values[(g+round)%len(s.Values)]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *subject) setGetDelete(key string, value any) error {
	ctx := context.Background()
	if err := s.storage.SetValue(ctx, key, value, 0); err != nil {
		return fmt.Errorf("SetValue(%q): want no error, got: %w", key, err)
	}
	if got, err := s.storage.GetValue(ctx, key); err != nil || !equal(got, value) {
		return fmt.Errorf("GetValue(%q) by the only goroutine that uses the key: want what it has just set, %s, got %s",
			key, show(value), outcome(got, err))
	}
	if err := s.storage.DeleteValue(ctx, key); err != nil {
		return fmt.Errorf("DeleteValue(%q): want no error, got: %w", key, err)
	}
	if got, err := s.storage.GetValue(ctx, key); !errors.Is(err, ring.ErrNotFound) {
		return fmt.Errorf("GetValue(%q) by the only goroutine that uses the key, which has just deleted it: want an error that is ring.ErrNotFound, got %s",
			key, outcome(got, err))
	}
	return nil
}

// together runs f in n goroutines that start at one moment, and reports the first
// of their errors: the others mostly say the same.
func (s *subject) together(n int, f func(g int) error) {
	s.Helper()
	errs := make(chan error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for g := range n {
		wg.Go(func() {
			<-start
			errs <- safely(func() error { return f(g) })
		})
	}
	close(start)
	wg.Wait()
	close(errs)
	var failed []error
	for err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		s.fatalf("%d of %d goroutines failed, the first with: %v", len(failed), n, failed[0])
	}
}

func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// worker does random things to shared keys, as one of many. own are the values that
// belong to each key.
type worker struct {
	*subject
	keys []string
	own  [][]any
	rand *rand.Rand
}

// step does one random thing. What the storage cannot do becomes a get.
func (w worker) step() error {
	ctx, i := context.Background(), w.rand.IntN(len(w.keys))
	key := w.keys[i]
	switch op := w.rand.IntN(12); {
	case op < 3:
		return describe("SetValue", w.storage.SetValue(ctx, key, w.value(i), w.expiry()))
	case op == 3:
		return describe("DeleteValue", w.storage.DeleteValue(ctx, key))
	case op == 4 && w.can(hasStorage):
		_, err := w.storage.(ring.HasStorage).HasValue(ctx, key)
		return describe("HasValue", err)
	case op == 5 && w.can(touchStorage):
		return describeTouch("TouchValue", w.storage.(ring.TouchStorage).TouchValue(ctx, key, long))
	case op == 6 && w.can(sizedStorage):
		w.storage.(ring.SizedStorage).Size()
		return nil
	case op > 6 && w.can(bulkStorage):
		return w.bulkStep(op, i)
	}
	return w.get(i)
}

func (w worker) bulkStep(op, i int) error {
	ctx := context.Background()
	places := []int{i, (i + 1) % len(w.keys), w.rand.IntN(len(w.keys))}
	var keys []string
	var values []any
	for _, p := range places {
		keys, values = append(keys, w.keys[p]), append(values, w.value(p))
	}
	switch op {
	case 7:
		return describe("SetManyValues", w.bulk().SetManyValues(ctx, keys, values, w.expiry()))
	case 8:
		return describe("DeleteManyValues", w.bulk().DeleteManyValues(ctx, keys))
	case 9:
		has, err := w.bulk().HasManyValues(ctx, keys)
		if err == nil && len(has) != len(keys) {
			err = fmt.Errorf("%d answers for %d keys", len(has), len(keys))
		}
		return describe("HasManyValues", err)
	case 10:
		return describeTouch("TouchManyValues", w.bulk().TouchManyValues(ctx, keys, long))
	}
	return w.getMany(places, keys)
}

func (w worker) get(i int) error {
	value, err := w.storage.GetValue(context.Background(), w.keys[i])
	if errors.Is(err, ring.ErrNotFound) {
		return nil
	}
	if err != nil {
		return describe("GetValue", err)
	}
	return w.belongs(i, value)
}

func (w worker) getMany(places []int, keys []string) error {
	got, err := w.bulk().GetManyValues(context.Background(), keys)
	if err == nil && len(got) != len(keys) {
		err = fmt.Errorf("%d values for %d keys", len(got), len(keys))
	}
	if err != nil {
		return describe("GetManyValues", err)
	}
	for n, value := range got {
		if value == any(ring.ErrNotFound) {
			continue
		}
		if err := w.belongs(places[n], value); err != nil {
			return err
		}
	}
	return nil
}

func (w worker) belongs(i int, value any) error {
	if slices.ContainsFunc(w.own[i], func(v any) bool { return equal(value, v) }) {
		return nil
	}
	return fmt.Errorf("%q: want one of the values that were set for this key, got %s", w.keys[i], show(value))
}

func (w worker) value(i int) any { return w.own[i][w.rand.IntN(len(w.own[i]))] }

func (w worker) expiry() time.Duration {
	if !w.can(expires) || w.rand.IntN(2) == 0 {
		return 0
	}
	return long
}

func describe(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: want no error, got: %w", method, err)
}

// describeTouch allows for values without expiry.
func describeTouch(method string, err error) error {
	if unsupported(err) {
		return nil
	}
	return describe(method, err)
}

// Comparing and showing

func unsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

// equal leaves the difference between a nil and an empty []byte aside: bytes that
// were stored and read again cannot show it.
func equal(a, b any) bool {
	x, isBytes := a.([]byte)
	if y, ok := b.([]byte); ok && isBytes {
		return bytes.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}

// identical is equal for values that have no identity.
func identical(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() || x.Type() != y.Type() {
		return x.IsValid() == y.IsValid() && !x.IsValid()
	}
	switch x.Kind() {
	case reflect.Slice:
		return x.Len() == y.Len() && x.Pointer() == y.Pointer()
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return x.Pointer() == y.Pointer()
	}
	return equal(a, b)
}

// show is a value in a message, with its type, and shortened when it is long.
func show(value any) string {
	const most = 120
	text := fmt.Sprintf("%T %v", value, value)
	switch v := value.(type) {
	case nil:
		return "nil"
	case []byte:
		text = fmt.Sprintf("[]byte %q", v[:min(len(v), most)])
		if len(v) > most {
			text += fmt.Sprintf("… (%d bytes)", len(v))
		}
		return text
	case string, []string:
		text = fmt.Sprintf("%q", v)
	}
	if len(text) > most {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return text
}

func outcome(value any, err error) string {
	if err != nil {
		return fmt.Sprintf("the error: %v", err)
	}
	return "no error and the value " + show(value)
}
