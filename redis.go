package ring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
	"github.com/ring-go/ring/internal/store"
)

// RedisPy caches in Redis, each value as one string key. Client is any client of
// go-redis: for one server, a Cluster, Sentinel, or go-redis' own Ring of servers.
//
// Without a Coder the results must be text, bytes or numbers, and a nil []byte comes
// back empty. Values outlive the program: when a result type changes, put a version into
// the KeyPrefix.
//
// On one server, a few look-ups at a time go each by itself. More than these go together,
// in pipelines. How many are a few depends on how far the server is. A look-up that waits
// longer than usual for its answer is repeated on another connection. A client with
// go-redis' client-side cache is asked for each value by itself, because pipelines bypass
// that cache.
//
// Hooks of the client see a single look-up with its caller's context, and a pipeline of
// several callers with a context without values. Commands go through the client's Process
// and Pipeline, not through methods such as Get.
//
// Set the client's ContextTimeoutEnabled to true if calls have deadlines. Otherwise a
// look-up whose caller has gone holds its connection until ReadTimeout is over. A write
// never ends with its caller's context, so that it cannot arrive after the next write
// for its key; WriteTimeout and ReadTimeout limit it.
//
// If a key holds a value of another Redis type, such as a list, every look-up fails
// (WRONGTYPE). Only Set, Update and their bulk forms replace such a value.
//
// Python: ring.redis, ring.func.sync.redis_py.
type RedisPy struct {
	Client        redis.UniversalClient // Python: client, redis.StrictRedis
	KeyPrefix     string                // "": the function's name. Python: key_prefix
	Expire        time.Duration         // counted from the store, in milliseconds; 0: none. Python: expire
	Coder         any                   // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface         // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass          // nil: NewRedisStorage. Python: storage_class
	Options       Options               // Python: **kwargs
}

// Redis caches in Redis: it is RedisPy under a short name. The fields are those of RedisPy:
// go doc ring.RedisPy.
// Python: ring.redis.
type Redis = RedisPy

func (f RedisPy) blueprint() (blueprint, error) {
	if isNil(f.Client) {
		return blueprint{}, errors.New("ring.Redis (RedisPy): Client is nil: give a client, such as redis.NewClient(…)")
	}
	return common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, f.Options}.blueprint(f.Client, orElse(f.StorageClass, NewRedisStorage)), nil
}

// RedisStorage keeps values as strings in Redis. Look-ups of many concurrent callers share
// round trips, as pipelines, if there is one server and the client has no cache of its own.
// A write that has begun does not end with its context, but when the client has finished
// it.
// Python: ring.func.sync.RedisStorage.
type RedisStorage struct {
	Client redis.UniversalClient

	lookups  redisio.Batcher
	locks    *redisio.Locks // those of its keys; nil: they have none
	foundAll atomic.Bool    // the last bulk look-up found all its keys
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

// sharded reports whether the keys of one call can be on several servers, so that no
// single command reaches all of them. go-redis then sends a pipeline to each.
func (s *RedisStorage) sharded() bool { return redisio.IsSharded(s.Client) }

// GetValue implements Storage by GET. Python: get_value.
func (s *RedisStorage) GetValue(ctx context.Context, key string) (any, error) {
	return redisValue(s.get(ctx, key))
}

func (s *RedisStorage) get(ctx context.Context, key string) *redis.StringCmd {
	return s.lookups.Get(ctx, redisio.Question{Client: s.Client}, key)
}

func redisValue(cmd *redis.StringCmd) (any, error) {
	b, err := cmd.Bytes()
	if err != nil {
		return nil, redisError(err)
	}
	return b, nil
}

// redisText is redisValue as text.
func redisText(cmd *redis.StringCmd) (any, error) {
	text, err := cmd.Result()
	if err != nil {
		return nil, redisError(err)
	}
	return text, nil
}

// redisError returns the error of a look-up.
func redisError(err error) error {
	if errors.Is(err, redis.Nil) {
		return ErrNotFound
	}
	return err
}

// SetValue implements Storage by SET, with PX if there is an expiry. Python: set_value.
func (s *RedisStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if s.locks != nil {
		return s.setVoiding(ctx, []string{key}, []any{value}, expire)
	}
	return redisio.Write(ctx, s.Client, redisio.SetCommand(ctx, key, value, expire))
}

// DeleteValue implements Storage by DEL. Python: delete_value.
func (s *RedisStorage) DeleteValue(ctx context.Context, key string) error {
	if s.locks != nil {
		return s.deleteVoiding(ctx, []string{key})
	}
	return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, "del", key))
}

// HasValue implements HasStorage by EXISTS. Python: has_value.
func (s *RedisStorage) HasValue(ctx context.Context, key string) (bool, error) {
	cmd := redisio.CountCommand(ctx, "exists", key)
	err := redisio.Process(ctx, s.Client, cmd)
	return err == nil && cmd.Val() > 0, err
}

// TTLValue implements TTLStorage by PTTL.
func (s *RedisStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	cmd := redisio.LeftCommand(ctx, key)
	switch err := redisio.Process(ctx, s.Client, cmd); {
	case err != nil:
		return 0, err
	case redisio.HasEnded(cmd):
		return 0, ErrNotFound
	}
	return redisio.Left(cmd), nil
}

// errNoExpiry: without an expiry, Redis could only remove the one that the key has.
var errNoExpiry = fmt.Errorf("%w: touch needs an expiry: give the factory an Expire", errors.ErrUnsupported)

// TouchValue implements TouchStorage by PEXPIRE; it needs an expire. Python: touch_value.
func (s *RedisStorage) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	return redisio.Write(ctx, s.Client, redisio.TouchCommand(ctx, key, expire))
}

func (s *RedisStorage) itself() Storage { return s }

func (s *RedisStorage) home() home {
	id, text := redisPlace(s.Client)
	texts := store.Texts{
		Get: func(ctx context.Context, key string) (any, error) {
			text, err := s.get(ctx, key).Result() // redisText, without its call
			if err != nil {
				return nil, redisError(err)
			}
			return text, nil
		},
		GetMany: s.getManyTexts, GetAged: s.getAgedText, GetManyAged: s.getManyAgedTexts,
	}
	return home{kind: "redis", place: place{id, text}, backend: s.Client, space: "redis", texts: texts}
}

// redisServer and redisHash identify places in Redis.
type redisServer struct {
	network, addr string
	db            int
}

type redisHash struct {
	client any
	key    string
}

// redisPlace returns the database of one server, which several clients can reach, or
// else the client. All clients of Sentinels report the same address, which says nothing.
func redisPlace(client redis.UniversalClient) (id any, text string) {
	c, ok := client.(*redis.Client)
	if !ok || c.Options().Addr == "FailoverClient" {
		return client, fmt.Sprintf("Redis by a %T", client)
	}
	o := c.Options()
	return redisServer{o.Network, o.Addr, o.DB}, fmt.Sprintf("Redis at %s, database %d", o.Addr, o.DB)
}

// GetManyValues implements BulkStorage: one round trip, to each of several servers. On
// one server it makes a second one for the missing keys if the look-up before missed
// nothing. A failed key has its error in the BulkErrors, and ErrNotFound as its value;
// the answers of the other servers are returned.
// Python: get_many_values.
func (s *RedisStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	values, err := s.getManyTexts(ctx, keys)
	return inBytes(values), err
}

// getManyTexts is GetManyValues with text instead of bytes, as the client returns it.
func (s *RedisStorage) getManyTexts(ctx context.Context, keys []string) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if s.sharded() {
		values := make([]any, len(keys))
		return values, bulkErrors(s.getEach(ctx, keys, values))
	}
	return s.getTogether(ctx, keys)
}

// getTogether looks up keys on one server. MGET costs the server and the client two
// thirds of a pipeline of GETs, but it answers nil for a value of another type, such as
// a list. EXISTS tells whether there are more values than MGET found. If the last
// look-up missed something, this one probably does as well, and sends both in one round
// trip; otherwise it sends EXISTS for the missing keys, if there are any.
func (s *RedisStorage) getTogether(ctx context.Context, keys []string) ([]any, error) {
	args := redisio.KeysCommand(keys, "mget")
	found, exist := redis.NewSliceCmd(ctx, args...), (*redis.IntCmd)(nil)
	if s.foundAll.Load() {
		_ = redisio.Process(ctx, s.Client, found)
	} else {
		args = slices.Clone(args)
		args[0] = "exists"
		exist = redisio.CountCommand(ctx, args...)
		redisio.Execute(ctx, s.Client, []redis.Cmder{found, exist})
	}
	values, err := redisTexts(found, keys)
	if err != nil {
		return nil, err
	}
	var missing []string
	for i, v := range values {
		if v == any(ErrNotFound) {
			missing = append(missing, keys[i])
		}
	}
	s.foundAll.Store(len(missing) == 0)
	if len(missing) == 0 {
		return values, nil
	}
	others := int64(len(keys) - len(missing))
	if exist == nil {
		others, exist = 0, redisio.CountCommand(ctx, redisio.KeysCommand(missing, "exists")...)
		_ = redisio.Process(ctx, s.Client, exist)
	}
	if exist.Err() == nil && exist.Val() == others {
		return values, nil
	}
	return values, s.getMissing(ctx, keys, values, missing)
}

// getMissing asks again for the keys that MGET did not find.
func (s *RedisStorage) getMissing(ctx context.Context, keys []string, values []any, missing []string) error {
	found := make([]any, len(missing))
	failed := s.getEach(ctx, missing, found)
	errs := make([]error, len(keys))
	for i, v := range values {
		if v == any(ErrNotFound) {
			values[i], errs[i] = found[0], failed[0]
			found, failed = found[1:], failed[1:]
		}
	}
	return bulkErrors(errs)
}

// getEach asks for each key by itself, in one pipeline, and sets its value or
// ErrNotFound. It returns the error of each key that failed.
func (s *RedisStorage) getEach(ctx context.Context, keys []string, values []any) []error {
	cmds := make([]*redis.StringCmd, len(keys))
	for i, key := range keys {
		cmds[i] = redisio.TextCommand(ctx, "get", key)
	}
	redisio.Execute(ctx, s.Client, cmds)
	errs := make([]error, len(keys))
	for i, cmd := range cmds {
		value, err := redisText(cmd)
		if err != nil {
			value = ErrNotFound
		}
		if err != ErrNotFound {
			errs[i] = err
		}
		values[i] = value
	}
	return errs
}

// redisTexts returns the values of MGET and HMGET.
func redisTexts(cmd *redis.SliceCmd, keys []string) ([]any, error) {
	values, err := cmd.Result()
	if err != nil {
		return nil, err
	}
	if len(values) != len(keys) {
		return nil, fmt.Errorf("the server returned %d values for %d keys", len(values), len(keys))
	}
	for i, v := range values {
		if v == nil {
			values[i] = ErrNotFound
		}
	}
	return values, nil
}

// inBytes replaces text by bytes, in place.
func inBytes(values []any) []any {
	for i, v := range values {
		if text, ok := v.(string); ok {
			values[i] = []byte(text)
		}
	}
	return values
}

// SetManyValues implements BulkStorage: one MSET, or with an expiry or on several
// servers a pipeline of one SET for each key.
// Python: set_many_values.
func (s *RedisStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if s.locks != nil {
		return s.setVoiding(ctx, keys, values, expire)
	}
	if expire == 0 && !s.sharded() && len(keys) > 0 {
		return redisio.Write(ctx, s.Client, redisio.StatusCommand(ctx, redisio.PairsCommand(keys, values, "mset")...))
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.SetCommand(ctx, keys[i], values[i], expire)
	})
}

// DeleteManyValues implements BulkStorage: one DEL, or on several servers a pipeline of them.
func (s *RedisStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	if s.locks != nil {
		return s.deleteVoiding(ctx, keys)
	}
	if !s.sharded() && len(keys) > 0 {
		return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, redisio.KeysCommand(keys, "del")...))
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.CountCommand(ctx, "del", keys[i])
	})
}

// HasManyValues implements BulkStorage. A failed key has its error in the BulkErrors and
// the answer false.
func (s *RedisStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return hasEach(ctx, s.Client, keys, func(key string) *redis.IntCmd { return redisio.CountCommand(ctx, "exists", key) })
}

// hasEach asks whether each key exists, in one pipeline.
func hasEach(ctx context.Context, client redis.UniversalClient, keys []string, ask func(key string) *redis.IntCmd) ([]bool, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	cmds := make([]*redis.IntCmd, len(keys))
	for i, key := range keys {
		cmds[i] = ask(key)
	}
	redisio.Execute(ctx, client, cmds)
	has := make([]bool, len(keys))
	for i, cmd := range cmds {
		has[i] = cmd.Err() == nil && cmd.Val() > 0
	}
	return has, errorsOf(cmds)
}

// TouchManyValues implements BulkStorage: one pipeline of PEXPIRE; it needs an expire.
func (s *RedisStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.TouchCommand(ctx, keys[i], expire)
	})
}

// writeEach sends one write for each key, in one pipeline.
func writeEach(ctx context.Context, client redis.UniversalClient, keys []string, write func(i int) redis.Cmder) error {
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return err
	}
	cmds := make([]redis.Cmder, len(keys))
	for i := range keys {
		cmds[i] = write(i)
	}
	redisio.Execute(context.WithoutCancel(ctx), client, cmds)
	return errorsOf(cmds)
}

// errorsOf returns the errors of commands, nil if none failed.
func errorsOf[C redis.Cmder](cmds []C) error {
	errs := make([]error, len(cmds))
	for i, cmd := range cmds {
		errs[i] = cmd.Err()
	}
	return bulkErrors(errs)
}
