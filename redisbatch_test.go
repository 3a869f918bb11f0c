package ring

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// gateHook holds single GETs back until it is opened, and notes the pipelines.
type gateHook struct {
	open     chan struct{}
	held     chan struct{} // receives for every GET that is held
	mu       sync.Mutex
	batches  []int
	panicked bool          // pipelines panic
	pipe     chan struct{} // holds pipelines back; nil: it does not
}

func (g *gateHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (g *gateHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "get" {
			g.held <- struct{}{}
			<-g.open
		}
		return next(ctx, cmd)
	}
}

func (g *gateHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() != "get" { // the client's own, of a new connection
			return next(ctx, cmds)
		}
		g.mu.Lock()
		g.batches = append(g.batches, len(cmds))
		g.mu.Unlock()
		if g.panicked {
			panic("the hook's")
		}
		if g.pipe != nil {
			g.held <- struct{}{}
			<-g.pipe
		}
		return next(ctx, cmds)
	}
}

// gated is a storage whose lanes are all busy, until the gate is opened.
func gated(t *testing.T) (*RedisStorage, *gateHook) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr, Protocol: 2})
	t.Cleanup(func() { client.Close() })
	ctx := t.Context()
	require.NoError(t, client.MSet(ctx, "a", "1", "empty", "").Err())
	require.NoError(t, client.LPush(ctx, "list", "x").Err())
	g := &gateHook{open: make(chan struct{}), held: make(chan struct{}, 100)}
	client.AddHook(g)
	s := &RedisStorage{Client: client}
	s.lookups.least = time.Hour // nothing is given up
	var wg sync.WaitGroup
	for range laneCount {
		wg.Go(func() { s.GetValue(context.Background(), "a") })
		<-g.held
	}
	t.Cleanup(wg.Wait)
	return s, g
}

// queued waits until so many callers are in the queue.
func queued(t *testing.T, s *RedisStorage, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return len(s.lookups.waiting) == n
	}, 10*time.Second, time.Millisecond)
}

// TestBatch: callers who wait go together, and each has an answer of its own.
func TestBatch(t *testing.T) {
	s, g := gated(t)
	keys := []string{"a", "none", "empty", "list", "a"}
	values, errs := make([]any, len(keys)), make([]error, len(keys))
	var wg sync.WaitGroup
	for i, key := range keys {
		wg.Go(func() { values[i], errs[i] = s.GetValue(context.Background(), key) })
		queued(t, s, i+1)
	}
	close(g.open)
	wg.Wait()
	assert.Equal(t, []any{[]byte("1"), nil, []byte{}, nil, []byte("1")}, values)
	assert.Equal(t, []error{nil, ErrNotFound, nil, errs[3], nil}, errs)
	assert.ErrorContains(t, errs[3], "WRONGTYPE")
	assert.Equal(t, []int{len(keys)}, g.batches)
	require.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return s.lookups.busy == 0
	}, 10*time.Second, time.Millisecond)
}

// TestBatchContexts: a caller who leaves does so on its own account, before and while the
// batch is asked for.
func TestBatchContexts(t *testing.T) {
	for _, asking := range []bool{false, true} {
		t.Run(fmt.Sprint(asking), func(t *testing.T) {
			s, g := gated(t)
			if asking {
				g.pipe = make(chan struct{})
			}
			leaving, cancel := context.WithCancel(context.Background())
			errs := make([]error, 4)
			var left, stay sync.WaitGroup
			for i := range errs {
				group, ctx := &stay, context.Background()
				if i%2 == 0 {
					group, ctx = &left, leaving
				}
				group.Go(func() { _, errs[i] = s.GetValue(ctx, "a") })
				queued(t, s, i+1)
			}
			want := 2
			if asking {
				close(g.open)
				<-g.held
				want = 4
			}
			cancel()
			left.Wait()
			if asking {
				close(g.pipe)
			} else {
				close(g.open)
			}
			stay.Wait()
			assert.Equal(t, []error{context.Canceled, nil, context.Canceled, nil}, errs)
			assert.Equal(t, []int{want}, g.batches)
		})
	}
}

// TestBatchDeadline: a server that hangs has nobody's time but the callers', if the client
// goes by contexts: when the last of them has left, the lanes are free.
func TestBatchDeadline(t *testing.T) {
	server := testserver.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true, ReadTimeout: -1})
	defer client.Close()
	require.NoError(t, client.Ping(t.Context()).Err())
	s := &RedisStorage{Client: client}
	server.Stop()
	var wg sync.WaitGroup
	for i := range laneCount + 20 {
		patience := 100 * time.Millisecond
		if i >= laneCount { // in batches, when the first have left
			patience = 500 * time.Millisecond
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, err := s.GetValue(ctx, "a")
			assert.Error(t, err)
		})
		if i < laneCount {
			require.Eventually(t, func() bool {
				s.lookups.mu.Lock()
				defer s.lookups.mu.Unlock()
				return s.lookups.busy == i+1
			}, 10*time.Second, time.Millisecond)
		}
	}
	wg.Wait()
	assert.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return s.lookups.busy == 0
	}, 10*time.Second, 10*time.Millisecond)
}

// TestBatchPanic: a client that panics fails everyone, and blocks nobody.
func TestBatchPanic(t *testing.T) {
	s, g := gated(t)
	g.panicked = true
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		wg.Go(func() { _, errs[i] = s.GetValue(ctx, "a") })
		queued(t, s, i+1)
	}
	close(g.open)
	wg.Wait()
	for _, err := range errs {
		assert.ErrorContains(t, err, "the client panicked: the hook's")
	}
	_, err := s.GetValue(t.Context(), "a")
	assert.NoError(t, err)
}

// TestBatchClosed: a client that sends nothing has an error for everyone.
func TestBatchClosed(t *testing.T) {
	s, g := gated(t)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.GetValue(context.Background(), "empty") })
		queued(t, s, i+1)
	}
	s.Client.Close()
	close(g.open)
	wg.Wait()
	for _, err := range errs {
		assert.ErrorIs(t, err, redis.ErrClosed)
	}
}
