package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
)

// runApart runs the function for one caller, beside the flight of its key, if there is one.
// It stores nothing.
func (s *Values) runApart(ctx context.Context, key string, run runFunc, o *flight.Outcome) {
	f := flight.NewApart(ctx, key, s)
	defer f.Leave(s.Meter)
	o.Value, o.Err = run(f)
	ranApart(o)
}

// runEachApart is runApart for one key after the other, or for all of them together.
func (s *Values) runEachApart(keys []string, contextOf func(i int) context.Context, run elementFunc, t *Together) []flight.Outcome {
	if t != nil {
		t.prefetch(s, allPlaces(len(keys)), contextOf)
	}
	outcomes := make([]flight.Outcome, len(keys))
	for i, key := range keys {
		ctx := contextOf(i)
		if err := ctx.Err(); err != nil {
			outcomes[i] = flight.Outcome{Err: err, Abandoned: true}
			continue
		}
		s.runApart(ctx, key, func(f *flight.Flight) (any, error) { return run(f, i) }, &outcomes[i])
	}
	return outcomes
}

// updateApart is Update where nothing is stored. An update does not mark the function's error.
func (s *Values) updateApart(ctx context.Context, key string, run runFunc) (o flight.Outcome) {
	s.runApart(ctx, key, run, &o)
	o.Err = flight.Unmarked(o.Err)
	return o
}

// updateEachApart is UpdateMany where nothing is stored.
func (s *Values) updateEachApart(keys []string, contextOf func(i int) context.Context, run elementFunc, t *Together) []flight.Outcome {
	outcomes := s.runEachApart(keys, contextOf, run, t)
	for i := range outcomes {
		outcomes[i].Err = flight.Unmarked(outcomes[i].Err)
	}
	return outcomes
}
