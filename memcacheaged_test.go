package ring_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
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

// ageing returns a storage with markers, for Freshness of these options.
func ageing(client ring.MemcacheClient, ahead, revalidate, onError time.Duration) *ring.MemcacheStorage {
	s := &ring.MemcacheStorage{Client: client}
	s.KeepAges(ahead, revalidate, onError)
	return s
}

// secondsLeft asks Memcached by its meta protocol: -1 for good, -2 if there is none.
func secondsLeft(t *testing.T, server *testserver.Server, key string) int {
	t.Helper()
	conn, err := net.Dial(server.Network, server.Addr)
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "mg %s t\r\n", key)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	fields := strings.Fields(line)
	if fields[0] == "EN" {
		return -2
	}
	left, err := strconv.Atoi(strings.TrimPrefix(fields[1], "t"))
	require.NoError(t, err)
	return left
}

const (
	freshMark, live, usable = "ring-fresh:", "ring-live:", "ring-usable:"

	smallSpan, middleSpan, largeSpan = 10 * time.Second, 10 * time.Minute, 10 * time.Hour
)

// TestMemcacheMarkers: which of them a store writes, how long they live, and what their
// absence tells.
func TestMemcacheMarkers(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	client, ctx := memcacheClient(t, server), t.Context()
	for name, tt := range map[string]struct {
		ahead, revalidate, onError time.Duration
		lives                      map[string]time.Duration // before the value ends
		states                     []state                  // as the markers end
	}{
		"ahead": {smallSpan, 0, 0, map[string]time.Duration{freshMark: smallSpan}, []state{
			{freshMark, smallSpan + 1}, {"", 1},
		}},
		"revalidate": {0, middleSpan, 0, map[string]time.Duration{live: middleSpan}, []state{
			{live, middleSpan + 1}, {"", 1},
		}},
		"on error": {0, 0, middleSpan, map[string]time.Duration{live: middleSpan}, []state{
			{live, middleSpan + 1}, {"", middleSpan},
		}},
		"all": {smallSpan, middleSpan, largeSpan, map[string]time.Duration{
			freshMark: largeSpan + smallSpan, live: largeSpan, usable: largeSpan - middleSpan,
		}, []state{
			{freshMark, largeSpan + smallSpan + 1}, {live, largeSpan + smallSpan}, {usable, largeSpan}, {"", largeSpan - middleSpan},
		}},
		"error first": {smallSpan, largeSpan, middleSpan, map[string]time.Duration{freshMark: largeSpan + smallSpan, live: largeSpan}, []state{
			{freshMark, largeSpan + smallSpan + 1}, {live, largeSpan + smallSpan}, {"", 1},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, key, life := ageing(client, tt.ahead, tt.revalidate, tt.onError), strings.ReplaceAll(name, " ", "-"), 24*time.Hour
			require.NoError(t, s.SetValue(ctx, key, "value", life))
			for _, prefix := range []string{freshMark, live, usable} {
				before, ok := tt.lives[prefix]
				if !ok {
					assert.Equal(t, -2, secondsLeft(t, server, prefix+key), prefix)
					continue
				}
				assert.InDelta(t, (life - before).Seconds(), secondsLeft(t, server, prefix+key), 5, prefix)
			}
			for _, state := range tt.states {
				a, err := s.GetAged(ctx, key)
				require.NoError(t, err)
				assert.Equal(t, ring.Aged{Value: []byte("value"), Left: state.left, Version: "value"}, a, state.marker)
				many, err := s.GetManyAged(ctx, []string{key, "none", key})
				require.NoError(t, err)
				assert.Equal(t, []ring.Aged{a, {Value: ring.ErrNotFound}, a}, many)
				if state.marker != "" {
					require.NoError(t, client.Delete(state.marker+key))
				}
			}
			require.NoError(t, client.Delete(key))
			_, err := s.GetAged(ctx, key)
			assert.Equal(t, ring.ErrNotFound, err)
		})
	}
}

// state is the first marker that is there and the time left that it tells.
type state struct {
	marker string
	left   time.Duration
}

// TestMemcacheMarkersOfOthers: markers tell nothing about another value: one of Python's,
// or one whose own markers were not stored.
func TestMemcacheMarkersOfOthers(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	client, ctx := memcacheClient(t, server), t.Context()
	s := ageing(client, smallSpan, middleSpan, largeSpan)
	oldest := largeSpan - middleSpan
	require.NoError(t, s.SetValue(ctx, "key", "value", 24*time.Hour))
	require.NoError(t, client.Set(&memcache.Item{Key: "key", Value: []byte("other"), Expiration: 100}))
	a, err := s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, ring.Aged{Value: []byte("other"), Left: oldest, Version: "other"}, a)

	require.NoError(t, s.SetValue(ctx, "key", "value", 24*time.Hour))
	require.NoError(t, s.DeleteValue(ctx, "key"))
	require.NoError(t, client.Set(&memcache.Item{Key: "key", Value: []byte("other"), Expiration: 100}))
	a, err = s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, oldest, a.Left)

	// A shorter life than before ends the markers of the longer one.
	require.NoError(t, s.SetValue(ctx, "key", "value", 24*time.Hour))
	require.NoError(t, s.SetValue(ctx, "key", "value", largeSpan+5*time.Second))
	assert.InDelta(t, 1, secondsLeft(t, server, freshMark+"key"), 1, "a life shorter than RefreshAhead")
	assert.InDelta(t, 5, secondsLeft(t, server, live+"key"), 3)
	require.NoError(t, s.SetValue(ctx, "key", "value", largeSpan))
	assert.Equal(t, -2, secondsLeft(t, server, freshMark+"key"))
	assert.Equal(t, -2, secondsLeft(t, server, live+"key"))
	require.NoError(t, s.SetValue(ctx, "key", "value", 0))
	for _, key := range []string{"key", freshMark + "key", live + "key", usable + "key"} {
		assert.Equal(t, -1, secondsLeft(t, server, key), key)
	}
}

// TestMemcacheMarkersTouch: a touch makes a stale value fresh.
func TestMemcacheMarkersTouch(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	client, ctx := memcacheClient(t, server), t.Context()
	s := ageing(client, smallSpan, middleSpan, largeSpan)
	require.NoError(t, s.SetValue(ctx, "key", "value", largeSpan))
	a, err := s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, largeSpan, a.Left)
	require.NoError(t, s.TouchValue(ctx, "key", 24*time.Hour))
	a, err = s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, largeSpan+smallSpan+1, a.Left)
	require.NoError(t, s.TouchValue(ctx, "missing", 24*time.Hour))
	assert.Equal(t, -2, secondsLeft(t, server, live+"missing"))

	long := strings.Repeat("k", 245) // whose markers have hashed keys
	require.NoError(t, s.SetManyValues(ctx, []string{long, "two words"}, []any{"a", "b"}, 24*time.Hour))
	require.NoError(t, s.TouchManyValues(ctx, []string{long, "two words"}, 25*time.Hour))
	many, err := s.GetManyAged(ctx, []string{long, "two words"})
	require.NoError(t, err)
	for i, a := range many {
		assert.Equal(t, ring.Aged{Value: []byte{"ab"[i]}, Left: largeSpan + smallSpan + 1, Version: "ab"[i : i+1]}, a)
	}
}

// TestMemcacheShorten: MarkStale, and shorter lives than that.
func TestMemcacheShorten(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	client, ctx := memcacheClient(t, server), t.Context()
	s := ageing(client, smallSpan, middleSpan, largeSpan)
	require.NoError(t, s.ShortenValue(ctx, "key", largeSpan), "a missing value")
	assert.Equal(t, -2, secondsLeft(t, server, "key"))

	require.NoError(t, s.SetValue(ctx, "key", "value", 24*time.Hour))
	require.NoError(t, s.ShortenValue(ctx, "key", largeSpan))
	a, err := s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, largeSpan, a.Left)
	assert.InDelta(t, largeSpan.Seconds(), secondsLeft(t, server, "key"), 5)
	assert.InDelta(t, middleSpan.Seconds(), secondsLeft(t, server, usable+"key"), 5)

	require.NoError(t, client.Touch("key", 36_000-300)) // five minutes later
	require.NoError(t, s.ShortenValue(ctx, "key", largeSpan))
	require.NoError(t, s.ShortenValue(ctx, "key", largeSpan-time.Minute))
	assert.InDelta(t, largeSpan.Seconds()-300, secondsLeft(t, server, "key"), 5, "it is never lengthened")
	require.NoError(t, s.ShortenValue(ctx, "key", time.Minute))
	assert.InDelta(t, 60, secondsLeft(t, server, "key"), 5)
	assert.Equal(t, -2, secondsLeft(t, server, usable+"key"))
	require.NoError(t, s.ShortenValue(ctx, "key", time.Hour))
	assert.InDelta(t, 60, secondsLeft(t, server, "key"), 5)
	assert.ErrorIs(t, s.ShortenValue(ctx, "key", largeSpan+1), errors.ErrUnsupported)
}

// TestMemcacheCond: add, and a replacement of the version that is there; of several at a
// time one stores.
func TestMemcacheCond(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	client, ctx := memcacheClient(t, server), t.Context()
	s, other := ageing(client, 0, middleSpan, 0), ageing(memcacheClient(t, server), 0, middleSpan, 0)
	stored, err := s.ReplaceValue(ctx, "key", "none", "value", time.Hour)
	require.NoError(t, err)
	assert.False(t, stored)
	stored, err = s.AddValue(ctx, "key", "old", time.Hour)
	require.NoError(t, err)
	assert.True(t, stored)
	stored, err = other.AddValue(ctx, "key", "late", time.Hour)
	require.NoError(t, err)
	assert.False(t, stored)
	a, err := s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, ring.Aged{Value: []byte("old"), Left: middleSpan + 1, Version: "old"}, a)
	stored, err = other.ReplaceValue(ctx, "key", a.Version, []byte("new"), 2*time.Hour)
	require.NoError(t, err)
	assert.True(t, stored)
	assert.InDelta(t, 7200, secondsLeft(t, server, "key"), 5)
	assert.InDelta(t, 6600, secondsLeft(t, server, live+"key"), 5)
	stored, err = s.ReplaceValue(ctx, "key", a.Version, "late", time.Hour)
	require.NoError(t, err)
	assert.False(t, stored)
	_, err = s.ReplaceValue(ctx, "key", nil, "value", 0)
	assert.ErrorIs(t, err, ring.ErrArguments)
	_, err = s.AddValue(ctx, "large", make([]byte, 2<<20), 0)
	assert.ErrorContains(t, err, "2097152 bytes")

	for round := range 20 {
		key := fmt.Sprint("race", round)
		assert.Equal(t, 1, winners(t, func(g int) (bool, error) { return s.AddValue(ctx, key, fmt.Sprint(g), 0) }))
		a, err := s.GetAged(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, 1, winners(t, func(g int) (bool, error) {
			return s.ReplaceValue(ctx, key, a.Version, fmt.Sprint("new", g), 0)
		}))
	}
}

// winners counts the goroutines that have stored.
func winners(t *testing.T, store func(g int) (bool, error)) int {
	t.Helper()
	var wg sync.WaitGroup
	var n atomic.Int64
	for g := range 16 {
		wg.Go(func() {
			stored, err := store(g)
			assert.NoError(t, err)
			if stored {
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return int(n.Load())
}

// TestMemcacheCondConflict: what is set between the comparison and the store stays.
func TestMemcacheCondConflict(t *testing.T) {
	t.Parallel()
	client, ctx := memcacheClient(t, testserver.Memcached(t)), t.Context()
	between := &interrupted{Client: client}
	s := &ring.MemcacheStorage{Client: between}
	for name, do := range map[string]func() error{
		"set":    func() error { return client.Set(&memcache.Item{Key: "key", Value: []byte("theirs")}) },
		"delete": func() error { return client.Delete("key") },
	} {
		require.NoError(t, s.SetValue(ctx, "key", "old", 0))
		between.do = do
		stored, err := s.ReplaceValue(ctx, "key", "old", "new", 0)
		require.NoError(t, err, name)
		assert.False(t, stored, name)
	}
}

type interrupted struct {
	*memcache.Client
	do func() error
}

func (i *interrupted) CompareAndSwap(item *memcache.Item) error {
	if err := i.do(); err != nil {
		return err
	}
	return i.Client.CompareAndSwap(item)
}

// TestMemcacheWithoutAges: without Freshness nothing is stored beside the value, and a
// client without conditions cannot do them.
func TestMemcacheWithoutAges(t *testing.T) {
	t.Parallel()
	server := testserver.Memcached(t)
	ctx, s := t.Context(), &ring.MemcacheStorage{Client: struct{ ring.MemcacheClient }{memcacheClient(t, server)}}
	require.NoError(t, s.SetValue(ctx, "key", "value", time.Hour))
	for _, prefix := range []string{freshMark, live, usable} {
		assert.Equal(t, -2, secondsLeft(t, server, prefix+"key"))
	}
	_, err := s.GetAged(ctx, "key")
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = s.GetManyAged(ctx, []string{"key"})
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorIs(t, s.ShortenValue(ctx, "key", time.Second), errors.ErrUnsupported)
	_, err = s.AddValue(ctx, "key", "value", 0)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = s.ReplaceValue(ctx, "key", "value", "new", 0)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
}

// TestMemcacheMarkerServerDown: a value is found while the server of its markers is down,
// and only the failure of its own server is a failure.
func TestMemcacheMarkerServerDown(t *testing.T) {
	t.Parallel()
	servers := []*testserver.Server{testserver.Memcached(t), testserver.Memcached(t)}
	client, ctx := memcacheClient(t, servers...), t.Context()
	s := ageing(client, 0, middleSpan, 0)
	var keys []string // whose markers are on the other server
	for i := 0; len(keys) < 20; i++ {
		key := fmt.Sprint("key", i)
		require.NoError(t, s.SetValue(ctx, key, key, time.Hour))
		on := func(name string) bool { return secondsLeft(t, servers[0], name) != -2 }
		if on(key) && !on(live+key) {
			keys = append(keys, key)
		}
	}
	missing := ""
	for _, key := range keys[10:] {
		require.NoError(t, s.DeleteValue(ctx, key))
		missing = key
	}
	servers[1].Kill()
	for _, key := range keys[:10] {
		a, err := s.GetAged(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, ring.Aged{Value: []byte(key), Left: 1, Version: key}, a)
		require.NoError(t, s.SetValue(ctx, key, key, time.Hour), "the markers are not the value")
	}
	_, err := s.GetAged(ctx, missing)
	assert.Equal(t, ring.ErrNotFound, err)
	many, err := s.GetManyAged(ctx, keys)
	require.NoError(t, err)
	for i, a := range many {
		if i < 10 {
			assert.Equal(t, ring.Aged{Value: []byte(keys[i]), Left: 1, Version: keys[i]}, a)
		} else {
			assert.Equal(t, ring.Aged{Value: ring.ErrNotFound}, a)
		}
	}
	servers[0].Kill()
	_, err = s.GetAged(ctx, keys[0])
	assert.Error(t, err)
	assert.NotErrorIs(t, err, ring.ErrNotFound)
	many, err = s.GetManyAged(context.Background(), keys)
	var failed ring.BulkErrors
	require.ErrorAs(t, err, &failed)
	assert.Error(t, failed[0])
	assert.Equal(t, ring.Aged{Value: ring.ErrNotFound}, many[0])
}
