package ring_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

var (
	modelSteps = flag.Int("freshsteps", 40_000, "how many steps TestFreshnessModel takes")
	modelSeed  = flag.Uint64("freshseed", 1, "the seed of TestFreshnessModel; 0: a random one")
)

// plan is what the next run of a function does.
type plan struct {
	value  int
	takes  time.Duration
	err    error
	panics bool
	deaf   bool          // it ignores its context
	life   time.Duration // for SetExpire
}

// planned is a function that follows its plan.
type planned struct {
	mu   sync.Mutex
	next plan
	runs int
}

func (s *planned) get(ctx context.Context, _ string) (int, error) {
	s.mu.Lock()
	p := s.next
	s.runs++
	s.mu.Unlock()
	ring.SetExpire(ctx, p.life)
	done := ctx.Done()
	if p.deaf {
		done = nil
	}
	if p.takes > 0 {
		timer := time.NewTimer(p.takes)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-done:
			return 0, ctx.Err()
		}
	}
	if p.panics {
		panic("planned")
	}
	return p.value, p.err
}

// follow makes p the plan.
func (s *planned) follow(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = p
}

func (s *planned) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

// modelRun is a run of which the model knows how it ends.
type modelRun struct {
	plan
	ends        time.Duration
	fails, late bool
	stale       bool // something was written meanwhile
	key         *modelKey
}

// modelKey is a key: its value until end, and until when its function does not run.
type modelKey struct {
	value                      int // 0: none
	end, halfLife, paused, neg time.Duration
	pause                      time.Duration
	run                        *modelRun // behind; nil: none
}

// freshModel says what a rope does. Times are since the start.
type freshModel struct {
	f                   ring.Freshness
	expire, now         time.Duration
	keys                map[string]*modelKey
	flying              []*modelRun        // behind
	places              [][2]time.Duration // for renewals: taken from when to when
	runs, errs          int
	hits, stale, misses int
}

// modelResult is what a call comes to.
type modelResult struct {
	value int
	err   string // "", source, late, negative or panic
}

func (m *freshModel) grace() time.Duration { return max(m.f.StaleWhileRevalidate, m.f.StaleIfError) }

func (m *freshModel) state(k *modelKey) string {
	life := k.end - m.now - m.grace()
	switch {
	case k.value == 0 || k.end <= m.now:
		return "missing"
	case life > m.f.RefreshAhead || life > 0 && m.now < k.halfLife:
		return "fresh"
	case life > 0:
		return "due"
	case life > -m.f.StaleWhileRevalidate:
		return "stale"
	}
	return "spare"
}

// write stores a value; 0: none. A run that is under way does not undo it.
func (m *freshModel) write(k *modelKey, value int, life time.Duration) {
	k.value, k.end = value, m.now+life+m.grace()
	k.detach()
}

// detach makes the run of a key store nothing.
func (k *modelKey) detach() {
	if k.run != nil {
		k.run.stale, k.run = true, nil
	}
}

func (k *modelKey) forget() { k.paused, k.pause, k.neg, k.halfLife = 0, 0, 0, 0 }

// begin starts a run that takes no longer than limit; 0: as long as it takes.
func (m *freshModel) begin(k *modelKey, p plan, limit time.Duration) *modelRun {
	m.runs++
	r := &modelRun{plan: p, ends: m.now + p.takes, fails: p.err != nil || p.panics, key: k}
	if limit > 0 && p.takes > limit {
		if r.late, r.fails, r.panics, r.ends = true, true, false, m.now+limit; p.deaf {
			m.places = append(m.places, [2]time.Duration{r.ends, m.now + p.takes})
		}
	}
	return r
}

// end is the end of a run, which is now. has tells whether its key had a value.
func (m *freshModel) end(r *modelRun, has, stores bool) {
	k := r.key
	switch {
	case !r.fails:
		k.forget()
		switch life := r.life; {
		case !stores || r.stale:
		case life == ring.DoNotStore: // older runs store nothing either
			k.detach()
		default:
			if life == 0 {
				life = m.expire
			}
			if m.write(k, r.value, life); life <= m.f.RefreshAhead {
				k.halfLife = m.now + life/2
			}
		}
		return
	case r.panics:
	case r.stale:
		k.forget()
	case !r.late && m.f.CacheError != nil:
		k.neg = m.now + m.f.CacheError(r.err)
	}
	if has {
		retry := m.f.RetryAfter
		k.pause = min(max(2*k.pause, retry), max(m.expire, retry))
		k.paused, k.halfLife = m.now+k.pause, 0
		m.errs++
	}
}

// advance lets time pass.
func (m *freshModel) advance(to time.Duration) {
	for {
		next := -1
		for i, r := range m.flying {
			if r.ends <= to && (next < 0 || r.ends < m.flying[next].ends) {
				next = i
			}
		}
		if next < 0 {
			m.now = to
			return
		}
		r := m.flying[next]
		m.flying = append(m.flying[:next:next], m.flying[next+1:]...)
		if m.now = r.ends; r.key.run == r {
			r.key.run = nil
		}
		m.end(r, true, true)
	}
}

// behind starts a renewal, if there is a place.
func (m *freshModel) behind(k *modelKey, p plan) {
	taken := 0
	for _, place := range m.places {
		if place[0] <= m.now && m.now < place[1] {
			taken++
		}
	}
	if k.run != nil || taken >= m.f.MaxRefreshes {
		return
	}
	limit := m.f.RunTimeout
	if limit == 0 {
		limit = time.Minute
	}
	k.run = m.begin(k, p, limit)
	m.flying = append(m.flying, k.run)
	m.places = append(m.places, [2]time.Duration{m.now, k.run.ends})
}

func (r *modelRun) result() modelResult {
	switch {
	case r.late:
		return modelResult{err: "late"}
	case r.panics:
		return modelResult{err: "panic"}
	case r.fails:
		return modelResult{err: "source"}
	}
	return modelResult{value: r.value}
}

// front runs the function, or waits for its run behind.
func (m *freshModel) front(k *modelKey, p plan, has, stores, joins bool) (res modelResult, ran bool) {
	if joins && k.run != nil {
		r := k.run
		m.advance(r.ends)
		return r.result(), false
	}
	r := m.begin(k, p, m.f.RunTimeout)
	if m.advance(r.ends); !r.panics {
		m.end(r, has, stores)
	}
	return r.result(), true
}

// call is Call.
func (m *freshModel) call(k *modelKey, p plan, o ring.CallOptions, bulk bool) modelResult {
	state, old := m.state(k), modelResult{value: k.value}
	if o.SkipRead {
		res, _ := m.front(k, p, false, !o.SkipWrite, false)
		return m.count(res, "misses")
	}
	failing := m.now < k.neg || m.now < k.paused
	aged := state == "stale" || state == "spare"
	soft := m.f.SoftTimeout > 0 && !o.SkipWrite && !bulk
	switch {
	case state == "missing" && m.now < k.neg && (o.SkipWrite || k.run == nil):
		return m.count(modelResult{err: "negative"}, "misses")
	case state == "fresh":
		return m.count(old, "hits")
	case state == "due":
		if !failing && !o.SkipWrite {
			m.behind(k, p)
		}
		return m.count(old, "hits")
	case aged && failing && !o.NoStale:
		return m.count(old, "stale")
	case state == "stale" && !o.NoStale && !soft:
		if !o.SkipWrite {
			m.behind(k, p)
		}
		return m.count(old, "stale")
	case aged && !o.NoStale && soft:
		as := "hits"
		if k.run == nil {
			as = "misses"
		}
		m.behind(k, p)
		r, until := k.run, m.now+m.f.SoftTimeout
		if r == nil {
			return m.count(old, "stale")
		}
		if m.advance(min(r.ends, until)); r.ends > until || r.fails {
			return m.count(old, "stale")
		}
		return m.count(r.result(), as)
	}
	res, ran := m.front(k, p, aged, !o.SkipWrite, !o.SkipWrite)
	switch {
	case res.err != "" && res.err != "panic" && aged && !o.NoStale:
		return m.count(old, "stale")
	case ran || res.err != "":
		return m.count(res, "misses")
	}
	return m.count(res, "hits")
}

// count counts a call, but not one that panics.
func (m *freshModel) count(res modelResult, as string) modelResult {
	switch {
	case res.err == "panic":
	case as == "hits":
		m.hits++
	case as == "stale":
		m.stale++
	default:
		m.misses++
	}
	return res
}

// modelWorld is a rope beside the model of it.
type modelWorld struct {
	*testing.T
	rand   *rand.Rand
	rope   *ring.Rope
	source *planned
	errs   *errorLog
	start  time.Time
	model  *freshModel
	steps  []string

	reported int // errors
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func newModelWorld(t *testing.T, r *rand.Rand, factory func(time.Duration, ring.Options) ring.Factory) *modelWorld {
	f := ring.Freshness{
		RefreshAhead:         pick(r, 0, 10*time.Second),
		StaleWhileRevalidate: pick(r, 0, 30*time.Second, 2*time.Minute),
		StaleIfError:         pick(r, 0, time.Minute, 10*time.Minute),
		RunTimeout:           pick(r, 0, time.Second),
		RetryAfter:           pick(r, time.Second, 5*time.Second),
		MaxRefreshes:         pick(r, 1, 2, 16),
	}
	if max(f.StaleWhileRevalidate, f.StaleIfError) > 0 {
		f.SoftTimeout = pick(r, 0, 100*time.Millisecond)
	}
	if r.IntN(2) == 0 {
		f.CacheError = ring.CacheErrors(7*time.Second, errSource)
	}
	w := &modelWorld{T: t, rand: r, source: &planned{}, errs: &errorLog{}, start: time.Now()}
	w.model = &freshModel{f: f, expire: time.Minute, keys: map[string]*modelKey{"a": {}, "b": {}, "c": {}}}
	w.rope = ring.Wrap(w.source.get, factory(time.Minute, ring.Options{Freshness: f, OnError: w.errs.add}))
	return w
}

func (w *modelWorld) plan(n int) plan {
	takes := time.Duration(n) // so that no two things happen at the same time
	p := plan{value: n, takes: takes + pick(w.rand, 0, 0, 50*time.Millisecond, 300*time.Millisecond, 3*time.Second)}
	switch w.rand.IntN(8) {
	case 0, 1:
		p.value, p.err = 0, errSource
	case 2:
		p.panics = true
	case 3:
		p.life = pick(w.rand, 3*time.Second, 2*time.Minute, ring.DoNotStore)
	case 4, 5:
		p.deaf = true
	}
	return p
}

// options returns a wire, one in four times with random options.
func (w *modelWorld) options() (*ring.Wire, ring.CallOptions) {
	if w.rand.IntN(4) != 0 {
		return &w.rope.Wire, ring.CallOptions{}
	}
	o := ring.CallOptions{SkipRead: w.rand.IntN(3) == 0, SkipWrite: w.rand.IntN(3) == 0, NoStale: w.rand.IntN(2) == 0, AllowStale: w.rand.IntN(2) == 0}
	return w.rope.With(o), o
}

// call calls the rope, and tells what it came to.
func (w *modelWorld) call(do func() (any, error)) (res modelResult) {
	defer func() {
		if r := recover(); r == "planned" {
			res = modelResult{err: "panic"}
		} else if r != nil {
			panic(r)
		}
	}()
	value, err := do()
	var e *ring.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return modelResult{err: "late"}
	case errors.Is(err, errSource) && errors.As(err, &e):
		return modelResult{err: "negative"}
	case err == errSource:
		return modelResult{err: "source"}
	}
	require.NoError(w, err, "%s", w.told())
	if value != nil {
		res.value = value.(int)
	}
	return res
}

// step takes a random step in both worlds, and compares them.
func (w *modelWorld) step(n int) {
	m, name := w.model, pick(w.rand, "a", "b", "c")
	k, p := m.keys[name], w.plan(n)
	wire, o := w.options()
	w.source.follow(p)
	var want, got modelResult
	action := w.rand.IntN(20)
	w.note("%v %d %s %+v %+v, %s until %v", time.Since(w.start), action, name, o, p, m.state(k), k.end)
	switch state := m.state(k); action {
	case 0:
		want.value = w.looks(k, o)
		got = w.call(func() (any, error) { return wire.Get(name) })
	case 1:
		want.value = w.looks(k, o)
		got = w.call(func() (any, error) { v, _, err := wire.Lookup(name); return v, err })
	case 2:
		has, err := wire.Has(name)
		require.NoError(w, err)
		require.Equal(w, state == "fresh" || state == "due" || o.AllowStale && state != "missing", has, "%s", w.told())
	case 3:
		require.NoError(w, w.rope.Set(n, name))
		m.write(k, n, m.expire)
		k.forget()
	case 4:
		require.NoError(w, w.rope.Delete(name))
		m.write(k, 0, 0)
		k.forget()
	case 5:
		want, _ = m.front(k, p, false, true, false)
		got = w.call(func() (any, error) { return w.rope.Update(name) })
	case 6:
		require.NoError(w, w.rope.Touch(name))
		if state != "missing" {
			k.end = m.now + m.expire + m.grace()
		}
	case 7:
		err := w.rope.MarkStale(name)
		if m.grace() == 0 {
			require.ErrorIs(w, err, errors.ErrUnsupported)
		} else {
			k.detach()
		}
		if state != "missing" && m.grace() > 0 {
			k.end = min(k.end, m.now+m.grace())
		}
	case 8:
		w.bulk(n)
	default:
		want = m.call(k, p, o, false)
		got = w.call(func() (any, error) { return wire.Call(name) })
	}
	require.Equal(w, want, got, "%s", w.told())
	w.compare()
}

// looks is Get in the model.
func (w *modelWorld) looks(k *modelKey, o ring.CallOptions) int {
	switch state := w.model.state(k); {
	case state == "fresh" || state == "due":
		w.model.hits++
	case state != "missing" && o.AllowStale:
		w.model.stale++
	default:
		w.model.misses++
		return 0
	}
	return k.value
}

// bulk calls the rope for all keys, unless that would wait for a run behind.
func (w *modelWorld) bulk(n int) {
	m, p := w.model, plan{value: n}
	if w.rand.IntN(3) == 0 {
		p = plan{err: errSource}
	}
	w.source.follow(p)
	if m.f.MaxRefreshes < len(m.keys) {
		return
	}
	var want []modelResult
	for _, name := range []string{"a", "b", "c"} {
		if k := m.keys[name]; k.run != nil {
			return
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		res := m.call(m.keys[name], p, ring.CallOptions{}, true)
		want = append(want, res)
	}
	values, err := w.rope.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"b"}, ring.Args{"c"})
	failed := false
	for i, res := range want {
		failed = failed || res.err != ""
		if res.err == "" {
			require.Equal(w, res.value, values[i], "%s", w.told())
		}
	}
	require.Equal(w, failed, err != nil, "%s", w.told())
}

func (w *modelWorld) note(format string, args ...any) {
	w.steps = append(w.steps, fmt.Sprintf(format, args...))
	if len(w.steps) > 30 {
		w.steps = w.steps[1:]
	}
}

// told returns the last steps, for a failure.
func (w *modelWorld) told() string {
	return fmt.Sprintf("%+v\n%s", w.model.f, strings.Join(w.steps, "\n"))
}

func (w *modelWorld) compare() {
	m := w.model
	synctest.Wait()
	require.Equal(w, m.now, time.Since(w.start), "how long it took: %s", w.told())
	m.advance(m.now)
	w.reported += len(w.errs.take())
	info := w.rope.CacheInfo()
	require.Equal(w, []int{m.runs, m.errs, m.hits, m.stale, m.misses},
		[]int{w.source.count(), w.reported, info.Hits, info.Stale, info.Misses}, "runs, errors, hits, stale, misses: %s", w.told())
}

func (w *modelWorld) sleep() {
	d := pick(w.rand, 0, time.Millisecond, 40*time.Millisecond, 500*time.Millisecond, 3*time.Second, 20*time.Second, 50*time.Second, 5*time.Minute)
	d += time.Millisecond + time.Duration(w.rand.IntN(1_000_000)) // not at the moment at which a value ends
	time.Sleep(d)
	synctest.Wait()
	w.model.advance(w.model.now + d)
}

// TestFreshnessModel: random steps, options, outcomes and times against a model.
func TestFreshnessModel(t *testing.T) {
	seed := *modelSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	const perWorld = 1000
	for name, factory := range memories {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, uint64(len(name))))
			for i := range max(*modelSteps/len(memories)/perWorld, 1) {
				if !t.Run(fmt.Sprintf("%d of -freshseed=%d", i, seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newModelWorld(t, r, factory)
						defer time.Sleep(time.Hour) // for what runs behind
						for n := range perWorld {
							w.step(n + 1)
							w.sleep()
						}
					})
				}) {
					return
				}
			}
		})
	}
}
