package main

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/go-redis/cache/v9"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

const (
	resident = 1024 // entries that a hit may ask for
	callers  = 16   // goroutines of the rows that say so
	batch    = 100  // keys of a bulk call

	connections = 64 // that the memcached client keeps
)

// value is the value of all entries: text of 100 bytes that does not compress.
var value = func() string {
	sum := sha512.Sum512([]byte("a value"))
	return base64.StdEncoding.EncodeToString(append(sum[:], sum[:]...))[:100]
}()

// names are the arguments; each is the key's last part as well.
var names = func() []string {
	names := make([]string, resident)
	for i := range names {
		names[i] = "user-" + strconv.Itoa(100_000+i)
	}
	return names
}()

// turn returns the argument of a worker. No two workers ask for the same one, because
// they would share its answer.
func turn(worker, i int) string { return names[(i*callers+worker)%resident] }

func fetch(string) (string, error) { return value, nil }

// servers compares the storages on servers with the raw clients.
func servers() ([]row, error) {
	var program testserver.Program
	cleanups = append(cleanups, program.Close)
	s := onRedis(&program)
	s.mc = memcache.New(testserver.Memcached(&program).Addr)
	s.mc.MaxIdleConns = connections
	return s.all(s.hashHits, s.memcacheHits, s.redisBulk, s.memcacheBulk, s.peer)
}

// onRedis starts a server and makes a client for it.
func onRedis(program *testserver.Program) *serverRows {
	addr := testserver.Redis(program).Addr
	return &serverRows{ctx: context.Background(), addr: addr, rdb: redis.NewClient(&redis.Options{Addr: addr, PoolSize: 2 * callers})}
}

// all returns the rows of several sets.
func (s *serverRows) all(sets ...func() error) ([]row, error) {
	for _, set := range sets {
		if err := set(); err != nil {
			return nil, err
		}
	}
	return s.rows, nil
}

type serverRows struct {
	ctx  context.Context
	addr string // of Redis
	rdb  *redis.Client
	mc   *memcache.Client
	rows []row
}

// fill caches all names.
func fill(rope *ring.Rope) error {
	list, values := make([]any, resident), make([]any, resident)
	for i, name := range names {
		list[i], values[i] = ring.Args{name}, value
	}
	return rope.SetMany(list, values)
}

// hits compares Call with get, by one goroutine and by many.
func (s *serverRows) hits(what, client string, rope *ring.Rope, get func(key string) (string, error)) error {
	if err := fill(rope); err != nil {
		return err
	}
	prefix := rope.Config().KeyPrefix + ":"
	ours := func(worker, n int) error {
		for i := range n {
			if v, err := rope.Call(turn(worker, i)); err != nil || v != value {
				return fmt.Errorf("%v, %w", v, err)
			}
		}
		return nil
	}
	base := func(worker, n int) error {
		for i := range n {
			if v, err := get(prefix + turn(worker, i)); err != nil || v != value {
				return fmt.Errorf("%v, %w", v, err)
			}
		}
		return nil
	}
	s.rows = append(s.rows,
		row{name: what + " hit, 1 goroutine", ours: parallel(1, ours), base: parallel(1, base), baseName: client, goal: 1.10, allocs: -1},
		row{name: fmt.Sprintf("%s hit, %d goroutines", what, callers), ours: parallel(callers, ours), base: parallel(callers, base), baseName: client, goal: 1 / 0.9, allocs: -1})
	return nil
}

func (s *serverRows) hashHits() error {
	rope := ring.Wrap(fetch, ring.RedisPyHash{Client: s.rdb, HashKey: "hash", KeyPrefix: "hit"})
	return s.hits("redis hash", "HGET", rope, func(key string) (string, error) { return s.rdb.HGet(s.ctx, "hash", key).Result() })
}

func (s *serverRows) memcacheHits() error {
	rope := ring.Wrap(fetch, ring.Memcache{Client: s.mc, KeyPrefix: "hit"})
	return s.hits("memcached", "get", rope, func(key string) (string, error) {
		item, err := s.mc.Get(key)
		if err != nil {
			return "", err
		}
		return string(item.Value), nil
	})
}

// calls are the elements of a bulk call, and their keys.
func calls(rope *ring.Rope) (list []any, keys []string) {
	prefix := rope.Config().KeyPrefix + ":"
	for _, name := range names[:batch] {
		list, keys = append(list, ring.Args{name}), append(keys, prefix+name)
	}
	return list, keys
}

func (s *serverRows) redisBulk() error {
	rope := ring.Wrap(fetch, ring.RedisPy{Client: s.rdb, KeyPrefix: "bulk", Expire: time.Hour})
	if err := fill(rope); err != nil {
		return err
	}
	list, keys := calls(rope)
	values := make([]any, batch)
	for i := range values {
		values[i] = value
	}
	mget := func(int) error {
		got, err := s.rdb.MGet(s.ctx, keys...).Result()
		if err != nil {
			return err
		}
		decoded := make([]string, len(got))
		for i, v := range got {
			decoded[i] = v.(string)
		}
		return nil
	}
	s.rows = append(s.rows,
		row{name: "redis get_many of 100", goal: 1.3, allocs: -1, baseName: "MGET",
			ours: loop(func(int) error { _, err := rope.GetMany(list...); return err }),
			base: loop(mget)},
		row{name: "redis get_or_update_many of 100 hits", goal: 1.3, allocs: -1, baseName: "MGET",
			ours: loop(func(int) error { _, err := rope.GetOrUpdateMany(list...); return err }),
			base: loop(mget)},
		row{name: "redis set_many of 100 with expiry", goal: 1.25, allocs: -1, baseName: "pipeline",
			ours: loop(func(int) error { return rope.SetMany(list, values) }),
			base: loop(func(int) error {
				p := s.rdb.Pipeline()
				for _, key := range keys {
					p.Set(s.ctx, key, value, time.Hour)
				}
				_, err := p.Exec(s.ctx)
				return err
			})})
	return nil
}

func (s *serverRows) memcacheBulk() error {
	rope := ring.Wrap(fetch, ring.Memcache{Client: s.mc, KeyPrefix: "bulk", Expire: time.Hour})
	if err := fill(rope); err != nil {
		return err
	}
	list, keys := calls(rope)
	values := make([]any, batch)
	for i := range values {
		values[i] = value
	}
	s.rows = append(s.rows,
		row{name: "memcached get_many of 100", goal: 1.3, allocs: -1, baseName: "GetMulti",
			ours: loop(func(int) error { _, err := rope.GetMany(list...); return err }),
			base: loop(func(int) error {
				items, err := s.mc.GetMulti(keys)
				got := make([]any, len(keys))
				for i, key := range keys {
					got[i] = string(items[key].Value)
				}
				return err
			})},
		row{name: fmt.Sprintf("memcached set_many of 100, %d connections", connections), goal: 0.2, allocs: -1, baseName: "one by one",
			ours: loop(func(int) error { return rope.SetMany(list, values) }),
			base: loop(func(int) error {
				for _, key := range keys {
					if err := s.mc.Set(&memcache.Item{Key: key, Value: []byte(value), Expiration: 3600}); err != nil {
						return err
					}
				}
				return nil
			})})
	return nil
}

// profile is a result with fields, which each library encodes differently.
type profile struct {
	ID     int
	Name   string
	Score  float64
	Active bool
	Tags   []string
}

func load(name string) (profile, error) {
	return profile{7, name, 1.5, true, []string{"alpha", "beta", value[:60]}}, nil
}

// peer compares with go-redis/cache, which also stores in Redis what a function returns,
// and gets the key from its user.
func (s *serverRows) peer() error {
	peer := cache.New(&cache.Options{Redis: s.rdb})
	profiles := ring.Wrap(load, ring.RedisPy{Client: s.rdb, KeyPrefix: "profile", Expire: time.Hour, Coder: "pickle"})
	onceProfile := func(name string) error {
		var v profile
		return peer.Once(&cache.Item{Ctx: s.ctx, Key: "profile-peer:" + name, Value: &v, TTL: time.Hour,
			Do: func(*cache.Item) (any, error) { return load(name) }})
	}
	const tie = 1.05 // all calls wait for the same round trips: the rest is noise
	for _, c := range []struct {
		callers int
		goal    float64
	}{{1, tie}, {callers, 1}} {
		where := fmt.Sprintf("%d goroutines", c.callers)
		s.against("text", where, s.texts(s.rdb), s.onceText(s.rdb), c.callers, c.goal, c.goal)
		s.against("struct", where, profiles, onceProfile, c.callers, c.goal, c.goal)
	}
	// A miss has no goal here: a third of our time is reflection's call of the function.
	s.against("text", "stub client", s.texts(redisStub{}), s.onceText(redisStub{}), 1, 1, 0)
	return nil
}

func (s *serverRows) texts(client redis.UniversalClient) *ring.Rope {
	return ring.Wrap(fetch, ring.RedisPy{Client: client, KeyPrefix: "text", Expire: time.Hour})
}

// onceText does what a rope of texts does, with the other library.
func (s *serverRows) onceText(client redis.UniversalClient) func(name string) error {
	peer := cache.New(&cache.Options{Redis: client})
	return func(name string) error {
		var v string
		return peer.Once(&cache.Item{Ctx: s.ctx, Key: "text-peer:" + name, Value: &v, TTL: time.Hour,
			Do: func(*cache.Item) (any, error) { return fetch(name) }})
	}
}

// unknown begins the names that are not cached.
const unknown = "new-"

// redisStub is a client that answers at once: only the library's own part is left.
type redisStub struct{ redis.UniversalClient }

// Conn is the method of a client of a single server.
func (redisStub) Conn() *redis.Conn { return nil }

func (redisStub) Process(_ context.Context, cmd redis.Cmder) error {
	switch cmd := cmd.(type) {
	case *redis.StringCmd:
		if strings.Contains(cmd.Args()[1].(string), unknown) {
			cmd.SetErr(redis.Nil)
		} else {
			cmd.SetVal(value)
		}
	case *redis.StatusCmd:
		cmd.SetVal("OK")
	}
	return cmd.Err()
}

func (redisStub) Get(_ context.Context, key string) *redis.StringCmd {
	if strings.Contains(key, unknown) {
		return redis.NewStringResult("", redis.Nil)
	}
	return redis.NewStringResult(value, nil)
}

func (redisStub) Set(context.Context, string, any, time.Duration) *redis.StatusCmd {
	return redis.NewStatusResult("OK", nil)
}

// against compares hits and misses of a rope with those of another library. hits and
// misses are the goals.
func (s *serverRows) against(what, where string, rope *ring.Rope, once func(name string) error, goroutines int, hits, misses float64) {
	call := func(name string) error { _, err := rope.Call(name); return err }
	hit := func(do func(string) error) func(worker, n int) error {
		return func(worker, n int) error {
			return loop(func(i int) error { return do(turn(worker, i)) })(n)
		}
	}
	var made atomic.Int64
	miss := func(do func(string) error) func(worker, n int) error {
		return func(_, n int) error {
			return loop(func(int) error { return do(unknown + strconv.FormatInt(made.Add(1), 10)) })(n)
		}
	}
	s.rows = append(s.rows,
		row{name: what + " hit, " + where, goal: hits, allocs: -1, baseName: "go-redis/cache",
			ours: parallel(goroutines, hit(call)), base: parallel(goroutines, hit(once))},
		row{name: what + " miss, " + where, goal: misses, allocs: -1, baseName: "go-redis/cache",
			ours: parallel(goroutines, miss(call)), base: parallel(goroutines, miss(once))})
}
