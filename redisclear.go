package ring

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/redisio"
)

var (
	_ ClearStorage = (*RedisStorage)(nil)
	_ ClearStorage = (*RedisHashStorage)(nil)
)

// How many keys the server looks at, and removes, in one command. It takes a quarter of a
// millisecond for them: with a thousand, whoever asks at a bad moment waits for the processor as
// well, and so for more than 5 ms. A field comes with its value, which may be large.
const (
	scannedKeys   = 250
	scannedFields = 100
)

// ClearPrefix implements ClearStorage by SCAN and UNLINK, on each server that holds keys. The
// server looks at all its keys for that, 250 in a command.
func (s *RedisStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

func (s *RedisStorage) clearKeys(ctx context.Context, c *clearing) error {
	return redisio.Scan(ctx, s.Client, "", c.prefix, scannedKeys, func(ctx context.Context, keys []string) error {
		keys = c.chosen(keys)
		switch {
		case len(keys) == 0:
			return nil
		case s.sharded():
			return s.unlinkEach(ctx, keys, c)
		}
		return writeCounted(ctx, s.Client, redisio.CountCommand(ctx, redisio.KeysCommand(keys, "unlink")...), c)
	})
}

// unlinkEach removes keys that no single command may hold, in one pipeline.
func (s *RedisStorage) unlinkEach(ctx context.Context, keys []string, c *clearing) error {
	cmds := make([]*redis.IntCmd, len(keys))
	for i, key := range keys {
		cmds[i] = redisio.CountCommand(ctx, "unlink", key)
	}
	redisio.Execute(context.WithoutCancel(ctx), s.Client, cmds)
	for _, cmd := range cmds {
		if cmd.Err() == nil {
			c.removed.Add(cmd.Val())
		}
	}
	return errorsOf(cmds)
}

// writeCounted sends a command that returns how many values it has removed.
func writeCounted(ctx context.Context, client redis.UniversalClient, cmd *redis.IntCmd, c *clearing) error {
	err := redisio.Write(ctx, client, cmd)
	if err == nil {
		c.removed.Add(cmd.Val())
	}
	return err
}

// ClearPrefix implements ClearStorage by HSCAN and HDEL: other functions, also those of
// other processes, can have fields in the same hash. The server sends the values with the
// fields.
func (s *RedisHashStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

func (s *RedisHashStorage) clearKeys(ctx context.Context, c *clearing) error {
	return redisio.Scan(ctx, s.Client, s.HashKey, c.prefix, scannedFields, func(ctx context.Context, fields []string) error {
		if fields = c.chosen(fields); len(fields) == 0 {
			return nil
		}
		return writeCounted(ctx, s.Client, redisio.CountCommand(ctx, redisio.KeysCommand(fields, "hdel", s.HashKey)...), c)
	})
}
