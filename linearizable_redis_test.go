package ring_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// TestRedisLinearizable: look-ups in batches and by themselves see what was written.
func TestRedisLinearizable(t *testing.T) {
	server := testserver.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 20})
	defer client.Close()
	fn := func(n int) int { return 0 }
	ropes := []*ring.Rope{ring.Wrap(fn, ring.Redis{Client: client, KeyPrefix: "f"}), ring.Wrap(fn, ring.RedisHash{Client: client, HashKey: "h", KeyPrefix: "f"})}
	for round := range 500 {
		r := ropes[round%2]
		_ = r.DeleteMany(ring.Args{0}, ring.Args{1})
		l := linWorld{ops: map[int][]linOp{}, many: true}
		var wg sync.WaitGroup
		for range 14 {
			seed := rand.Uint64()
			wg.Go(func() {
				random := rand.New(rand.NewPCG(seed, 1))
				for range 4 {
					l.act(r, nil, random)
				}
			})
		}
		wg.Wait()
		for key, ops := range l.ops {
			if len(ops) < 60 && !linearizable(ops) {
				t.Errorf("key %d", key)
				for _, o := range ops {
					t.Logf("%4d-%4d %s %s %d", o.begin, o.end, o.who, o.kind, o.value)
				}
				return
			}
		}
	}
}
