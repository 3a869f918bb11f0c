package ring_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What other calls do between the look-up of a call and its end.

// agedRemote is a storage that is not in memory and tells how old its values are. It can hold back
// the answer of a look-up.
type agedRemote struct {
	mu      sync.Mutex
	values  map[string]any
	until   map[string]time.Time
	hold    string        // the key whose next answer is held back
	came    chan struct{} // closed when that is so
	release chan struct{}
}

func newAgedRemote() *agedRemote {
	return &agedRemote{values: map[string]any{}, until: map[string]time.Time{}, came: make(chan struct{}), release: make(chan struct{})}
}

func (s *agedRemote) GetValue(_ context.Context, key string) (any, error) {
	s.mu.Lock()
	value, ok := s.values[key]
	held := s.hold == key
	if held {
		s.hold = ""
	}
	s.mu.Unlock()
	if held {
		close(s.came)
		<-s.release
	}
	if !ok {
		return nil, ring.ErrNotFound
	}
	return value, nil
}

func (s *agedRemote) TTLValue(_ context.Context, key string) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.values[key]; !ok {
		return 0, ring.ErrNotFound
	}
	return time.Until(s.until[key]), nil
}

func (s *agedRemote) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key], s.until[key] = value, time.Now().Add(expire)
	return nil
}

func (s *agedRemote) DeleteValue(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, key)
	return nil
}

// holdNext holds back the next answer about a key.
func (s *agedRemote) holdNext(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = key
}

// over returns a factory of ropes over the storage.
func (s *agedRemote) over(f ring.Freshness) ring.BaseFactory {
	return ring.BaseFactory{
		StorageBackend: s, StorageClass: func(any) (ring.Storage, error) { return s, nil },
		KeyPrefix: "f", Expire: time.Hour, Options: ring.Options{Freshness: f},
	}
}

// TestLookUpWithoutAge: a call that joins the look-up of a rope without Freshness looks again, because
// that does not tell how old the value is.
func TestLookUpWithoutAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAgedRemote()
		fn := func(n int) int { return 2 }
		plain := ring.Wrap(fn, s.over(ring.Freshness{}))
		fresh := ring.Wrap(fn, s.over(ring.Freshness{StaleWhileRevalidate: time.Hour}))
		require.NoError(t, s.SetValue(t.Context(), "f:1", 1, time.Minute)) // stale, since less than the hour is left
		s.holdNext("f:1")
		var calls sync.WaitGroup
		calls.Go(func() {
			v, err := plain.Call(1)
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		})
		<-s.came
		var info ring.CallInfo
		calls.Go(func() {
			v, err := fresh.With(ring.CallOptions{Info: &info}).Call(1)
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		})
		synctest.Wait()
		require.Equal(t, 1, plain.Flights()[0].Waiting)
		close(s.release)
		calls.Wait()
		synctest.Wait()
		assert.Equal(t, ring.Stale, info.Outcome)
		assert.Equal(t, uint64(1), fresh.Stats().Refreshes)
	})
}

// TestBulkJoinsAnOldLookUp: a bulk call that has to run an element does not take what a look-up of
// another call has found, past its life, instead.
func TestBulkJoinsAnOldLookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAgedRemote()
		var r *ring.Rope
		var other sync.WaitGroup
		r = ring.Wrap(func(_ context.Context, n int) (int, error) {
			if n == 1 { // meanwhile another program stores a value for 2, which is a spare one by now
				require.NoError(t, s.SetValue(t.Context(), "f:2", 1, time.Minute))
				s.holdNext("f:2")
				other.Go(func() { _, _ = r.Call(2) })
				<-s.came
			}
			return 10 * n, nil
		}, s.over(ring.Freshness{StaleIfError: time.Hour}))
		var all []any
		other.Go(func() {
			var err error
			all, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
			assert.NoError(t, err)
		})
		synctest.Wait()
		require.Equal(t, 1, r.Flights()[0].Waiting)
		close(s.release)
		other.Wait()
		assert.Equal(t, []any{10, 20}, all)
	})
}

// TestBulkLooksAgain: as well if the value was there before the element had its turn.
func TestBulkLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAgedRemote()
		var r *ring.Rope
		r = ring.Wrap(func(_ context.Context, n int) (int, error) {
			if n == 1 {
				require.NoError(t, r.Set(1, 2))
				require.NoError(t, s.SetValue(t.Context(), "f:2", 1, time.Minute))
			}
			return 10 * n, nil
		}, s.over(ring.Freshness{StaleIfError: time.Hour}))
		all, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
		require.NoError(t, err)
		assert.Equal(t, []any{10, 20}, all)
	})
}
