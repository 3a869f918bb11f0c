package ring_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// changing is the state that a function reads: its first run reads the old state and
// waits inside.
type changing struct {
	state   int
	runs    int
	reading chan struct{}
	release chan struct{}
}

func newChanging() *changing {
	return &changing{state: 1, reading: make(chan struct{}), release: make(chan struct{})}
}

func (s *changing) read(context.Context, int) int {
	state := s.state
	if s.runs++; s.runs == 1 {
		close(s.reading)
		<-s.release
	}
	return state
}

// running has one call of each kind that runs the function, for the key of 7.
var running = map[string]func(r *ring.Rope) (any, error){
	"get_or_update": func(r *ring.Rope) (any, error) { return r.Call(7) },
	"get_or_update_many": func(r *ring.Rope) (any, error) {
		values, err := r.GetOrUpdateMany(ring.Args{7})
		return values[0], err
	},
	"update": func(r *ring.Rope) (any, error) { return r.Update(7) },
	"update with a deadline": func(r *ring.Rope) (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		return r.Update(ctx, 7)
	},
	"update_many": func(r *ring.Rope) (any, error) {
		values, err := r.UpdateMany(ring.Args{7}, ring.Args{7})
		return values[0], err
	},
}

// TestWhatWasWrittenDuringARunStays: a run that read the old state does not bring it back.
func TestWhatWasWrittenDuringARunStays(t *testing.T) {
	writes := map[string]func(r *ring.Rope) error{
		"delete":      func(r *ring.Rope) error { return r.Delete(7) },
		"delete_many": func(r *ring.Rope) error { return r.DeleteMany(ring.Args{7}, ring.Args{8}) },
		"set":         func(r *ring.Rope) error { return r.Set(2, 7) },
		"set_many":    func(r *ring.Rope) error { return r.SetMany([]any{ring.Args{7}}, []any{2}) },
		"update":      func(r *ring.Rope) error { _, err := r.Update(7); return err },
		"update_many": func(r *ring.Rope) error { _, err := r.UpdateMany(ring.Args{7}); return err },
	}
	for action, run := range running {
		for name, write := range writes {
			t.Run(name+" during "+action, func(t *testing.T) {
				forBackends(t, func(t *testing.T, f ring.Factory) {
					s := newChanging()
					r := ring.Wrap(s.read, f, ring.Name("f"))
					got := make(chan any, 1)
					go func() { got <- must(run(r)) }()
					<-s.reading
					s.state = 2
					require.NoError(t, write(r))
					close(s.release)
					assert.Equal(t, 1, <-got, "the caller gets what its run made")
					assert.Equal(t, 2, must(r.Call(7)))
					synctest.Wait()
					idle(t, r)
				})
			})
		}
	}
}

// TestLaterUpdateWins: of two updates the one that began later wins, whichever ends
// first.
func TestLaterUpdateWins(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		release := []chan struct{}{make(chan struct{}), make(chan struct{})}
		n := 0
		r := ring.Wrap(func(int) int {
			n++
			mine := n
			<-release[mine-1]
			return mine
		}, f, ring.Name("f"))
		for _, order := range [][]int{{0, 1}, {1, 0}} {
			n, release[0], release[1] = 0, make(chan struct{}), make(chan struct{})
			for range 2 {
				go func() { must(r.Update(7)) }()
				synctest.Wait()
			}
			for _, i := range order {
				close(release[i])
				synctest.Wait()
			}
			assert.Equal(t, 2, must(r.Get(7)), order)
			require.NoError(t, r.Delete(7))
		}
		idle(t, r)
	})
}

// embedding is a user's own StorageClass, over a cache that others write to.
func embedding(backend any) (ring.Storage, error) {
	s, err := ring.NewLruStorage(backend)
	if err != nil {
		return nil, err
	}
	return embeddingStorage{LruStorage: s.(*ring.LruStorage)}, nil
}

// embeddingStorage calls whileSetting, if it is set, before it sets a value.
type embeddingStorage struct {
	*ring.LruStorage
	whileSetting *func()
}

func (s embeddingStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if s.whileSetting != nil {
		(*s.whileSetting)()
	}
	return s.LruStorage.SetValue(ctx, key, value, expire)
}

// TestLaterUpdateWinsInAnEmbeddedStorage: its own writes do not count as those of
// others.
func TestLaterUpdateWinsInAnEmbeddedStorage(t *testing.T) {
	for _, action := range []string{"get_or_update", "get_or_update_many", "update", "update_many"} {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := []chan struct{}{make(chan struct{}), make(chan struct{})}
				n := 0
				r := ring.Wrap(func(context.Context, int) int { n++; mine := n; <-release[mine-1]; return mine }, ring.Lru{StorageClass: embedding})
				for _, run := range []func(*ring.Rope) (any, error){running["update"], running[action]} {
					go func() { must(run(r)) }()
					synctest.Wait()
				}
				for _, run := range release {
					close(run)
					synctest.Wait()
				}
				assert.Equal(t, 2, must(r.Get(7)))
				idle(t, r)
			})
		})
	}
}

// TestWriteInTheMomentOfAStore: the write wins, even if the storage only embeds the
// cache's.
func TestWriteInTheMomentOfAStore(t *testing.T) {
	for action, run := range running {
		cache, meanwhile := lrucache.New(10), func() {}
		class := func(backend any) (ring.Storage, error) {
			s, err := ring.NewLruStorage(backend)
			return embeddingStorage{s.(*ring.LruStorage), &meanwhile}, err
		}
		r := ring.Wrap(func(context.Context, int) int { return 1 }, ring.Lru{Lru: cache, KeyPrefix: "f", StorageClass: class})
		meanwhile = func() { cache.Delete(must(r.Key(7))) }
		assert.Equal(t, 1, must(run(r)))
		assert.False(t, must(r.Has(7)), action)
		meanwhile = func() {}
		assert.Equal(t, 1, must(run(r)))
		assert.True(t, must(r.Has(7)), action)
	}
}

// TestFresherCallWins: a call that ran after an update had begun has read a later
// state.
func TestFresherCallWins(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		s := newChanging()
		r := ring.Wrap(s.read, f, ring.Name("f"))
		go func() { must(r.Update(7)) }()
		<-s.reading
		s.state = 2
		assert.Equal(t, 2, must(r.Call(7)))
		close(s.release)
		synctest.Wait()
		assert.Equal(t, 2, must(r.Get(7)))
		idle(t, r)
	})
}

// TestFresherCallStores: it stores even if the update ends first.
func TestFresherCallStores(t *testing.T) {
	for action, run := range running {
		for _, older := range []string{"update", "update with a deadline", "update_many"} {
			t.Run(action+" after "+older, func(t *testing.T) {
				forBackends(t, func(t *testing.T, f ring.Factory) {
					release := []chan struct{}{make(chan struct{}), make(chan struct{})}
					n := 0
					r := ring.Wrap(func(_ context.Context, _ int) int {
						n++
						mine := n
						<-release[mine-1]
						return mine
					}, f, ring.Name(action+older))
					go func() { must(running[older](r)) }()
					synctest.Wait()
					got := make(chan any, 1)
					go func() { got <- must(run(r)) }()
					synctest.Wait()
					close(release[0])
					synctest.Wait()
					assert.Equal(t, 1, must(r.Get(7)))
					close(release[1])
					assert.Equal(t, 2, <-got)
					synctest.Wait()
					assert.Equal(t, 2, must(r.Get(7)))
					idle(t, r)
				})
			})
		}
	}
}

// TestUpdateThatFails: it stores nothing and leaves nothing behind, however it fails.
func TestUpdateThatFails(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		broken := errors.New("broken")
		r := ring.Wrap(func(n int) (int, error) {
			if n == 1 {
				panic("boom")
			}
			return 5, broken
		}, f, ring.Name("f"))
		for _, update := range []func() (any, error){
			func() (any, error) { return r.Update(0) },
			func() (any, error) { _, err := r.UpdateMany(ring.Args{0}); return nil, err },
		} {
			_, err := update()
			assert.ErrorIs(t, err, broken)
		}
		assert.PanicsWithValue(t, "boom", func() { _, _ = r.Update(1) })
		assert.PanicsWithValue(t, "boom", func() { _, _ = r.UpdateMany(ring.Args{1}) })
		assert.Equal(t, []bool{false, false}, must(r.HasMany(ring.Args{0}, ring.Args{1})))
		idle(t, r)
	})
}

// TestUpdateDoesNotFailOpen: an update is there to store, in either form.
func TestUpdateDoesNotFailOpen(t *testing.T) {
	broken := errors.New("disk full")
	class := func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil }
	r := ring.Wrap(func(n int) int { return n }, ring.BaseFactory{StorageClass: class, KeyPrefix: "f",
		Options: ring.Options{FailOpen: true, OnError: func(_ context.Context, err *ring.Error) { t.Error("reported: ", err) }}})
	v, err := r.Update(7)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, 7, v)
	values, err := r.UpdateMany(ring.Args{7}, ring.Args{8})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []any{7, 8}, values)
}

// TestEqualCallsOfUpdateMany: one whose own context has ended fails only itself.
func TestEqualCallsOfUpdateMany(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		r := ring.Wrap(func(ctx context.Context, n int) (int, error) { return n * 10, ctx.Err() }, f, ring.Name("f"))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		dead, living := ring.Args{gone, 1}, ring.Args{t.Context(), 1}
		for _, many := range []func(...any) ([]any, error){r.UpdateMany, r.GetOrUpdateMany} {
			require.NoError(t, r.Delete(1))
			values, err := many(dead, living, living)
			assert.Equal(t, []any{nil, 10, 10}, values)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorContains(t, err, "element 0")
			assert.NotContains(t, err.Error(), "element 1")
			assert.Equal(t, 10, must(r.Get(1)))
		}
	})
}

// TestPanicInABulkCall: completed values are stored, and waiting calls get the panic.
func TestPanicInABulkCall(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		runs := map[int]int{}
		entered, release := make(chan struct{}), make(chan struct{})
		r := ring.Wrap(func(n int) int {
			if runs[n]++; n == 3 && runs[n] == 1 {
				close(entered)
				<-release
				panic("boom")
			}
			return n
		}, f, ring.Name("f"))
		caught := make(chan any, 2)
		try := func(call func()) {
			defer func() { caught <- recover() }()
			call()
		}
		go try(func() { _, _ = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4}) })
		<-entered
		go try(func() { _, _ = r.Call(3) })
		synctest.Wait()
		close(release)
		assert.Equal(t, "boom", <-caught)
		assert.Equal(t, "boom", <-caught)
		assert.Equal(t, []any{1, 2, nil, nil}, must(r.GetMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4})))

		runs[3] = 0
		entered, release = make(chan struct{}), make(chan struct{})
		go try(func() { _, _ = r.UpdateMany(ring.Args{5}, ring.Args{3}) })
		<-entered
		close(release)
		assert.Equal(t, "boom", <-caught)
		assert.Equal(t, []any{5, nil}, must(r.GetMany(ring.Args{5}, ring.Args{3})))
		idle(t, r)
	})
}

// TestSetOfACacheThatKeepsNothing: a call after it does not get the value of an earlier
// run.
func TestSetOfACacheThatKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := lrucache.New(0), newChanging()
		r := ring.Wrap(s.read, ring.Lru{Lru: cache, KeyPrefix: "f"})
		got := make(chan any, 1)
		go func() { got <- must(r.Call(7)) }()
		<-s.reading
		s.state = 2
		cache.Set(must(r.Key(7)), 2, 0)
		go func() { synctest.Wait(); close(s.release) }()
		assert.Equal(t, 2, must(r.Call(7)))
		assert.Equal(t, 1, <-got)
		idle(t, r)
	})
}

// TestWritesToTheCacheItself: such writes win over a run, and later callers see them.
func TestWritesToTheCacheItself(t *testing.T) {
	writes := map[string]func(c *lrucache.LruCache, key string){
		"clear":  func(c *lrucache.LruCache, _ string) { c.Clear() },
		"delete": func(c *lrucache.LruCache, key string) { c.Delete(key) },
		"set":    func(c *lrucache.LruCache, key string) { c.Set(key, 2, 0) },
	}
	type embedding struct{ *ring.LruStorage }
	classes := map[string]ring.StorageClass{"": nil, "embedded: ": func(backend any) (ring.Storage, error) {
		s, err := ring.NewLruStorage(backend)
		return embedding{s.(*ring.LruStorage)}, err
	}}
	for action, run := range running {
		for name, write := range writes {
			for embedded, class := range classes {
				t.Run(embedded+name+" during "+action, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						cache, s := lrucache.New(10), newChanging()
						r := ring.Wrap(s.read, ring.Lru{Lru: cache, KeyPrefix: "f", StorageClass: class})
						got := make(chan any, 1)
						go func() { got <- must(run(r)) }()
						<-s.reading
						s.state = 2
						write(cache, must(r.Key(7)))
						assert.Equal(t, 2, must(r.Call(7)), "it does not wait for what is out of date")
						close(s.release)
						assert.Equal(t, 1, <-got)
						assert.Equal(t, 2, must(r.Call(7)))
						idle(t, r)
					})
				})
			}
		}
	}
}
