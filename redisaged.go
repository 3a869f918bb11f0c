package ring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
)

var (
	_ AgedStorage    = (*RedisStorage)(nil)
	_ CondStorage    = (*RedisStorage)(nil)
	_ ShortenStorage = (*RedisStorage)(nil)
)

// GetAged implements AgedStorage by GET and PTTL in one round trip, which concurrent
// callers share as for GetValue. It bypasses a cache of the client, because only the
// server knows the time left. The Version is the text of the value.
func (s *RedisStorage) GetAged(ctx context.Context, key string) (Aged, error) {
	text, left, err := s.getAgedText(ctx, key)
	if err != nil {
		return Aged{}, err
	}
	return agedBytes(text, left), nil
}

// agedBytes returns a copy of the text as the value: who changes that must not change the
// version.
func agedBytes(text any, left time.Duration) Aged {
	if text, ok := text.(string); ok {
		return Aged{Value: []byte(text), Left: left, Version: text}
	}
	return Aged{Value: text}
}

// getAgedText is GetAged with the value as text, which is its version as well.
func (s *RedisStorage) getAgedText(ctx context.Context, key string) (text any, left time.Duration, err error) {
	cmd, left := s.lookups.GetAged(ctx, redisio.Question{Client: s.Client}, key)
	if text, err = redisText(cmd); err != nil {
		return nil, 0, err
	}
	return text, left, nil
}

// GetManyAged implements AgedStorage: one round trip, to each of several servers. A
// failed key has its error in the BulkErrors, and ErrNotFound as its value.
func (s *RedisStorage) GetManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	texts, left, err := s.getManyAgedTexts(ctx, keys)
	if texts == nil {
		return nil, err
	}
	aged := make([]Aged, len(texts))
	for i, text := range texts {
		aged[i] = agedBytes(text, left[i])
	}
	return aged, err
}

// getManyAgedTexts is GetManyAged with the values as text, which are their versions as
// well.
func (s *RedisStorage) getManyAgedTexts(ctx context.Context, keys []string) (texts []any, left []time.Duration, err error) {
	if len(keys) == 0 {
		return nil, nil, nil
	}
	if !s.sharded() {
		return s.getAgedTogether(ctx, keys)
	}
	texts, left = make([]any, len(keys)), make([]time.Duration, len(keys))
	return texts, left, bulkErrors(s.getEachAged(ctx, keys, texts, left))
}

// getAgedTogether looks up keys on one server. MGET answers nil for a value of another
// type, such as a list, but PTTL tells that there is one.
func (s *RedisStorage) getAgedTogether(ctx context.Context, keys []string) ([]any, []time.Duration, error) {
	found := redis.NewSliceCmd(ctx, redisio.KeysCommand(keys, "mget")...)
	ages := leftCommands(ctx, keys)
	all := make([]redis.Cmder, 0, 1+len(keys))
	all = append(all, found)
	for _, age := range ages {
		all = append(all, age)
	}
	redisio.Execute(ctx, s.Client, all)
	texts, err := redisTexts(found, keys)
	if err != nil {
		return nil, nil, err
	}
	left, errs := make([]time.Duration, len(keys)), make([]error, len(keys))
	var others []int // keys of a value that MGET does not read
	for i, age := range ages {
		left[i] = redisio.Left(age)
		switch {
		case age.Err() != nil:
			texts[i], errs[i] = ErrNotFound, age.Err()
		case texts[i] == any(ErrNotFound) && !redisio.HasEnded(age):
			others = append(others, i)
		}
	}
	if len(others) > 0 {
		s.getOthersAged(ctx, keys, others, texts, left, errs)
	}
	return texts, left, bulkErrors(errs)
}

// getOthersAged asks again for some of the keys, each by itself.
func (s *RedisStorage) getOthersAged(ctx context.Context, keys []string, others []int, texts []any, left []time.Duration, errs []error) {
	again := make([]string, len(others))
	for n, i := range others {
		again[n] = keys[i]
	}
	found, ages := make([]any, len(again)), make([]time.Duration, len(again))
	failed := s.getEachAged(ctx, again, found, ages)
	for n, i := range others {
		texts[i], left[i], errs[i] = found[n], ages[n], failed[n]
	}
}

// getEachAged is getEach with the times left: GET and PTTL for each key, in one pipeline.
func (s *RedisStorage) getEachAged(ctx context.Context, keys []string, texts []any, left []time.Duration) []error {
	values, ages := make([]*redis.StringCmd, len(keys)), leftCommands(ctx, keys)
	all := make([]redis.Cmder, 0, 2*len(keys))
	for i, key := range keys {
		values[i] = redisio.TextCommand(ctx, "get", key)
		all = append(all, values[i], ages[i])
	}
	redisio.Execute(ctx, s.Client, all)
	errs := make([]error, len(keys))
	for i, cmd := range values {
		text, err := redisText(cmd)
		if err == nil {
			err = ages[i].Err()
		}
		if err != nil {
			text = ErrNotFound
		}
		if err != ErrNotFound {
			errs[i] = err
		}
		texts[i], left[i] = text, redisio.Left(ages[i])
	}
	return errs
}

func leftCommands(ctx context.Context, keys []string) []*redis.IntCmd {
	cmds := make([]*redis.IntCmd, len(keys))
	for i, key := range keys {
		cmds[i] = redisio.LeftCommand(ctx, key)
	}
	return cmds
}

// AddValue implements CondStorage by SET with NX. If the client repeats the command,
// because it got no answer at first, it may report false for its own store.
func (s *RedisStorage) AddValue(ctx context.Context, key string, value any, expire time.Duration) (bool, error) {
	err := redisio.Write(ctx, s.Client, redisio.AddCommand(ctx, key, value, expire))
	if errors.Is(err, redis.Nil) { // the answer if the key has a value
		return false, nil
	}
	return err == nil, err
}

// replaceScript stores the second argument if the first one is what the key has. The
// third is the expiry in milliseconds, if there is one.
var replaceScript = redisio.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
return 1`)

// ReplaceValue implements CondStorage by a script: what is stored under the key is still
// that version if it has the same text. If the client repeats the command, because it got
// no answer at first, it may report false for its own store.
func (s *RedisStorage) ReplaceValue(ctx context.Context, key string, version, value any, expire time.Duration) (bool, error) {
	text, ok := version.(string)
	if !ok {
		return false, fmt.Errorf("%w: the version is what GetAged returned, a string, not %T", ErrArguments, version)
	}
	args := []any{text, value}
	if expire != 0 {
		args = append(args, redisio.Milliseconds(expire))
	}
	n, err := replaceScript.Write(ctx, s.Client, key, args...)
	return n == 1, err
}

// shortenScript leaves a value at most so many milliseconds. PEXPIRE has the option LT for
// it, but not before Redis 7, and there it leaves alone a value without expiry.
var shortenScript = redisio.NewScript(`
local left = redis.call('PTTL', KEYS[1])
if left == -1 or left > tonumber(ARGV[1]) then
  return redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 0`)

// ShortenValue implements ShortenStorage by a script. It is in milliseconds, rounded up.
func (s *RedisStorage) ShortenValue(ctx context.Context, key string, left time.Duration) error {
	_, err := shortenScript.Write(ctx, s.Client, key, redisio.Milliseconds(left))
	return err
}
