package ring_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made holds the calls that make a value of 7 with a context.
var made = map[string]func(r *ring.Wire) (any, error){
	"get_or_update": func(r *ring.Wire) (any, error) { return r.Call(7) },
	"update":        func(r *ring.Wire) (any, error) { return r.Update(7) },
	"typed": func(r *ring.Wire) (any, error) {
		return r.Func().(func(context.Context, int) (int, error))(r.Context(), 7)
	},
	"get_or_update_many": func(r *ring.Wire) (any, error) {
		values, err := r.GetOrUpdateMany(ring.Args{7})
		return values[0], err
	},
	"update_many": func(r *ring.Wire) (any, error) {
		values, err := r.UpdateMany(ring.Args{7})
		return values[0], err
	},
}

// TestStoreOutlivesItsCaller: a value that was made after the caller's deadline is
// stored, by a write that begins then or was under way. The caller returns in time.
func TestStoreOutlivesItsCaller(t *testing.T) {
	for action, call := range made {
		for name, run := range map[string]time.Duration{"begins late": 50 * time.Millisecond, "is under way": 0} {
			t.Run(action+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hanging{remote: remote{&sync.Map{}}, release: make(chan struct{}), stores: true}
					runs := 0
					class := func(any) (ring.Storage, error) { return h, nil }
					r := ring.Wrap(func(_ context.Context, n int) (int, error) {
						runs++
						time.Sleep(run)
						return n, nil
					}, ring.BaseFactory{StorageClass: class, KeyPrefix: "f"})
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
					defer cancel()
					start := time.Now()
					v, err := call(r.WithContext(ctx))
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, 7, v, "the value that was made")
					assert.Equal(t, max(run, 20*time.Millisecond), time.Since(start))

					if action == "get_or_update" || action == "typed" { // a concurrent call has the value, too
						late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
						defer cancel()
						v, err := r.WithContext(late).Call(7)
						assert.ErrorIs(t, err, context.DeadlineExceeded)
						assert.Equal(t, 7, v)
					}
					waiting := make(chan any, 1)
					if action != "update" && action != "update_many" {
						go func() { waiting <- must(r.Call(7)) }()
						synctest.Wait()
					} else {
						waiting <- 7
					}
					close(h.release)
					assert.Equal(t, 7, <-waiting)
					synctest.Wait()
					assert.Equal(t, 7, must(r.Get(7)))
					assert.Equal(t, 1, runs)
					idle(t, r)
				})
			})
		}
	}
}

// TestLateStoreOfBytes: a caller may change its bytes and keys after its call has
// returned. That does not change what is still being written, also if only a
// StorageTimeout or FailOpen lets the caller return.
func TestLateStoreOfBytes(t *testing.T) {
	const key = "f:7"
	fromCall := func(v any, _ error) []byte { return v.([]byte) }
	fromMany := func(v []any, _ error) []byte { return v[0].([]byte) }
	writes := map[string]func(r *ring.Rope, given []byte) []byte{
		"get_or_update":      func(r *ring.Rope, _ []byte) []byte { return fromCall(r.Call(7)) },
		"update":             func(r *ring.Rope, _ []byte) []byte { return fromCall(r.Update(7)) },
		"get_or_update_many": func(r *ring.Rope, _ []byte) []byte { return fromMany(r.GetOrUpdateMany(ring.Args{7})) },
		"update_many":        func(r *ring.Rope, _ []byte) []byte { return fromMany(r.UpdateMany(ring.Args{7})) },
		"set":                func(r *ring.Rope, given []byte) []byte { _ = r.Set(given, 7); return given },
		"set_many": func(r *ring.Rope, given []byte) []byte {
			_ = r.SetMany([]any{ring.Args{7}}, []any{given})
			return given
		},
		"by key": func(r *ring.Rope, given []byte) []byte {
			keys := []string{key}
			_ = r.Storage().SetMany(context.Background(), keys, []any{given})
			keys[0] = "another one"
			return given
		},
	}
	for name, o := range map[string]ring.Options{"StorageTimeout": {StorageTimeout: time.Second}, "FailOpen": {FailOpen: true, StorageTimeout: time.Second}} {
		for action, write := range writes {
			t.Run(name+", "+action, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hanging{remote: remote{&sync.Map{}}, release: make(chan struct{}), stores: true}
					class := func(any) (ring.Storage, error) { return h, nil }
					r := ring.Wrap(func(int) []byte { return []byte("made") }, ring.BaseFactory{StorageClass: class, KeyPrefix: "f", Options: o})
					copy(write(r, []byte("made")), "lost")
					close(h.release)
					synctest.Wait()
					assert.Equal(t, []byte("made"), must(r.Get(7)))
					idle(t, r)
				})
			})
		}
	}
}

// TestCoderThatEndsTheGoroutine: a test that fails in a coder ends the goroutine. No
// call waits for a result that will not come.
func TestCoderThatEndsTheGoroutine(t *testing.T) {
	calls := maps.Clone(made)
	calls["set"] = func(r *ring.Wire) (any, error) { return nil, r.Set(1, 7) }
	calls["set_many"] = func(r *ring.Wire) (any, error) { return nil, r.SetMany([]any{ring.Args{7}}, []any{1}) }
	for action, call := range calls {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				coder := ring.CoderTuple{
					Encode: func(v any) (any, error) { runtime.Goexit(); return v, nil },
					Decode: func(data any, _ reflect.Type) (any, error) { return data, nil },
				}
				class := func(any) (ring.Storage, error) { return newRemote(&sync.Map{}) }
				r := ring.Wrap(func(_ context.Context, n int) (int, error) { return n, nil }, ring.BaseFactory{StorageClass: class, KeyPrefix: "f", Coder: coder})
				go call(&r.Wire)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				go call(r.WithContext(ctx))
				synctest.Wait()
				idle(t, r)
			})
		})
	}
}

// TestLateStoreYields: a late write does not undo a delete after the caller has gone,
// and the write ends, even if the storage hangs.
func TestLateStoreYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		r := ring.Wrap(func(_ context.Context, n int) int { return n },
			ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.WithContext(ctx).Call(7)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		deleted := make(chan error, 1)
		go func() { deleted <- r.Delete(7) }()
		synctest.Wait()
		assert.Empty(t, deleted, "it waits for the write")
		close(s.release)
		require.NoError(t, <-deleted)
		assert.Nil(t, must(r.Get(7)))
		idle(t, r)
	})
}

// TestLateStoreHasALimit: a write that waits for a context ends some time after its
// caller has gone, and its error is reported.
func TestLateStoreHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported []error
		class := func(any) (ring.Storage, error) { return &obeying{remote{&sync.Map{}}}, nil }
		r := ring.Wrap(func(_ context.Context, n int) int { return n }, ring.BaseFactory{StorageClass: class, KeyPrefix: "f",
			Options: ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }}})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), reportKey{}, "kept"), time.Second)
		defer cancel()
		_, err := r.WithContext(ctx).Call(7)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(10 * time.Second) // as long as a store goes on alone
		synctest.Wait()
		require.Len(t, reported, 1)
		assert.ErrorIs(t, reported[0], context.Canceled)
		idle(t, r)
	})
}

type reportKey struct{}

// obeying is a storage whose writes last as long as their context.
type obeying struct{ remote }

func (obeying) SetValue(ctx context.Context, _ string, _ any, _ time.Duration) error {
	if ctx.Value(reportKey{}) != "kept" {
		return errors.New("the context has lost its values")
	}
	<-ctx.Done()
	return ctx.Err()
}
