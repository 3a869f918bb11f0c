package redisio

import (
	"context"
	"time"
	"unsafe"

	"github.com/redis/go-redis/v9"
)

// Question says what to ask for a key.
type Question struct {
	Client redis.UniversalClient
	Hash   *string // the hash of which the key is a field; nil: none
	aged   bool    // it is also for the time left to the value
}

// command is a look-up, its arguments and the key among them, in one allocation.
type command struct {
	redis.StringCmd
	args [3]any
	key  string // never changes: an argument lies here
}

// ask sets up the command for a question. It has no answer yet.
func (c *command) ask(ctx context.Context, q Question, key string) *redis.StringCmd {
	c.key = key
	args := c.args[:2]
	if q.Hash == nil {
		args[0], args[1] = "get", textAt(&c.key)
	} else {
		args = c.args[:]
		args[0], args[1], args[2] = "hget", *q.Hash, textAt(&c.key)
	}
	c.StringCmd = *redis.NewStringCmd(ctx, args...)
	c.SetVal(unanswered)
	return &c.StringCmd
}

// textAt returns the text that lies at s, and stays there, as an any that no allocation is
// made for.
func textAt(s *string) any {
	v := any("")
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] = unsafe.Pointer(s)
	return v
}

// alone asks for one key, and reports whether the server has answered.
func (q Question) alone(ctx context.Context, key string) (cmd *redis.StringCmd, left time.Duration, answered bool) {
	if q.aged {
		return q.agedAlone(ctx, key)
	}
	cmd = new(command).ask(ctx, q, key)
	return cmd, 0, processText(ctx, q.Client, cmd)
}

// goesAlone reports whether a batch would be no gain or a loss for a question: the
// client keeps answers in a cache, which pipelines bypass, or it has several servers,
// and one that hangs must not delay the answers of the others.
func (q Question) goesAlone() bool {
	return hasCache(q.Client) || q.Hash == nil && IsSharded(q.Client)
}

// IsSharded reports whether keys can be on several servers. It returns false for a
// client of one server, the only one with a method Conn, and for a client that embeds
// it. A client that it does not know may be sharded.
func IsSharded(client redis.UniversalClient) bool {
	_, single := client.(interface{ Conn() *redis.Conn })
	return !single
}

// hasCache reports whether a client has go-redis' client-side cache. A client that does
// not show its options is assumed to have none.
func hasCache(client redis.UniversalClient) bool {
	c, ok := client.(interface{ Options() *redis.Options })
	if !ok {
		return false
	}
	o := c.Options()
	return (o.ClientSideCacheConfig != nil || o.ClientSideCache != nil) && o.Protocol == 3 && o.DB == 0
}
