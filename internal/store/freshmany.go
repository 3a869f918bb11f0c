package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// GetFreshMany is GetOrRunMany by the policy of the rope and the options of the call, which
// are the same for all calls. It does not wait for the run of a key whose value may be served
// past its life, not even for SoftTimeout.
func (s *Values) GetFreshMany(ctx context.Context, calls []Call, contextOf func(i int) context.Context) []flight.Outcome {
	keys := keysOf(calls)
	run := func(f *flight.Flight, i int) (any, error) { return s.runOrRecall(contextOf(i), &calls[i], f) }
	if len(calls) == 0 {
		return nil
	}
	if s.Apart || calls[0].SkipRead || calls[0].SkipWrite || s.Lock.Locker != nil {
		return s.getEachFresh(calls, contextOf)
	}
	writes := s.Flights.WritesEnded()
	outcomes := s.lookForMany(ctx, keys)
	old := s.takeOld(calls, outcomes, writes, contextOf)
	if !areMissing(outcomes) {
		return outcomes
	}
	s.runMissingOf(ctx, keys, outcomes, writes, calls[0].Who, contextOf, run)
	for i, o := range old {
		if err := outcomes[i].Err; err != nil && !outcomes[i].Ran {
			s.policy().Failed(keys[i], functionsOwn(err))
			s.OnRefresh(ctx, keys[i], functionsOwn(err))
		}
		s.orElse(ctx, &calls[i], &outcomes[i], &o)
	}
	return outcomes
}

// UpdateFreshMany is UpdateMany by the policy of the rope and the options of the calls.
func (s *Values) UpdateFreshMany(ctx context.Context, calls []Call, contextOf func(i int) context.Context) []flight.Outcome {
	if len(calls) == 0 {
		return nil
	}
	if calls[0].SkipWrite {
		for i := range calls {
			calls[i].SkipRead = true
		}
		return s.getEachFresh(calls, contextOf)
	}
	return s.UpdateMany(ctx, keysOf(calls), calls[0].Who, contextOf, func(f *flight.Flight, i int) (any, error) {
		return s.runTimed(contextOf(i), &calls[i], f, s.policy().Run)
	})
}

func keysOf(calls []Call) []string {
	keys := make([]string, len(calls))
	for i := range calls {
		keys[i] = calls[i].Key
	}
	return keys
}

// getEachFresh is GetFreshMany for calls with options that no bulk command serves.
func (s *Values) getEachFresh(calls []Call, contextOf func(i int) context.Context) []flight.Outcome {
	outcomes := make([]flight.Outcome, len(calls))
	for i := range calls {
		s.GetFresh(contextOf(i), &calls[i], &outcomes[i])
	}
	return outcomes
}

// takeOld starts the renewals of the values that are served, and makes those missing for which
// the call has to run the function. It returns these.
func (s *Values) takeOld(calls []Call, outcomes []flight.Outcome, writes uint64, contextOf func(i int) context.Context) map[int]flight.Outcome {
	old := map[int]flight.Outcome{}
	for i := range outcomes {
		c, o := &calls[i], &outcomes[i]
		if !o.Hit {
			continue
		}
		c.writes = writes
		s.see(c, o.Age)
		failure := s.policy().LastFailure(c.Key)
		if c.Got.State >= fresh.Stale {
			c.Got.Hidden = failure
		}
		switch {
		case c.Got.State == fresh.Fresh, failure != nil && !c.NoStale:
		case c.serves():
			s.renewBehind(contextOf(i), c, o.Age)
		default:
			old[i] = *o
			*o = flight.Outcome{Age: o.Age}
		}
	}
	return old
}
