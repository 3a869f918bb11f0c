package ringtest_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/ringtest"
)

// recorder is a test that takes down its errors.
type recorder struct {
	late
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// guarding returns what Guard reports about a function that is called with 1 and whose
// result is then changed.
func guarding(t *testing.T, f ring.Factory, fn any, change func(t *testing.T, r *ring.Rope, value any)) []string {
	t.Helper()
	rec := &recorder{late: late{TB: t}}
	r := ring.Wrap(fn, f, ring.Name("fn"))
	ringtest.Guard(rec, r)
	value, err := r.Call(1)
	require.NoError(t, err)
	change(t, r, value)
	rec.end()
	return rec.errors
}

type item struct {
	Name  string
	Price float64
	note  map[string]int
}

type cart struct {
	Items []item
	Next  *cart
	owner any
}

func newCart(n int) *cart {
	return &cart{Items: []item{{"a", 1, nil}, {"b", 2, nil}, {"c", 3, map[string]int{"x": n}}}, owner: &item{Name: "own"}}
}

func TestGuardNamesWhatWasChanged(t *testing.T) {
	for want, change := range map[string]func(c *cart){
		`.Items[2].Price: was 3, is 4`:                   func(c *cart) { c.Items[2].Price++ },
		`.Items[2].note["x"]: was 1, is 5`:               func(c *cart) { c.Items[2].note["x"] = 5 },
		`.Items[2].note["x"]: was 1, is nothing`:         func(c *cart) { delete(c.Items[2].note, "x") },
		`.Items[2].note["a"]: was nothing, is 7`:         func(c *cart) { c.Items[2].note["a"] = 7 },
		`.Next: was nil, is &{Items:nil`:                 func(c *cart) { c.Next = &cart{} },
		`.owner.Name: was "own", is "other"`:             func(c *cart) { c.owner.(*item).Name = "other" },
		`.owner: was &{Name:"own" Price:0 note:nil}, is`: func(c *cart) { c.owner = 1 },
		`.Items: was [{Name:"a" Price:1 note:nil} {Name`: func(c *cart) { c.Items = c.Items[:1] },
		`.Items[0].Name: was "a", is "A"`:                func(c *cart) { c.Items[0].Name = "A"; c.Next = c },
	} {
		t.Run(want, func(t *testing.T) {
			got := guarding(t, ring.Lru{}, newCart, func(_ *testing.T, _ *ring.Rope, value any) { change(value.(*cart)) })
			require.Len(t, got, 1)
			assert.Contains(t, got[0], want)
			assert.Contains(t, got[0], `fn "fn:1"`)
		})
	}
}

func TestGuardOnStorages(t *testing.T) {
	for _, s := range inProcess {
		t.Run(s.name, func(t *testing.T) {
			want := 1
			if s.name == "lru with a coder" || s.name == "own storage" {
				want = 0 // others get copies; it does not say that it is in memory
			}
			got := guarding(t, s.factory(t), func(n int) []string { return []string{"a", "b"} },
				func(t *testing.T, r *ring.Rope, value any) { value.([]string)[1] = "x" })
			require.Len(t, got, want)
			if want > 0 {
				assert.Contains(t, got[0], `[1]: was "b", is "x"`)
			}
		})
	}
}

// TestGuardCaches: a rope that is guarded caches as before, in every form.
func TestGuardCaches(t *testing.T) {
	for _, s := range append(append([]stored{}, inProcess...), outside[0]) {
		t.Run(s.name, func(t *testing.T) {
			f := &counted{}
			r := ring.Wrap(f.label, s.factory(t), ring.Name("label"), ring.Signature("n"))
			forms := formsOf(t, r)
			kept, err := r.Call(1)
			require.NoError(t, err)
			ringtest.Guard(t, r)
			for _, form := range forms {
				got, err := form.call(1)
				require.NoError(t, err)
				assert.Equal(t, kept, got, form.name)
			}
			assert.Equal(t, 1, f.taken())
			assert.Equal(t, len(forms), r.CacheInfo().Hits)
			isolatedSubFunctions(t, r, s.touches)
		})
	}
}

func TestGuardSeesEveryStore(t *testing.T) {
	load := func(n int) []int { return []int{n, n} }
	for name, store := range map[string]func(r *ring.Rope) any{
		"update":        func(r *ring.Rope) any { v, _ := r.Update(1); return v },
		"set":           func(r *ring.Rope) any { v := []int{1, 1}; _ = r.Set(v, 1); return v },
		"set_many":      func(r *ring.Rope) any { v := []int{1, 1}; _ = r.SetMany([]any{ring.Args{1}}, []any{v}); return v },
		"many":          func(r *ring.Rope) any { v, _ := r.GetOrUpdateMany(ring.Args{1}); return v[0] },
		"update_many":   func(r *ring.Rope) any { v, _ := r.UpdateMany(ring.Args{1}); return v[0] },
		"typed":         func(r *ring.Rope) any { return ring.Func1[int, []int](r)(1) },
		"scalars":       func(r *ring.Rope) any { v, _ := r.Scalars().Call(1); return v },
		"a hit later":   func(r *ring.Rope) any { _, _ = r.Call(1); v, _ := r.Get(1); return v },
		"then replaced": func(r *ring.Rope) any { v, _ := r.Call(1); _, _ = r.Update(1); return v },
		"its storage":   func(r *ring.Rope) any { v := []int{1}; _ = r.Storage().Set(context.Background(), "k", v); return v },
	} {
		for _, factory := range []ring.Factory{ring.Lru{}, ring.Dict{}} {
			t.Run(fmt.Sprintf("%s %T", name, factory), func(t *testing.T) {
				rec := &recorder{late: late{TB: t}}
				r := ring.Wrap(load, factory)
				ringtest.Guard(rec, r)
				store(r).([]int)[0] = 9
				rec.end()
				require.Len(t, rec.errors, 1)
				assert.Contains(t, rec.errors[0], "[0]: was 1, is 9")
			})
		}
	}
}

func TestGuardWithIsolate(t *testing.T) {
	for name, both := range map[string]func(t testing.TB, r *ring.Rope){
		"guard outside": func(t testing.TB, r *ring.Rope) { ringtest.Isolate(t, r); ringtest.Guard(t, r) },
		"guard inside":  func(t testing.TB, r *ring.Rope) { ringtest.Guard(t, r); ringtest.Isolate(t, r) },
		"guard twice":   func(t testing.TB, r *ring.Rope) { ringtest.Guard(t, r); ringtest.Isolate(t, r); ringtest.Guard(t, r) },
	} {
		t.Run(name, func(t *testing.T) {
			r := ring.Wrap(func(n int) []int { return []int{n} }, ring.Lru{})
			rec := &recorder{late: late{TB: t}}
			both(rec, r)
			v, err := r.Call(1)
			require.NoError(t, err)
			again, err := r.Call(1)
			require.NoError(t, err)
			assert.Same(t, &v.([]int)[0], &again.([]int)[0])
			v.([]int)[0] = 2
			rec.end()
			assert.Len(t, rec.errors, strings.Count(name, "twice")+1)
		})
	}
}

// TestGuardWithBypass: nothing is cached, so nothing is watched.
func TestGuardWithBypass(t *testing.T) {
	r := ring.Wrap(func(n int) []int { return []int{n} }, ring.Lru{})
	rec := &recorder{late: late{TB: t}}
	ringtest.Guard(rec, r)
	ringtest.Bypass(rec, r)
	v := []int{1}
	require.NoError(t, r.Set(v, 1))
	v[0] = 2
	got, err := r.Call(1)
	require.NoError(t, err)
	got.([]int)[0] = 2
	rec.end()
	assert.Empty(t, rec.errors)
}

// TestGuardCountsOnce: an LruCache counts its look-ups as without Guard.
func TestGuardCountsOnce(t *testing.T) {
	var infos []lrucache.CacheInfo
	for _, guarded := range []bool{false, true} {
		cache := lrucache.New(10)
		r := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: cache, KeyPrefix: "p"})
		if guarded {
			ringtest.Guard(t, r)
		}
		for n := range 5 {
			_, _ = r.Call(n % 2)
		}
		infos = append(infos, cache.CacheInfo())
	}
	assert.Equal(t, infos[0], infos[1])
}

// hub has state of its own, which it protects.
type hub struct {
	mu    sync.Mutex
	seen  map[string]int
	Count int
}

type busy struct {
	Name   string
	hub    hub
	hits   atomic.Int64
	once   *sync.Once
	locked *hub
}

type wide struct {
	Fn      func(int) int
	Ch      chan int
	When    time.Time
	Zone    *time.Location
	Type    reflect.Type
	Err     error
	Ctx     context.Context
	Any     any
	Nothing *struct{}
	Empty   *struct{}
	Map     map[any]any
	NaNs    map[float64]int
	Bytes   []byte
	Array   [2]complex128
	self    *wide
	list    []any
	raw     []named
	timer   *time.Timer
}

type named byte

func newWide(n int) *wide {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := &wide{
		Fn: func(i int) int { return i + n }, Ch: make(chan int, 1), When: time.Now().Local(), Zone: time.Local,
		Type: reflect.TypeFor[int](), Err: fmt.Errorf("a: %w", context.Canceled), Ctx: ctx, Any: map[string]any{"a": []any{1, nil}},
		Empty: &struct{}{}, Bytes: []byte("bytes"), Array: [2]complex128{complex(math.NaN(), 1)}, raw: []named{1, 2},
		NaNs:  map[float64]int{math.NaN(): 1, math.NaN(): 2, 1: 3},
		timer: time.NewTimer(time.Hour),
	}
	w.Map = map[any]any{1: "int", int64(1): "int64", "1": "text", [2]any{w, nil}: w, struct{ a *wide }{w}: 1}
	w.self, w.list = w, []any{w, nil}
	w.list[1] = w.list
	return w
}

func TestGuardReportsNothingFalse(t *testing.T) {
	t.Run("what protects itself", func(t *testing.T) {
		got := guarding(t, ring.Lru{}, func(n int) *busy {
			return &busy{Name: "a", hub: hub{seen: map[string]int{}}, once: new(sync.Once), locked: &hub{}}
		}, func(_ *testing.T, _ *ring.Rope, value any) {
			b := value.(*busy)
			b.hits.Add(1)
			b.once.Do(func() {})
			for _, h := range []*hub{&b.hub, b.locked} {
				h.mu.Lock()
				h.seen = map[string]int{"x": 1}
				h.Count++
				h.mu.Unlock()
			}
		})
		assert.Empty(t, got)
	})
	t.Run("all kinds", func(t *testing.T) {
		got := guarding(t, ring.Lru{}, newWide, func(t *testing.T, r *ring.Rope, value any) {
			w := value.(*wide)
			w.Ch <- 1 // what is in a channel does not count
			_ = w.When.String()
			w.timer.Stop()
			_, err := r.Call(1)
			require.NoError(t, err)
		})
		assert.Empty(t, got)
	})
	t.Run("all kinds, changed", func(t *testing.T) {
		for want, change := range map[string]func(w *wide){
			".Bytes[1]: was 121 of \"bytes\", is 120 of \"bxtes\"": func(w *wide) { w.Bytes[1] = 'x' },
			".raw[0]: was 1 of":                             func(w *wide) { w.raw[0] = 3 },
			".Map[int64(1)]: was \"int64\", is \"changed\"": func(w *wide) { w.Map[int64(1)] = "changed" },
			".Array[1]: was (0+0i), is (0+1i)":              func(w *wide) { w.Array[1] = 1i },
			".Fn: was func(int) int(":                       func(w *wide) { w.Fn = func(int) int { return 0 } },
			".Ch: was chan int(":                            func(w *wide) { w.Ch = nil },
			".NaNs: was ":                                   func(w *wide) { w.NaNs = nil },
			".self: was …, is nil":                          func(w *wide) { w.self = nil },
			".When.":                                        func(w *wide) { w.When = w.When.Add(time.Hour) },
			".Any[\"a\"][1]: was nil, is 2":                 func(w *wide) { w.Any.(map[string]any)["a"].([]any)[1] = 2 },
			".list[0]: was …, is nil":                       func(w *wide) { w.list[0] = nil },
		} {
			got := guarding(t, ring.Lru{}, newWide, func(_ *testing.T, _ *ring.Rope, value any) { change(value.(*wide)) })
			require.Len(t, got, 1, want)
			assert.Contains(t, got[0], want)
		}
	})
	t.Run("copies", func(t *testing.T) {
		got := guarding(t, ring.Lru{}, newCart, func(_ *testing.T, _ *ring.Rope, value any) {
			c := *value.(*cart)
			c.Items = append(c.Items, item{})
			c.Next = &c
		})
		assert.Empty(t, got)
	})
	t.Run("several results", func(t *testing.T) {
		got := guarding(t, ring.Lru{}, func(n int) (int, []int) { return n, []int{n} }, func(_ *testing.T, _ *ring.Rope, value any) {
			value.(ring.Tuple)[0] = 5 // each caller has its own
		})
		assert.Empty(t, got)
	})
	t.Run("deleted", func(t *testing.T) {
		got := guarding(t, ring.Lru{}, newCart, func(_ *testing.T, r *ring.Rope, value any) {
			require.NoError(t, r.Delete(1))
			value.(*cart).Next = &cart{}
		})
		assert.Empty(t, got)
	})
	t.Run("no value, no result", func(t *testing.T) {
		assert.Empty(t, guarding(t, ring.Lru{}, func(n int) any { return nil }, func(*testing.T, *ring.Rope, any) {}))
		assert.Empty(t, guarding(t, ring.Lru{}, func(n int) {}, func(*testing.T, *ring.Rope, any) {}))
	})
	t.Run("as deep as can be", func(t *testing.T) {
		type link struct{ next *link }
		got := guarding(t, ring.Lru{}, func(n int) *link {
			var first *link
			for range 200_000 {
				first = &link{first}
			}
			return first
		}, func(*testing.T, *ring.Rope, any) {})
		assert.Empty(t, got)
	})
}

// TestGuardLeavesOutTheRest when very much is changed.
func TestGuardLeavesOutTheRest(t *testing.T) {
	rec := &recorder{late: late{TB: t}}
	r := ring.Wrap(func(n int) []int { return make([]int, 100) }, ring.Lru{})
	ringtest.Guard(rec, r)
	for n := range 30 {
		v, err := r.Call(n)
		require.NoError(t, err)
		for i := range v.([]int) {
			v.([]int)[i] = i + 1
		}
	}
	rec.end()
	require.Len(t, rec.errors, 11)
	assert.Contains(t, rec.errors[0], "and more")
	assert.Less(t, len(rec.errors[0]), 500)
	assert.Contains(t, rec.errors[10], "more cached values were changed")
}

// TestGuardObeysWritesToTheCache: what others write to an LruCache during a run wins, as
// without Guard.
func TestGuardObeysWritesToTheCache(t *testing.T) {
	cache := lrucache.New(10)
	r := ring.Wrap(func(n int) string {
		cache.Set(fmt.Sprintf("p:%d", n), "others", 0)
		return "own"
	}, ring.Lru{Lru: cache, KeyPrefix: "p"})
	ringtest.Guard(t, r)
	value, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "own", value)
	value, err = r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "others", value)
}
