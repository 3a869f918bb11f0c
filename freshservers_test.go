package ring_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/ringtest"
)

// agedPlace is a storage that others reach, where a test can set the time left to an entry and
// write as another program does.
type agedPlace struct {
	factory func(o ring.Options) ring.Factory // with an Expire of an hour, for text
	leave   func(key string, left time.Duration)
	set     func(key, value string)
	remove  func(key string)
}

// agedPlaces are all storages that keep values outside the process and tell their age.
func agedPlaces(t *testing.T) map[string]agedPlace {
	return map[string]agedPlace{"redis": redisAgedPlace(t), "memcached": memcachedAgedPlace(t), "disk": diskAgedPlace(t)}
}

func redisAgedPlace(t *testing.T) agedPlace {
	server := testserver.Redis(t)
	client, other, ctx := redisClient(t, server), redisClient(t, server), context.Background()
	return agedPlace{
		factory: func(o ring.Options) ring.Factory {
			return ring.Redis{Client: client, KeyPrefix: "aged", Expire: time.Hour, Options: o}
		},
		leave:  func(key string, left time.Duration) { require.NoError(t, other.PExpire(ctx, key, left).Err()) },
		set:    func(key, value string) { require.NoError(t, other.Set(ctx, key, value, 0).Err()) },
		remove: func(key string) { require.NoError(t, other.Del(ctx, key).Err()) },
	}
}

func memcachedAgedPlace(t *testing.T) agedPlace {
	server := testserver.Memcached(t)
	client, other := memcacheClient(t, server), memcacheClient(t, server)
	return agedPlace{
		factory: func(o ring.Options) ring.Factory {
			return ring.Memcache{Client: client, KeyPrefix: "aged", Expire: time.Hour, Options: o}
		},
		leave: func(key string, left time.Duration) { // what has ended by then are the markers
			for _, marker := range []struct {
				name  string
				until time.Duration
			}{{"ring-fresh:", 2*time.Hour + 10*time.Minute}, {"ring-live:", 2 * time.Hour}, {"ring-usable:", time.Hour}} {
				if left <= marker.until {
					_ = other.Delete(marker.name + key)
				}
			}
		},
		set:    func(key, value string) { require.NoError(t, other.Set(&memcache.Item{Key: key, Value: []byte(value)})) },
		remove: func(key string) { require.NoError(t, other.Delete(key)) },
	}
}

func diskAgedPlace(t *testing.T) agedPlace {
	dir := t.TempDir()
	cache := openCache(t, dir, nil)
	other, err := sql.Open("sqlite", filepath.Join(dir, "cache.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })
	exec := func(query string, args ...any) {
		_, err := other.Exec(query, args...)
		require.NoError(t, err)
	}
	return agedPlace{
		factory: func(o ring.Options) ring.Factory {
			return ring.Disk{Obj: cache, KeyPrefix: "aged", Expire: time.Hour, Options: o}
		},
		leave: func(key string, left time.Duration) {
			exec("UPDATE Cache SET expire_time = ? WHERE key = ?", float64(time.Now().Add(left).UnixNano())/1e9, key)
		},
		set: func(key, value string) {
			exec("UPDATE Cache SET value = ?, expire_time = NULL, store_time = store_time + 1 WHERE key = ?", value, key)
		},
		remove: func(key string) { exec("DELETE FROM Cache WHERE key = ?", key) },
	}
}

// atAgedPlaces runs a test at each of the agedPlaces. Values stay for two hours after their
// hour, for the first of them to be served, and are due ten minutes before its end.
func atAgedPlaces(t *testing.T, test func(t *testing.T, at agedPlace, r *ring.Rope, s *textSource, errs *errorLog)) {
	t.Parallel()
	for name, at := range agedPlaces(t) {
		t.Run(name, func(t *testing.T) {
			s, errs := &textSource{}, &errorLog{}
			r := ring.Wrap(s.get, at.factory(ring.Options{OnError: errs.add, Freshness: ring.Freshness{
				RefreshAhead: 10 * time.Minute, StaleWhileRevalidate: time.Hour, StaleIfError: 2 * time.Hour,
			}}))
			test(t, at, r, s, errs)
			ringtest.Settle(t)
		})
	}
}

// textSource is a function whose runs the test can hold up.
type textSource struct {
	runs atomic.Int64
	err  atomic.Value
	gate atomic.Pointer[chan struct{}]
}

func (s *textSource) get(string) (string, error) {
	n := s.runs.Add(1)
	if gate := s.gate.Load(); gate != nil {
		<-*gate
	}
	if err, _ := s.err.Load().(runFailure); err.error != nil {
		return "", err.error
	}
	return string(rune('0' + n)), nil
}

type runFailure struct{ error }

// hold makes runs wait until the function that it returns is called.
func (s *textSource) hold() (release func()) {
	gate := make(chan struct{})
	s.gate.Store(&gate)
	return func() { s.gate.Store(nil); close(gate) }
}

func gets(t *testing.T, r *ring.Rope, want string) {
	t.Helper()
	value, err := r.Call("a")
	require.NoError(t, err)
	require.Equal(t, want, value)
}

// TestStatesOutside: every state of an entry, set from outside.
func TestStatesOutside(t *testing.T) {
	atAgedPlaces(t, func(t *testing.T, at agedPlace, r *ring.Rope, s *textSource, errs *errorLog) {
		key, err := r.Key("a")
		require.NoError(t, err)
		gets(t, r, "1")
		gets(t, r, "1")
		assert.EqualValues(t, 1, s.runs.Load(), "fresh")

		at.leave(key, 2*time.Hour+10*time.Minute-time.Second)
		release := s.hold()
		gets(t, r, "1")
		has, err := r.Has("a")
		require.NoError(t, err)
		assert.True(t, has, "due")
		release()
		ringtest.Settle(t)
		gets(t, r, "2")

		at.leave(key, 2*time.Hour)
		release = s.hold()
		gets(t, r, "2")
		value, err := r.Get("a")
		require.NoError(t, err)
		assert.Nil(t, value, "stale")
		all, err := r.HasMany(ring.Args{"a"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false}, all)
		values, err := r.GetMany(ring.Args{"a"})
		require.NoError(t, err)
		assert.Equal(t, []any{nil}, values)
		values, err = r.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"a"})
		require.NoError(t, err)
		assert.Equal(t, []any{"2", "2"}, values)
		release()
		ringtest.Settle(t)
		gets(t, r, "3")

		at.leave(key, time.Hour-time.Second)
		gets(t, r, "4")
		s.err.Store(runFailure{errSource})
		at.leave(key, time.Hour-time.Second)
		gets(t, r, "4")
		failed := errs.take()
		require.Len(t, failed, 1)
		assert.Equal(t, "refresh", failed[0].Action)
		gets(t, r, "4")
		assert.EqualValues(t, 5, s.runs.Load(), "spare, and the function has its pause")
		require.NoError(t, r.Delete("a"))
		_, err = r.Call("a")
		assert.Equal(t, errSource, err)
		s.err.Store(runFailure{})
		info := r.CacheInfo()
		assert.Equal(t, 5, info.Stale)
	})
}

// TestMarkStaleOutside: the value is served once more while it is renewed.
func TestMarkStaleOutside(t *testing.T) {
	atAgedPlaces(t, func(t *testing.T, _ agedPlace, r *ring.Rope, _ *textSource, _ *errorLog) {
		require.NoError(t, r.MarkStale("a"), "there is none")
		gets(t, r, "1")
		require.NoError(t, r.MarkStale("a"))
		value, err := r.With(ring.CallOptions{AllowStale: true}).Get("a")
		require.NoError(t, err)
		assert.Equal(t, "1", value)
		gets(t, r, "1")
		ringtest.Settle(t)
		gets(t, r, "2")
		require.NoError(t, r.MarkStaleMany(ring.Args{"a"}, ring.Args{"b"}))
		gets(t, r, "2")
		ringtest.Settle(t)
		gets(t, r, "3")
	})
}

// TestOthersWinOverARenewal: what another program writes while a renewal runs stays.
func TestOthersWinOverARenewal(t *testing.T) {
	atAgedPlaces(t, func(t *testing.T, at agedPlace, r *ring.Rope, s *textSource, _ *errorLog) {
		key, err := r.Key("a")
		require.NoError(t, err)
		renews := func(during func()) {
			require.NoError(t, r.Set("old", "a"))
			require.NoError(t, r.MarkStale("a"))
			release := s.hold()
			gets(t, r, "old")
			during()
			release()
			ringtest.Settle(t)
		}
		renews(func() { at.set(key, "theirs") })
		value, err := r.With(ring.CallOptions{AllowStale: true}).Get("a")
		require.NoError(t, err)
		assert.Equal(t, "theirs", value)
		renews(func() { at.remove(key) })
		value, err = r.With(ring.CallOptions{AllowStale: true}).Get("a")
		require.NoError(t, err)
		assert.Nil(t, value)
		assert.EqualValues(t, 2, s.runs.Load())
	})
}

// TestFreshnessKeepsTheBytes: what is stored is what it is without Freshness.
func TestFreshnessKeepsTheBytes(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	fn := func(s string) []string { return []string{s, "é"} }
	rope := func(prefix string, f ring.Freshness) *ring.Rope {
		return ring.Wrap(fn, ring.Redis{Client: client, KeyPrefix: prefix, Coder: "pickle", Expire: time.Hour, Options: ring.Options{Freshness: f}})
	}
	raw := map[string]string{}
	for prefix, f := range map[string]ring.Freshness{"plain": {}, "fresh": {StaleIfError: time.Hour, Jitter: 0.5, RefreshAhead: time.Minute}} {
		_, err := rope(prefix, f).Call("a")
		require.NoError(t, err)
		text, err := client.Get(t.Context(), prefix+":a").Result()
		require.NoError(t, err)
		raw[prefix] = text
	}
	assert.Equal(t, raw["plain"], raw["fresh"])
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"plain:a", "fresh:a"}, keys, "nothing is stored beside them")
	left := client.PTTL(t.Context(), "fresh:a").Val()
	assert.LessOrEqual(t, left, 2*time.Hour)
	assert.Greater(t, left, 90*time.Minute-time.Minute)
}
