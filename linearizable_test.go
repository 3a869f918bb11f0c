package ring_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// A checker of linearizability: of each key there is a register, absent or with a value. Each value
// is written by one operation.
type linOp struct {
	kind       string // set, del, get, has, call
	value      int    // 0: absent
	begin, end int64
	who        string
}

func linearizable(ops []linOp) bool {
	sort.Slice(ops, func(i, j int) bool { return ops[i].begin < ops[j].begin })
	type state struct {
		done  uint64
		value int
	}
	seen := map[state]bool{}
	var search func(done uint64, value int) bool
	search = func(done uint64, value int) bool {
		if done == 1<<len(ops)-1 {
			return true
		}
		s := state{done, value}
		if seen[s] {
			return false
		}
		seen[s] = true
		first := int64(1 << 62)
		for i, o := range ops {
			if done&(1<<i) == 0 {
				first = min(first, o.end)
			}
		}
		for i, o := range ops {
			if done&(1<<i) != 0 || o.begin > first {
				continue
			}
			switch o.kind {
			case "set":
				if search(done|1<<i, o.value) {
					return true
				}
			case "del":
				if search(done|1<<i, 0) {
					return true
				}
			case "get":
				if o.value == value && search(done|1<<i, value) {
					return true
				}
			case "has":
				if (o.value != 0) == (value != 0) && search(done|1<<i, value) {
					return true
				}
			}
		}
		return false
	}
	return search(0, 0)
}

type linWorld struct {
	clock atomic.Int64
	next  atomic.Int64
	mu    sync.Mutex
	ops   map[int][]linOp
	many  bool
}

func (l *linWorld) note(begin int64, who string, kind string, key, value int) {
	end := l.clock.Add(1)
	l.mu.Lock()
	l.ops[key] = append(l.ops[key], linOp{kind, value, begin, end, who})
	l.mu.Unlock()
}

func asInt(v any) int {
	if v == nil {
		return 0
	}
	return v.(int)
}

func (l *linWorld) act(r *ring.Rope, cache *lrucache.LruCache, random *rand.Rand) {
	i, j := random.IntN(2), random.IntN(2)
	w := &r.Wire
	begin := l.clock.Add(1)
	who := fmt.Sprintf("%p", r)
	what := random.IntN(14)
	if !l.many && (what == 6 || what == 7 || what == 8) {
		what = 0
	}
	switch what {
	case 0, 1:
		v := int(l.next.Add(1))
		_ = w.Set(v, i)
		l.note(begin, who+" set", "set", i, v)
	case 2:
		_ = w.Delete(i)
		l.note(begin, who+" delete", "del", i, 0)
	case 3:
		v, _ := w.Get(i)
		l.note(begin, who+" get", "get", i, asInt(v))
	case 4:
		v, ok, _ := w.Lookup(i)
		if ok != (v != nil) {
			panic("lookup")
		}
		l.note(begin, who+" lookup", "get", i, asInt(v))
	case 5:
		v, _ := w.Has(i)
		n := 0
		if v {
			n = 1
		}
		l.note(begin, who+" has", "has", i, n)
	case 6, 7:
		if i == j {
			return
		}
		v, u := int(l.next.Add(1)), int(l.next.Add(1))
		_ = w.SetMany([]any{ring.Args{i}, ring.Args{j}}, []any{v, u})
		l.note(begin, who+" setmany", "set", i, v)
		l.note(begin, who+" setmany", "set", j, u)
	case 8:
		if i == j {
			return
		}
		_ = w.DeleteMany(ring.Args{i}, ring.Args{j})
		l.note(begin, who+" deletemany", "del", i, 0)
		l.note(begin, who+" deletemany", "del", j, 0)
	case 9:
		if i == j {
			return
		}
		vs, _ := w.GetMany(ring.Args{i}, ring.Args{j})
		l.note(begin, who+" getmany", "get", i, asInt(vs[0]))
		l.note(begin, who+" getmany", "get", j, asInt(vs[1]))
	case 10:
		if i == j {
			return
		}
		vs, _ := w.HasMany(ring.Args{i}, ring.Args{j})
		n := map[bool]int{true: 1}
		l.note(begin, who+" hasmany", "has", i, n[vs[0]])
		l.note(begin, who+" hasmany", "has", j, n[vs[1]])
	case 11: // the long way
		v := int(l.next.Add(1))
		_ = w.Set(int64(v), i)
		l.note(begin, who+" set long", "set", i, v)
	case 12: // the long way
		v, _ := w.Get(int64(i))
		l.note(begin, who+" get long", "get", i, asInt(v))
	case 13:
		_ = w.Delete(int64(i))
		l.note(begin, who+" delete long", "del", i, 0)
	}
}

// TestLinearizable: sets, deletes and look-ups of a key are linearizable, whichever way they go.
func TestLinearizable(t *testing.T) {
	for _, many := range []bool{false, true} {
		t.Run(map[bool]string{false: "single writes", true: "and bulk writes"}[many], func(t *testing.T) { wayLinearizable(t, many) })
	}
}

func wayLinearizable(t *testing.T, many bool) {
	for name, cache := range map[string]*lrucache.LruCache{"strict": lrucache.New(ring.Unbounded), "sharded": lrucache.NewSharded(ring.Unbounded, 16)} {
		t.Run(name, func(t *testing.T) {
			fn := func(_ context.Context, n int) int { return 0 }
			ropes := []*ring.Rope{ring.Wrap(fn, ring.Lru{Lru: cache, KeyPrefix: "f"}), ring.Wrap(fn, ring.Lru{Lru: cache, KeyPrefix: "f"})}
			failures := 0
			for range 10000 {
				cache.Clear()
				l := linWorld{ops: map[int][]linOp{}, many: many}
				var wg sync.WaitGroup
				for g := range 4 {
					seed := rand.Uint64()
					wg.Go(func() {
						random := rand.New(rand.NewPCG(seed, 1))
						for range 6 {
							if random.IntN(6) == 0 {
								runtime.Gosched()
							}
							l.act(ropes[g%2], cache, random)
						}
					})
				}
				wg.Wait()
				for key, ops := range l.ops {
					if len(ops) < 40 && !linearizable(ops) {
						failures++
						if failures < 3 {
							t.Errorf("key %d", key)
							for _, o := range ops {
								t.Logf("%4d-%4d %s %s %d", o.begin, o.end, o.who, o.kind, o.value)
							}
						}
					}
				}
			}
			if failures > 0 {
				t.Errorf("%d failures", failures)
			}
		})
	}
}
