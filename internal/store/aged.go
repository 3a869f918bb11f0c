package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// Aged is ring.Aged.
type Aged struct {
	Value   any
	Left    time.Duration
	Version any
}

// Ages are the look-ups of a storage that tells the age of a value. The zero Ages are none.
type Ages struct {
	Get     func(ctx context.Context, key string) (Aged, error)
	GetMany func(ctx context.Context, keys []string) ([]Aged, error)
	GetTo   func(ctx context.Context, key string, dest any) (Aged, error)
}

// ages tells whether the age of a value matters to a look-up.
func (s *Values) ages() bool { return s.Policy != nil && s.Policy.Ages() }

// CanAge tells whether the storage can say how old its values are.
func (s *Values) CanAge() bool {
	_, ok := s.Storage.(ttlStorage)
	return ok || s.Ages.Get != nil
}

// getAged is Get with the age of the value. That is known as well if the value cannot be
// decoded.
func (s *Values) getAged(ctx context.Context, key string) (any, *flight.Age, error) {
	value, age, err := s.getAgedNow(ctx, key)
	return value, age, s.note(ctx, key, err)
}

func (s *Values) getAgedNow(ctx context.Context, key string) (any, *flight.Age, error) {
	if s.IsTyped() {
		return s.getAgedTyped(ctx, key)
	}
	found, err := s.waitAged(ctx, key)
	if err != nil {
		return nil, absent(err), err
	}
	age := &flight.Age{Left: found.Left, Version: found.Version}
	coder := *s.Coder.Load()
	if text, ok := found.Value.(string); ok && s.IsText(coder) { // a result as it is
		return text, age, nil
	}
	value, err := s.decodeBy(coder, found.Value)
	return value, age, err
}

// waitAged is askAged that waits no longer than the call may. It costs nothing more if there
// is nothing to wait for.
func (s *Values) waitAged(ctx context.Context, key string) (Aged, error) {
	if s.Memory || ctx.Done() == nil && !s.isBounded() {
		return s.askAged(ctx, key)
	}
	return Ask(ctx, s, func(ctx context.Context) (Aged, error) { return s.askAged(ctx, key) })
}

// absent returns the age of a value that is missing, or nil if it is unknown.
func absent(err error) *flight.Age {
	if IsMiss(err) {
		return &flight.Age{Absent: true}
	}
	return nil
}

// askAged asks for the value and then, if the storage has no other way, for the time left.
func (s *Values) askAged(ctx context.Context, key string) (Aged, error) {
	switch {
	case s.Texts.GetAged != nil && s.IsText(*s.Coder.Load()):
		text, left, err := s.Texts.GetAged(ctx, key)
		return Aged{text, left, text}, err
	case s.Ages.Get != nil:
		return s.Ages.Get(ctx, key)
	}
	value, err := s.Storage.GetValue(ctx, key)
	if err != nil {
		return Aged{}, err
	}
	left, err := s.left(ctx, key)
	return Aged{Value: value, Left: left}, err
}

// left asks for the time left to a value that has just been there. If it has gone, that is
// about to end.
func (s *Values) left(ctx context.Context, key string) (time.Duration, error) {
	ttl, ok := s.Storage.(ttlStorage)
	if !ok {
		return 0, fmt.Errorf("%w: %T does not tell how old its values are", errors.ErrUnsupported, s.Storage)
	}
	left, err := ttl.TTLValue(ctx, key)
	if IsMiss(err) {
		return 1, nil
	}
	return left, err
}

func (s *Values) getAgedTyped(ctx context.Context, key string) (any, *flight.Age, error) {
	target := reflect.New(s.target)
	found, err := Ask(ctx, s, func(ctx context.Context) (Aged, error) {
		if s.Ages.GetTo != nil {
			return s.Ages.GetTo(ctx, key, target.Interface())
		}
		if err := s.Typed.GetValueTo(ctx, key, target.Interface()); err != nil {
			return Aged{}, err
		}
		left, err := s.left(ctx, key)
		return Aged{Left: left}, err
	})
	age := &flight.Age{Left: found.Left, Version: found.Version}
	switch {
	case err == nil:
		value, err := s.fitStored(codec.FromTarget(target.Elem(), s.Results))
		return value, age, err
	case errors.Is(err, fault.ErrCoder):
		return nil, age, err
	}
	return nil, absent(err), err
}

// getLive is Get for a value that is within its life: what is kept for longer is missing.
func (s *Values) getLive(ctx context.Context, key string) (any, error) {
	value, age, err := s.getAged(ctx, key)
	if err == nil && s.isPast(age.Left) {
		return nil, fault.ErrNotFound
	}
	return value, err
}

// isPast tells whether a value with so much time left is past its life.
func (s *Values) isPast(left time.Duration) bool { return s.Policy.State(left) >= fresh.Stale }

// hasLive is Has for a value that is within its life.
func (s *Values) hasLive(ctx context.Context, key string) (bool, error) {
	left, err := Ask(ctx, s, func(ctx context.Context) (time.Duration, error) {
		if ttl, ok := s.Storage.(ttlStorage); ok {
			return ttl.TTLValue(ctx, key)
		}
		found, err := s.askAged(ctx, key)
		return found.Left, err
	})
	if IsMiss(err) {
		return false, nil
	}
	return err == nil && !s.isPast(left), err
}

// hasManyLive is HasMany for values that are within their lives.
func (s *Values) hasManyLive(ctx context.Context, keys []string) ([]bool, error) {
	all := make([]bool, len(keys))
	found, err := s.askManyAged(ctx, keys)
	failed, partly := s.Elements(err, len(keys))
	if err != nil && !partly {
		return all, err
	}
	for i := range found {
		all[i] = errorOf(failed, i) == nil && found[i].Value != any(fault.ErrNotFound) && !s.isPast(found[i].Left)
	}
	return all, s.bulkElements(keys, err)
}

// askManyAged is askAged for several keys. A miss is ErrNotFound itself as the value.
func (s *Values) askManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	if s.Ages.GetMany == nil {
		return s.askEachAged(ctx, keys)
	}
	found, err := Ask(ctx, s, func(ctx context.Context) ([]Aged, error) { return s.Ages.GetMany(ctx, keys) })
	if _, partly := s.Elements(err, len(keys)); (err == nil || partly) && len(found) != len(keys) {
		return nil, fmt.Errorf("%T returned %d values for %d keys", s.Storage, len(found), len(keys))
	}
	return found, err
}

func (s *Values) askEachAged(ctx context.Context, keys []string) ([]Aged, error) {
	all := make([]Aged, len(keys))
	for i, key := range keys {
		found, err := Ask(ctx, s, func(ctx context.Context) (Aged, error) { return s.askAged(ctx, key) })
		switch {
		case err == nil:
			all[i] = found
		case IsMiss(err):
			all[i].Value = fault.ErrNotFound
		default:
			return nil, err
		}
	}
	return all, nil
}

// lookUpManyAged is lookUpMany with the ages of the values.
func (s *Values) lookUpManyAged(ctx context.Context, keys []string, take func(i int, f found)) error {
	if s.IsTyped() {
		for i, key := range keys {
			value, age, err := s.getAged(ctx, key)
			take(i, foundAged(value, age, err))
		}
		return nil
	}
	all, err := s.askManyAged(ctx, keys)
	failed, partly := s.Elements(err, len(keys))
	if err != nil && !partly {
		return err
	}
	coder := *s.Coder.Load()
	for i, a := range all {
		switch err := errorOf(failed, i); {
		case err != nil:
			take(i, found{err: err, failed: true})
		case a.Value == any(fault.ErrNotFound):
			take(i, found{err: fault.ErrNotFound})
		default:
			value, err := s.decodeBy(coder, a.Value)
			take(i, foundAged(value, &flight.Age{Left: a.Left, Version: a.Version}, err))
		}
	}
	return nil
}

func foundAged(value any, age *flight.Age, err error) found {
	f := foundBy(value, err)
	f.age = age
	return f
}

// MarkStale makes values appear as if their lives had just ended. A run that began before
// stores nothing: what it has read may be older.
func (s *Values) MarkStale(ctx context.Context, keys []string) error {
	if s.Apart {
		return nil
	}
	shorten, ok := s.Storage.(shortenStorage)
	switch {
	case s.Policy != nil && s.Policy.Grace > 0 && !ok:
		return fmt.Errorf("%w: a %T cannot shorten the life of a value (ring.ShortenStorage): use Delete", errors.ErrUnsupported, s.Storage)
	case !ok || s.Policy == nil || s.Policy.Grace == 0:
		return fmt.Errorf("%w: without StaleWhileRevalidate or StaleIfError nothing is kept past its life: use Delete", errors.ErrUnsupported)
	}
	return each(keys, func(key string) error {
		return s.write(ctx, key, func(ctx context.Context) error { return shorten.ShortenValue(ctx, key, s.Policy.Grace) })
	})
}
