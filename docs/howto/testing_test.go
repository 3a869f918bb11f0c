package howto_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// The program: a rope in a package variable, and what uses it.
var client = redis.NewClient(&redis.Options{Addr: "redis.example:6379"})

var names = ring.Wrap(load, ring.Redis{Client: client, KeyPrefix: "names", Expire: time.Hour, Coder: "json"})

func welcome(id int) (string, error) {
	name, _, err := ring.As[string](names.Call(id))
	return "hello, " + name, err
}

func TestWelcomeUncached(t *testing.T) {
	ringtest.Bypass(t, names) // every call runs load; ringtest.Bypass(t) is for all ropes

	first, err := welcome(1)
	require.NoError(t, err)
	second, err := welcome(1)
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
}

func TestWelcomeCached(t *testing.T) {
	ringtest.Isolate(t, names) // no server, and nothing in the cache

	first, err := welcome(1)
	require.NoError(t, err)
	second, err := welcome(1)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Equal(t, 1, names.CacheInfo().Hits)
}

func TestWelcomeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ringtest.Isolate(t, names)

		_, err := welcome(1)
		require.NoError(t, err)
		time.Sleep(2 * time.Hour) // returns at once
		has, err := names.Has(1)
		require.NoError(t, err)
		assert.False(t, has)
	})
}

var tags = ring.Wrap(func(id int) []string { return []string{"new", "sale"} }, ring.Lru{})

func TestTagsStayAsTheyAre(t *testing.T) {
	ringtest.Isolate(t, tags)
	ringtest.Guard(t, tags) // fails the test if somebody changes a cached slice

	list, _, err := ring.As[[]string](tags.Call(1))
	require.NoError(t, err)
	own := append([]string{"my"}, list...) // a copy: list[0] = "my" would fail
	assert.Len(t, own, 3)
}

func TestWithoutRedis(t *testing.T) {
	class := func(backend any) (ring.Storage, error) {
		storage, err := ring.NewRedisStorage(backend)
		return &ringtest.Faulty{
			Storage: storage,
			TB:      t, // logs the seed: with Faulty.Seed the same calls fail again
			Get:     ringtest.Faults{Error: 1},
		}, err
	}
	failures := 0
	users := ring.Wrap(load, ring.Redis{Client: client, KeyPrefix: "users", StorageClass: class,
		Options: ring.Options{
			FailOpen: true,
			OnError:  func(ctx context.Context, err *ring.Error) { failures++ },
		}})

	_, err := users.Call(1) // runs load
	require.NoError(t, err)
	_, err = users.Get(1)
	assert.True(t, errors.Is(err, ringtest.ErrFault))
	assert.Equal(t, 1, failures)
}
