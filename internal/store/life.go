package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// doNotStore is ring.DoNotStore.
const doNotStore time.Duration = -1

// lifeOf returns how long the value of a run is stored, 0 for good, and whether it is.
func (s *Values) lifeOf(f *flight.Flight) (life time.Duration, keep bool, err error) {
	expire := f.Life()
	if s.Policy == nil && expire == 0 {
		return s.Expire, true, nil
	}
	switch {
	case expire == doNotStore:
		return 0, false, nil
	case expire < 0:
		return 0, false, fmt.Errorf("%w: the value is to be fresh for %v: 0 is the Expire of the rope, DoNotStore is not to store it", fault.ErrArguments, expire)
	case expire == 0:
		expire = s.Expire
	}
	if s.Policy != nil {
		s.Policy.Short(f.Key, expire)
	}
	return s.life(f.Key, expire), true, nil
}

// life returns how long a value of key is stored that is to be fresh for the duration expire.
func (s *Values) life(key string, expire time.Duration) time.Duration {
	if s.Policy == nil {
		return expire
	}
	return s.Policy.Life(key, expire)
}

// forget forgets the failures of keys, because somebody wrote to them.
func (s *Values) forget(keys ...string) {
	if s.Policy == nil {
		return
	}
	for _, key := range keys {
		s.Policy.Forget(key)
	}
}

// replace stores the value of a run if the storage still has what the run began with. If
// others have written meanwhile, what they wrote stays.
func (s *Values) replace(ctx context.Context, f *flight.Flight, data any, life time.Duration) (err error) {
	switch {
	case f.Base.Absent:
		_, err = s.cond.AddValue(ctx, f.Key, data, life)
	case f.Base.Version != nil:
		_, err = s.cond.ReplaceValue(ctx, f.Key, f.Base.Version, data, life)
	default:
		err = errors.ErrUnsupported
	}
	if errors.Is(err, errors.ErrUnsupported) { // as without the condition
		return s.Storage.SetValue(ctx, f.Key, data, life)
	}
	return err
}

// setLives is setMany for elements that have lives of their own: those with the same one go
// together.
func (s *Values) setLives(ctx context.Context, set *encodedValues, lifeOf func(i int) (time.Duration, bool, error)) []error {
	if len(set.places) == 0 {
		return s.setMany(ctx, set, 0)
	}
	byLife := map[time.Duration][]int{}
	for _, i := range set.places {
		life, keep, err := lifeOf(i)
		switch {
		case err != nil:
			set.errs[i], set.failed = err, true
		case keep:
			byLife[life] = append(byLife[life], i)
		}
	}
	for life, places := range byLife {
		together := set
		if len(places) < len(set.places) {
			together = set.only(func(i int) bool { return slices.Contains(places, i) })
		}
		s.setMany(ctx, together, life)
		set.failed = set.failed || together.failed
	}
	if !set.failed {
		return nil
	}
	return set.errs
}
