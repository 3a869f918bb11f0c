package ring_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hanging is a storage that answers when it is released, and ignores contexts.
type hanging struct {
	remote
	release chan struct{}
	err     error
	stores  bool // only stores hang
	sets    atomic.Int32
}

func (h *hanging) GetValue(ctx context.Context, key string) (any, error) {
	if !h.stores {
		<-h.release
	}
	if h.err != nil {
		return nil, h.err
	}
	if h.m == nil {
		return nil, ring.ErrNotFound
	}
	return h.remote.GetValue(ctx, key)
}

func (h *hanging) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	<-h.release
	h.sets.Add(1)
	if h.err != nil {
		return h.err
	}
	if h.m != nil {
		return h.remote.SetValue(context.Background(), key, value, expire)
	}
	return nil
}

func hangingRope(t *testing.T, h *hanging, o ring.Options) (r *ring.Rope, runs *atomic.Int32, reported chan error) {
	t.Helper()
	runs, reported = new(atomic.Int32), make(chan error, 10)
	o.OnError = func(_ context.Context, err *ring.Error) { reported <- err }
	class := func(any) (ring.Storage, error) { return h, nil }
	run := func(ctx context.Context, n int) int { runs.Add(1); return n }
	return ring.Wrap(run, ring.BaseFactory{StorageClass: class, KeyPrefix: "f", Options: o}), runs, reported
}

// TestHangingStorage: a call of a rope that fails open returns its value before its
// deadline, or within a second without one.
func TestHangingStorage(t *testing.T) {
	for name, c := range map[string]struct {
		options  ring.Options
		deadline time.Duration
		want     time.Duration
	}{
		"half of the time":   {ring.Options{FailOpen: true}, 300 * time.Millisecond, 150 * time.Millisecond},
		"a second at most":   {ring.Options{FailOpen: true}, time.Hour, time.Second},
		"no deadline":        {ring.Options{FailOpen: true}, 0, time.Second},
		"the StorageTimeout": {ring.Options{FailOpen: true, StorageTimeout: 20 * time.Millisecond}, 300 * time.Millisecond, 20 * time.Millisecond},
	} {
		for form, call := range map[string]func(r *ring.Wire) (any, error){
			"call": func(r *ring.Wire) (any, error) { return r.Call(7) },
			"many": func(r *ring.Wire) (any, error) {
				values, err := r.GetOrUpdateMany(ring.Args{7}, ring.Args{7})
				return values[1], err
			},
			"typed": func(r *ring.Wire) (any, error) { return r.Func().(func(context.Context, int) int)(r.Context(), 7), nil },
		} {
			t.Run(name+", "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hanging{release: make(chan struct{})}
					defer close(h.release)
					r, runs, reported := hangingRope(t, h, c.options)
					ctx := t.Context()
					if c.deadline > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, c.deadline)
						defer cancel()
					}
					start := time.Now()
					v, err := call(r.WithContext(ctx))
					require.NoError(t, err)
					assert.Equal(t, 7, v)
					assert.Equal(t, c.want, time.Since(start))
					assert.EqualValues(t, 1, runs.Load())
					require.Len(t, reported, 1)
					assert.ErrorContains(t, <-reported, "the storage *ring_test.hanging did not answer within "+c.want.String())
					assert.Zero(t, h.sets.Load(), "after a look-up that failed nothing is stored")
				})
			})
		}
	}
}

// TestHangingStorageWithoutFailOpen: StorageTimeout ends every wait with an error.
func TestHangingStorageWithoutFailOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{release: make(chan struct{})}
		r, runs, _ := hangingRope(t, h, ring.Options{StorageTimeout: time.Minute})
		for action, do := range map[string]func() error{
			"call":     func() error { _, err := r.Call(1); return err },
			"get":      func() error { _, err := r.Get(1); return err },
			"has":      func() error { _, err := r.Has(1); return err },
			"get_many": func() error { _, err := r.GetMany(ring.Args{1}); return err },
			"set":      func() error { return r.Set(1, 2) },
			"set_many": func() error { return r.SetMany([]any{ring.Args{3}}, []any{1}) },
		} {
			start := time.Now()
			var slow interface{ Timeout() bool }
			err := do()
			require.ErrorAs(t, err, &slow, action)
			assert.True(t, slow.Timeout())
			assert.ErrorContains(t, err, "StorageTimeout", action)
			assert.NotErrorIs(t, err, context.DeadlineExceeded, action)
			assert.Equal(t, time.Minute, time.Since(start), action)
		}
		assert.Zero(t, runs.Load())
		close(h.release)
		synctest.Wait()
	})
	_, err := ring.New(func(n int) int { return n }, ring.Lru{Options: ring.Options{StorageTimeout: -1}})
	assert.ErrorContains(t, err, "StorageTimeout")
	for _, plain := range []time.Duration{100, 1000, 10_000} {
		_, err = ring.New(func(n int) int { return n }, ring.Lru{Options: ring.Options{StorageTimeout: plain}})
		assert.ErrorContains(t, err, fmt.Sprintf("the StorageTimeout %v is too short for any storage: for %d milliseconds write %[2]d*time.Millisecond", plain, int(plain)))
	}
}

// TestSlowServersHaveNames: the error of a server that hangs says which one it is.
func TestSlowServersHaveNames(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and answers nothing
	require.NoError(t, err)
	defer l.Close()
	client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), DB: 2})
	defer client.Close()
	options := ring.Options{StorageTimeout: time.Millisecond}
	server := fmt.Sprintf("Redis at %v, database 2", l.Addr())
	for want, factory := range map[string]ring.Factory{
		server:                  ring.Redis{Client: client, KeyPrefix: "f", Options: options},
		`hash "h" of ` + server: ring.RedisHash{Client: client, HashKey: "h", KeyPrefix: "f", Options: options},
	} {
		_, err := ring.Wrap(func(n int) int { return n }, factory).Get(1)
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.ErrorContains(t, err, `"f:1": `+want+" did not answer within 1ms: see Options.StorageTimeout")
	}
}

// TestOneRunBehindAHangingStorage: concurrent calls give up the look-up together, and
// still share one run.
func TestOneRunBehindAHangingStorage(t *testing.T) {
	for name, o := range map[string]ring.Options{"FailOpen": {FailOpen: true}, "StorageTimeout": {FailOpen: true, StorageTimeout: time.Minute}} {
		for _, deadline := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprint(name, deadline), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hanging{release: make(chan struct{})}
					defer close(h.release)
					r, runs, reported := hangingRope(t, h, o)
					w := &r.Wire
					if deadline > 0 {
						ctx, cancel := context.WithTimeout(t.Context(), deadline)
						defer cancel()
						w = r.WithContext(ctx)
					}
					start := time.Now()
					var wg sync.WaitGroup
					for range 100 {
						wg.Go(func() { assert.Equal(t, 7, must(w.Call(7))) })
					}
					wg.Wait()
					assert.Equal(t, max(time.Second, o.StorageTimeout), time.Since(start))
					assert.EqualValues(t, 1, runs.Load())
					assert.Len(t, reported, 1)
				})
			})
		}
	}
}

// TestWritesBehindAHangingWrite: a call that writes to a key with a write under way
// waits no longer than a write may take.
func TestWritesBehindAHangingWrite(t *testing.T) {
	for action, write := range map[string]func(r *ring.Rope) error{
		"set":                func(r *ring.Rope) error { return r.Set(1, 7) },
		"delete":             func(r *ring.Rope) error { return r.Delete(7) },
		"set_many":           func(r *ring.Rope) error { return r.SetMany([]any{ring.Args{8}, ring.Args{7}}, []any{1, 2}) },
		"delete_many":        func(r *ring.Rope) error { return r.DeleteMany(ring.Args{7}, ring.Args{7}) },
		"update":             func(r *ring.Rope) error { _, err := r.Update(7); return err },
		"update_many":        func(r *ring.Rope) error { _, err := r.UpdateMany(ring.Args{8}, ring.Args{7}); return err },
		"get_or_update":      func(r *ring.Rope) error { _, err := r.Call(7); return err },
		"get_or_update_many": func(r *ring.Rope) error { _, err := r.GetOrUpdateMany(ring.Args{8}, ring.Args{7}); return err },
	} {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &hanging{remote: remote{&sync.Map{}}, release: make(chan struct{}), stores: true}
				r, _, _ := hangingRope(t, h, ring.Options{StorageTimeout: time.Minute})
				go r.Set(1, 7)
				synctest.Wait()
				time.Sleep(time.Second)
				start := time.Now()
				assert.ErrorContains(t, write(r), "StorageTimeout")
				assert.Equal(t, time.Minute, time.Since(start))
				close(h.release)
				synctest.Wait()
				idle(t, r)
			})
		})
	}
}

// TestBulkLookUpOfSingleKeysThatHangs costs one wait, and not one for each key.
func TestBulkLookUpOfSingleKeysThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{release: make(chan struct{})}
		defer close(h.release)
		r, runs, _ := hangingRope(t, h, ring.Options{FailOpen: true})
		start := time.Now()
		assert.Equal(t, []any{1, 2, 3}, must(r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3})))
		assert.Equal(t, time.Second, time.Since(start))
		assert.EqualValues(t, 3, runs.Load())
	})
}

// TestLongRunIsNoSlowStorage: a call that waits for a run of a rope without limits does
// not mistake that for a slow storage.
func TestLongRunIsNoSlowStorage(t *testing.T) {
	for name, o := range map[string]ring.Options{"StorageTimeout": {StorageTimeout: time.Second}, "FailOpen": {FailOpen: true}} {
		for _, action := range []string{"get_or_update", "get_or_update_many"} {
			t.Run(name+", "+action, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, runs := &remote{&sync.Map{}}, 0
					run := func(_ context.Context, n int) int { runs++; time.Sleep(time.Minute); return n }
					f := ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f"}
					patient := ring.Wrap(run, f)
					f.Options = o
					bounded := ring.Wrap(run, f)
					go running[action](patient)
					synctest.Wait()
					assert.Equal(t, 7, must(running[action](bounded)))
					assert.Equal(t, 1, runs)
				})
			})
		}
	}
}

// TestWaitingBehindAHangingStorage: a call with less time than the call that it waits
// for is not delayed by the look-up or the store of that call.
func TestWaitingBehindAHangingStorage(t *testing.T) {
	for name, stores := range map[string]bool{"look-up": false, "store": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &hanging{release: make(chan struct{}), stores: stores}
				defer close(h.release)
				r, _, _ := hangingRope(t, h, ring.Options{FailOpen: true})
				leader := make(chan any, 1)
				go func() { leader <- must(r.Call(7)) }()
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				start := time.Now()
				v, err := r.WithContext(ctx).Call(7)
				require.NoError(t, err)
				assert.Equal(t, 7, v)
				assert.Less(t, time.Since(start), 100*time.Millisecond)
				assert.Equal(t, 7, <-leader)
				assert.Equal(t, time.Second, time.Since(start))
			})
		})
	}
}
