package ring_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWritesWinOverARunningFlight: storing the result of a run does not undo a write
// that was made meanwhile, and later callers see it.
func TestWritesWinOverARunningFlight(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for name, tt := range map[string]struct {
			write func(r *ring.Rope) error
			want  any // what is cached then; nil: nothing
		}{
			"delete":         {func(r *ring.Rope) error { return r.Delete(1) }, nil},
			"set":            {func(r *ring.Rope) error { return r.Set(5, 1) }, 5},
			"set_many":       {func(r *ring.Rope) error { return r.SetMany([]any{ring.Args{2}, ring.Args{1}}, []any{6, 5}) }, 5},
			"delete_many":    {func(r *ring.Rope) error { return r.DeleteMany(ring.Args{1}, ring.Args{1}) }, nil},
			"storage.delete": {func(r *ring.Rope) error { return r.Storage().Delete(t.Context(), must(r.Key(1))) }, nil},
		} {
			for _, bulk := range []bool{false, true} {
				g := newGate()
				r := ring.Wrap(g.run, f, ring.Name("f"+name+strconv.FormatBool(bulk)))
				running := make(chan any, 1)
				go func() {
					if bulk {
						values, err := r.GetOrUpdateMany(ring.Args{1})
						assert.NoError(t, err)
						running <- values[0]
						return
					}
					v, err := r.Call(1)
					assert.NoError(t, err)
					running <- v
				}()
				synctest.Wait()
				require.NoError(t, tt.write(r), name)
				if tt.want != nil {
					v, err := r.Call(1) // does not wait for the old flight
					require.NoError(t, err)
					assert.Equal(t, tt.want, v, name)
				}
				close(g.release)
				assert.Equal(t, 101, <-running, "who waited gets the flight's value")
				synctest.Wait()
				v, ok, err := r.Lookup(1)
				require.NoError(t, err)
				assert.Equal(t, tt.want != nil, ok, name)
				assert.Equal(t, tt.want, v, name)
				idle(t, r)
			}
		}
	})
}

// TestUpdateWinsOverARunningFlight: update joins no flight and always runs.
func TestUpdateWinsOverARunningFlight(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		first, second := make(chan struct{}), make(chan struct{})
		var runs atomic.Int32
		r := ring.Wrap(func(n int) int {
			if runs.Add(1) == 1 {
				<-first
				return 1
			}
			<-second
			return 2
		}, f, ring.Name("f"))
		call, update := make(chan any, 1), make(chan any, 1)
		go func() { call <- must(r.Call(0)) }()
		synctest.Wait()
		go func() { update <- must(r.Update(0)) }()
		synctest.Wait()
		close(second)
		assert.Equal(t, 2, <-update)
		close(first)
		assert.Equal(t, 1, <-call)
		assert.Equal(t, 2, must(r.Get(0)))
		idle(t, r)
	})
}

// slow is a storage whose writes wait until they are released.
type slow struct {
	remote
	release chan struct{}
	order   []string
	mu      sync.Mutex
}

func (s *slow) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	select {
	case <-s.release:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	s.order = append(s.order, key)
	s.mu.Unlock()
	return s.remote.SetValue(ctx, key, value, expire)
}

func TestWriterLeavesOnItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		r := ring.Wrap(strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }})
		go r.Set("first", 1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, r.WithContext(ctx).Set("second", 1), context.DeadlineExceeded)
		assert.ErrorIs(t, r.WithContext(ctx).SetMany([]any{ring.Args{2}, ring.Args{1}}, []any{"x", "y"}), context.DeadlineExceeded)
		assert.NoError(t, r.WithContext(t.Context()).Delete(3), "another key is free")
		close(s.release)
		synctest.Wait()
		assert.Equal(t, "first", must(r.Get(1)))
		assert.Equal(t, []string{"strconv.Itoa:1"}, s.order)
		idle(t, r)
	})
}

// TestStoreWaitsForAWriter: a run that ends while another call writes its key waits for
// that write, and then stores nothing.
func TestStoreWaitsForAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		g := newGate()
		r := ring.Wrap(g.run, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }}, ring.Name("f"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		patient, hasty := make(chan any, 1), make(chan error, 1)
		go func() { patient <- must(r.Call(1)) }()
		synctest.Wait()
		go func() { _, err := r.WithContext(ctx).Call(2); hasty <- err }()
		synctest.Wait()
		go func() { assert.NoError(t, r.Set(5, 1)) }()
		go func() { assert.NoError(t, r.Set(6, 2)) }()
		synctest.Wait()
		close(g.release)
		assert.ErrorIs(t, <-hasty, context.DeadlineExceeded)
		assert.Empty(t, patient, "the write has not ended")
		close(s.release)
		assert.Equal(t, 101, <-patient)
		synctest.Wait()
		assert.Equal(t, 5, must(r.Get(1)))
		assert.Equal(t, 6, must(r.Get(2)))
		assert.Len(t, s.order, 2)
		idle(t, r)
	})
}

func TestValueThatCannotBeStoredIsReturned(t *testing.T) {
	broken := errors.New("disk full")
	failing := func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil }
	r := ring.Wrap(strconv.Itoa, ring.BaseFactory{StorageClass: failing})
	for _, call := range []func(...any) (any, error){r.Call, r.Update, r.GetOrUpdate} {
		v, err := call(7)
		assert.ErrorIs(t, err, broken)
		assert.EqualError(t, err, slices.DeleteFunc([]string{
			`ring: get_or_update strconv.Itoa "strconv.Itoa:7": disk full`,
			`ring: update strconv.Itoa "strconv.Itoa:7": disk full`,
		}, func(s string) bool { return s != err.Error() })[0])
		assert.Equal(t, "7", v)
	}
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []any{"1", "2"}, values)
	values, err = r.UpdateMany(ring.Args{1}, ring.Args{2})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []any{"1", "2"}, values)
	idle(t, r)
}

type failingStorage struct {
	remote
	err error
}

func (f *failingStorage) SetValue(context.Context, string, any, time.Duration) error { return f.err }
