package ring_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// roundTrips counts what is sent to the server by kind: a single command or a pipeline.
type roundTrips struct {
	mu   sync.Mutex
	sent []string
}

func (*roundTrips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r *roundTrips) add(cmds ...redis.Cmder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, cmd := range cmds {
		names = append(names, cmd.Name())
	}
	if names[0] != "hello" && names[0] != "client" {
		r.sent = append(r.sent, strings.Join(names, " "))
	}
}

func (r *roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { r.add(cmd); return next(ctx, cmd) }
}

func (r *roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { r.add(cmds...); return next(ctx, cmds) }
}

// isHour checks a time left that was an hour a moment ago.
func isHour(t testing.TB, left time.Duration) {
	t.Helper()
	assert.Greater(t, left, 59*time.Minute)
	assert.LessOrEqual(t, left, time.Hour)
}

// TestRedisAged: values with the time left, in one round trip.
func TestRedisAged(t *testing.T) {
	t.Parallel()
	client, trips := redisClient(t, testserver.Redis(t)), new(roundTrips)
	ctx, s := t.Context(), &ring.RedisStorage{Client: client}
	require.NoError(t, s.SetValue(ctx, "mortal", "1", time.Hour))
	require.NoError(t, s.SetValue(ctx, "immortal", "2", 0))
	require.NoError(t, client.LPush(ctx, "list", "x").Err())
	client.AddHook(trips)

	a, err := s.GetAged(ctx, "mortal")
	require.NoError(t, err)
	assert.Equal(t, []byte("1"), a.Value)
	assert.Equal(t, "1", a.Version)
	isHour(t, a.Left)
	a.Value.([]byte)[0] = 'x'
	assert.Equal(t, "1", a.Version, "the value is a copy")
	a, err = s.GetAged(ctx, "immortal")
	require.NoError(t, err)
	assert.Equal(t, ring.Aged{Value: []byte("2"), Version: "2"}, a)
	_, err = s.GetAged(ctx, "missing")
	assert.Equal(t, ring.ErrNotFound, err)
	_, err = s.GetAged(ctx, "list")
	assert.ErrorContains(t, err, "WRONGTYPE")
	assert.Equal(t, []string{"get pttl", "get pttl", "get pttl", "get pttl"}, trips.sent)

	trips.sent = nil
	many, err := s.GetManyAged(ctx, []string{"mortal", "missing", "immortal", "mortal"})
	require.NoError(t, err)
	assert.Equal(t, []string{"mget pttl pttl pttl pttl"}, trips.sent)
	assert.Equal(t, ring.Aged{Value: ring.ErrNotFound}, many[1])
	assert.Equal(t, ring.Aged{Value: []byte("2"), Version: "2"}, many[2])
	assert.Equal(t, []byte("1"), many[3].Value)
	isHour(t, many[0].Left)
	many, err = s.GetManyAged(ctx, nil)
	assert.NoError(t, err)
	assert.Empty(t, many)

	many, err = s.GetManyAged(ctx, []string{"list", "mortal", "missing"})
	assert.Equal(t, ring.Aged{Value: ring.ErrNotFound}, many[0])
	assert.Equal(t, []byte("1"), many[1].Value)
	var failed ring.BulkErrors
	require.ErrorAs(t, err, &failed)
	assert.ErrorContains(t, failed[0], "WRONGTYPE")
	assert.NoError(t, failed[1])
	assert.NoError(t, failed[2])
}

// afterGet runs do after a GET, before the PTTL: what another process may do.
type afterGet struct {
	redis.Hook
	do func()
}

func (afterGet) DialHook(next redis.DialHook) redis.DialHook { return next }

func (afterGet) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h afterGet) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() != "get" {
			return next(ctx, cmds)
		}
		if err := next(ctx, cmds[:1]); err != nil {
			return err
		}
		h.do()
		return next(ctx, cmds[1:])
	}
}

// TestRedisAgedBetween: a value that is deleted between the two questions is about to
// end.
func TestRedisAgedBetween(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	client, other := redisClient(t, server), redisClient(t, server)
	client.AddHook(afterGet{do: func() { other.Del(context.Background(), "key") }})
	s := &ring.RedisStorage{Client: client}
	require.NoError(t, s.SetValue(t.Context(), "key", "value", time.Hour))
	a, err := s.GetAged(t.Context(), "key")
	require.NoError(t, err)
	assert.Equal(t, ring.Aged{Value: []byte("value"), Left: 1, Version: "value"}, a)
}

// TestRedisAgedTogether: many concurrent callers share round trips, and each gets its
// own answer.
func TestRedisAgedTogether(t *testing.T) {
	t.Parallel()
	const callers, each = 64, 50
	client, trips := redisClient(t, testserver.Redis(t)), new(roundTrips)
	ctx, s := t.Context(), &ring.RedisStorage{Client: client}
	for i := range callers {
		require.NoError(t, s.SetValue(ctx, fmt.Sprint(i), i, time.Duration(i+1)*time.Hour))
	}
	client.AddHook(trips)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for range each {
				a, err := s.GetAged(ctx, fmt.Sprint(i))
				assert.NoError(t, err)
				assert.Equal(t, fmt.Sprint(i), a.Version)
				assert.Equal(t, i, int((a.Left-1)/time.Hour)) // right away all of it can be left
				v, err := s.GetValue(ctx, fmt.Sprint(i))
				assert.NoError(t, err)
				assert.Equal(t, fmt.Append(nil, i), v)
			}
		})
	}
	wg.Wait()
	assert.Less(t, len(trips.sent), callers*each)
}

// condOn checks the conditional stores of a storage on Redis.
func condOn(t *testing.T, client redis.UniversalClient, prefix string) {
	ctx, s := t.Context(), &ring.RedisStorage{Client: client}
	for i := range 5 { // on several nodes
		key := fmt.Sprint(prefix, i)
		stored, err := s.ReplaceValue(ctx, key, "old", "new", 0)
		require.NoError(t, err)
		assert.False(t, stored, "nothing to replace")
		stored, err = s.AddValue(ctx, key, []byte("old"), time.Hour)
		require.NoError(t, err)
		assert.True(t, stored)
		stored, err = s.AddValue(ctx, key, "again", 0)
		require.NoError(t, err)
		assert.False(t, stored)
		a, err := s.GetAged(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, []byte("old"), a.Value)
		isHour(t, a.Left)

		stored, err = s.ReplaceValue(ctx, key, "other", "new", 0)
		require.NoError(t, err)
		assert.False(t, stored)
		stored, err = s.ReplaceValue(ctx, key, a.Version, 42, 0)
		require.NoError(t, err)
		assert.True(t, stored)
		a, err = s.GetAged(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, ring.Aged{Value: []byte("42"), Version: "42"}, a)
		stored, err = s.ReplaceValue(ctx, key, a.Version, "last", time.Hour)
		require.NoError(t, err)
		assert.True(t, stored)
		left, err := s.TTLValue(ctx, key)
		require.NoError(t, err)
		isHour(t, left)
		require.NoError(t, s.DeleteValue(ctx, key))
		stored, err = s.ReplaceValue(ctx, key, "last", "revived", time.Hour)
		require.NoError(t, err)
		assert.False(t, stored, "a delete wins")
	}
}

// shortenOn checks the shorter lives of a storage on Redis.
func shortenOn(t *testing.T, client redis.UniversalClient, prefix string) {
	ctx, s := t.Context(), &ring.RedisStorage{Client: client}
	for i := range 5 {
		key := fmt.Sprint(prefix, i)
		require.NoError(t, s.ShortenValue(ctx, key, time.Hour), "a missing value")
		for _, had := range []time.Duration{0, 48 * time.Hour, time.Hour} {
			require.NoError(t, s.SetValue(ctx, key, "value", had))
			require.NoError(t, s.ShortenValue(ctx, key, time.Hour))
			left, err := s.TTLValue(ctx, key)
			require.NoError(t, err)
			isHour(t, left)
		}
		require.NoError(t, s.ShortenValue(ctx, key, 24*time.Hour))
		left, err := s.TTLValue(ctx, key)
		require.NoError(t, err)
		isHour(t, left)
	}
}

// manyAgedOn checks GetManyAged for keys that may be on several servers.
func manyAgedOn(t *testing.T, client redis.UniversalClient, prefix string) {
	ctx, s := t.Context(), &ring.RedisStorage{Client: client}
	var keys []string
	for i := range 20 {
		keys = append(keys, fmt.Sprint(prefix, i))
		switch i % 3 {
		case 0:
			require.NoError(t, s.SetValue(ctx, keys[i], i, time.Hour))
		case 1:
			require.NoError(t, s.SetValue(ctx, keys[i], i, 0))
		}
	}
	many, err := s.GetManyAged(ctx, keys)
	require.NoError(t, err)
	require.Len(t, many, len(keys))
	for i, a := range many {
		switch i % 3 {
		case 0:
			assert.Equal(t, fmt.Sprint(i), a.Version)
			isHour(t, a.Left)
		case 1:
			assert.Equal(t, ring.Aged{Value: fmt.Append(nil, i), Version: fmt.Sprint(i)}, a)
		default:
			assert.Equal(t, ring.Aged{Value: ring.ErrNotFound}, a)
		}
	}
	require.NoError(t, client.LPush(ctx, keys[2], "x").Err())
	many, err = s.GetManyAged(ctx, keys)
	var failed ring.BulkErrors
	require.ErrorAs(t, err, &failed)
	assert.ErrorContains(t, failed[2], "WRONGTYPE")
	assert.Equal(t, any(ring.ErrNotFound), many[2].Value)
	assert.Equal(t, "0", many[0].Version)
}

// TestRedisCond: stores that depend on what is stored, and shorter lives, on one server.
func TestRedisCond(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	condOn(t, client, "cond")
	shortenOn(t, client, "shorten")
	manyAgedOn(t, client, "many")

	s := &ring.RedisStorage{Client: client}
	_, err := s.ReplaceValue(t.Context(), "key", nil, "value", 0)
	assert.ErrorIs(t, err, ring.ErrArguments)
	require.NoError(t, client.LPush(t.Context(), "list", "x").Err())
	_, err = s.ReplaceValue(t.Context(), "list", "old", "new", 0)
	assert.ErrorContains(t, err, "WRONGTYPE")
	stored, err := s.AddValue(t.Context(), "list", "new", 0)
	assert.NoError(t, err)
	assert.False(t, stored)
}

// TestRedisCondContext: a conditional store that has begun does not end with its
// context.
func TestRedisCondContext(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s := &ring.RedisStorage{Client: client}
	_, err := s.AddValue(ended, "key", "value", 0)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = s.ReplaceValue(ended, "key", "old", "value", 0)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, s.ShortenValue(ended, "key", time.Second), context.Canceled)

	var leave context.CancelFunc
	client.AddHook(contextHook(func(ctx context.Context, name string) {
		assert.Nil(t, ctx.Done(), name)
		leave()
	}))
	live := func(do func(ctx context.Context) error) {
		var ctx context.Context
		ctx, leave = context.WithCancel(t.Context())
		defer leave()
		assert.NoError(t, do(ctx))
		assert.Error(t, ctx.Err())
	}
	for range 2 { // the server knows the script the second time
		live(func(ctx context.Context) error { _, err := s.AddValue(ctx, "key", "value", 0); return err })
		live(func(ctx context.Context) error { return s.ShortenValue(ctx, "key", time.Second) })
	}
}

type contextHook func(ctx context.Context, name string)

func (contextHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h contextHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if name := cmd.Name(); name != "hello" {
			h(ctx, name)
		}
		return next(ctx, cmd)
	}
}

func (contextHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
