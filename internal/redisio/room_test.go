package redisio

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// distant is a client whose server takes a millisecond to answer.
type distant struct{ redis.Hook }

func (distant) DialHook(next redis.DialHook) redis.DialHook { return next }

func (distant) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error {
		time.Sleep(time.Millisecond)
		return answer(cmd.(*redis.StringCmd), false)
	}
}

func (distant) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(_ context.Context, cmds []redis.Cmder) error {
		time.Sleep(time.Millisecond)
		for _, cmd := range cmds {
			answer(cmd.(*redis.StringCmd), false)
		}
		return nil
	}
}

// TestFarServer: of a server that is far, nobody waits for a turn once the batcher knows how
// far it is, unless the connections are few.
func TestFarServer(t *testing.T) {
	for _, tt := range []struct{ callers, pool, trips int }{{16, 256, 1}, {20, 48, 1}, {16, 8, 2}} {
		t.Run(fmt.Sprintf("%d by %d", tt.callers, tt.pool), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Protocol: 2, PoolSize: tt.pool})
				defer client.Close()
				client.AddHook(distant{})
				b, q, ctx := new(Batcher), Question{Client: client}, context.Background()
				require.NoError(t, b.Get(ctx, q, "key").Err())
				start := time.Now()
				var wg sync.WaitGroup
				for range tt.callers {
					wg.Go(func() { assert.NoError(t, b.Get(ctx, q, "key").Err()) })
				}
				wg.Wait()
				assert.Equal(t, time.Duration(tt.trips)*time.Millisecond, time.Since(start))
			})
		})
	}
}

// TestRoom: it follows the shortest time of an answer lately, but not the work that a crowd
// makes, and leaves half of the connections to others.
func TestRoom(t *testing.T) {
	var b Batcher
	b.spare.Store(30)
	learn := func(took time.Duration, size int) int {
		for range 200 {
			b.learnRoom(took, size)
		}
		return b.room()
	}
	assert.Equal(t, leastRoom, b.room())
	assert.Equal(t, leastRoom, learn(40*time.Microsecond, 1))
	assert.Equal(t, leastRoom, learn(500*time.Microsecond, 128))
	assert.Equal(t, leastRoom+19, learn(time.Millisecond, 1))
	assert.Equal(t, leastRoom+19, learn(time.Millisecond+100*workTime, 101))
	b.learnRoom(30*time.Microsecond, 1)
	assert.Equal(t, leastRoom, b.room())
	b.learnRoom(time.Second, 1) // one that had to connect first
	assert.Equal(t, leastRoom, b.room())
	assert.Equal(t, 30, learn(150*time.Millisecond, 1))
	b.lost = 10
	assert.Equal(t, 20, b.room())
	b.lost = 30
	assert.Equal(t, leastRoom, b.room())
	b.lost = 0
	b.spare.Store(1)
	assert.Equal(t, leastRoom, learn(150*time.Millisecond, 1))
}
