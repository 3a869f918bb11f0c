package ring_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// idleClient returns a client with 16 idle connections.
func idleClient(t *testing.T, servers ...*testserver.Server) *memcache.Client {
	client := memcacheClient(t, servers...)
	client.MaxIdleConns = 16
	var ready, wg sync.WaitGroup
	ready.Add(16)
	client.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		ready.Done()
		ready.Wait() // so that each needs its own connection
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}
	for range 16 {
		wg.Go(func() { assert.ErrorIs(t, ignoreNone(client.Get("none")), memcache.ErrCacheMiss) })
	}
	wg.Wait()
	client.DialContext = nil
	return client
}

func ignoreNone(_ *memcache.Item, err error) error { return err }

// TestMemcacheClosedConnections: after a restart of the server, the first call works.
func TestMemcacheClosedConnections(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	keys, values := []string{"a", "b", "c"}, []any{"1", "2", "3"}
	for name, do := range map[string]func(s *ring.MemcacheStorage) error{
		"get": func(s *ring.MemcacheStorage) error {
			if _, err := s.GetValue(ctx, "a"); err != ring.ErrNotFound {
				return fmt.Errorf("want a miss: %w", err)
			}
			return nil
		},
		"set":         func(s *ring.MemcacheStorage) error { return s.SetValue(ctx, "a", "1", time.Minute) },
		"delete":      func(s *ring.MemcacheStorage) error { return s.DeleteValue(ctx, "a") },
		"touch":       func(s *ring.MemcacheStorage) error { return s.TouchValue(ctx, "a", time.Minute) },
		"get_many":    func(s *ring.MemcacheStorage) error { _, err := s.GetManyValues(ctx, keys); return err },
		"has_many":    func(s *ring.MemcacheStorage) error { _, err := s.HasManyValues(ctx, keys); return err },
		"set_many":    func(s *ring.MemcacheStorage) error { return s.SetManyValues(ctx, keys, values, 0) },
		"delete_many": func(s *ring.MemcacheStorage) error { return s.DeleteManyValues(ctx, keys) },
		"touch_many":  func(s *ring.MemcacheStorage) error { return s.TouchManyValues(ctx, keys, time.Minute) },
	} {
		for _, callers := range []int{1, 30} {
			t.Run(fmt.Sprint(name, "/", callers), func(t *testing.T) {
				server := testserver.Memcached(t)
				s := &ring.MemcacheStorage{Client: idleClient(t, server)}
				server.Kill()
				server.Start()
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						for range 20 {
							assert.NoError(t, do(s))
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

// TestMemcacheAsksOnceMore: if a server closes every connection, the call fails after
// the second attempt.
func TestMemcacheAsksOnceMore(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var conns atomic.Int64
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			conns.Add(1)
			c.Read(make([]byte, 1))
			c.Close()
		}
	}()
	s := &ring.MemcacheStorage{Client: memcache.New(l.Addr().String())}
	for _, do := range []func() error{
		func() error { _, err := s.GetValue(t.Context(), "a"); return err },
		func() error { return s.SetValue(t.Context(), "a", "x", 0) },
	} {
		conns.Store(0)
		assert.Error(t, do())
		assert.EqualValues(t, 2, conns.Load())
	}
}

// TestMemcacheBulkKeepsAnswers: if one server is gone or hangs, the answers of the
// others are returned, and the failed keys are named.
func TestMemcacheBulkKeepsAnswers(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprint("hangs: ", hangs), func(t *testing.T) {
			servers := []*testserver.Server{testserver.Memcached(t), testserver.Memcached(t), testserver.Memcached(t)}
			client := memcacheClient(t, servers...)
			client.Timeout = 300 * time.Millisecond
			s := &ring.MemcacheStorage{Client: client}
			ctx := t.Context()
			keys, values := make([]string, 90), make([]any, 90)
			for i := range keys {
				keys[i], values[i] = fmt.Sprint("key", i), fmt.Sprint("v", i)
			}
			require.NoError(t, s.SetManyValues(ctx, keys[:60], values[:60], 0))
			keys = append(keys, keys[0])
			lost := map[string]bool{}
			if hangs {
				servers[2].Stop()
				defer servers[2].Continue()
			} else {
				servers[2].Kill()
			}
			start := time.Now()
			got, err := s.GetManyValues(ctx, keys)
			has, errHas := s.HasManyValues(ctx, keys)
			assert.Less(t, time.Since(start), 3*time.Second, "not once for each key")
			var failed, failedHas ring.BulkErrors
			require.ErrorAs(t, err, &failed)
			require.ErrorAs(t, errHas, &failedHas)
			require.Len(t, failed, len(keys))
			require.Len(t, got, len(keys))
			for i := range keys {
				assert.Equal(t, failed[i] == nil, failedHas[i] == nil)
				assert.Equal(t, got[i] != any(ring.ErrNotFound), has[i])
				if failed[i] != nil {
					lost[keys[i]] = true
					assert.Equal(t, ring.ErrNotFound, got[i])
				} else if i < 60 {
					assert.Equal(t, []byte(values[i].(string)), got[i])
				}
			}
			if hangs { // it cannot tell which of the keys without a value are missing
				assert.Greater(t, len(lost), 30)
				assert.Less(t, len(lost), 75)
				return
			}
			for key := range lost {
				_, err := s.GetValue(ctx, key)
				assert.NotErrorIs(t, err, ring.ErrNotFound, "%q is missing, it did not fail", key)
			}
			assert.Greater(t, len(lost), 10)
			assert.Less(t, len(lost), 60)
		})
	}
}

// TestMemcacheLifetime: a value lives at least as long as its expiry, wherever in the
// server's second it is stored.
func TestMemcacheLifetime(t *testing.T) {
	t.Parallel()
	s := &ring.MemcacheStorage{Client: memcacheClient(t, testserver.Memcached(t))}
	ctx := t.Context()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			key := fmt.Sprint(n)
			time.Sleep(time.Duration(n) * 125 * time.Millisecond) // spread over the server's second
			assert.NoError(t, s.SetValue(ctx, key, "x", 0))
			if n%2 == 0 {
				assert.NoError(t, s.SetValue(ctx, key, "x", time.Second))
			} else {
				assert.NoError(t, s.TouchValue(ctx, key, time.Second))
			}
			start := time.Now()
			for time.Since(start) < time.Second-20*time.Millisecond {
				_, err := s.GetValue(ctx, key)
				if !assert.NoError(t, err, "after %v", time.Since(start)) {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
			assert.Eventually(t, func() bool {
				_, err := s.GetValue(ctx, key)
				return err == ring.ErrNotFound
			}, 3*time.Second, 10*time.Millisecond, "and not for long after it")
		})
	}
	wg.Wait()
}

// TestMemcacheExpiries: the expiry that the server gets.
func TestMemcacheExpiries(t *testing.T) {
	client := &expiries{}
	s := &ring.MemcacheStorage{Client: client}
	const day = 24 * time.Hour
	for _, tt := range []struct {
		expire   time.Duration
		want     int32
		absolute bool
	}{
		{0, 0, false},
		{time.Nanosecond, 2, false},
		{time.Second, 2, false},
		{time.Second + time.Nanosecond, 3, false},
		{time.Minute, 61, false},
		{30*day - time.Second, 30 * 24 * 3600, false},
		{30*day - time.Nanosecond, 30*24*3600 + 1, true},
		{30 * day, 30*24*3600 + 1, true},
		{30*day + time.Nanosecond, 30*24*3600 + 2, true},
		{365 * day, 365*24*3600 + 1, true},
		{200 * 365 * day, 0, false},
		{math.MaxInt64, 0, false},
	} {
		before := time.Now().Unix()
		require.NoError(t, s.SetValue(t.Context(), "k", "x", tt.expire))
		require.NoError(t, s.TouchValue(t.Context(), "k", tt.expire))
		after := time.Now().Unix()
		for _, got := range []int64{int64(client.set), int64(client.touched)} {
			want := int64(tt.want)
			if !tt.absolute {
				assert.Equal(t, want, got, "%v", tt.expire)
				continue
			}
			assert.GreaterOrEqual(t, got, before+want, "%v", tt.expire)
			assert.LessOrEqual(t, got, after+want, "%v", tt.expire)
		}
	}
}

// expiries records the expiries that it gets.
type expiries struct {
	ring.MemcacheClient
	set, touched int32
}

func (c *expiries) Set(item *memcache.Item) error     { c.set = item.Expiration; return nil }
func (c *expiries) Touch(_ string, until int32) error { c.touched = until; return nil }
