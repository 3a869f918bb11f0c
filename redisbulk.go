package ring

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
)

// GetManyValues implements BulkStorage: one round trip, to each of several servers; on one
// server a second one for what is missing, if the look-up before missed nothing. Of a key
// that failed the BulkErrors have the error, and its value is ErrNotFound; what the other
// servers answered is there. Python: get_many_values.
func (s *RedisStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	values, err := s.getManyTexts(ctx, keys)
	return inBytes(values), err
}

// getManyTexts is GetManyValues with text in the place of bytes, which is how the
// client has it.
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

// getTogether looks up on the one server. MGET, which costs the server and the client
// two thirds of a pipeline of GETs, has nothing to say of a value of another type, such as
// a list. That there are more values than it found is what EXISTS tells. Where the last
// look-up missed something this one may, too, and asks for both in one round trip; else
// EXISTS is asked for what is missing, if anything is.
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

// getMissing asks again for what MGET did not find.
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

// getEach asks for each key by itself, in one pipeline, and sets its value or ErrNotFound.
// What failed has an error in its place.
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

// redisTexts are the values of MGET and HMGET.
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

// inBytes makes text bytes, in its place.
func inBytes(values []any) []any {
	for i, v := range values {
		if text, ok := v.(string); ok {
			values[i] = []byte(text)
		}
	}
	return values
}

// SetManyValues implements BulkStorage: one MSET; with an expiry or on several
// servers a pipeline in which each value has its own expiry.
// Python: set_many_values.
func (s *RedisStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if expire == 0 && !s.sharded() && len(keys) > 0 {
		return redisio.Write(ctx, s.Client, redisio.StatusCommand(ctx, redisio.PairsCommand(keys, values, "mset")...))
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.SetCommand(ctx, keys[i], values[i], expire)
	})
}

// DeleteManyValues implements BulkStorage.
func (s *RedisStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	if !s.sharded() && len(keys) > 0 {
		return redisio.Write(ctx, s.Client, redisio.CountCommand(ctx, redisio.KeysCommand(keys, "del")...))
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.CountCommand(ctx, "del", keys[i])
	})
}

// HasManyValues implements BulkStorage. Of a key that failed the BulkErrors have the
// error, and its answer is false.
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

// TouchManyValues implements BulkStorage.
func (s *RedisStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	if expire == 0 {
		return errNoExpiry
	}
	return writeEach(ctx, s.Client, keys, func(i int) redis.Cmder {
		return redisio.TouchCommand(ctx, keys[i], expire)
	})
}

// writeEach sends one write for each key in one pipeline.
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

// errorsOf are the errors of commands, nil when there is none.
func errorsOf[C redis.Cmder](cmds []C) error {
	errs := make([]error, len(cmds))
	for i, cmd := range cmds {
		errs[i] = cmd.Err()
	}
	return bulkErrors(errs)
}
