package store

import (
	"context"
	"errors"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// Call is a get_or_update whose values have an age, or which has options of its own.
type Call struct {
	Key string
	Who flight.Goroutine // identifies the caller if the key is partial, else 0

	// Run calls the function with a context that is ctx or comes from it. It can be called
	// after the caller has gone.
	Run func(ctx context.Context, f *flight.Flight) (any, error)

	Options
	Got Got

	writes uint64 // the writes that had ended before the look-up
	stack  []byte // of the run, if it panicked
}

// Options are those of one call.
type Options struct {
	SkipRead   bool          // run whatever is cached
	SkipWrite  bool          // do not store
	NoStale    bool          // rather wait for the run than get a value past its life
	AllowStale bool          // for Get and Has a value past its life counts
	Unverified bool          // a hit is not checked by Freshness.Verify
	Expire     time.Duration // how long the value of the run is fresh; 0: as usual; -1: not at all
}

// Got is what a call came to, beside its outcome.
type Got struct {
	State  fresh.State   // of the value that it got from the storage; Missing: it got none
	Left   time.Duration // of its life; below 0: since then
	Took   time.Duration // its run
	Hidden error         // the failure behind a value past its life
	Apart  bool          // it did not use the cache
}

// none is the policy of a rope without one.
var none = fresh.New(fresh.Config{})

func (s *Values) policy() *fresh.Policy {
	if s.Policy == nil {
		return none
	}
	return s.Policy
}

// GetFresh is GetOrRun by the policy of the rope and the options of the call.
func (s *Values) GetFresh(ctx context.Context, c *Call, o *flight.Outcome) {
	s.getFresh(ctx, c, o)
	s.verifyHit(ctx, c, o)
}

func (s *Values) getFresh(ctx context.Context, c *Call, o *flight.Outcome) {
	switch {
	case s.Apart || c.SkipRead && c.SkipWrite:
		s.runAlone(ctx, c, o)
	case c.SkipRead:
		c.Got.Apart = true
		*o = s.UpdateFresh(ctx, c)
		switch {
		case o.Err != nil && !o.Ran:
			o.Err = ofFunction(o.Err)
		case o.Err != nil && s.failsOpen(ctx, nil, c.Key, o.Err):
			o.Err = nil
		}
	case c.SkipWrite:
		s.readOrRunAlone(ctx, c, o)
	case !s.glanceFresh(ctx, c, o):
		s.joinFresh(ctx, c, o)
	}
}

// UpdateFresh is Update by the policy of the rope and the options of the call.
func (s *Values) UpdateFresh(ctx context.Context, c *Call) flight.Outcome {
	return s.Update(ctx, c.Key, c.Who, func(f *flight.Flight) (any, error) { return s.runTimed(ctx, c, f, s.policy().Run) })
}

// runAlone runs the function beside the cache.
func (s *Values) runAlone(ctx context.Context, c *Call, o *flight.Outcome) {
	c.Got.Apart = true
	f := flight.NewApart(ctx, c.Key, s)
	defer f.Leave(s.Meter)
	o.Value, o.Err = s.runTimed(ctx, c, f, s.policy().Run)
	ranApart(o)
}

// readOrRunAlone is GetFresh for a call that stores nothing.
func (s *Values) readOrRunAlone(ctx context.Context, c *Call, o *flight.Outcome) {
	s.lookAlone(ctx, c.Key, o)
	if o.Err != nil {
		return
	}
	if !o.Hit {
		if r := s.policy().Recall(c.Key); r != nil {
			o.Err = r
			return
		}
		s.runAlone(ctx, c, o)
		return
	}
	s.see(c, o.Age)
	if failure := s.hide(c); c.serves() || failure != nil && !c.NoStale {
		return
	}
	old := *o
	*o = flight.Outcome{}
	s.runAlone(ctx, c, o)
	if o.Err != nil {
		s.failed(ctx, c, flight.NewApart(ctx, c.Key, s), flight.Unmarked(o.Err))
	}
	s.orElse(c, o, &old)
}

// hide returns why the function does not run for a call that has found a value, if that is
// so. It is what a value past its life hides.
func (s *Values) hide(c *Call) error {
	failure := s.policy().LastFailure(c.Key)
	if c.Got.State >= fresh.Stale {
		c.Got.Hidden = failure
	}
	return failure
}

// serves tells whether the value that a call has found is what it gets, whatever else
// happens.
func (c *Call) serves() bool {
	return c.Got.State <= fresh.Due || c.Got.State == fresh.Stale && !c.NoStale
}

// lookAlone looks for a value without a flight.
func (s *Values) lookAlone(ctx context.Context, key string, o *flight.Outcome) {
	value, age, err := s.getAny(ctx, key)
	switch {
	case err == nil:
		*o = flight.Outcome{Value: value, Hit: true, Age: age}
	case IsMiss(err) || s.failsOpen(ctx, nil, key, err):
		*o = flight.Outcome{}
	case errors.Is(err, fault.ErrCoder):
		s.OnError(ctx, key, replacing(err))
		*o = flight.Outcome{}
	default:
		*o = flight.Outcome{Err: err, Failed: true, Abandoned: ended(ctx) != nil}
	}
}

// getAny is Get with the age of the value, where that matters.
func (s *Values) getAny(ctx context.Context, key string) (any, *flight.Age, error) {
	if s.ages() {
		return s.getAged(ctx, key)
	}
	value, err := s.get(ctx, key)
	return value, nil, err
}

// Look is Get that tells what it got; with kept also a value past its life.
func (s *Values) Look(ctx context.Context, key string, kept bool) (any, Got, error) {
	var c Call
	c.Key = key
	value, age, err := s.getAny(ctx, key)
	if err != nil {
		return nil, c.Got, err
	}
	if s.see(&c, age); c.Got.State >= fresh.Stale && !kept {
		return nil, Got{}, fault.ErrNotFound
	}
	return value, c.Got, nil
}

// see records the state of a value that a call has got.
func (s *Values) see(c *Call, age *flight.Age) {
	if age == nil {
		c.Got.State = fresh.Fresh
		return
	}
	c.Got.State = s.policy().Of(c.Key, age.Left)
	if age.Left > 0 {
		c.Got.Left = age.Left - s.policy().Grace
	}
}

// glanceFresh looks in memory for a value that is fresh, before anything else is done about
// the call.
func (s *Values) glanceFresh(ctx context.Context, c *Call, o *flight.Outcome) bool {
	if !s.Memory || s.Counts {
		return false
	}
	if s.ages() {
		left, err := s.left(ctx, c.Key)
		if err != nil || s.policy().Of(c.Key, left) != fresh.Fresh {
			return false
		}
		s.see(c, &flight.Age{Left: left})
	}
	if o.Value, o.Hit = s.glance(ctx, c.Key); !o.Hit {
		c.Got = Got{}
	}
	return o.Hit
}

// joinFresh is RunOrJoin by the policy of the rope.
func (s *Values) joinFresh(ctx context.Context, c *Call, o *flight.Outcome) {
	var k Seeking
	leads := s.SeekFresh(ctx, c.Key, c.Who, &k, o)
	s.finishFresh(ctx, c, &k, leads, o)
}

// Seeking is a look-up for a value whose age matters: between SeekFresh and FinishFresh.
type Seeking struct {
	lead   Lead
	writes uint64 // that had ended before it
	within bool   // it is within the run of the key, whose limit it has
}

// SeekFresh is Seek where the age of a value matters. While a value is renewed, calls look for
// it by themselves: they need not wait for the renewal.
func (s *Values) SeekFresh(ctx context.Context, key string, who flight.Goroutine, k *Seeking, o *flight.Outcome) (leads bool) {
	k.writes = s.Flights.WritesEnded()
	for early := true; ; early = false {
		f, leader := s.Flights.Join(ctx, key, s, who)
		if leader {
			k.lead = Lead{s, f}
			return k.lead.look(nil, false, o)
		}
		if f.Renewal {
			if s.lookAlone(ctx, key, o); o.Hit || o.Err != nil {
				return false
			}
		}
		apart, ok := s.follow(ctx, f, o)
		if apart != nil {
			k.lead, k.within = Lead{s, apart}, s.isWithin(f)
			return true
		}
		if early && s.mayBeDeleted(o) {
			*o = flight.Outcome{}
			continue
		}
		if ok && !s.isTimeless(o) {
			return false
		}
	}
}

// mayBeDeleted tells whether what another call has found is no answer for one that came while it
// looked: another process may have deleted it in between. What is found by a flight that begins
// later is one.
func (s *Values) mayBeDeleted(o *flight.Outcome) bool {
	return s.Lock.Locker != nil && o.Hit && !o.Ran && o.Err == nil
}

// IsSettled tells whether a call is over after SeekFresh, unless it leads.
func (s *Values) IsSettled(key string, o *flight.Outcome) bool {
	switch {
	case !o.Hit || o.Err != nil || o.Ran: // what others have run is fresh
		return true
	case s.policy().Verify > 0:
		return false
	}
	return o.Age == nil || s.policy().Of(key, o.Age.Left) == fresh.Fresh
}

// FinishFresh runs the function if the call leads, or does what the age of the value demands.
func (s *Values) FinishFresh(ctx context.Context, c *Call, k *Seeking, leads bool, o *flight.Outcome) {
	s.finishFresh(ctx, c, k, leads, o)
	s.verifyHit(ctx, c, o)
}

func (s *Values) finishFresh(ctx context.Context, c *Call, k *Seeking, leads bool, o *flight.Outcome) {
	c.writes = k.writes
	switch {
	case leads:
		defer k.lead.Crash()
		f := k.lead.flight
		if s.locks(f) && s.policy().Recall(c.Key) == nil && !s.lockedRun(ctx, f, o) {
			k.lead.flight = nil
			s.landed(ctx, f, o)
			return
		}
		o.Value, o.Err = s.runSought(ctx, c, k)
		k.lead.Land(o)
	case o.Hit && o.Err == nil && !o.Ran:
		if s.see(c, o.Age); c.Got.State > fresh.Fresh {
			s.renew(ctx, c, o)
		}
	}
}

// runSought runs the function for a call that leads, or that must not wait.
func (s *Values) runSought(ctx context.Context, c *Call, k *Seeking) (any, error) {
	switch f := k.lead.flight; {
	case !f.IsApart():
		return s.runOrRecall(ctx, c, f)
	case k.within:
		return s.runTimed(ctx, c, f, 0)
	default:
		return s.runTimed(ctx, c, f, s.policy().Run)
	}
}

// isWithin tells whether the caller is within the run of f, on its goroutine.
func (s *Values) isWithin(f *flight.Flight) bool {
	return f.Leader() != 0 && f.Leader() == flight.CurrentGoroutine()
}

// followFresh waits for a flight. It returns false if the call has to try again.
func (s *Values) followFresh(ctx context.Context, c *Call, f *flight.Flight, o *flight.Outcome) bool {
	apart, ok := s.follow(ctx, f, o)
	if apart != nil {
		o.Value, o.Err = s.runSought(ctx, c, &Seeking{lead: Lead{s, apart}, within: s.isWithin(f)})
		ranApart(o)
	}
	return ok
}

// renew is what happens to a call that has found a value which is not fresh any more, or
// not for long.
func (s *Values) renew(ctx context.Context, c *Call, o *flight.Outcome) {
	p := s.policy()
	failure := s.hide(c)
	waits := c.Got.State >= fresh.Stale && c.NoStale
	switch {
	case failure != nil && !waits:
		return
	case c.serves() && !waits && (p.Soft == 0 || c.Got.State == fresh.Due):
		s.renewBehind(ctx, c, o.Age)
		return
	}
	old := *o
	// After Shutdown nothing runs behind, but a spare value is for failures alone.
	if p.Soft > 0 && !c.NoStale && (c.Got.State == fresh.Stale || !fresh.IsShut()) {
		s.renewSoftly(ctx, c, o)
	} else {
		s.renewInFront(ctx, c, o)
	}
	s.orElse(c, o, &old)
}

// isTimeless tells whether a value comes from the look-up of a rope that does not regard its
// age.
func (s *Values) isTimeless(o *flight.Outcome) bool {
	return s.ages() && o.Err == nil && !o.Ran && o.Age == nil
}

// isOld tells whether the outcome of a flight, instead of that of a run, is a value that
// another call has found, past its life.
func (s *Values) isOld(o *flight.Outcome) bool {
	return o.Err == nil && !o.Ran && (o.Age == nil || s.policy().State(o.Age.Left) >= fresh.Stale)
}

// orElse gives a call whose run has failed the old value, if it has one.
func (s *Values) orElse(c *Call, o, old *flight.Outcome) {
	switch {
	case o.Err == nil || o.Ran || c.NoStale: // a new value, even if it could not be stored, or an error
		c.Got.State, c.Got.Left, c.Got.Hidden = fresh.Missing, 0, nil
		if o.Hit && !o.Ran {
			s.see(c, o.Age)
		}
		return
	case o.Err != errSoon && o.Err != errBusy:
		c.Got.Hidden = flight.Unmarked(o.Err)
	}
	*o = *old
}

// renewInFront runs the function for a call that waits for the end, or waits for the call
// that does.
func (s *Values) renewInFront(ctx context.Context, c *Call, o *flight.Outcome) {
	age := o.Age
	for early := true; ; early = false {
		*o = flight.Outcome{}
		f, leader := s.Flights.Renew(ctx, c.Key, s, c.Who, true)
		if leader {
			s.leadRenewal(ctx, c, f, age, s.policy().Run, false, o)
			return
		}
		if s.followFresh(ctx, c, f, o) && !s.isOld(o) && !(early && s.mayBeDeleted(o)) {
			return
		}
	}
}

// leadRenewal is lead for a call that has found a value. It looks again only if something
// was written since.
func (s *Values) leadRenewal(ctx context.Context, c *Call, f *flight.Flight, age *flight.Age, limit time.Duration, behind bool, o *flight.Outcome) {
	l := Lead{s, f}
	defer l.Crash()
	f.Base, f.Context = age, ctx
	if s.Flights.WritesEnded() != c.writes {
		s.lookFor(ctx, f, o)
		if o.Hit && (o.Age == nil || s.policy().Of(c.Key, o.Age.Left) == fresh.Fresh) || o.Err != nil {
			l.flight = nil
			s.landed(ctx, f, o)
			return
		}
		*o = flight.Outcome{}
	}
	if !s.Memory {
		s.Flights.Runs(f)
	}
	if lock := s.lockedRun; s.locks(f) {
		if behind {
			lock = s.tryLock
		}
		if o.Age = age; !lock(ctx, f, o) {
			l.flight = nil
			s.landed(ctx, f, o)
			return
		}
		*o = flight.Outcome{}
	}
	if f.Behind = behind; behind {
		s.Meter.Refreshes.Add(1)
	}
	o.Value, o.Err = s.runTimed(ctx, c, f, limit)
	if o.Err != nil {
		s.failed(ctx, c, f, o.Err)
	}
	l.Land(o)
}

// failed records that a run has failed whose key has a value.
func (s *Values) failed(ctx context.Context, c *Call, f *flight.Flight, err error) {
	if ended(ctx) != nil && !IsLate(err) {
		return // the caller has gone, which says nothing about the function
	}
	if f.Behind {
		s.Meter.RefreshErrors.Add(1)
	}
	s.policy().Failed(c.Key, err)
	s.OnRefresh(flight.Within(ctx, f), c.Key, err)
}
