package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// verifyHit checks behind, for some of the hits, whether the cached value is what the function
// returns. It takes a place among the renewals, or else does nothing.
func (s *Values) verifyHit(ctx context.Context, c *Call, o *flight.Outcome) {
	p := s.Policy
	if p == nil || p.Verify == 0 || c.Unverified || !o.Hit || o.Ran || c.Got.State > fresh.Due || rand.Float64() >= p.Verify || !p.Begin() {
		return
	}
	v := &verification{s: s, call: *c}
	v.call.Got = Got{}
	go v.run(flight.WithFlight(context.WithoutCancel(ctx), nil))
}

// verification is a run behind whose value is compared with the cached one, and dropped.
type verification struct {
	s    *Values
	call Call
}

func (v *verification) run(ctx context.Context) {
	defer v.s.policy().End()
	defer func() {
		if p := recover(); p != nil {
			defer func() { _ = recover() }() // OnError is the user's
			v.s.OnError(ctx, v.call.Key, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	ctx, cancel := behindContext(ctx, v.s.policy())
	defer cancel()
	// The caller may change the value that it has got, so this one is looked up.
	cached, ok := v.look(ctx)
	if !ok {
		return
	}
	made, ok := v.runFunction(ctx)
	if !ok {
		return
	}
	// If it has been renewed meanwhile, the run says nothing about it.
	if now, ok := v.look(ctx); !ok || !reflect.DeepEqual(now, cached) {
		return
	}
	v.s.Meter.Verified.Add(1)
	if !reflect.DeepEqual(made, cached) && !v.isEqualStored(made, cached) {
		v.s.Meter.Differed.Add(1)
		v.s.Note(ctx, Differed, v.call.Key, nil)
	}
}

// look returns the cached value, if there is a fresh one.
func (v *verification) look(ctx context.Context) (any, bool) {
	value, age, err := v.s.getAny(ctx, v.call.Key)
	if err != nil {
		return nil, false
	}
	if age != nil && v.s.policy().State(age.Left) > fresh.Due {
		return nil, false
	}
	return value, true
}

// runFunction returns what the cache would give for the value of a run.
func (v *verification) runFunction(ctx context.Context) (any, bool) {
	f := flight.NewApart(ctx, v.call.Key, v.s)
	f.Trigger, f.Behind = flight.Verify, true
	defer f.Leave(v.s.Meter)
	limit := v.s.policy().Run
	if limit == 0 {
		limit = fresh.BehindLimit
	}
	value, err := v.s.runWithin(ctx, &v.call, f, limit)
	if err != nil {
		return nil, false
	}
	data, err := v.s.Encode(value)
	if err != nil {
		return nil, false
	}
	if v.s.IsTyped() { // it decodes by itself: see isEqualStored
		return value, true
	}
	if b, ok := data.([]byte); ok && b == nil && v.s.bytes { // the storage keeps no difference
		data = []byte{}
	}
	value, err = v.s.Decode(data)
	return value, err == nil
}

// isEqualStored tells whether the value of a run is the cached one once it has been stored by a
// storage that decodes by itself. Those of ring keep pickles, from which an int8 in an any comes
// back as an int, and a time with its zone alone.
func (v *verification) isEqualStored(made, cached any) bool {
	if !v.s.IsTyped() {
		return false
	}
	restored, err := v.s.restore(made)
	return err == nil && reflect.DeepEqual(restored, cached)
}
