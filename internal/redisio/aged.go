package redisio

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// pair is a look-up of a value and one of the time left to it, with their arguments, in
// one allocation.
type pair struct {
	command
	left     redis.IntCmd
	leftArgs [2]any
}

// ask sets up both commands. They have no answers yet.
func (p *pair) ask(ctx context.Context, q Question, key string) {
	p.command.ask(ctx, q, key)
	p.leftArgs = [2]any{"pttl", p.args[1]}
	p.left = *redis.NewIntCmd(ctx, p.leftArgs[:]...)
	p.left.SetVal(uncounted)
}

// answer returns the answer for the value. It is a failure if the time left to a value is
// not known.
func (p *pair) answer(ctx context.Context) *redis.StringCmd {
	if err := p.left.Err(); err != nil && p.command.Err() == nil {
		return failed(ctx, err)
	}
	return &p.command.StringCmd
}

// agedAlone is alone with the time left: two commands in one round trip.
func (q Question) agedAlone(ctx context.Context, key string) (cmd *redis.StringCmd, left time.Duration, answered bool) {
	return new(pair).alone(ctx, q, key)
}

// alone asks both questions. p has not been asked before.
func (p *pair) alone(ctx context.Context, q Question, key string) (cmd *redis.StringCmd, left time.Duration, answered bool) {
	p.ask(ctx, q, key)
	Execute(ctx, q.Client, []redis.Cmder{&p.command.StringCmd, &p.left})
	cmd = p.answer(ctx)
	return cmd, Left(&p.left), isAnswer(cmd)
}

// LeftCommand returns a command for the time left to a value.
func LeftCommand(ctx context.Context, key string) *redis.IntCmd {
	return CountCommand(ctx, "pttl", key)
}

// Left returns the time left to a value that was found: more than 0, or 0 if it does not
// expire. A value that has ended meanwhile has the shortest time left.
func Left(cmd *redis.IntCmd) time.Duration {
	switch ms := cmd.Val(); {
	case ms == noExpiry:
		return 0
	case ms <= 0:
		return 1
	default:
		return time.Duration(ms) * time.Millisecond
	}
}

// What Redis answers to PTTL in place of a time.
const (
	noExpiry = -1
	noValue  = -2
)

// HasEnded reports whether there was no value to tell the time left of.
func HasEnded(cmd *redis.IntCmd) bool { return cmd.Val() == noValue }
