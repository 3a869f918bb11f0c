package redisio

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Question is what to ask for a key.
type Question struct {
	Client redis.UniversalClient
	Hash   *string // the hash that the key is a field of; nil: none
}

// command is a look-up in one piece with its arguments.
type command struct {
	redis.StringCmd
	args [3]any
}

// ask makes the command that of a question, without an answer yet.
func (c *command) ask(ctx context.Context, q Question, key string) *redis.StringCmd {
	args := c.args[:2]
	if q.Hash == nil {
		args[0], args[1] = "get", key
	} else {
		args = c.args[:]
		args[0], args[1], args[2] = "hget", *q.Hash, key
	}
	c.StringCmd = *redis.NewStringCmd(ctx, args...)
	c.SetVal(unanswered)
	return &c.StringCmd
}
