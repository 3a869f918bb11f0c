package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// GetFreshMany is GetOrRunMany by the policy of the rope and the options of the call, which
// are the same for all calls. It does not wait for the run of a key whose value may be served
// past its life, not even for SoftTimeout. With t the function runs for several elements at
// once.
func (s *Values) GetFreshMany(ctx context.Context, calls []Call, contextOf func(i int) context.Context, t *Together) []flight.Outcome {
	if len(calls) == 0 {
		return nil
	}
	switch skips := calls[0].SkipRead || calls[0].SkipWrite; {
	case t != nil && (s.Apart || skips):
		return s.getTogether(ctx, calls, contextOf, t)
	case s.Apart || skips || s.Lock.Locker != nil && t == nil:
		return s.getEachFresh(calls, contextOf)
	}
	keys, writes := keysOf(calls), s.Flights.WritesEnded()
	outcomes := s.lookForMany(ctx, keys)
	old := s.takeOld(calls, outcomes, writes, contextOf)
	for i := range outcomes {
		s.verifyHit(contextOf(i), &calls[i], &outcomes[i])
	}
	if !areMissing(outcomes) {
		return outcomes
	}
	s.runMissingOf(ctx, keys, outcomes, writes, leaderOf(calls), contextOf, func(f *flight.Flight, i int) (any, error) {
		_, has := old[i]
		if !has && t == nil {
			return s.runOrRecall(contextOf(i), &calls[i], f)
		}
		limit := s.policy().Run
		if t != nil { // it has limited the run, and recalls by itself
			limit = 0
		}
		value, err := s.runTimed(contextOf(i), &calls[i], f, limit)
		if err != nil && has {
			s.failed(contextOf(i), &calls[i], f, err)
		}
		return value, err
	}, t)
	for i, o := range old {
		s.orElse(&calls[i], &outcomes[i], &o)
	}
	return outcomes
}

// UpdateFreshMany is UpdateMany by the policy of the rope and the options of the calls.
func (s *Values) UpdateFreshMany(ctx context.Context, calls []Call, contextOf func(i int) context.Context, t *Together) []flight.Outcome {
	if len(calls) == 0 {
		return nil
	}
	limit := s.policy().Run
	if t != nil {
		limit = 0 // it has limited the run
	}
	if calls[0].SkipWrite {
		for i := range calls {
			calls[i].SkipRead = true
		}
		return s.GetFreshMany(ctx, calls, contextOf, t)
	}
	return s.UpdateMany(ctx, keysOf(calls), leaderOf(calls), contextOf, func(f *flight.Flight, i int) (any, error) {
		return s.runTimed(contextOf(i), &calls[i], f, limit)
	}, t)
}

// leaderOf returns who leads the flights of a bulk call, where that matters for any of them.
func leaderOf(calls []Call) flight.Goroutine {
	for i := range calls {
		if calls[i].Who != 0 {
			return calls[i].Who
		}
	}
	return 0
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
		failure := s.hide(c)
		switch {
		case c.Got.State == fresh.Fresh, failure != nil && !c.NoStale:
		case c.serves():
			s.renewBehind(contextOf(i), c, o.Age)
		default:
			old[i] = *o
			*o = flight.Outcome{}
		}
	}
	return old
}

// getTogether is getEachFresh where the function runs for several elements at once.
func (s *Values) getTogether(ctx context.Context, calls []Call, contextOf func(i int) context.Context, t *Together) []flight.Outcome {
	if !s.Apart && !calls[0].SkipWrite {
		return s.UpdateFreshMany(ctx, calls, contextOf, t)
	}
	outcomes := make([]flight.Outcome, len(calls))
	var places []int
	if !s.Apart && !calls[0].SkipRead {
		outcomes = s.lookForMany(ctx, keysOf(calls))
	}
	old := make([]flight.Outcome, len(calls))
	for i := range calls {
		o := &outcomes[i]
		if o.Hit {
			s.see(&calls[i], o.Age)
		}
		if o.Hit && calls[i].serves() || !o.Hit && !isMissing(o) {
			continue
		}
		old[i] = *o
		places = append(places, i)
	}
	t.prefetch(s, places, contextOf)
	for _, i := range places {
		c, o := &calls[i], &outcomes[i]
		c.Got.Apart = true
		if err := contextOf(i).Err(); err != nil {
			*o = flight.Outcome{Err: err, Abandoned: true}
			continue
		}
		*o = flight.Outcome{}
		o.Value, o.Err = s.runTimed(contextOf(i), c, flight.NewApart(contextOf(i), c.Key, s), 0)
		ranApart(o)
		s.orElse(c, o, &old[i])
	}
	return outcomes
}
