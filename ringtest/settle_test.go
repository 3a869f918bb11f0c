package ringtest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/ringtest"
)

// TestMarkStale: it works with all that takes the place of a storage.
func TestMarkStale(t *testing.T) {
	f := ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}
	get := func(n int) int { return n }
	faulty := func(backend any) (ring.Storage, error) {
		storage, err := ring.NewExpirableDictStorage(backend)
		return &ringtest.Faulty{Storage: storage}, err
	}
	cache, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = cache.Close() })
	for name, test := range map[string]struct {
		factory ring.Factory
		change  func(t testing.TB, ropes ...*ring.Rope)
	}{
		"isolated": {ring.DiskCache{Obj: cache, KeyPrefix: "n", Expire: time.Minute, Options: f}, ringtest.Isolate},
		"guarded":  {ring.Lru{Expire: time.Minute, Options: f}, ringtest.Guard},
		"bypassed": {ring.Lru{Expire: time.Minute, Options: f}, ringtest.Bypass},
		"faulty":   {ring.Dict{KeyPrefix: "n", Expire: time.Minute, StorageClass: faulty, Options: f}, func(testing.TB, ...*ring.Rope) {}},
	} {
		t.Run(name, func(t *testing.T) {
			r := ring.Wrap(get, test.factory)
			test.change(t, r)
			_, err := r.Call(1)
			require.NoError(t, err)
			require.NoError(t, r.MarkStale(1))
			has, err := r.Has(1)
			require.NoError(t, err)
			assert.False(t, has)
			ringtest.Settle(t)
		})
	}
}

// TestIsolateForgetsErrors: what a rope remembers of its failures stays with its storage.
func TestIsolateForgetsErrors(t *testing.T) {
	fails := errors.New("it fails")
	var err error
	r := ring.Wrap(func(int) (int, error) { return 0, err }, ring.Lru{Options: ring.Options{
		Freshness: ring.Freshness{CacheError: ring.CacheErrors(time.Hour)},
	}})
	for _, err = range []error{fails, nil, fails} {
		t.Run("", func(t *testing.T) {
			ringtest.Isolate(t, r)
			_, got := r.Call(1)
			assert.Equal(t, err, got)
		})
	}
}

// TestSettle: afterwards the renewal that a call has started is stored.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r := ring.Wrap(func() int {
			runs++
			time.Sleep(time.Second)
			return runs
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}})
		for want := 1; want < 4; want++ {
			value, err := r.Call()
			require.NoError(t, err)
			assert.Equal(t, max(want-1, 1), value)
			ringtest.Settle(t)
			value, err = r.Get()
			require.NoError(t, err)
			assert.Equal(t, want, value)
			require.NoError(t, r.MarkStale())
		}
		ringtest.Settle(t) // there is nothing to wait for
	})
}
