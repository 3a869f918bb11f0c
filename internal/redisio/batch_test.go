package redisio

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// gateHook holds single GETs back until it is opened, and records the pipelines.
type gateHook struct {
	open     chan struct{}
	held     chan struct{} // receives for every GET that is held
	mu       sync.Mutex
	batches  []int
	panicked bool          // pipelines panic
	pipe     chan struct{} // holds pipelines back; nil: it does not
	holds    int           // the number of pipelines to hold back; 0: all
	contexts []context.Context
	stack    []byte // of the last GET
}

func (g *gateHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (g *gateHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "get" {
			g.held <- struct{}{}
			<-g.open
			g.mu.Lock()
			g.stack = debug.Stack()
			g.mu.Unlock()
		}
		return next(ctx, cmd)
	}
}

func (g *gateHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() != "get" { // the client's own command on a new connection
			return next(ctx, cmds)
		}
		g.mu.Lock()
		g.batches = append(g.batches, len(cmds))
		g.contexts = append(g.contexts, ctx)
		holds := g.pipe != nil && (g.holds == 0 || len(g.batches) <= g.holds)
		g.mu.Unlock()
		if g.panicked {
			panic("the hook's")
		}
		if holds {
			g.held <- struct{}{}
			<-g.pipe
		}
		return next(ctx, cmds)
	}
}

// storage looks up values like the storages on Redis.
type storage struct {
	Client  *redis.Client
	lookups Batcher
}

func (s *storage) GetValue(ctx context.Context, key string) (any, error) {
	b, err := s.lookups.Get(ctx, Question{Client: s.Client}, key).Bytes()
	if err != nil {
		return nil, err
	}
	return b, nil
}

// gated returns a storage whose lanes are all busy until the gate is opened.
func gated(t *testing.T) (*storage, *gateHook) { return gatedBy(t, &redis.Options{}) }

func gatedBy(t *testing.T, o *redis.Options) (*storage, *gateHook) {
	o.Addr, o.Protocol = testserver.Redis(t).Addr, 2
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	ctx := t.Context()
	require.NoError(t, client.MSet(ctx, "a", "1", "empty", "").Err())
	require.NoError(t, client.LPush(ctx, "list", "x").Err())
	g := &gateHook{open: make(chan struct{}), held: make(chan struct{}, 100)}
	client.AddHook(g)
	s := &storage{Client: client}
	s.lookups.least = time.Hour // nothing is given up
	var wg sync.WaitGroup
	for range leastRoom {
		wg.Go(func() { s.GetValue(context.Background(), "a") })
		<-g.held
	}
	t.Cleanup(wg.Wait)
	return s, g
}

// giveUp ends the patience with all asks under way.
func giveUp(s *storage) {
	b := &s.lookups
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.lanes {
		b.lanes[i].since = clock() - 1000*time.Hour
	}
	b.giveUpOverdue(clock())
}

// unused waits until nothing is under way.
func unused(t *testing.T, s *storage) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return s.lookups.busy == 0 && s.lookups.lost == 0
	}, 10*time.Second, time.Millisecond)
}

// queued waits until that many callers are in the queue.
func queued(t *testing.T, s *storage, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return len(s.lookups.waiting) == n
	}, 10*time.Second, time.Millisecond)
}

// TestBatch: waiting callers are sent together, and each gets its own answer.
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
	assert.Equal(t, []error{nil, redis.Nil, nil, errs[3], nil}, errs)
	assert.ErrorContains(t, errs[3], "WRONGTYPE")
	assert.Equal(t, []int{len(keys)}, g.batches)
	unused(t, s)
}

// TestBatchGivesUpLanes: no caller waits long because of others.
func TestBatchGivesUpLanes(t *testing.T) {
	s, g := gated(t)
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			v, err := s.GetValue(context.Background(), "a")
			assert.NoError(t, err)
			assert.Equal(t, []byte("1"), v)
		})
		queued(t, s, i+1)
	}
	giveUp(s)
	wg.Wait() // the others are still held
	assert.Equal(t, []int{5}, g.batches)
	close(g.open)
	unused(t, s)
}

// TestBatchAsksAgain: a batch without an answer in time is asked for again, up to
// maxAsks times. The first answer counts; failures do not while there can still be an
// answer.
func TestBatchAsksAgain(t *testing.T) {
	for holds := range 3 {
		holds++
		t.Run(fmt.Sprint(holds), func(t *testing.T) {
			s, g := gated(t)
			g.pipe, g.holds = make(chan struct{}), holds
			errs := make([]error, 4)
			leaving, cancel := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			for i := range errs {
				ctx := context.Background()
				if i == 3 {
					ctx = leaving
				}
				wg.Go(func() { _, errs[i] = s.GetValue(ctx, "a") })
				queued(t, s, i+1)
			}
			close(g.open)
			<-g.held
			cancel()
			want := []int{4}
			for giveUps := 0; giveUps < holds; {
				giveUp(s)
				if len(want) < maxAsks {
					want = append(want, 3)
				}
				if giveUps++; giveUps < holds {
					<-g.held
				}
			}
			if holds == maxAsks {
				s.Client.Close() // the asks that were held back then fail
				close(g.pipe)
				wg.Wait()
				assert.ErrorIs(t, errs[0], redis.ErrClosed)
			} else {
				wg.Wait()
				assert.Equal(t, []error{nil, nil, nil, context.Canceled}, errs)
				close(g.pipe)
			}
			unused(t, s)
			assert.Equal(t, want, g.batches)
		})
	}
}

// TestBatchLeavesConnections: an ask that was given up holds a connection, and half of
// the connections stay available to others.
func TestBatchLeavesConnections(t *testing.T) {
	for size, want := range map[int]int{1: 0, 3: 1, 40: 20} {
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", PoolSize: size})
		assert.Equal(t, want, spare(client))
		assert.Equal(t, want, spare(struct{ *redis.Client }{client}))
		client.Close()
		cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, PoolSize: size})
		assert.Equal(t, want, spare(cluster))
		cluster.Close()
		shards := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}, PoolSize: size})
		assert.Equal(t, want, spare(shards))
		assert.Equal(t, 5*runtime.GOMAXPROCS(0), spare(struct{ redis.UniversalClient }{shards}))
		shards.Close()
	}
	s, g := gated(t)
	s.lookups.lost = spare(s.Client)
	giveUp(s)
	assert.Equal(t, spare(s.Client), s.lookups.lost)
	assert.Equal(t, leastRoom, s.lookups.busy)
	s.lookups.lost = 0
	close(g.open)
	unused(t, s)
}

// TestBatchPatience: it follows the time of the answers, and a very late answer has
// little weight.
func TestBatchPatience(t *testing.T) {
	var b Batcher
	assert.Equal(t, leastPatience, b.patience())
	for range 100 {
		b.learn(time.Millisecond)
	}
	assert.InDelta(t, 14*time.Millisecond, b.patience(), float64(time.Millisecond))
	b.learn(5 * time.Second) // the client's own retry, on another connection
	assert.Less(t, b.patience(), 100*time.Millisecond)
	for range 100 {
		b.learn(150 * time.Millisecond) // a server far away
	}
	assert.InDelta(t, 610*time.Millisecond, b.patience(), float64(10*time.Millisecond))
	b.lost = 2
	assert.InDelta(t, 3*610*time.Millisecond, b.patience(), float64(30*time.Millisecond))
}

type contextKey struct{}

// TestBatchContextValues: the context of a batch of several callers has no values; that
// of a single look-up has its caller's.
func TestBatchContextValues(t *testing.T) {
	s, g := gated(t)
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), contextKey{}, "a caller's"), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { s.GetValue(ctx, "a") })
		queued(t, s, i+1)
	}
	close(g.open)
	wg.Wait()
	require.Len(t, g.contexts, 1)
	assert.Nil(t, g.contexts[0].Value(contextKey{}))
	deadline, _ := ctx.Deadline()
	batchDeadline, ok := g.contexts[0].Deadline()
	assert.True(t, ok)
	assert.Equal(t, deadline, batchDeadline)

	one, done := together([]*lookup{{ctx: ctx}})
	defer done()
	assert.Equal(t, ctx, one)
}

// TestBatchContexts: a caller that gives up affects no other, before and while the batch
// is asked for.
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

// TestBatchDeadline: if the client obeys contexts, a server that hangs costs only the
// callers' time: when the last of them has gone, the lanes are free.
func TestBatchDeadline(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true, ReadTimeout: -1})
	defer client.Close()
	require.NoError(t, client.Ping(t.Context()).Err())
	s := &storage{Client: client}
	server.Stop()
	var wg sync.WaitGroup
	for i := range leastRoom + 20 {
		patience := 4 * time.Second // also on a busy machine all of them have come by then
		if i >= leastRoom {         // in batches, when the first have left
			patience = 5 * time.Second
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, err := s.GetValue(ctx, "a")
			assert.Error(t, err)
		})
		if i < leastRoom {
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

// TestBatchPanic: a panic of the client fails every caller of the batch, and blocks
// none.
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

// TestBatchClosed: if the client sends nothing, every caller gets an error.
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
