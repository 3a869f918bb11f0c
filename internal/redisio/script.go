package redisio

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/go-redis/v9"
)

// Script is a script for one key that returns a number. The server knows it by its hash
// once it has run it.
type Script struct{ text, hash string }

func NewScript(text string) Script {
	sum := sha1.Sum([]byte(text))
	return Script{text, hex.EncodeToString(sum[:])}
}

// Write runs the script as a write. It sends the text only to a server that does not know
// it.
func (s Script) Write(ctx context.Context, client redis.UniversalClient, key string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	ctx = context.WithoutCancel(ctx) // for both commands: a write that has begun does not end with it
	cmd := s.command(ctx, "evalsha", s.hash, key, args)
	err := Process(ctx, client, cmd)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		cmd = s.command(ctx, "eval", s.text, key, args)
		err = Process(ctx, client, cmd)
	}
	if err != nil {
		return 0, err
	}
	return cmd.Val(), nil
}

func (s Script) command(ctx context.Context, name, script, key string, args []any) *redis.IntCmd {
	return CountCommand(ctx, append([]any{name, script, 1, key}, args...)...)
}
