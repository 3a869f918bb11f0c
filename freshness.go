package ring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// Freshness says when a rope renews its values, and what it does with a value that is past
// its Expire. The zero value is off: a value is there until it expires.
//
// With StaleWhileRevalidate or StaleIfError a value stays in the storage for longer than
// Expire: by G, the longer of the two. How fresh it is follows from the time left to it, so
// keys and stored data do not change, and it makes no difference who wrote them. A program
// that does not know of G, such as a Python service, sees a value for Expire + G. All ropes
// over the same keys should have the same G: see Doctor. If you increase G, values that are
// stored already look older than they are, once; if you reduce it, they look fresher.
// docs/freshness.md says which options to choose.
//
//	state   when more is left than        a call
//	fresh   G + RefreshAhead              is a hit; so it is if the value does not expire
//	due     G                             is a hit, and a renewal begins behind
//	stale   G - StaleWhileRevalidate      waits up to SoftTimeout for a renewal, else gets the old value
//	spare   0                             runs the function; if that fails, it gets the old value
//
// Get, Lookup and Has take what is stale or spare for missing, unless CallOptions.AllowStale
// says otherwise.
//
// A renewal behind runs on a goroutine of its own, which a call starts: there are no timers.
// There is one for a key at a time, and at most MaxRefreshes for a rope: if there are as many
// already, a later call tries again. Its context has the values of the caller's context, but
// not its end. If the function fails, nothing is written, OnError gets the error with the
// action "refresh", and the function does not run for that key for RetryAfter; after each
// further failure for twice as long, up to Expire. A panic is such a failure, too. A renewal
// may use the arguments after the call has returned, so do not change what they point to. A
// Delete, Set or Update during a renewal is not undone by it; if the storage is a CondStorage,
// that includes those of other processes.
//
// Python has no counterpart.
type Freshness struct {
	// RefreshAhead renews a value behind when less than this is left of Expire. Give it more
	// time than a run takes: a value that expires during its renewal is missing.
	RefreshAhead time.Duration

	// StaleWhileRevalidate is how long after Expire a call gets the old value, while a
	// renewal runs behind.
	StaleWhileRevalidate time.Duration

	// StaleIfError is how long after Expire a call gets the old value if the function
	// fails. In the pause after a failure, calls get the old value without a run.
	StaleIfError time.Duration

	// SoftTimeout is how long a call waits for the run if it has found an old value. Then
	// it takes that, and the run goes on behind. 0: a call takes a stale value at once, and
	// waits for the end of the run if the value is a spare one. A bulk call behaves as if
	// it were 0.
	SoftTimeout time.Duration

	// RunTimeout is how long a run may take. After that its context ends, all who wait get
	// the old value or an error that wraps context.DeadlineExceeded, and the next call runs
	// the function again. A function that ignores its context goes on alone: its result is
	// dropped, and it counts as a renewal until it returns. 0: no limit, but one minute for
	// a renewal behind. It works with every storage, and for a function with its own type that
	// returns an error.
	RunTimeout time.Duration

	// RetryAfter is for how long the function does not run after its first failure for a
	// key that has a value; 0: a second.
	RetryAfter time.Duration

	// MaxRefreshes is how many renewals of the rope run behind at a time, at most; 0: 16.
	MaxRefreshes int

	// RefreshContext changes the context of a renewal behind. Take out what ends with the
	// caller's request, such as a transaction. nil: the values of the caller's context.
	RefreshContext func(context.Context) context.Context

	// Jitter, from 0 to 1, is the part of the Expire of a value by which it is shortened at
	// most. The key decides by how much, the same in every process. So values that were
	// stored together do not expire together.
	Jitter float64

	// ExpireFunc returns how long the value is fresh that the function has returned for the
	// arguments in p. 0 is Expire, and DoNotStore is not to store it. See also SetExpire.
	ExpireFunc func(value any, p ArgPack) time.Duration

	// Verify, from 0 to 1, is the part of the hits of Call, GetOrUpdate and their bulk forms for
	// which the function runs behind all the same, to check that it still returns what is
	// cached. Its value is not stored, and the call does not wait. If it is another one, by
	// reflect.DeepEqual, Stats.Differed counts that and Trace.Event tells the key: the cache
	// should not be used for the function, or a Delete is missing, or a caller has changed a
	// value in memory. Such runs count as renewals for MaxRefreshes, and are left out when
	// there are as many already. A hit of a rope with Verify takes several times as long.
	Verify float64

	// CacheError returns how long an error of the function is remembered, in this process
	// alone; 0: not at all. Until then the function does not run for the key: a call gets
	// the old value if it may have that, else the error, in an *Error. A Delete, Set or
	// Update by the rope forgets the error. CacheError is not asked about the end of a
	// context. Errors of 1,024 keys are remembered, the latest. CacheErrors makes such a
	// function.
	CacheError func(err error) time.Duration
}

// DoNotStore as the expiry of a value means that the value is returned and not stored.
const DoNotStore time.Duration = -1

// CacheErrors returns a Freshness.CacheError that remembers an error for d, if it is one of
// targets by errors.Is. Without targets it remembers every error.
func CacheErrors(d time.Duration, targets ...error) func(error) time.Duration {
	return func(err error) time.Duration {
		if len(targets) == 0 {
			return d
		}
		for _, target := range targets {
			if errors.Is(err, target) {
				return d
			}
		}
		return 0
	}
}

// SetExpire makes the value that the function is about to return fresh for d, instead of the
// Expire of the rope; with DoNotStore it is not stored. The cached function calls it with its
// own context, for example with the max-age of the response that it has read. It goes before
// ExpireFunc, and CallOptions.Expire goes before it. The rope needs no Freshness. With a
// context that is not that of a run it does nothing.
func SetExpire(ctx context.Context, d time.Duration) {
	if f := flight.FlightIn(ctx); f != nil {
		f.SetLife(d)
	}
}

// Shutdown ends the renewals behind of all ropes, for good: no new one begins, and it waits
// for those that run. If ctx ends before them, it cancels their contexts and returns the error
// of ctx. Call it at the end of the program, after the last call of a rope. Ropes still work,
// without renewals behind.
func Shutdown(ctx context.Context) error { return fresh.Shutdown(ctx) }

// isZero reports whether everything is off.
func (f *Freshness) isZero() bool {
	return f.RefreshAhead == 0 && f.StaleWhileRevalidate == 0 && f.StaleIfError == 0 && f.SoftTimeout == 0 &&
		f.RunTimeout == 0 && f.RetryAfter == 0 && f.MaxRefreshes == 0 && f.RefreshContext == nil && f.Jitter == 0 && f.Verify == 0 &&
		f.ExpireFunc == nil && f.CacheError == nil
}

// policy returns the policy of a rope whose values are fresh for expire; nil: there is none.
func (f *Freshness) policy(expire time.Duration) (*fresh.Policy, error) {
	if f.isZero() {
		return nil, nil
	}
	if err := f.check(expire); err != nil {
		return nil, fmt.Errorf("the Freshness: %w", err)
	}
	return fresh.New(fresh.Config{
		Expire: expire, Ahead: f.RefreshAhead, Revalidate: f.StaleWhileRevalidate, OnError: f.StaleIfError,
		Soft: f.SoftTimeout, Run: f.RunTimeout, Retry: f.RetryAfter, Max: f.MaxRefreshes, Jitter: f.Jitter, Verify: f.Verify,
		Context: f.RefreshContext, Remember: f.CacheError,
	}), nil
}

// check refuses what makes no sense.
func (f *Freshness) check(expire time.Duration) error {
	for _, field := range []struct {
		name string
		time.Duration
	}{
		{"RefreshAhead", f.RefreshAhead}, {"StaleWhileRevalidate", f.StaleWhileRevalidate}, {"StaleIfError", f.StaleIfError},
		{"SoftTimeout", f.SoftTimeout}, {"RunTimeout", f.RunTimeout}, {"RetryAfter", f.RetryAfter},
	} {
		switch d := field.Duration; {
		case d < 0:
			return fmt.Errorf("%s is negative (%v): 0 is off", field.name, d)
		case d != 0 && d < time.Microsecond:
			return fmt.Errorf("%s is %v: for %d seconds write %[3]d*time.Second", field.name, d, d)
		}
	}
	grace := max(f.StaleWhileRevalidate, f.StaleIfError)
	switch {
	case f.MaxRefreshes < 0:
		return fmt.Errorf("the MaxRefreshes %d are negative: 0 is 16", f.MaxRefreshes)
	case !(f.Jitter >= 0 && f.Jitter <= 1):
		return fmt.Errorf("the Jitter %v is no part from 0 to 1", f.Jitter)
	case !(f.Verify >= 0 && f.Verify <= 1):
		return fmt.Errorf("the Verify %v is no part from 0 to 1: to check one hit of a thousand write 0.001", f.Verify)
	case expire == 0 && (grace > 0 || f.RefreshAhead > 0 || f.Jitter > 0):
		return fmt.Errorf("%w: RefreshAhead, StaleWhileRevalidate, StaleIfError and Jitter need an Expire: give the factory one, or take a storage that has it, such as Redis or DiskCache", errors.ErrUnsupported)
	case f.RefreshAhead > 0 && time.Duration(float64(expire)*(1-f.Jitter)) <= f.RefreshAhead:
		return fmt.Errorf("the RefreshAhead %v is not shorter than the shortest life of a value, %v: every call would renew its value",
			f.RefreshAhead, time.Duration(float64(expire)*(1-f.Jitter)))
	case f.SoftTimeout > 0 && grace == 0:
		return errors.New("a SoftTimeout needs an old value: set StaleWhileRevalidate or StaleIfError")
	}
	return nil
}

// graces looks for ropes over the same keys that keep values for different times past their
// Expire.
func graces(ropes []*Rope) (findings []Finding) {
	type space struct {
		id     any
		prefix string
	}
	first := map[space][]*Rope{} // those with the same grace are one
	for _, r := range ropes {
		at := r.base.place()
		if at.id == nil {
			continue
		}
		in := space{at.id, r.plan.Prefix}
		if slices.ContainsFunc(first[in], func(other *Rope) bool { return other.grace() == r.grace() }) {
			continue
		}
		for _, other := range first[in] {
			findings = append(findings, differ(other, r, at.text))
		}
		first[in] = append(first[in], r)
	}
	return findings
}

// differ returns the finding of two ropes that keep values for different times.
func differ(a, b *Rope, place string) Finding {
	return Finding{
		Kind: GraceDiffers, Ropes: []string{a.fn.Name, b.fn.Name}, Backend: place,
		Message: fmt.Sprintf("with the prefix %q one keeps its values for %v past their Expire, and the other for %v, so that each takes the other's for fresher or older than they are",
			a.plan.Prefix, a.grace(), b.grace()),
		Remedy: "give both the same StaleWhileRevalidate and StaleIfError, or prefixes of their own",
	}
}

// grace returns how long values are kept past their Expire.
func (r *Rope) grace() time.Duration {
	if r.values().Policy == nil {
		return 0
	}
	return r.values().Policy.Grace
}

// checkAges refuses a storage that cannot tell how old its values are.
func (r *Rope) checkAges() error {
	p := r.values().Policy
	if p == nil || !p.Ages() {
		return nil
	}
	if disk, ok := r.base.Storage().(*DiskCacheStorage); ok {
		_, err := disk.agedObj()
		return err
	}
	if r.values().CanAge() {
		return nil
	}
	return fmt.Errorf("the Freshness: %w: %T does not tell how old its values are: implement AgedStorage or TTLStorage, or leave RefreshAhead, StaleWhileRevalidate and StaleIfError out",
		errors.ErrUnsupported, r.base.Storage())
}
