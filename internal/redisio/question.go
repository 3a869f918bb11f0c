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

// alone asks by itself.
func (q Question) alone(ctx context.Context, key string) *redis.StringCmd {
	cmd := new(command).ask(ctx, q, key)
	processText(ctx, q.Client, cmd)
	return cmd
}

// goesAlone tells that a question has nothing to gain from a batch, or something to lose:
// its client keeps answers in a cache, which pipelines pass by, or it has several servers,
// of which one that hangs must not hold up what the others know.
func (q Question) goesAlone() bool {
	return hasCache(q.Client) || q.Hash == nil && IsSharded(q.Client)
}

// IsSharded tells whether keys can lie on several servers. It is false for a client of one
// server, which alone has a Conn, and for one that embeds it. Of a client that it does not
// know it supposes the worse.
func IsSharded(client redis.UniversalClient) bool {
	_, single := client.(interface{ Conn() *redis.Conn })
	return !single
}

// hasCache tells whether a client has go-redis' client-side cache. Of one that does not
// show its options it supposes that it has none.
func hasCache(client redis.UniversalClient) bool {
	c, ok := client.(interface{ Options() *redis.Options })
	if !ok {
		return false
	}
	o := c.Options()
	return (o.ClientSideCacheConfig != nil || o.ClientSideCache != nil) && o.Protocol == 3 && o.DB == 0
}
