// Package redisio sends commands to Redis so that each has an answer or an error, and
// sends look-ups of concurrent callers as one pipeline.
package redisio

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// If a pipeline fails as a whole, its commands have no error: go-redis sets none if the
// server refuses the connection or a hook refuses the pipeline, and a command without an
// error looks like the answer "". So every command of the storages begins with a value
// that no server sends, and goes through Process or Execute, which give it an answer or
// an error.

// unanswered is the value of a command for text before its answer.
var unanswered = "no answer yet " + rand.Text()

// uncounted is the value of a command for a number before its answer.
const uncounted = math.MinInt64

// errUnanswered is for a command without an answer from a client that returns no error:
// of several failures of a pipeline go-redis returns one.
var errUnanswered = errors.New("no answer: the client has neither one nor an error for it (a hook that does not go on to the server must return an error)")

func TextCommand(ctx context.Context, args ...any) *redis.StringCmd {
	cmd := redis.NewStringCmd(ctx, args...)
	cmd.SetVal(unanswered)
	return cmd
}

func StatusCommand(ctx context.Context, args ...any) *redis.StatusCmd {
	cmd := redis.NewStatusCmd(ctx, args...)
	cmd.SetVal(unanswered)
	return cmd
}

func CountCommand(ctx context.Context, args ...any) *redis.IntCmd {
	cmd := redis.NewIntCmd(ctx, args...)
	cmd.SetVal(uncounted)
	return cmd
}

// KeysCommand returns the arguments of a command for several keys.
func KeysCommand(keys []string, name ...any) []any {
	args := slices.Grow(name, len(keys))
	for _, key := range keys {
		args = append(args, key)
	}
	return args
}

// PairsCommand returns the arguments of a command for keys and their values.
func PairsCommand(keys []string, values []any, name ...any) []any {
	args := slices.Grow(name, 2*len(keys))
	for i, key := range keys {
		args = append(args, key, values[i])
	}
	return args
}

// SetCommand returns a SET. Redis does not accept an expiry of 0 as none.
func SetCommand(ctx context.Context, key string, value any, expire time.Duration) *redis.StatusCmd {
	if expire == 0 {
		return StatusCommand(ctx, "set", key, value)
	}
	return StatusCommand(ctx, "set", key, value, "px", Milliseconds(expire))
}

// AddCommand returns a SET for a key without a value. If it has one, the answer is
// redis.Nil.
func AddCommand(ctx context.Context, key string, value any, expire time.Duration) *redis.StatusCmd {
	if expire == 0 {
		return StatusCommand(ctx, "set", key, value, "nx")
	}
	return StatusCommand(ctx, "set", key, value, "nx", "px", Milliseconds(expire))
}

func TouchCommand(ctx context.Context, key string, expire time.Duration) *redis.IntCmd {
	return CountCommand(ctx, "pexpire", key, Milliseconds(expire))
}

// Milliseconds returns an expiry in the unit of Redis, rounded up.
func Milliseconds(expire time.Duration) int64 {
	ms := int64(expire / time.Millisecond)
	if expire%time.Millisecond > 0 {
		ms++
	}
	return ms
}

// Process sends one command, which then has an answer or an error. It returns the error.
func Process(ctx context.Context, client redis.UniversalClient, cmd redis.Cmder) error {
	err := client.Process(ctx, cmd)
	if cmd.Err() == nil && !isAnswered(cmd, false) {
		cmd.SetErr(reason(err))
	}
	return cmd.Err()
}

// processText is Process for a look-up. It reports whether the server has answered.
func processText(ctx context.Context, client redis.UniversalClient, cmd *redis.StringCmd) bool {
	err := client.Process(ctx, cmd)
	text, failure := cmd.Result()
	if failure != nil {
		return failure == redis.Nil
	}
	if text == unanswered {
		cmd.SetErr(reason(err))
		return false
	}
	return true
}

// Execute sends commands as one pipeline. Each then has an answer or an error.
func Execute[C redis.Cmder](ctx context.Context, client redis.UniversalClient, cmds []C) {
	p := client.Pipeline()
	if all, ok := any(cmds).([]redis.Cmder); ok {
		_ = p.BatchProcess(ctx, all...) // this only queues them
	} else {
		for _, cmd := range cmds {
			_ = p.Process(ctx, cmd)
		}
	}
	_, err := p.Exec(ctx)
	// Exec returns the error of the whole pipeline, or else of the first command that
	// failed.
	if err != nil && slices.ContainsFunc(cmds, func(cmd C) bool { return errors.Is(cmd.Err(), err) }) {
		err = nil
	}
	_, auto := client.(*redis.AutoPipeliner)
	for _, cmd := range cmds {
		if cmd.Err() == nil && !isAnswered(cmd, auto && err != nil) {
			cmd.SetErr(reason(err))
		}
	}
}

func reason(err error) error {
	if err == nil || errors.Is(err, redis.Nil) { // the miss of another command
		return errUnanswered
	}
	return err
}

// isAnswered reports whether a command without an error has an answer. An AutoPipeliner
// may have removed the error of a first attempt, which leaves an empty value, before a
// second attempt failed.
func isAnswered(cmd redis.Cmder, failedAgain bool) bool {
	switch cmd := cmd.(type) {
	case *redis.StringCmd:
		return cmd.Val() != unanswered && (cmd.Val() != "" || !failedAgain)
	case *redis.StatusCmd:
		return cmd.Val() != unanswered && cmd.Val() != ""
	case *redis.IntCmd:
		return cmd.Val() != uncounted && (cmd.Val() != 0 || !failedAgain)
	case *redis.SliceCmd:
		return cmd.Val() != nil
	case *redis.ScanCmd:
		page, _ := cmd.Val()
		return len(page) != 1 || page[0] != unanswered
	}
	return false
}

// Write sends a write, with its own context: a client that obeys the caller's deadline
// would give up a write under way, and that could arrive after the next write for its
// key.
func Write(ctx context.Context, client redis.UniversalClient, write redis.Cmder) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return Process(context.WithoutCancel(ctx), client, write)
}
