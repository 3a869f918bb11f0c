package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// concurrentSharedKeys makes all methods meet on a few keys. Every key has its own
// values, so that a value tells which key it was set for.
func concurrentSharedKeys(s *subject) {
	n := min(sharedKeys, len(s.Keys), len(s.Values))
	own := make([][]any, n)
	for i, value := range s.Values {
		own[i%n] = append(own[i%n], value)
	}
	s.together(goroutines, func(g int) error {
		w := worker{s, s.Keys[:n], own, rand.New(rand.NewPCG(uint64(g), 0))}
		for range rounds {
			if err := w.step(); err != nil {
				return err
			}
		}
		return nil
	})
	w := worker{s, s.Keys[:n], own, nil}
	for i, key := range w.keys {
		if err := w.get(i); err != nil {
			s.fatalf("after all goroutines have ended: %v", err)
		}
		s.set(key, s.Values[0], 0)
		s.want(key, s.Values[0], "after all goroutines have ended")
	}
}

// concurrentOwnKeys gives every goroutine its own key. No write may get lost, as it
// would if a storage rewrote more than the one key.
func concurrentOwnKeys(s *subject) {
	keys := s.Keys[:min(goroutines, len(s.Keys))]
	for round := range ownRounds {
		value := func(g int) any { return s.Values[(g+round)%len(s.Values)] }
		s.together(len(keys), func(g int) error {
			return describe("SetValue", s.storage.SetValue(context.Background(), keys[g], value(g), 0))
		})
		for g, key := range keys {
			s.want(key, value(g), "after every goroutine has set a key of its own")
		}
		s.together(len(keys), func(g int) error {
			if g%2 == 0 {
				return describe("DeleteValue", s.storage.DeleteValue(context.Background(), keys[g]))
			}
			return describe("SetValue", s.storage.SetValue(context.Background(), keys[g], value(g+1), 0))
		})
		for g, key := range keys {
			if g%2 == 0 {
				s.wantMiss(key, "after every second goroutine has deleted its own key, and this was one of them")
				continue
			}
			s.want(key, value(g+1), "after every second goroutine has overwritten its own key, and this was one of them")
		}
	}
}

// together calls f in n goroutines that start at the same moment. It reports only the
// first of their errors, because the others are mostly the same.
func (s *subject) together(n int, f func(g int) error) {
	s.Helper()
	errs := make(chan error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for g := range n {
		wg.Go(func() {
			<-start
			errs <- safely(func() error { return f(g) })
		})
	}
	close(start)
	wg.Wait()
	close(errs)
	var failed []error
	for err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		s.fatalf("%d of %d goroutines failed, the first with: %v", len(failed), n, failed[0])
	}
}

func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// worker is one of many goroutines that do random things to shared keys. own holds the
// values of each key.
type worker struct {
	*subject
	keys []string
	own  [][]any
	rand *rand.Rand
}

// step does one random thing. If the storage cannot do it, it does a get.
func (w worker) step() error {
	ctx, i := context.Background(), w.rand.IntN(len(w.keys))
	key := w.keys[i]
	switch op := w.rand.IntN(12); {
	case op < 3:
		return describe("SetValue", w.storage.SetValue(ctx, key, w.value(i), w.expiry()))
	case op == 3:
		return describe("DeleteValue", w.storage.DeleteValue(ctx, key))
	case op == 4 && w.can(hasStorage):
		_, err := w.storage.(ring.HasStorage).HasValue(ctx, key)
		return describe("HasValue", err)
	case op == 5 && w.can(touchStorage):
		return describeTouch("TouchValue", w.storage.(ring.TouchStorage).TouchValue(ctx, key, long))
	case op == 6 && w.can(sizedStorage):
		w.storage.(ring.SizedStorage).Size()
		return nil
	case op == 11 && w.can(aged|adds) && w.rand.IntN(2) == 0:
		return w.condStep(i)
	case op > 6 && w.can(bulkStorage):
		return w.bulkStep(op, i)
	}
	return w.get(i)
}

// condStep reads a value and replaces what it has read, or shortens its life.
func (w worker) condStep(i int) error {
	ctx, key := context.Background(), w.keys[i]
	a, err := w.storage.(ring.AgedStorage).GetAged(ctx, key)
	if errors.Is(err, ring.ErrNotFound) {
		_, err = w.storage.(ring.CondStorage).AddValue(ctx, key, w.value(i), w.expiry())
		return describe("AddValue", err)
	}
	if err == nil {
		err = w.belongs(i, a.Value)
	}
	if err != nil {
		return describe("GetAged", err)
	}
	if w.can(shortens) && w.rand.IntN(2) == 0 {
		return describe("ShortenValue", w.storage.(ring.ShortenStorage).ShortenValue(ctx, key, long))
	}
	_, err = w.storage.(ring.CondStorage).ReplaceValue(ctx, key, a.Version, w.value(i), w.expiry())
	return describe("ReplaceValue", err)
}

func (w worker) bulkStep(op, i int) error {
	ctx := context.Background()
	places := []int{i, (i + 1) % len(w.keys), w.rand.IntN(len(w.keys))}
	var keys []string
	var values []any
	for _, p := range places {
		keys, values = append(keys, w.keys[p]), append(values, w.value(p))
	}
	switch op {
	case 7:
		return describe("SetManyValues", w.bulk().SetManyValues(ctx, keys, values, w.expiry()))
	case 8:
		return describe("DeleteManyValues", w.bulk().DeleteManyValues(ctx, keys))
	case 9:
		has, err := w.bulk().HasManyValues(ctx, keys)
		if err == nil && len(has) != len(keys) {
			err = fmt.Errorf("%d answers for %d keys", len(has), len(keys))
		}
		return describe("HasManyValues", err)
	case 10:
		return describeTouch("TouchManyValues", w.bulk().TouchManyValues(ctx, keys, long))
	}
	return w.getMany(places, keys)
}

func (w worker) get(i int) error {
	value, err := w.storage.GetValue(context.Background(), w.keys[i])
	if errors.Is(err, ring.ErrNotFound) {
		return nil
	}
	if err != nil {
		return describe("GetValue", err)
	}
	return w.belongs(i, value)
}

func (w worker) getMany(places []int, keys []string) error {
	got, err := w.bulk().GetManyValues(context.Background(), keys)
	if err == nil && len(got) != len(keys) {
		err = fmt.Errorf("%d values for %d keys", len(got), len(keys))
	}
	if err != nil {
		return describe("GetManyValues", err)
	}
	for n, value := range got {
		if value == any(ring.ErrNotFound) {
			continue
		}
		if err := w.belongs(places[n], value); err != nil {
			return err
		}
	}
	return nil
}

func (w worker) belongs(i int, value any) error {
	if slices.ContainsFunc(w.own[i], func(v any) bool { return equal(value, v) }) {
		return nil
	}
	return fmt.Errorf("%q: want one of the values that were set for this key, got %s", w.keys[i], show(value))
}

func (w worker) value(i int) any { return w.own[i][w.rand.IntN(len(w.own[i]))] }

func (w worker) expiry() time.Duration {
	if !w.can(expires) || w.rand.IntN(2) == 0 {
		return 0
	}
	return long
}
