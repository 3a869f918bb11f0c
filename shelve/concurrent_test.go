package shelve

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClosed(t *testing.T) {
	for _, writeback := range []bool{false, true} {
		s, err := Open(tempShelf(t), &Options{Writeback: writeback})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		ctx := t.Context()
		errs := map[string]error{
			"Set": s.Set("a", 1), "Delete": s.Delete("a"), "Clear": s.Clear(), "Sync": s.Sync(),
			"SetMany": s.SetMany(ctx, nil, nil), "DeleteMany": s.DeleteMany(ctx, nil),
			"SetBytes": s.SetBytes(ctx, "a", nil), "Decode": s.Decode(ctx, "a", nil),
		}
		_, errs["Get"] = s.Get("a")
		_, errs["GetBytes"] = s.GetBytes(ctx, "a")
		_, errs["Has"] = s.Has("a")
		_, errs["Len"] = s.Len()
		_, errs["GetMany"] = s.GetMany(ctx, nil)
		_, errs["HasMany"] = s.HasMany(ctx, nil)
		for _, err := range s.Keys() {
			errs["Keys"] = err
		}
		assert.Len(t, errs, 15)
		for name, err := range errs {
			assert.ErrorIs(t, err, ErrClosed, name)
		}
	}
}

func TestContext(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.Set("a", 1))
	ctx, cancel := context.WithCancel(t.Context())
	v, err := s.GetContext(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	cancel()
	_, err = s.GetContext(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.SetContext(ctx, "b", 1), context.Canceled)
	require.ErrorIs(t, s.SetMany(ctx, []string{"b"}, []any{1}), context.Canceled)
	require.ErrorIs(t, s.DeleteContext(ctx, "a"), context.Canceled)
	_, err = s.HasContext(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{"a"}, allKeys(t, s))
}

// TestContextWhileLocked: a context ends the wait for a database that another
// connection has locked.
func TestContextWhileLocked(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Timeout: time.Hour})
	holder := ready(t, child(t, "lock", path))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.SetContext(ctx, "a", 1), context.DeadlineExceeded)
	holder.end()
	require.NoError(t, s.Set("a", 1))
}

func TestConcurrency(t *testing.T) {
	before := handles(t)
	path := tempShelf(t)
	s, err := Open(path, nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 50 {
				key := fmt.Sprintf("%d-%d", g, i)
				assert.NoError(t, s.Set(key, i))
				v, err := s.Get(key)
				assert.NoError(t, err)
				assert.Equal(t, i, v)
				assert.NoError(t, s.SetMany(t.Context(), []string{"shared", key}, []any{g, -i}))
				if i%10 == 0 {
					assert.NoError(t, s.Sync())
					for _, err := range s.Items() {
						assert.NoError(t, err)
					}
				}
			}
		})
	}
	group.Wait()
	n, err := s.Len()
	require.NoError(t, err)
	assert.Equal(t, 8*50+1, n)
	require.NoError(t, s.Close())
	requireIntact(t, path)
	assert.Equal(t, before, handles(t))
}

// TestCloseDuringCalls closes the shelf during many calls: nothing that was
// acknowledged is lost.
func TestCloseDuringCalls(t *testing.T) {
	path := tempShelf(t)
	s, err := Open(path, nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	acknowledged := make([]int, 4)
	started := make(chan struct{}, len(acknowledged))
	for g := range acknowledged {
		group.Go(func() {
			for i := 0; ; i++ {
				err := s.Set(fmt.Sprintf("%d-%d", g, i), i)
				if err != nil {
					assert.ErrorIs(t, err, ErrClosed)
					return
				}
				if acknowledged[g] = i + 1; i == 10 {
					started <- struct{}{}
				}
			}
		})
	}
	for range acknowledged {
		<-started
	}
	require.NoError(t, s.Close())
	group.Wait()
	again := openShelf(t, path, &Options{Flag: "r"})
	for g, n := range acknowledged {
		for i := range n {
			requireValue(t, again, fmt.Sprintf("%d-%d", g, i), i)
		}
	}
}

func TestTwoShelvesInOneProcess(t *testing.T) {
	path := tempShelf(t)
	a, b := openShelf(t, path, nil), openShelf(t, path, nil)
	for i := range 100 {
		require.NoError(t, a.Set("k", i))
		requireValue(t, b, "k", i)
		c, err := Open(path, &Options{Flag: "r"}) // must not disturb the locks of the other shelves
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.NoError(t, b.Set("k", -i))
		requireValue(t, a, "k", -i)
	}
	_, err := Open(path, &Options{Flag: "n", Timeout: -1})
	require.ErrorIs(t, err, ErrLocked)
}

func TestManyMakeOneShelf(t *testing.T) {
	path := tempShelf(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s, err := Open(path, nil)
			if assert.NoError(t, err) {
				assert.NoError(t, s.Set(fmt.Sprint(i), i))
				assert.NoError(t, s.Close())
			}
		})
	}
	group.Wait()
	s := openShelf(t, path, nil)
	assert.Len(t, allKeys(t, s), 8)
}
