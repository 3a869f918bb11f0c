package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// bulkRun is a bulk call that runs the function for one key after the other and stores
// the values together, also if one of the runs panics.
//
// A flight whose run has ended stays in its place until all values are stored, so that
// no other call runs the function meanwhile. No flight begins before its turn: a run
// may need keys that come later.
type bulkRun struct {
	s        *Values
	ctx      context.Context // of the look-up and the store
	keys     []string
	outcomes []flight.Outcome
	who      flight.Goroutine
	writes   uint64         // the writes that had ended before the look-up
	first    map[string]int // where each key was run
	same     []int          // for each element the index of the element with its outcome
	led      []element      // the elements whose values are not stored yet
	open     bool           // a value that cannot be stored is not a failure
	leave    func(*flight.Flight)
	queue    *queue       // for the locks of other processes; nil: it has not asked for any
	followed map[int]bool // the elements that another call had, before they were tried again
}

// element is a run whose value has to be stored, and its place in a bulk call.
type element struct {
	flight *flight.Flight
	place  int
	value  any
}

func (s *Values) newBulkRun(ctx context.Context, keys []string, leave func(*flight.Flight)) *bulkRun {
	return &bulkRun{
		s: s, ctx: ctx, keys: keys, outcomes: make([]flight.Outcome, len(keys)),
		first: make(map[string]int, len(keys)), same: make([]int, len(keys)), leave: leave,
	}
}

// GetOrRunMany is GetOrRun for several keys, with one look-up and one store for all of
// them. It calls run for one key after the other; equal keys share one run.
//
// contextOf returns the context with which an element waits and runs. The look-up and
// the store use ctx. With t the function runs for several elements at once.
func (s *Values) GetOrRunMany(ctx context.Context, keys []string, who flight.Goroutine, contextOf func(i int) context.Context, run elementFunc, t *Together) []flight.Outcome {
	if s.Apart {
		return s.runEachApart(keys, contextOf, run, t)
	}
	writes := s.Flights.WritesEnded()
	outcomes := s.lookForMany(ctx, keys)
	if areMissing(outcomes) {
		s.runMissingOf(ctx, keys, outcomes, writes, who, contextOf, run, t)
	}
	return outcomes
}

// runMissingOf runs the function for the keys that a look-up has not found.
func (s *Values) runMissingOf(ctx context.Context, keys []string, outcomes []flight.Outcome, writes uint64, who flight.Goroutine, contextOf func(i int) context.Context, run elementFunc, t *Together) {
	b := s.newBulkRun(ctx, keys, s.leave)
	b.outcomes, b.who, b.writes, b.open = outcomes, who, writes, s.Open
	defer b.store()
	if t != nil {
		b.runTogether(t, b.everyPlace(b.isDone), contextOf, run)
		b.share()
		return
	}
	for i, key := range keys {
		if b.same[i] = i; !isMissing(&outcomes[i]) || b.repeats(i) {
			continue
		}
		b.reportForeign(i, key)
		b.runOne(contextOf(i), i, func(f *flight.Flight) (any, error) { return run(f, i) })
	}
	b.store()
	b.share()
}

// reportForeign reports an entry that is no result of the function, which the run is about to
// replace.
func (b *bulkRun) reportForeign(i int, key string) {
	if err := b.outcomes[i].Err; errors.Is(err, fault.ErrCoder) {
		b.s.OnError(b.ctx, key, replacing(err))
	}
}

// RunMissing is GetOrRunMany for keys in memory that were not found a moment ago.
// There, one store for all of them would gain nothing.
func (s *Values) RunMissing(ctx context.Context, keys []string, who flight.Goroutine, run func(f *flight.Flight, i int) (any, error)) []flight.Outcome {
	outcomes := make([]flight.Outcome, len(keys))
	first := make(map[string]int, len(keys))
	for i, key := range keys {
		if same, ok := first[key]; ok && !outcomes[same].Abandoned {
			outcomes[i] = outcomes[same].Shared()
			continue
		}
		first[key] = i
		if err := ctx.Err(); err != nil {
			outcomes[i] = flight.Outcome{Err: err, Abandoned: true}
			continue
		}
		s.RunOrJoin(ctx, key, who, func(f *flight.Flight) (any, error) { return run(f, i) }, &outcomes[i])
	}
	return outcomes
}

// isMissing reports whether a key has to be run after a bulk look-up: it is not a hit,
// and the storage has not failed, or the rope works without it.
func isMissing(o *flight.Outcome) bool {
	return !o.Hit && (!o.Failed || o.Err == fault.ErrNotFound)
}

func areMissing(outcomes []flight.Outcome) bool {
	for i := range outcomes {
		if isMissing(&outcomes[i]) {
			return true
		}
	}
	return false
}

// lookForMany is the look-up of a bulk call.
func (s *Values) lookForMany(ctx context.Context, keys []string) []flight.Outcome {
	outcomes := make([]flight.Outcome, len(keys))
	err := s.lookUpMany(ctx, keys, func(i int, f found) {
		outcomes[i] = flight.Outcome{Value: f.value, Err: f.err, Hit: f.err == nil, Failed: f.failed, Age: f.age}
	})
	if err != nil {
		outcomes = slices.Repeat([]flight.Outcome{{Err: err, Failed: true}}, len(keys))
	} else {
		err = failures(keys, outcomes)
	}
	if err == nil || !s.failsOpen(ctx, nil, "", err) {
		return outcomes
	}
	for i := range outcomes {
		if outcomes[i].Failed {
			outcomes[i].Err = fault.ErrNotFound
		}
	}
	return outcomes
}

// failures joins the errors of the keys for which the storage failed.
func failures(keys []string, outcomes []flight.Outcome) error {
	var errs []error
	for i := range outcomes {
		if o := &outcomes[i]; o.Failed {
			errs = append(errs, ElementError(i, keys[i], o.Err))
		}
	}
	return errors.Join(errs...)
}

// UpdateMany runs the function for every key, once for equal keys, and stores the
// values. With t the function runs for several elements at once.
func (s *Values) UpdateMany(ctx context.Context, keys []string, who flight.Goroutine, contextOf func(i int) context.Context, run elementFunc, t *Together) []flight.Outcome {
	if s.Apart {
		return s.updateEachApart(keys, contextOf, run, t)
	}
	b := s.newBulkRun(ctx, keys, s.Flights.Drop)
	b.who = who
	defer b.store()
	if t != nil {
		b.updateTogether(t, b.everyPlace(func(int) bool { return false }), contextOf, run)
		b.store()
		b.share()
		return b.outcomes
	}
	for i := range keys {
		if b.same[i] = i; !b.repeats(i) {
			b.updateOne(contextOf(i), i, func(f *flight.Flight) (any, error) { return run(f, i) })
		}
	}
	b.store()
	b.share()
	return b.outcomes
}

// repeats reports whether an equal call has been run. A run whose own context had ended
// does not count.
func (b *bulkRun) repeats(i int) bool {
	f, ok := b.first[b.keys[i]]
	if ok && !b.outcomes[f].Abandoned {
		b.same[i] = f
		return true
	}
	b.first[b.keys[i]] = i
	return false
}

// runOne runs the function for a missing key.
func (b *bulkRun) runOne(ctx context.Context, i int, run runFunc) {
	for {
		if err := ctx.Err(); err != nil {
			b.outcomes[i] = flight.Outcome{Err: err, Abandoned: true}
			return
		}
		f, leader := b.s.Flights.Join(ctx, b.keys[i], b.s, b.who)
		if leader {
			b.leadOne(ctx, f, i, run)
			return
		}
		apart, ok := b.s.follow(ctx, f, &b.outcomes[i])
		if apart != nil {
			b.runApart(apart, i, run)
		}
		if ok && !(b.s.ages() && b.s.isOld(&b.outcomes[i])) {
			return
		}
	}
}

// runApart runs the function beside the flight of the key.
func (b *bulkRun) runApart(apart *flight.Flight, i int, run runFunc) {
	o := &b.outcomes[i]
	o.Value, o.Err = run(apart)
	ranApart(o)
}

// leadOne is RunOrJoin for a caller that leads, without the store. The flight stays in its place until the store.
func (b *bulkRun) leadOne(ctx context.Context, f *flight.Flight, i int, run runFunc) {
	l := Lead{values: b.s, flight: f}
	defer l.Crash()
	o := flight.Outcome{Failed: b.outcomes[i].Failed}
	if !b.s.Memory {
		b.s.Flights.Runs(f)
	}
	// A write since the look-up may have been to this key.
	if !o.Failed && b.s.Flights.WritesEnded() != b.writes {
		b.s.lookFor(ctx, f, &o)
		if o.Hit && b.s.ages() && b.s.isOld(&o) { // as the first look-up has found
			o = flight.Outcome{}
		}
	}
	if !o.Hit && o.Err == nil {
		o.Value, o.Err = run(f)
		if o.Ran = o.Err == nil; !o.Ran {
			o.Err = ofFunction(o.Err)
			o.Abandoned = !IsLate(o.Err) && (f.Left || ended(ctx) != nil)
		}
	}
	l.flight = nil
	b.outcomes[i] = o
	b.outcomes[i].MakeOwn()
	if !o.Ran || o.Failed {
		b.s.Flights.Land(f, &o)
		return
	}
	b.s.Flights.End(f, &o)
	b.led = append(b.led, element{f, i, o.Value})
}

// updateOne runs the function for a key, even if a value is cached.
func (b *bulkRun) updateOne(ctx context.Context, i int, run runFunc) {
	f := b.s.Flights.Begin(ctx, b.keys[i], b.s, b.who)
	made := false
	defer func() {
		if !made {
			b.s.Flights.Drop(f)
		}
	}()
	value, err := b.s.runUpdate(f, run)
	if err != nil {
		b.outcomes[i] = flight.Outcome{Value: value, Err: err, Abandoned: ended(ctx) != nil}
		return
	}
	made = true
	b.outcomes[i] = flight.Outcome{Value: value, Ran: true}
	b.outcomes[i].MakeOwn()
	b.led = append(b.led, element{f, i, value})
}

// store stores the values, except for keys that were written meanwhile, and ends the
// flights.
func (b *bulkRun) store() {
	led := b.led
	if b.led = nil; len(led) == 0 {
		return
	}
	keys, values := make([]string, len(led)), make([]any, len(led))
	for n, e := range led {
		keys[n], values[n] = b.keys[e.place], e.value
	}
	set := b.encode(led, keys, values)
	var errs []error
	left := false
	err := b.s.storing(b.ctx, "", func(ctx context.Context) error {
		defer b.leaveAll(led)
		errs = b.s.storeEach(ctx, led, set)
		return ElementErrors(keys, errs)
	}, func() { left = true })
	for n, e := range led {
		failure := err
		if !left {
			failure = errorOf(errs, n)
		}
		if failure != nil && !(b.open && b.s.failsOpen(b.ctx, nil, keys[n], failure)) {
			b.outcomes[e.place].Err = failure
		}
	}
}

// encode encodes the values. If the coder ends the goroutine, the flights end.
func (b *bulkRun) encode(led []element, keys []string, values []any) *encodedValues {
	encoded := false
	defer func() {
		if !encoded {
			b.leaveAll(led)
		}
	}()
	set := b.s.encodeAll(b.ctx, keys, values)
	encoded = true
	return set
}

func (b *bulkRun) leaveAll(led []element) {
	for _, e := range led {
		b.leave(e.flight)
	}
}

// storeEach is store for one writer; see setMany. set has the same elements as led.
func (s *Values) storeEach(ctx context.Context, led []element, set *encodedValues) []error {
	locked, err := s.Flights.LockAll(ctx, set.keys)
	if err != nil {
		set.fail(err)
		return set.errs
	}
	fresh := set.only(func(i int) bool {
		f := led[i].flight
		claimed := s.Flights.Claim(f)
		s.voids(ctx, f, !claimed && f.Lease != nil) // as in store
		return claimed
	})
	if len(fresh.keys) == 0 {
		return fresh.errs
	}
	if len(fresh.keys) < len(locked) {
		locked = fresh.keys
	}
	defer s.Flights.UnlockAll(locked)
	_, bulk := s.Storage.(bulkStorage)
	switch {
	case s.Lock.Locker != nil && slices.ContainsFunc(led, func(e element) bool { return e.flight.Base != nil }):
		return s.storeLocked(ctx, led, fresh)
	case !bulk && s.Flights.Cache() != nil: // see setFresh
	case s.Policy == nil && !slices.ContainsFunc(led, func(e element) bool { return e.flight.Life() != 0 }):
		return s.setMany(ctx, fresh, s.Expire)
	default:
		return s.setLives(ctx, fresh, func(i int) (time.Duration, bool, error) { return s.lifeOf(led[i].flight) })
	}
	for n, i := range fresh.places {
		fresh.errs[i] = s.setFresh(ctx, led[i].flight, fresh.data[n])
	}
	return fresh.errs
}

// share gives equal elements the outcome of the element that was run.
func (b *bulkRun) share() {
	for i, f := range b.same {
		if f != i {
			b.outcomes[i] = b.outcomes[f].Shared()
		}
	}
}
