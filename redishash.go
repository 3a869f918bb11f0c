package ring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
	"github.com/ring-go/ring/internal/store"
)

// RedisPyHash caches in one hash of Redis, each value as one field. There is no expiry.
//
// Without a Coder the results must be text, bytes or numbers, and a nil []byte comes
// back empty. Values outlive the program: when a result type changes, put a version into
// the KeyPrefix. Look-ups, writes, hooks and contexts work as for RedisPy.
//
// Python: ring.redis_hash, ring.func.sync.redis_py_hash.
type RedisPyHash struct {
	Client        redis.UniversalClient // Python: client, redis.StrictRedis
	HashKey       string                // the key of the hash; required. Python: hash_key
	KeyPrefix     string                // "": the function's name. Python: key_prefix
	Coder         any                   // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface         // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass          // nil: a RedisHashStorage; it gets the Client. Python: storage_class
	Options       Options               // Python: **kwargs
}

// RedisHash caches in a hash of Redis: it is RedisPyHash under a short name. The fields
// are those of RedisPyHash: go doc ring.RedisPyHash.
// Python: ring.redis_hash.
type RedisHash = RedisPyHash

func (f RedisPyHash) blueprint() (blueprint, error) {
	switch {
	case isNil(f.Client):
		return blueprint{}, errors.New("ring.RedisHash (RedisPyHash): Client is nil: give a client, such as redis.NewClient(…)")
	case f.HashKey == "":
		return blueprint{}, errors.New("ring.RedisHash (RedisPyHash): HashKey is missing: it names the hash that the values are in")
	}
	hash := func(any) (Storage, error) { return &RedisHashStorage{Client: f.Client, HashKey: f.HashKey}, nil }
	return common{f.KeyPrefix, 0, f.Coder, f.UserInterface, f.Options}.blueprint(f.Client, orElse(f.StorageClass, hash)), nil
}

// RedisHashStorage keeps values as the fields of one hash in Redis. Look-ups of many
// concurrent callers share round trips, as pipelines, if the client has no cache of its
// own. A write that has begun does not end with its context, but when the client has
// finished it.
// Python: ring.func.sync.RedisHashStorage.
type RedisHashStorage struct {
	Client  redis.UniversalClient // Python: backend
	HashKey string                // Python: backend, hash_key

	lookups redisio.Batcher
	locks   *redisio.Locks // those of its fields; nil: they have none
}

var (
	_ Storage      = (*RedisHashStorage)(nil)
	_ HasStorage   = (*RedisHashStorage)(nil)
	_ TouchStorage = (*RedisHashStorage)(nil)
	_ TTLStorage   = (*RedisHashStorage)(nil)
	_ BulkStorage  = (*RedisHashStorage)(nil)
	_ BytesStorage = (*RedisHashStorage)(nil)
)

// errHashExpiry: Redis 7.0 and earlier have no expiry for a field.
var errHashExpiry = fmt.Errorf("%w: the fields of a Redis hash have no expiry: use ring.Redis", errors.ErrUnsupported)

// StoresBytes implements BytesStorage: true.
func (s *RedisHashStorage) StoresBytes() bool { return true }

// GetValue implements Storage by HGET. Python: get_value.
func (s *RedisHashStorage) GetValue(ctx context.Context, key string) (any, error) {
	return redisValue(s.get(ctx, key))
}

// get asks one server, because a hash is on one server.
func (s *RedisHashStorage) get(ctx context.Context, key string) *redis.StringCmd {
	return s.lookups.Get(ctx, redisio.Question{Client: s.Client, Hash: &s.HashKey}, key)
}

func (s *RedisHashStorage) getText(ctx context.Context, key string) (any, error) {
	return redisText(s.get(ctx, key))
}

// SetValue implements Storage by HSET; an expire is errors.ErrUnsupported. Python: set_value.
func (s *RedisHashStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		return errHashExpiry
	}
	if s.locks != nil {
		return s.setVoiding(ctx, []string{key}, []any{value})
	}
	return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, "hset", s.HashKey, key, value))
}

// DeleteValue implements Storage by HDEL. Python: delete_value.
func (s *RedisHashStorage) DeleteValue(ctx context.Context, key string) error {
	return s.DeleteManyValues(ctx, []string{key})
}

// HasValue implements HasStorage by HEXISTS. Python: has_value.
func (s *RedisHashStorage) HasValue(ctx context.Context, key string) (bool, error) {
	cmd := s.exists(ctx, key)
	err := redisio.Process(ctx, s.Client, cmd)
	return err == nil && cmd.Val() > 0, err
}

func (s *RedisHashStorage) exists(ctx context.Context, key string) *redis.IntCmd {
	return redisio.CountCommand(ctx, "hexists", s.HashKey, key)
}

// TTLValue implements TTLStorage: values never expire.
func (s *RedisHashStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	return forGood(s.HasValue(ctx, key))
}

// TouchValue implements TouchStorage: errors.ErrUnsupported.
func (s *RedisHashStorage) TouchValue(context.Context, string, time.Duration) error {
	return errHashExpiry
}

// GetManyValues implements BulkStorage: one HMGET. Python: get_many_values.
func (s *RedisHashStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	values, err := s.getManyTexts(ctx, keys)
	return inBytes(values), err
}

// getManyTexts is GetManyValues with text instead of bytes.
func (s *RedisHashStorage) getManyTexts(ctx context.Context, keys []string) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	cmd := redis.NewSliceCmd(ctx, redisio.KeysCommand(keys, "hmget", s.HashKey)...)
	_ = redisio.Process(ctx, s.Client, cmd)
	return redisTexts(cmd, keys)
}

// SetManyValues implements BulkStorage: one HSET. Python: set_many_values.
func (s *RedisHashStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if expire != 0 {
		return errHashExpiry
	}
	switch {
	case s.locks != nil:
		return s.setVoiding(ctx, keys, values)
	case len(keys) == 0:
		return nil
	}
	return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, redisio.PairsCommand(keys, values, "hset", s.HashKey)...))
}

// DeleteManyValues implements BulkStorage: one HDEL.
func (s *RedisHashStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	switch {
	case s.locks != nil:
		return s.deleteVoiding(ctx, keys)
	case len(keys) == 0:
		return nil
	}
	return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, redisio.KeysCommand(keys, "hdel", s.HashKey)...))
}

// HasManyValues implements BulkStorage: one pipeline of HEXISTS, which transfers no
// values.
func (s *RedisHashStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return hasEach(ctx, s.Client, keys, func(key string) *redis.IntCmd { return s.exists(ctx, key) })
}

// TouchManyValues implements BulkStorage: errors.ErrUnsupported.
func (s *RedisHashStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return errHashExpiry
}

func (s *RedisHashStorage) itself() Storage { return s }

func (s *RedisHashStorage) home() home {
	id, text := redisPlace(s.Client)
	return home{
		kind:    "redis_hash",
		place:   place{redisHash{id, s.HashKey}, fmt.Sprintf("hash %q of %s", s.HashKey, text)},
		backend: s.Client, space: "redis hash " + s.HashKey, texts: store.Texts{Get: s.getText, GetMany: s.getManyTexts},
	}
}
