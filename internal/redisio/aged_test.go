package redisio

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// pipes records the commands of pipelines.
type pipes struct {
	mu    sync.Mutex
	names [][]string
	fails string        // the command that fails
	hold  chan struct{} // holds pipelines back; nil: it does not
	held  chan struct{}
}

func (*pipes) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (*pipes) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (p *pipes) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var names []string
		for _, cmd := range cmds {
			names = append(names, cmd.Name())
		}
		if names[0] != "get" { // the client's own on a new connection
			return next(ctx, cmds)
		}
		p.mu.Lock()
		p.names = append(p.names, names)
		p.mu.Unlock()
		if p.hold != nil {
			p.held <- struct{}{}
			<-p.hold
		}
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if cmd.Name() == p.fails {
				cmd.SetErr(errMood)
			}
		}
		return err
	}
}

// TestAged: an aged look-up is one round trip, by itself and with others, which may be
// plain.
func TestAged(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr, Protocol: 2})
	t.Cleanup(func() { client.Close() })
	ctx, p := context.Background(), &pipes{held: make(chan struct{}, 100)}
	require.NoError(t, client.Set(ctx, "mortal", "1", time.Hour).Err())
	require.NoError(t, client.Set(ctx, "immortal", "2", 0).Err())
	require.NoError(t, client.LPush(ctx, "list", "x").Err())
	client.AddHook(p)
	b, q := new(Batcher), Question{Client: client}
	check := func(key string) {
		cmd, left := b.GetAged(ctx, q, key)
		switch key {
		case "mortal":
			assert.Equal(t, "1", cmd.Val())
			assert.Greater(t, left, 59*time.Minute)
			assert.LessOrEqual(t, left, time.Hour)
		case "immortal":
			assert.Equal(t, "2", cmd.Val())
			assert.Zero(t, left)
		case "missing":
			assert.Equal(t, redis.Nil, cmd.Err())
		case "list":
			assert.ErrorContains(t, cmd.Err(), "WRONGTYPE")
		}
	}
	keys := []string{"mortal", "immortal", "missing", "list"}
	for _, key := range keys {
		check(key)
	}
	pair := []string{"get", "pttl"}
	assert.Equal(t, [][]string{pair, pair, pair, pair}, p.names)

	b = new(Batcher)    // which does not know yet how far the server is
	b.least = time.Hour // nothing is given up
	p.names, p.hold = nil, make(chan struct{})
	var wg sync.WaitGroup
	for range leastRoom {
		wg.Go(func() { check("mortal") })
		<-p.held
	}
	for i, key := range keys {
		wg.Go(func() { check(key) })
		waiting(t, b, i+1)
	}
	wg.Go(func() { assert.Equal(t, "2", b.Get(ctx, q, "immortal").Val()) })
	waiting(t, b, len(keys)+1)
	close(p.hold)
	wg.Wait()
	assert.Len(t, p.names, leastRoom+1)
	assert.Equal(t, []string{"get", "pttl", "get", "pttl", "get", "pttl", "get", "pttl", "get"}, p.names[leastRoom])
}

func waiting(t *testing.T, b *Batcher, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.waiting) == n
	}, 10*time.Second, time.Millisecond)
}

// TestAgedAlone: a client that is asked for one value at a time gets one pipeline of two
// commands, also if it has a cache of its own.
func TestAgedAlone(t *testing.T) {
	client := redis.NewClient(&redis.Options{
		Addr: testserver.Redis(t).Addr, Protocol: 3, ClientSideCacheConfig: &redis.ClientSideCacheConfig{},
	})
	t.Cleanup(func() { client.Close() })
	ctx, p := context.Background(), new(pipes)
	require.NoError(t, client.Set(ctx, "key", "value", time.Hour).Err())
	client.AddHook(p)
	for _, q := range []Question{{Client: client}, {Client: struct{ redis.UniversalClient }{client}}} {
		p.names = nil
		cmd, left := new(Batcher).GetAged(ctx, q, "key")
		assert.Equal(t, "value", cmd.Val())
		assert.Greater(t, left, 59*time.Minute)
		assert.Equal(t, [][]string{{"get", "pttl"}}, p.names)
	}
}

// TestAgedFailures: without the time left, a look-up fails, but a miss is a miss.
func TestAgedFailures(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr, Protocol: 2})
	t.Cleanup(func() { client.Close() })
	ctx, p := context.Background(), &pipes{fails: "pttl"}
	require.NoError(t, client.Set(ctx, "key", "value", time.Hour).Err())
	client.AddHook(p)
	q := Question{Client: client}
	cmd, _ := new(Batcher).GetAged(ctx, q, "key")
	assert.ErrorIs(t, cmd.Err(), errMood)
	cmd, _ = new(Batcher).GetAged(ctx, q, "missing")
	assert.ErrorIs(t, cmd.Err(), redis.Nil)
	p.fails = "get"
	cmd, _ = new(Batcher).GetAged(ctx, q, "key")
	assert.ErrorIs(t, cmd.Err(), errMood)

	q.aged = true
	l := newLookup(ctx, q, "key")
	r := newRound(ctx, []*lookup{l}, false)
	r.fail(ctx, errMood)
	assert.ErrorIs(t, r.cmds[0].Err(), errMood)
	assert.Zero(t, r.left(0))
}

// TestLeft: the answers of PTTL.
func TestLeft(t *testing.T) {
	for ms, want := range map[int64]time.Duration{-1: 0, -2: 1, 0: 1, 1: time.Millisecond, 60_000: time.Minute} {
		cmd := LeftCommand(context.Background(), "key")
		cmd.SetVal(ms)
		assert.Equal(t, want, Left(cmd), ms)
		assert.Equal(t, ms == -2, HasEnded(cmd), ms)
	}
}

// TestScript: the text goes only to a server that does not know it, and an error of the
// script is an error.
func TestScript(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr, Protocol: 2})
	t.Cleanup(func() { client.Close() })
	ctx, calls := context.Background(), new(callNames)
	client.AddHook(calls)
	s := NewScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`)
	for i := range int64(3) {
		n, err := s.Write(ctx, client, "script", 2)
		require.NoError(t, err)
		assert.Equal(t, 2*(i+1), n)
	}
	assert.Equal(t, []string{"evalsha", "eval", "evalsha", "evalsha"}, calls.names)
	_, err := s.Write(ctx, client, "script", "no number")
	assert.ErrorContains(t, err, "not an integer")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.Write(ended, client, "script", 2)
	assert.ErrorIs(t, err, context.Canceled)
}

type callNames struct {
	redis.Hook
	names []string
}

func (*callNames) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *callNames) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			c.names = append(c.names, cmd.Name())
		}
		return next(ctx, cmd)
	}
}

func (*callNames) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
