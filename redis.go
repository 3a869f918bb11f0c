package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
	"github.com/ring-go/ring/internal/store"
)

// RedisPy caches in Redis, one string key for every value. Client is any client of
// go-redis: for one server, a Cluster, Sentinel, or go-redis' own Ring of servers.
// Python: ring.redis, ring.func.sync.redis_py.
//
// Without a Coder the results must be text, bytes or numbers; a nil []byte comes back empty.
// While other look-ups are under way on the one server, those that come go together in a
// pipeline. One that has no answer for longer than is usual is asked again on another
// connection. Hooks of the client see a single look-up with its caller's context, and a
// pipeline of several callers with a context that has no values. Commands go through the
// client's Process and Pipeline, not through methods such as Get.
//
// Give the client ContextTimeoutEnabled: true where calls have deadlines: without it, a
// look-up that its caller has left holds its connection until ReadTimeout is over. Writes
// never end with their caller's context, so that none arrives after the next one for its
// key; WriteTimeout and ReadTimeout limit them.
//
// A value of another type under a key, such as a list, is an error (WRONGTYPE) for every
// look-up; only Set, Update and their bulk forms replace it.
//
// Values outlive the program: when a result type changes, put a version into the KeyPrefix.
type RedisPy struct {
	Client        redis.UniversalClient // Python: client, redis.StrictRedis
	KeyPrefix     string                // "": the function's name. Python: key_prefix
	Expire        time.Duration         // from the store on, in milliseconds; 0: none. Python: expire
	Coder         any                   // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface         // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass          // nil: NewRedisStorage. Python: storage_class
	Options       Options               // Python: **kwargs
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
		coder: f.Coder, ui: f.UserInterface, options: f.Options,
	}, nil
}

func isNil(client any) bool {
	v := reflect.ValueOf(client)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// RedisStorage keeps values as strings in Redis. Python: ring.func.sync.RedisStorage.
//
// Look-ups of concurrent callers share round trips, as pipelines, where there is one
// server. A write that has begun does not end with its context, but when the client is done
// with it.
type RedisStorage struct {
	Client redis.UniversalClient

	lookups  redisio.Batcher
	foundAll atomic.Bool // the last bulk look-up did
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

// GetValue implements Storage. Python: get_value.
func (s *RedisStorage) GetValue(ctx context.Context, key string) (any, error) {
	return redisValue(s.get(ctx, key))
}

func (s *RedisStorage) get(ctx context.Context, key string) *redis.StringCmd {
	if s.sharded() { // a server that hangs must not hold up what the others know
		cmd := redisio.TextCommand(ctx, "get", key)
		_ = redisio.Process(ctx, s.Client, cmd)
		return cmd
	}
	return s.lookups.Get(ctx, redisio.Question{Client: s.Client}, key)
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
	return redisio.Write(ctx, s.Client, redisio.SetCommand(ctx, key, value, expire))
}

// DeleteValue implements Storage. Python: delete_value.
func (s *RedisStorage) DeleteValue(ctx context.Context, key string) error {
	return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, "del", key))
}

// HasValue implements HasStorage. Python: has_value.
func (s *RedisStorage) HasValue(ctx context.Context, key string) (bool, error) {
	cmd := redisio.CountCommand(ctx, "exists", key)
	err := redisio.Process(ctx, s.Client, cmd)
	return err == nil && cmd.Val() > 0, err
}

// TTLValue implements TTLStorage, to the millisecond.
func (s *RedisStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	cmd := redisio.CountCommand(ctx, "pttl", key)
	err := redisio.Process(ctx, s.Client, cmd)
	switch left := cmd.Val(); {
	case err != nil:
		return 0, err
	case left == -1: // of Redis, for no expiry
		return 0, nil
	case left < 0:
		return 0, ErrNotFound
	default:
		return max(time.Duration(left)*time.Millisecond, 1), nil
	}
}

// errNoExpiry: Redis could only take the expiry away.
var errNoExpiry = fmt.Errorf("%w: touch needs an expiry: give the factory an Expire", errors.ErrUnsupported)

// TouchValue implements TouchStorage. Python: touch_value.
func (s *RedisStorage) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	return redisio.Write(ctx, s.Client, redisio.TouchCommand(ctx, key, expire))
}

func (s *RedisStorage) itself() Storage { return s }

func (s *RedisStorage) home() home {
	id, text := redisPlace(s.Client)
	return home{place: place{id, text}, backend: s.Client, space: "redis", texts: store.Texts{Get: s.getText, GetMany: s.getManyTexts}}
}

// redisServer and redisHash are places in Redis.
type redisServer struct {
	network, addr string
	db            int
}

type redisHash struct {
	client any
	key    string
}

// redisPlace is the database of one server, which several clients can reach, or else
// the client. All clients of Sentinels name one address, which is none.
func redisPlace(client redis.UniversalClient) (id any, text string) {
	c, ok := client.(*redis.Client)
	if !ok || c.Options().Addr == "FailoverClient" {
		return client, fmt.Sprintf("Redis by a %T", client)
	}
	o := c.Options()
	return redisServer{o.Network, o.Addr, o.DB}, fmt.Sprintf("Redis at %s, database %d", o.Addr, o.DB)
}
