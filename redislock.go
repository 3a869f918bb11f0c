package ring

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/redisio"
	"github.com/ring-go/ring/internal/shared"
	"github.com/ring-go/ring/internal/store"
)

// clientLocks are the locks of each client, so that all ropes over it share a subscription.
var clientLocks shared.By[redisio.Locks]

func locksOf(client redis.UniversalClient) *redisio.Locks {
	create := func() *redisio.Locks { return redisio.NewLocks(client) }
	if obj, ok := shared.ObjectOf("redis locks", client); ok {
		return clientLocks.Open(obj, create)
	}
	return create()
}

// keepLocks makes the writes of this storage void the locks of their keys.
func (s *RedisStorage) keepLocks() (store.Locker, error) {
	s.locks = locksOf(s.Client)
	return redisLocker{s.locks, nil}, nil
}

// keepLocks makes the writes of this storage void the locks of their fields.
func (s *RedisHashStorage) keepLocks() (store.Locker, error) {
	s.locks = locksOf(s.Client)
	return hashLocker{redisLocker{s.locks, &s.HashKey}}, nil
}

// setVoiding is SetValue where the key can have a lock. That goes first: what is stored under
// it in between gives way to the value, and who takes the lock then finds that.
func (s *RedisStorage) setVoiding(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	return writeVoiding(ctx, s.Client, nil, keys, func(ctx context.Context, i int) redis.Cmder {
		return redisio.SetCommand(ctx, keys[i], values[i], expire)
	})
}

// deleteVoiding is DeleteValue where the key can have a lock.
func (s *RedisStorage) deleteVoiding(ctx context.Context, keys []string) error {
	return writeVoiding(ctx, s.Client, nil, keys, func(ctx context.Context, i int) redis.Cmder {
		return redisio.CountCommand(ctx, "del", keys[i])
	})
}

// setVoiding is SetValue where the field can have a lock, as for a key.
func (s *RedisHashStorage) setVoiding(ctx context.Context, keys []string, values []any) error {
	return writeVoiding(ctx, s.Client, &s.HashKey, keys, func(ctx context.Context, i int) redis.Cmder {
		return redisio.CountCommand(ctx, "hset", s.HashKey, keys[i], values[i])
	})
}

// deleteVoiding is DeleteValue where the field can have a lock.
func (s *RedisHashStorage) deleteVoiding(ctx context.Context, keys []string) error {
	return writeVoiding(ctx, s.Client, &s.HashKey, keys, func(ctx context.Context, i int) redis.Cmder {
		return redisio.CountCommand(ctx, "hdel", s.HashKey, keys[i])
	})
}

// writeVoiding deletes the locks of keys and then writes each of them, in one pipeline.
func writeVoiding(ctx context.Context, client redis.UniversalClient, hash *string, keys []string, write func(context.Context, int) redis.Cmder) error {
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	cmds := make([]redis.Cmder, 0, 2*len(keys))
	for _, key := range keys {
		cmds = append(cmds, redisio.CountCommand(ctx, "del", slotOf(hash, key).LockName()))
	}
	for i := range keys {
		cmds = append(cmds, write(ctx, i))
	}
	redisio.Execute(ctx, client, cmds)
	return voided(cmds, len(keys))
}

func slotOf(hash *string, key string) redisio.Slot {
	if hash == nil {
		return redisio.Slot{Key: key}
	}
	return redisio.Slot{Key: *hash, Field: &key}
}

// voided returns the errors of a write of n keys: of its lock, or else of its value.
func voided(cmds []redis.Cmder, n int) error {
	errs := make([]error, n)
	for i := range errs {
		if errs[i] = cmds[i].Err(); errs[i] == nil {
			errs[i] = cmds[n+i].Err()
		}
	}
	if n == 1 {
		return errs[0]
	}
	return bulkErrors(errs)
}

var (
	_ store.ManyLocker = redisLocker{}
	_ store.ManyStorer = redisLocker{}
)

// redisLocker is a store.Locker.
type redisLocker struct {
	locks *redisio.Locks
	hash  *string // the hash whose fields it locks; nil: keys
}

func (l redisLocker) Acquire(ctx context.Context, key string, span time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	var t redisio.Taken
	t.Lease, t.Held, t.Left, t.Err = l.locks.Acquire(ctx, slotOf(l.hash, key), span)
	try := tryOf(t)
	return try.Lease, try.Found, try.Left, try.Err
}

// AcquireMany implements store.ManyLocker.
func (l redisLocker) AcquireMany(ctx context.Context, keys []string, span time.Duration) []store.Try {
	slots := make([]redisio.Slot, len(keys))
	for n, key := range keys {
		slots[n] = slotOf(l.hash, key)
	}
	tries := make([]store.Try, len(keys))
	for n, t := range l.locks.AcquireMany(ctx, slots, span) {
		tries[n] = tryOf(t)
	}
	return tries
}

func tryOf(t redisio.Taken) store.Try {
	if t.Err != nil || t.Lease == nil {
		return store.Try{Left: t.Left, Err: t.Err}
	}
	found := store.Aged{Value: []byte(t.Held.Text), Left: t.Held.Left, Version: t.Held.Text}
	return store.Try{Lease: redisLease{t.Lease}, Found: &store.Found{Aged: found, Hit: t.Held.Found}}
}

// StoreMany implements store.ManyStorer.
func (l redisLocker) StoreMany(ctx context.Context, all []store.Storing) ([]bool, []error) {
	stored := make([]redisio.Stored, len(all))
	for n, s := range all {
		stored[n] = redisio.Stored{Lease: s.Lease.(redisLease).Lease, Value: s.Data, Expire: s.Expire, Was: conditionOf(s.Base)}
	}
	return l.locks.StoreMany(ctx, stored)
}

func (l redisLocker) Listen(key string) store.Bell { return l.locks.Listen(slotOf(l.hash, key)) }

// hashLocker is the redisLocker of a hash.
type hashLocker struct{ redisLocker }

// AddValue implements store.Adder by HSETNX.
func (l hashLocker) AddValue(ctx context.Context, field string, value any, _ time.Duration) (bool, error) {
	cmd := redisio.CountCommand(ctx, "hsetnx", *l.hash, field, value)
	err := redisio.Write(ctx, l.locks.Client(), cmd)
	return err == nil && cmd.Val() == 1, err
}

type redisLease struct{ *redisio.Lease }

func (l redisLease) Store(ctx context.Context, data any, expire time.Duration, base *flight.Age) (bool, error) {
	return l.Lease.Store(ctx, data, expire, conditionOf(base))
}

// conditionOf returns what has to be stored for a run to store that began with base.
func conditionOf(base *flight.Age) redisio.Condition {
	if base == nil {
		return redisio.Condition{Any: true}
	}
	version, known := base.Version.(string)
	return redisio.Condition{Absent: base.Absent, Version: version, Any: !base.Absent && !known}
}
