package redisio

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mood is a client with random behavior: it answers, at once or late, fails in part or
// as a whole, panics, or ends the goroutine.
type mood struct {
	mu     sync.Mutex
	random *rand.Rand
}

var errMood = errors.New("not in the mood")

func (m *mood) draw(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.random.IntN(n)
}

func (m *mood) DialHook(next redis.DialHook) redis.DialHook { return next }

func (m *mood) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return m.serve([]redis.Cmder{cmd}) }
}

func (m *mood) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { return m.serve(cmds) }
}

func (m *mood) serve(cmds []redis.Cmder) error {
	switch m.draw(20) {
	case 0:
		panic(errMood)
	case 1:
		runtime.Goexit()
	case 2:
		return errMood
	case 3:
		return nil // without an answer
	case 4: // hangs
		time.Sleep(time.Duration(1+m.draw(1000)) * time.Millisecond)
	default:
		time.Sleep(time.Duration(m.draw(2000)) * time.Microsecond)
	}
	var first error
	for _, cmd := range cmds {
		err := answer(cmd, m.draw(30) == 0)
		if first == nil {
			first = err
		}
	}
	return first
}

// answer answers with the key, so that no caller can get another caller's answer
// unnoticed.
func answer(cmd redis.Cmder, fails bool) error {
	key := cmd.Args()[1].(string)
	if fails {
		cmd.SetErr(errMood)
		return errMood
	}
	switch cmd := cmd.(type) {
	case *redis.IntCmd:
		cmd.SetVal(timeOf(key).Milliseconds())
	case *redis.StringCmd:
		if strings.HasPrefix(key, "none") {
			cmd.SetErr(redis.Nil)
			break
		}
		cmd.SetVal("value of " + key)
	}
	return cmd.Err()
}

// timeOf is the time left to the value of a key.
func timeOf(key string) time.Duration {
	sum := time.Duration(1)
	for _, c := range []byte(key) {
		sum = (31*sum + time.Duration(c)) % 1_000_003
	}
	return (sum + 1) * time.Millisecond
}

// ask is Get or GetAged for a caller that survives a panic of the client.
func ask(ctx context.Context, b *Batcher, q Question, key string, aged bool) (cmd *redis.StringCmd, left time.Duration, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if aged {
		cmd, left = b.GetAged(ctx, q, key)
		return cmd, left, nil
	}
	return b.Get(ctx, q, key), 0, nil
}

// TestCrowd: whatever the client does and whichever callers give up, every other caller
// gets the answer for its own key or an error in time, and nothing is left behind.
func TestCrowd(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { crowd(t, seed) }) })
	}
}

func crowd(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Protocol: 2, PoolSize: 1 + random.IntN(40)})
	defer client.Close()
	client.AddHook(&mood{random: rand.New(rand.NewPCG(seed, 2))})
	b, q := new(Batcher), Question{Client: client}
	var wg sync.WaitGroup
	for caller := range 1 + random.IntN(100) {
		ctx, cancel := context.Background(), func() {}
		patience := time.Duration(random.IntN(30)) * time.Millisecond
		switch random.IntN(3) {
		case 0:
			ctx, cancel = context.WithTimeout(ctx, patience)
		case 1:
			ctx, cancel = context.WithCancel(ctx)
			time.AfterFunc(patience, cancel)
		}
		pause := time.Duration(random.IntN(3)) * time.Millisecond
		wg.Go(func() {
			defer cancel()
			for i := range 10 {
				aged := (caller+i/2)%3 > 0
				lookUp(ctx, t, b, q, fmt.Sprintf("%s-%d-%d", []string{"some", "none"}[i%2], caller, i), aged)
				time.Sleep(pause)
			}
		})
	}
	wg.Wait()
	synctest.Wait()
	time.Sleep(time.Minute) // asks that were given up end
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(t, b.waiting)
	assert.Zero(t, b.busy)
	assert.Zero(t, b.asked)
	assert.Zero(t, b.lost)
	assert.False(t, b.watched)
	free := 0
	for l := b.free; l != nil; l = l.next {
		free++
	}
	assert.Len(t, b.lanes, free)
}

// lookUp asks in a separate goroutine, which the client may end.
func lookUp(ctx context.Context, t *testing.T, b *Batcher, q Question, key string, aged bool) {
	start := time.Now()
	var wg sync.WaitGroup
	wg.Go(func() {
		cmd, left, err := ask(ctx, b, q, key, aged)
		if err != nil {
			assert.ErrorContains(t, err, errMood.Error())
			return
		}
		text, err := cmd.Result()
		switch {
		case err == nil:
			assert.Equal(t, "value of "+key, text)
			if aged {
				assert.Equal(t, timeOf(key), left)
			}
		case errors.Is(err, redis.Nil):
			assert.Contains(t, key, "none")
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			assert.Error(t, ctx.Err())
		default:
			wanted := errors.Is(err, errMood) || errors.Is(err, errUnanswered) || strings.Contains(err.Error(), "the client ")
			assert.True(t, wanted, err)
		}
	})
	wg.Wait()
	assert.Less(t, time.Since(start), 10*time.Second)
}

// TestFewAskByThemselves: as many callers as there are lanes ask alone, before a crowd
// has come and after it has gone.
func TestFewAskByThemselves(t *testing.T) {
	s, g := gated(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { s.GetValue(context.Background(), "a") })
		queued(t, s, i+1)
	}
	close(g.open)
	wg.Wait()
	unused(t, s)
	require.Equal(t, []int{50}, g.batches)
	for range 50 { // the crowd is forgotten
		s.GetValue(context.Background(), "a")
	}
	g.open = make(chan struct{})
	for len(g.held) > 0 {
		<-g.held
	}
	for range leastRoom {
		wg.Go(func() { s.GetValue(context.Background(), "a") })
		<-g.held
	}
	close(g.open)
	wg.Wait()
	assert.Equal(t, []int{50}, g.batches)
	unused(t, s)
}

// TestManyGoTogether: those who come while somebody gives way go together, and those who come
// when all room is used.
func TestManyGoTogether(t *testing.T) {
	s, g := gatedBy(t, &redis.Options{PoolSize: 2 * leastRoom}) // the time that they are held makes no more room
	g.pipe = make(chan struct{})
	var wg sync.WaitGroup
	come := func(n int) {
		for i := range n {
			wg.Go(func() { s.GetValue(context.Background(), "a") })
			queued(t, s, i+1)
		}
	}
	come(20)
	close(g.open)
	<-g.held
	asking(t, s, 20) // the four single look-ups have ended
	want := []int{20}
	for n := 2; n <= leastRoom; n++ {
		s.lookups.mu.Lock()
		s.lookups.gathers = true
		s.lookups.mu.Unlock()
		come(n)
		go s.lookups.gather()
		<-g.held // they have been sent
		want = append(want, n)
	}
	come(30)
	assert.Equal(t, want, g.batches)
	close(g.pipe)
	wg.Wait()
	assert.Equal(t, append(want, 30), g.batches)
	unused(t, s)

	g.open = make(chan struct{}) // between two rounds of many, hardly any caller is there
	for len(g.held) > 0 {
		<-g.held
	}
	for range leastRoom {
		wg.Go(func() { s.GetValue(context.Background(), "a") })
		<-g.held // by itself
	}
	come(2)
	close(g.open)
	wg.Wait()
	assert.Equal(t, append(want, 30, 2), g.batches)
	unused(t, s)
}

// TestLead: who leads a batch gets an answer with the others, and leaves when its context ends.
func TestLead(t *testing.T) {
	s, g := gated(t)
	close(g.open)
	unused(t, s)
	for len(g.held) > 0 { // the single look-ups
		<-g.held
	}
	g.pipe = make(chan struct{})
	b, q := &s.lookups, Question{Client: s.Client}
	for _, leaves := range []bool{false, true} {
		ctx, cancel := context.Background(), context.CancelFunc(func() {})
		if leaves {
			ctx, cancel = context.WithCancel(ctx)
		}
		leader, other := newLookup(ctx, q, "a"), newLookup(context.Background(), q, "empty")
		other.answer = b.answerChannel()
		answers := make(chan *redis.StringCmd)
		go func() {
			b.mu.Lock()
			b.waiting = []*lookup{leader, other}
			cmd, _ := b.lead(leader, clock())
			answers <- cmd
		}()
		<-g.held
		cancel()
		if leaves {
			assert.ErrorIs(t, (<-answers).Err(), context.Canceled)
		}
		g.pipe <- struct{}{}
		if !leaves {
			assert.Equal(t, "1", (<-answers).Val())
		}
		assert.Equal(t, "", (<-other.answer).Val())
		unused(t, s)
	}
	assert.Equal(t, []int{2, 2}, g.batches)
}

// TestGiveWayTooLong: after giving way took long, a few callers ask by themselves at once, and
// many are left to wait for each other.
func TestGiveWayTooLong(t *testing.T) {
	b := new(Batcher)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.giveWay(clock() - time.Second)
	assert.Greater(t, b.atOnce, now+(wayPause-1)*time.Second)
	b.load = leastRoom + 1
	assert.False(t, b.areFew())
	b.load = leastRoom
	assert.True(t, b.areFew())
}

// TestNoWayInThePause: nobody gives way before the pause has ended; another goroutine asks.
func TestNoWayInThePause(t *testing.T) {
	s, g := gated(t)
	close(g.open)
	unused(t, s)
	b := &s.lookups
	for _, pause := range []time.Duration{0, time.Hour} {
		b.load, b.atOnce = 100, clock()+pause
		_, err := s.GetValue(t.Context(), "a")
		require.NoError(t, err)
		unused(t, s)
		in := map[bool]string{true: "gather", false: "lead"}[pause > 0]
		assert.Contains(t, string(g.stack), "(*Batcher)."+in+"(")
	}
}

// asking waits until that many look-ups are being asked for.
func asking(t *testing.T, s *storage, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return s.lookups.asked == n
	}, 10*time.Second, time.Millisecond)
}

// TestBatchFailureCountsLast: a failure is ignored while the same question is being
// asked elsewhere.
func TestBatchFailureCountsLast(t *testing.T) {
	b, ctx := new(Batcher), context.Background()
	l := &lookup{ctx: ctx, answer: make(chan *redis.StringCmd, 1), asks: 2, pending: 2}
	first, second := b.occupy(1, clock()), b.occupy(1, clock())
	b.deliver([]*lookup{l}, round{cmds: []*redis.StringCmd{failed(ctx, errMood)}}, first)
	assert.Empty(t, l.answer)
	b.deliver([]*lookup{l}, round{cmds: []*redis.StringCmd{failed(ctx, redis.Nil)}}, second)
	assert.Equal(t, redis.Nil, (<-l.answer).Err())
	assert.Zero(t, b.busy)
}

// TestAnswerChannels: a channel that may still receive, or has received, is not reused.
func TestAnswerChannels(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := new(Batcher)
	for range 100 { // the caller leaves when the answer is there, and gets one of the two
		l := &lookup{ctx: ctx, answer: b.answerChannel()}
		require.Empty(t, l.answer)
		l.answer <- failed(ctx, redis.Nil)
		b.await(l)
	}
}

// TestOnlyLate: an ask that was given up but is answered soon after was only late.
// Otherwise its connection may be silent, and others as well.
func TestOnlyLate(t *testing.T) {
	for name, tt := range map[string]struct {
		took     time.Duration
		answered bool
		calm     bool
	}{
		"soon":         {2 * leastPatience, true, true},
		"long after":   {time.Second, true, false}, // the client's own retry on another connection
		"by no answer": {2 * leastPatience, false, false},
	} {
		b := new(Batcher)
		now := clock()
		l := b.occupy(1, now-tt.took)
		b.giveUp(0, now)
		assert.False(t, b.isCalm(now), name)
		b.end(l, tt.answered)
		assert.Equal(t, tt.calm, b.isCalm(now), name)
	}
}
