package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisPy caches in Redis, one string key for every value. Client is any client of
// go-redis: for one server, a Cluster, Sentinel, or go-redis' own Ring of servers.
// Python: ring.redis, ring.func.sync.redis_py.
//
// Without a Coder the results must be text, bytes or numbers, and a nil []byte comes back
// empty. While other look-ups are under way on the one server, those that come go together
// in a pipeline.
//
// Values outlive the program: when a result type changes, put a version into the KeyPrefix.
type RedisPy struct {
	Client        redis.UniversalClient // Python: client, redis.StrictRedis
	KeyPrefix     string                // "": the function's name. Python: key_prefix
	Expire        time.Duration         // from the store on, in milliseconds; 0: none. Python: expire
	Coder         any                   // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface         // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass          // nil: NewRedisStorage. Python: storage_class
	Kwargs        Options               // Python: **kwargs
}

// Redis is RedisPy. Python: ring.redis.
type Redis = RedisPy

func (f RedisPy) blueprint() (blueprint, error) {
	if isNil(f.Client) {
		return blueprint{}, errors.New("RedisPy.Client is nil: give a client, such as redis.NewClient(…)")
	}
	class := f.StorageClass
	if class == nil {
		class = NewRedisStorage
	}
	return blueprint{
		backend: f.Client, class: class, keyPrefix: f.KeyPrefix, expire: f.Expire,
		coder: f.Coder, ui: f.UserInterface, options: f.Kwargs,
	}, nil
}

func isNil(client any) bool {
	v := reflect.ValueOf(client)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// RedisStorage keeps values as strings in Redis. Python: ring.func.sync.RedisStorage.
//
// Look-ups of concurrent callers share round trips, as pipelines, where there is one
// server.
type RedisStorage struct {
	Client redis.UniversalClient

	lookups batcher
}

var (
	_ Storage      = (*RedisStorage)(nil)
	_ HasStorage   = (*RedisStorage)(nil)
	_ TouchStorage = (*RedisStorage)(nil)
	_ TTLStorage   = (*RedisStorage)(nil)
	_ BulkStorage  = (*RedisStorage)(nil)
	_ BytesStorage = (*RedisStorage)(nil)
)

// NewRedisStorage is the StorageClass of RedisPy; backend is a
// redis.UniversalClient. Python: RedisStorage.
func NewRedisStorage(backend any) (Storage, error) {
	client, err := redisClient(backend)
	if err != nil {
		return nil, err
	}
	return &RedisStorage{Client: client}, nil
}

func redisClient(backend any) (redis.UniversalClient, error) {
	client, ok := backend.(redis.UniversalClient)
	if !ok || isNil(client) {
		return nil, fmt.Errorf("the backend is a redis.UniversalClient, not %T", backend)
	}
	return client, nil
}

// StoresBytes implements BytesStorage: true.
func (s *RedisStorage) StoresBytes() bool { return true }

// sharded tells whether the keys of one call can lie on several servers, so that
// there is no one command for all of them. go-redis sends a pipeline to each then.
func (s *RedisStorage) sharded() bool { return isSharded(s.Client) }

// isSharded is false for a client of one server, which alone has a Conn, and for one that
// embeds it. Of a client that it does not know it supposes the worse.
func isSharded(client redis.UniversalClient) bool {
	_, single := client.(interface{ Conn() *redis.Conn })
	return !single
}

// milliseconds rounds an expiry up to what Redis can tell.
func milliseconds(expire time.Duration) time.Duration {
	if rest := expire % time.Millisecond; rest > 0 && expire < 1<<62 {
		expire += time.Millisecond - rest
	}
	return expire
}

// GetValue implements Storage. Python: get_value.
func (s *RedisStorage) GetValue(ctx context.Context, key string) (any, error) {
	return redisValue(s.get(ctx, key))
}

func (s *RedisStorage) get(ctx context.Context, key string) *redis.StringCmd {
	if s.sharded() { // a server that hangs must not hold up what the others know
		return s.Client.Get(ctx, key)
	}
	return s.lookups.get(ctx, s.Client, key, func(ctx context.Context, c redis.Cmdable, key string) *redis.StringCmd {
		return c.Get(ctx, key)
	})
}

func redisValue(cmd *redis.StringCmd) (any, error) {
	b, err := cmd.Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (s *RedisStorage) getText(ctx context.Context, key string) (any, error) {
	return redisText(s.get(ctx, key))
}

// redisText is redisValue as text.
func redisText(cmd *redis.StringCmd) (any, error) {
	text, err := cmd.Result()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// SetValue implements Storage. Python: set_value.
func (s *RedisStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	return s.Client.Set(ctx, key, value, milliseconds(expire)).Err()
}

// DeleteValue implements Storage. Python: delete_value.
func (s *RedisStorage) DeleteValue(ctx context.Context, key string) error {
	return s.Client.Del(ctx, key).Err()
}

// HasValue implements HasStorage. Python: has_value.
func (s *RedisStorage) HasValue(ctx context.Context, key string) (bool, error) {
	n, err := s.Client.Exists(ctx, key).Result()
	return n > 0, err
}

// TTLValue implements TTLStorage, to the millisecond.
func (s *RedisStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	left, err := s.Client.PTTL(ctx, key).Result()
	switch {
	case err != nil:
		return 0, err
	case left == -1: // of Redis, for no expiry
		return 0, nil
	case left < 0:
		return 0, ErrNotFound
	}
	return max(left, 1), nil
}

// errNoExpiry: Redis could only take the expiry away.
var errNoExpiry = fmt.Errorf("%w: touch needs an expiry: give the factory an Expire", errors.ErrUnsupported)

// TouchValue implements TouchStorage. Python: touch_value.
func (s *RedisStorage) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	return s.Client.PExpire(ctx, key, milliseconds(expire)).Err()
}

// GetManyValues implements BulkStorage: one MGET, on several servers a pipeline to
// each. Python: get_many_values.
func (s *RedisStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	values, err := s.getManyTexts(ctx, keys)
	return inBytes(values), err
}

// getManyTexts is GetManyValues with text in the place of bytes, which is how the
// client has most of it.
func (s *RedisStorage) getManyTexts(ctx context.Context, keys []string) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if !s.sharded() {
		return redisTexts(s.Client.MGet(ctx, keys...))
	}
	values := make([]any, len(keys))
	cmds, err := s.pipeline(ctx, keys, func(p redis.Pipeliner, i int) { p.Get(ctx, keys[i]) })
	if err != nil {
		return nil, err
	}
	for i, cmd := range cmds {
		v, err := redisValue(cmd.(*redis.StringCmd))
		switch {
		case err == ErrNotFound, redis.HasErrorPrefix(err, "WRONGTYPE"): // which MGET has as missing, too
			values[i] = ErrNotFound
		case err != nil:
			return nil, err
		default:
			values[i] = v
		}
	}
	return values, nil
}

// redisTexts are the values of MGET and HMGET.
func redisTexts(cmd *redis.SliceCmd) ([]any, error) {
	values, err := cmd.Result()
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if v == nil {
			values[i] = ErrNotFound
		}
	}
	return values, nil
}

// inBytes makes text bytes, in its place.
func inBytes(values []any) []any {
	for i, v := range values {
		if text, ok := v.(string); ok {
			values[i] = []byte(text)
		}
	}
	return values
}

// pipeline sends one command for each key in one go. The errors of single commands
// are in the commands.
func (s *RedisStorage) pipeline(ctx context.Context, keys []string, add func(p redis.Pipeliner, i int)) ([]redis.Cmder, error) {
	p := s.Client.Pipeline()
	for i := range keys {
		add(p, i)
	}
	cmds, err := p.Exec(ctx)
	if len(cmds) != len(keys) { // nothing was sent
		return nil, err
	}
	return cmds, nil
}

// each is pipeline for commands of which only the errors matter.
func (s *RedisStorage) each(ctx context.Context, keys []string, add func(p redis.Pipeliner, i int)) error {
	if len(keys) == 0 {
		return nil
	}
	cmds, err := s.pipeline(ctx, keys, add)
	if err != nil {
		return err
	}
	errs := make([]error, len(cmds))
	for i, cmd := range cmds {
		errs[i] = cmd.Err()
	}
	return bulkErrors(errs)
}

// SetManyValues implements BulkStorage: one MSET; with an expiry or on several
// servers a pipeline in which each value has its own expiry.
// Python: set_many_values.
func (s *RedisStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if expire == 0 && !s.sharded() && len(keys) > 0 {
		pairs := make([]any, 0, 2*len(keys))
		for i, key := range keys {
			pairs = append(pairs, key, values[i])
		}
		return s.Client.MSet(ctx, pairs...).Err()
	}
	expire = milliseconds(expire)
	return s.each(ctx, keys, func(p redis.Pipeliner, i int) { p.Set(ctx, keys[i], values[i], expire) })
}

// DeleteManyValues implements BulkStorage.
func (s *RedisStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	if !s.sharded() && len(keys) > 0 {
		return s.Client.Del(ctx, keys...).Err()
	}
	return s.each(ctx, keys, func(p redis.Pipeliner, i int) { p.Del(ctx, keys[i]) })
}

// HasManyValues implements BulkStorage.
func (s *RedisStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	cmds, err := s.pipeline(ctx, keys, func(p redis.Pipeliner, i int) { p.Exists(ctx, keys[i]) })
	if err != nil {
		return nil, err
	}
	has, errs := make([]bool, len(keys)), make([]error, len(keys))
	for i, cmd := range cmds {
		var n int64
		n, errs[i] = cmd.(*redis.IntCmd).Result()
		has[i] = n > 0
	}
	return has, bulkErrors(errs)
}

// TouchManyValues implements BulkStorage.
func (s *RedisStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	expire = milliseconds(expire)
	return s.each(ctx, keys, func(p redis.Pipeliner, i int) { p.PExpire(ctx, keys[i], expire) })
}
