// Package storagetest tests implementations of ring.Storage against the contract of that
// interface, as testing/slogtest does for handlers of log/slog.
//
// Your own storage needs one test:
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
// A storage returns the value that was stored under exactly this key, until it is
// overwritten or deleted or has expired. A full storage may drop values earlier. Every
// method treats a key without a value as if it had never been set: GetValue returns an
// error for which errors.Is(err, ring.ErrNotFound) holds, HasValue returns false, and
// DeleteValue and TouchValue return no error. Keys are any text; keys that differ in one
// byte are unrelated.
//
// A storage that is not InMemory keeps a copy. A later change of the slice that it was
// given, or of the one that it returned, does not change what it keeps. A storage that
// is InMemory returns the value itself.
//
// An expiry counts from the call that sets it and replaces an earlier one. An expiry of
// 0 removes it. An expiry too short for the storage's clock is rounded up, never down to
// 0. An expiry too long for it means a value that stays. A storage without expiry
// refuses to store a value with one: the error wraps errors.ErrUnsupported, and the call
// stores nothing.
//
// Touching sets a new expiry and does not change the value. It does not revive an
// expired value. A storage that cannot touch returns errors.ErrUnsupported for every
// value with an expiry. A storage that can touch may still return that for a value
// without expiry, and for the expiry 0.
//
// The time left to a value is 0 if it has no expiry. Otherwise it is more than 0 and
// exact to one tick of the clock. Asking for it changes nothing, but GetAged is a use of
// the value. Shortening never lengthens it, and gives an expiry to a value that has none.
//
// A conditional store and its condition are one step: of several at a time under one
// condition, exactly one stores. The version of a value is another one after each write of
// another value and after a deletion.
//
// A bulk method does what its single method does for one key after the other, in their
// order: of equal keys the last value stays. It returns one result for each key, in the
// order of the keys; a miss is ring.ErrNotFound itself. An empty list is a no-op. The
// slices belong to the caller: the storage neither changes nor keeps them.
//
// All methods are safe for concurrent use. When their context is done they either
// complete or return an error that wraps the context's error.
package storagetest

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"
)

// Options tell Run what a storage can keep and how its clock works. nil means the
// defaults.
type Options struct {
	// Values are what the checks store: at least 3, all different by reflect.DeepEqual,
	// which also compares them with what comes back (an empty and a nil []byte are
	// equal). The concurrency check gives every key its own values, so it uses no more
	// keys than there are Values; 16 or more make it strongest. Run does not change
	// them. nil: 32 values of type []byte, the longest of 100,000 bytes.
	Values []any

	// Advance moves the clock of the storages forward; between its calls the clock
	// stands still. The test's own goroutine calls it. nil: the storages use the real
	// time. A check of expiry then takes three or four times Resolution, and a few
	// seconds if nothing expires.
	Advance func(t *testing.T, d time.Duration)

	// Keys are the keys to use: at least 8, all different. nil: about 50 ordinary and
	// odd ones, of 0 to 200 bytes. Some differ only in case, in a blank at the end or in
	// how Unicode spells a letter. Some contain what a storage may treat specially:
	// blanks, line ends, a zero byte, slashes, wildcards, braces. A rope can make keys
	// with all of these.
	Keys []string

	// Resolution is a tick of the storages' clock: how exactly they keep an expiry. At
	// most a minute. 0: 10 milliseconds. Memcached's is a second.
	Resolution time.Duration
}

const (
	defaultResolution = 10 * time.Millisecond

	minKeys   = 8 // six for a check, and the last one for waiting
	minValues = 3

	long     = time.Hour       // longer than any check takes
	patience = 5 * time.Second // how late a value may expire by the real clock

	goroutines = 64
	rounds     = 50 // of each goroutine
	sharedKeys = 16
	ownRounds  = 10
	largeBulk  = 1100 // more than the parameters that an SQL statement can have (999)
)

// Run checks the storages that open returns against the contract in the package
// documentation. Every clause is a subtest with its own storage. Run leaves out the
// clauses about optional interfaces that the storages do not implement, and those about
// expiry if they have none.
//
// open returns an empty storage with room for a value under each of Options.Keys, and
// closes it by t.Cleanup. Run may call it while an earlier storage is still open, but no
// longer uses that one.
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
		"first", "second", "third", "", " ", "0", "00", "1.0", "null", "ключ", "a\r\nb\r\n", "\x00", "\xff\xfe", "<nil>",
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

// host is what the checks need of a test: a *testing.T, or the recorder with which this
// package tests its own checks.
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

// check is one clause of the contract, for storages that have all abilities that it
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
	{"TTL", ttlStorage, 0, timeLeft},
	{"Aged", aged, 0, agedValues},
	{"Shorten", shortens | expires, 0, shortenValue},
	{"AddValue", adds, 0, addValue},
	{"ReplaceValue", adds | aged, 0, replaceValue},
	{"CondRaces", adds, 0, condRaces},
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

// interfacesCheck runs before the others, which depend on its result.
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
		return // open has failed, and would fail again
	}
	if !ran { // because of the flag -run
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
