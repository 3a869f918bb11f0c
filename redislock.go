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
func (s *RedisStorage) keepLocks() store.Locker {
	s.locks = locksOf(s.Client)
	return redisLocker{s.locks}
}

// void deletes the locks of keys, before their values are written.
func (s *RedisStorage) void(ctx context.Context, keys ...string) []redis.Cmder {
	cmds := make([]redis.Cmder, 0, 2*len(keys))
	for _, key := range keys {
		cmds = append(cmds, redisio.CountCommand(ctx, "del", redisio.LockName(key)))
	}
	return cmds
}

// setVoiding is SetValue where the key can have a lock. That goes first: what is stored under
// it in between gives way to the value, and who takes the lock then finds that.
func (s *RedisStorage) setVoiding(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	cmds := s.void(ctx, keys...)
	for i, key := range keys {
		cmds = append(cmds, redisio.SetCommand(ctx, key, values[i], expire))
	}
	redisio.Execute(ctx, s.Client, cmds)
	return voided(cmds, len(keys))
}

// deleteVoiding is DeleteValue where the key can have a lock.
func (s *RedisStorage) deleteVoiding(ctx context.Context, keys []string) error {
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	cmds := s.void(ctx, keys...)
	for _, key := range keys {
		cmds = append(cmds, redisio.CountCommand(ctx, "del", key))
	}
	redisio.Execute(ctx, s.Client, cmds)
	return voided(cmds, len(keys))
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

// redisLocker is a store.Locker.
type redisLocker struct{ locks *redisio.Locks }

func (l redisLocker) Acquire(ctx context.Context, key string, span time.Duration) (store.Lease, store.Aged, bool, time.Duration, error) {
	lease, held, left, err := l.locks.Acquire(ctx, key, span)
	if err != nil || lease == nil {
		return nil, store.Aged{}, false, left, err
	}
	return redisLease{lease}, store.Aged{Value: []byte(held.Text), Left: held.Left, Version: held.Text}, held.Found, 0, nil
}

func (l redisLocker) Listen(key string) store.Bell { return l.locks.Listen(key) }

type redisLease struct{ *redisio.Lease }

func (l redisLease) Store(ctx context.Context, data any, expire time.Duration, base *flight.Age) (bool, error) {
	was := redisio.Condition{Any: true}
	if base != nil {
		version, known := base.Version.(string)
		was = redisio.Condition{Absent: base.Absent, Version: version, Any: !base.Absent && !known}
	}
	return l.Lease.Store(ctx, data, expire, was)
}
