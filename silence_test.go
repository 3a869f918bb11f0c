package ring_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// network is a network in which connections fall silent, like those that a balancer has
// dropped.
type network struct {
	addr   string
	mute   atomic.Int64  // the number of connections that will fall silent when asked for a value
	silent atomic.Int64  // the number of silent connections
	hold   chan struct{} // a request that contains "held" arrives when it is closed
	late   atomic.Int64  // how often such a request has arrived
}

func newNetwork(t *testing.T, server *testserver.Server) *network {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := &network{addr: l.Addr().String(), hold: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial(server.Network, server.Addr)
			if err != nil {
				c.Close()
				continue
			}
			context.AfterFunc(ctx, func() { c.Close(); s.Close() })
			conns.Go(func() { n.relay(c, s) })
			conns.Go(func() { io.Copy(c, s); c.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); cancel(); conns.Wait() })
	return n
}

func (n *network) relay(c, s net.Conn) {
	defer s.Close()
	buf := make([]byte, 1<<16)
	for silent := false; ; {
		size, err := c.Read(buf)
		if err != nil {
			return
		}
		if !silent && bytes.Contains(buf[:size], []byte("get")) && n.falls() {
			silent = true
			n.silent.Add(1)
		}
		held := bytes.Contains(buf[:size], []byte("held"))
		if held {
			<-n.hold
		}
		if !silent {
			s.Write(buf[:size])
		}
		if held {
			n.late.Add(1)
		}
	}
}

// falls reports whether a connection falls silent now.
func (n *network) falls() bool {
	for left := n.mute.Load(); left > 0; left = n.mute.Load() {
		if n.mute.CompareAndSwap(left, left-1) {
			return true
		}
	}
	return false
}

// TestSilentConnections: if a few of its connections are silent, a client still answers
// nearly every call, in every second.
func TestSilentConnections(t *testing.T) {
	server := testserver.Redis(t)
	for _, tt := range []struct {
		goesByContext bool
		keys          int
		hash          bool
	}{{false, 1 << 30, false}, {false, 3, true}, {true, 1 << 30, true}, {true, 3, false}} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			t.Parallel()
			silentConnections(t, server, tt.goesByContext, tt.keys, tt.hash)
		})
	}
}

const (
	trafficSeconds  = 3
	trafficDeadline = 200 * time.Millisecond
	trafficSlow     = trafficDeadline / 4
)

// traffic is what calls with a deadline came to, by the second in which they began.
type traffic struct {
	calls, failed, slow [trafficSeconds]atomic.Int64 // slow ones may fail
}

// drive lets callers call f, each one call after the other, until the time is over.
func (tr *traffic) drive(f *ring.Rope, start time.Time, callers, keys int, each func(second int)) {
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := 0; ; i++ {
				second := int(time.Since(start) / time.Second)
				if second >= trafficSeconds {
					return
				}
				each(second)
				tr.call(f, second, (caller*1000000+i)%keys)
				time.Sleep(20 * time.Millisecond) // as it takes to serve a request
			}
		})
	}
	wg.Wait()
}

func (tr *traffic) call(f *ring.Rope, second, key int) {
	ctx, cancel := context.WithTimeout(context.Background(), trafficDeadline)
	defer cancel()
	began := time.Now()
	_, err := f.Call(ctx, key)
	tr.calls[second].Add(1)
	if err != nil {
		tr.failed[second].Add(1)
	}
	if time.Since(began) > trafficSlow {
		tr.slow[second].Add(1)
	}
}

func share(of, all *atomic.Int64) float64 { return float64(of.Load()) / float64(max(1, all.Load())) }

// silentConnections also drives a client without silent connections: if its calls are slow,
// the machine is busy, and others may be slow as well.
func silentConnections(t *testing.T, server *testserver.Server, goesByContext bool, keys int, hash bool) {
	silenced, sound := newNetwork(t, server), newNetwork(t, server)
	rope := func(n *network, name string) *ring.Rope {
		client := redis.NewClient(&redis.Options{Addr: n.addr, PoolSize: 40, ContextTimeoutEnabled: goesByContext})
		t.Cleanup(func() { client.Close() })
		late := ring.Options{OnError: func(context.Context, *ring.Error) {}} // of writes that their callers have left
		var factory ring.Factory = ring.Redis{Client: client, KeyPrefix: t.Name() + name, Options: late}
		if hash {
			factory = ring.RedisHash{Client: client, HashKey: "h" + name, KeyPrefix: t.Name(), Options: late}
		}
		return ring.Wrap(func(ctx context.Context, key int) string { return "x" }, factory)
	}
	tested, control := rope(silenced, "tested"), rope(sound, "control")
	var got, usual traffic
	var fall sync.Once
	start := time.Now()
	var wg sync.WaitGroup
	wg.Go(func() { usual.drive(control, start, 16, keys, func(int) {}) })
	got.drive(tested, start, 32, keys, func(second int) {
		if second == 1 {
			fall.Do(func() { silenced.mute.Store(2) })
		}
	})
	wg.Wait()
	limit := 0.05
	if racing > 0 { // which makes the machine a busy one
		limit = 0.15
	}
	for i := range trafficSeconds {
		failed, slow := share(&got.failed[i], &got.calls[i]), share(&usual.slow[i], &usual.calls[i])
		assert.LessOrEqual(t, failed, limit+4*slow, "the share of calls that failed in second %d. "+
			"Expected: %v, and more only on a busy machine: a share of %v took longer than %v without silent connections", i, limit, slow, trafficSlow)
	}
	assert.EqualValues(t, 2, silenced.silent.Load())
}

// TestSilentConnectionsWithoutDeadline: only calls on the silent connections wait for
// them.
func TestSilentConnectionsWithoutDeadline(t *testing.T) {
	n := newNetwork(t, testserver.Redis(t))
	client := redis.NewClient(&redis.Options{Addr: n.addr, PoolSize: 40})
	f := ring.Wrap(func(n int) string { return "x" }, ring.Redis{Client: client, KeyPrefix: "f"})
	_, err := f.Call(0)
	require.NoError(t, err)
	n.mute.Store(2)
	var answers atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if _, err := f.Call(i); err == nil {
				answers.Add(1)
			}
		})
	}
	assert.Eventually(t, func() bool { return answers.Load() >= 62 }, 3*time.Second, time.Millisecond)
	client.Close() // the two silent ones
	wg.Wait()
}

// TestLateWriteUndoesNothing: a write that is under way at its caller's deadline ends
// before the next one for its key begins, also with a client that respects contexts.
func TestLateWriteUndoesNothing(t *testing.T) {
	server := testserver.Redis(t)
	for name, set := range map[string]func(w *ring.Wire, v string) error{
		"set":      func(w *ring.Wire, v string) error { return w.Set(v, 1) },
		"set_many": func(w *ring.Wire, v string) error { return w.SetMany([]any{ring.Args{1}}, []any{v}) },
	} {
		n := newNetwork(t, server)
		client := redis.NewClient(&redis.Options{Addr: n.addr, ContextTimeoutEnabled: true})
		defer client.Close()
		for kind, factory := range map[string]ring.Factory{
			"string":   ring.Redis{Client: client, KeyPrefix: name},
			"expiring": ring.Redis{Client: client, KeyPrefix: name + "e", Expire: time.Minute},
			"hash":     ring.RedisHash{Client: client, HashKey: name + "h", KeyPrefix: "f"},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				n.hold = make(chan struct{})
				before := n.late.Load()
				f := ring.Wrap(func(n int) string { return "made" }, factory)
				require.NoError(t, f.Set("first", 1))
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
				defer cancel()
				require.ErrorIs(t, set(f.WithContext(ctx), "held"), context.DeadlineExceeded)
				done := make(chan error)
				go func() { done <- f.Set("second", 1) }()
				select {
				case <-done:
					close(n.hold)
					require.Fail(t, "the second write did not wait for the first")
				case <-time.After(50 * time.Millisecond):
				}
				close(n.hold)
				require.NoError(t, <-done)
				require.Eventually(t, func() bool { return n.late.Load() == before+1 }, 5*time.Second, time.Millisecond)
				v, err := f.Get(1)
				require.NoError(t, err)
				assert.Equal(t, "second", v)
			})
		}
	}
}

// TestWritesHaveTheirOwnTime: no write is cut short by its caller's deadline, and its
// hooks see the caller's values.
func TestWritesHaveTheirOwnTime(t *testing.T) {
	client := redisClient(t, testserver.Redis(t))
	hook := &writeContexts{}
	client.AddHook(hook)
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), callerKey{}, "the caller's"), time.Minute)
	defer cancel()
	text, hash := &ring.RedisStorage{Client: client}, &ring.RedisHashStorage{Client: client, HashKey: "h"}
	keys, values := []string{"a", "b"}, []any{"x", "y"}
	for i, write := range []func() error{
		func() error { return text.SetValue(ctx, "a", "x", 0) },
		func() error { return text.SetValue(ctx, "a", "x", time.Minute) },
		func() error { return text.DeleteValue(ctx, "a") },
		func() error { return text.TouchValue(ctx, "a", time.Minute) },
		func() error { return text.SetManyValues(ctx, keys, values, 0) },
		func() error { return text.SetManyValues(ctx, keys, values, time.Minute) },
		func() error { return text.DeleteManyValues(ctx, keys) },
		func() error { return text.TouchManyValues(ctx, keys, time.Minute) },
		func() error { return hash.SetValue(ctx, "a", "x", 0) },
		func() error { return hash.DeleteValue(ctx, "a") },
		func() error { return hash.SetManyValues(ctx, keys, values, 0) },
		func() error { return hash.DeleteManyValues(ctx, keys) },
	} {
		hook.seen = nil
		require.NoError(t, write())
		require.NotNil(t, hook.seen, i)
		assert.Nil(t, hook.seen.Done(), i)
		assert.Equal(t, "the caller's", hook.seen.Value(callerKey{}), i)
	}
	cancel()
	hook.seen = nil
	assert.ErrorIs(t, text.SetValue(ctx, "a", "x", 0), context.Canceled)
	assert.ErrorIs(t, text.TouchManyValues(ctx, keys, time.Minute), context.Canceled)
	assert.Nil(t, hook.seen, "nothing is sent any more")
}

type callerKey struct{}

// writeContexts records the context of each command.
type writeContexts struct{ seen context.Context }

func (*writeContexts) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *writeContexts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { h.seen = ctx; return next(ctx, cmd) }
}

func (h *writeContexts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() != "hello" { // the client's own
			h.seen = ctx
		}
		return next(ctx, cmds)
	}
}
