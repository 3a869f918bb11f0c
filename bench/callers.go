package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// redisRows compares look-ups in Redis by few callers and many with those of the client.
func redisRows() ([]row, error) {
	var program testserver.Program
	cleanups = append(cleanups, program.Close)
	s := onRedis(&program)
	return s.all(s.redisCallers, s.freshCallers, s.cachedCallers)
}

// redisCallers compares Call with Get from one caller to very many, who go together.
func (s *serverRows) redisCallers() error {
	ours, base, err := s.redisSides(s.rdb)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		callers      int
		goal, allocs float64
	}{{1, 1.10, -1}, {4, 1.15, 10}, {8, 1, -1}, {16, 0.65, -1}, {64, 0.30, -1}, {256, 0.15, -1}} {
		if err := s.callers("redis hit", c.callers, ours, base, c.goal, c.allocs); err != nil {
			return err
		}
	}
	return nil
}

// freshCallers compares a hit whose age is asked for with one without, also in one round trip.
func (s *serverRows) freshCallers() error {
	rope := func(prefix string, f ring.Freshness) (lookUp, error) {
		r := ring.Wrap(fetch, ring.RedisPy{Client: s.rdb, KeyPrefix: prefix, Expire: time.Hour, Options: ring.Options{Freshness: f}})
		return func(name string) (any, error) { return r.Call(name) }, fill(r)
	}
	plain, err := rope("plain", ring.Freshness{})
	if err != nil {
		return err
	}
	fresh, err := rope("fresh", ring.Freshness{RefreshAhead: time.Minute, StaleWhileRevalidate: time.Hour})
	if err != nil {
		return err
	}
	slow, err := slowest(callers, fresh, plain)
	if err != nil {
		return err
	}
	s.rows = append(s.rows, row{
		name: fmt.Sprintf("redis hit with Freshness, callers: %d", callers), goal: 1.1, allocs: -1,
		baseName: fmt.Sprintf("without (p99 %s / %s)", duration(slow[0]), duration(slow[1])),
		ours:     parallel(callers, fresh.calls(callers, nil)), base: parallel(callers, plain.calls(callers, nil)),
	})
	return nil
}

// cachedCallers does so with go-redis' client-side cache, of whose hits a server knows
// nothing.
func (s *serverRows) cachedCallers() error {
	rdb := redis.NewClient(&redis.Options{Addr: s.addr, Protocol: 3, ClientSideCacheConfig: &redis.ClientSideCacheConfig{}})
	onClose(rdb.Close)
	ours, base, err := s.redisSides(rdb)
	if err != nil {
		return err
	}
	for _, n := range []int{1, 4, 16, 64, 256} {
		if err := s.callers("client-side cache hit", n, ours, base, 2.2, -1); err != nil {
			return err
		}
	}
	return nil
}

// lookUp asks for a name.
type lookUp func(name string) (any, error)

// redisSides are a rope on a client, filled, and the client's own Get.
func (s *serverRows) redisSides(rdb *redis.Client) (ours, base lookUp, err error) {
	rope := ring.Wrap(fetch, ring.RedisPy{Client: rdb, KeyPrefix: "hit"})
	ours = func(name string) (any, error) { return rope.Call(name) }
	base = func(name string) (any, error) { return rdb.Get(s.ctx, "hit:"+name).Result() }
	return ours, base, fill(rope)
}

// callers compares two look-ups by so many callers. Beside the client's name stands what
// one call in a hundred exceeds, ours / the client's.
func (s *serverRows) callers(what string, n int, ours, base lookUp, goal, allocs float64) error {
	slow, err := slowest(n, ours, base)
	if err != nil {
		return err
	}
	s.rows = append(s.rows, row{
		name: fmt.Sprintf("%s, callers: %d", what, n), goal: goal, allocs: allocs, total: allocs >= 0,
		baseName: fmt.Sprintf("Get (p99 %s / %s)", duration(slow[0]), duration(slow[1])),
		ours:     parallel(n, ours.calls(n, nil)), base: parallel(n, base.calls(n, nil)),
	})
	return nil
}

// slowest measures two look-ups by so many callers in turns, and returns the 99th
// percentiles of their times in nanoseconds.
func slowest(n int, sides ...lookUp) ([]float64, error) {
	const turns, calls = 20, 4096
	times := make([][]time.Duration, len(sides))
	for range turns {
		for i, side := range sides {
			took := make([][]time.Duration, n)
			if err := parallel(n, side.calls(n, took))(calls); err != nil {
				return nil, err
			}
			times[i] = append(times[i], slices.Concat(took...)...)
		}
	}
	slow := make([]float64, len(sides))
	for i, took := range times {
		slices.Sort(took)
		slow[i] = float64(took[len(took)*99/100])
	}
	return slow, nil
}

// calls is what one of n callers does. None of them asks for another one's name, which would
// share its answer. With took, it notes the time of every call there.
func (l lookUp) calls(n int, took [][]time.Duration) func(worker, n int) error {
	return func(worker, turns int) error {
		for i := range turns {
			var start time.Time
			if took != nil {
				start = time.Now()
			}
			if v, err := l(names[(i*n+worker)%resident]); err != nil || v != value {
				return fmt.Errorf("%v, %w", v, err)
			}
			if took != nil {
				took[worker] = append(took[worker], time.Since(start))
			}
		}
		return nil
	}
}
