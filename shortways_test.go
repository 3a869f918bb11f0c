package ring

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

// register is a receiver with methods of several shapes.
type register struct{ id int }

func (r *register) RingKey() string               { return fmt.Sprint(r.id) }
func (r *register) Double(n int) (int, error)     { return 2*n + r.id, errOdd(n) }
func (r *register) Slow(context.Context, int) any { return r.id }

var errOfFunction = errors.New("the function's own")

// errOdd fails for every fifth number.
func errOdd(n int) error {
	if n%5 == 4 {
		return errOfFunction
	}
	return nil
}

type point struct {
	X, Y int
	Name string
}

// shape is a function and the arguments of one of its calls.
type shape struct {
	name  string
	fn    any
	bound any
	args  func(n int) []any
	value any // for Set
}

var shapes = []shape{
	{"int", func(n int) (int, error) { return 2 * n, errOdd(n) }, nil, func(n int) []any { return []any{n} }, 7},
	{"string", func(s string) string { return s + "!" }, nil, func(n int) []any { return []any{fmt.Sprint("n:", n, `\`)} }, "set"},
	{"long string", func(s string) int { return len(s) }, nil, func(n int) []any { return []any{fmt.Sprintf("%0*d", 30*n, n)} }, 7},
	{"two", func(s string, n int8) any { return s }, nil, func(n int) []any { return []any{fmt.Sprint(n), int8(n)} }, nil},
	{"struct", func(p point) (*point, error) { return &p, errOdd(p.X) }, nil, func(n int) []any { return []any{point{n, 1, "x:y"}} }, &point{}},
	{"slice", func(n []int) int { return len(n) }, nil, func(n int) []any { return []any{make([]int, n)} }, 7},
	{"any", func(v any) (any, error) { return v, nil }, nil, func(n int) []any { return []any{[]any{n, fmt.Sprint(n), float64(n)}[n%3]} }, "set"},
	{"context", func(_ context.Context, n int) (int, error) { return n, errOdd(n) }, nil, func(n int) []any { return []any{n} }, 7},
	{"none", func() int { return 1 }, nil, func(int) []any { return nil }, 7},
	{"no result", func(int) {}, nil, func(n int) []any { return []any{n} }, nil},
	{"two results", func(n int) (int, string) { return n, "" }, nil, func(n int) []any { return []any{n} }, Tuple{1, "a"}},
	{"method", (*register).Double, &register{3}, func(n int) []any { return []any{n} }, 7},
	{"method with context", (*register).Slow, &register{3}, func(n int) []any { return []any{n} }, 7},
}

// act performs a random sub-function and describes the outcome.
func (s *shape) act(w *Wire, random func(int) int) string {
	args := func() []any {
		args := s.args(random(12))
		switch random(24) {
		case 0:
			return append(args, 1)
		case 1:
			return append(slices.Clone(args), Kwargs{})
		case 2:
			return append([]any{context.Background()}, args...)
		case 3:
			return []any{make(chan int)}
		case 4:
			return append([]any{context.Context(nil)}, args...)
		}
		return args
	}
	list := func() []any {
		list := make([]any, random(8))
		for i := range list {
			list[i] = Args(args())
			if random(40) == 0 {
				list[i] = []any{1, Kwargs{}, nil}[random(3)]
			}
		}
		return list
	}
	value := func() any {
		return []any{s.value, s.value, s.value, "another type", int8(3), nil}[random(6)]
	}
	say := func(name string, results ...any) string { return fmt.Sprintf("%s %#v", name, results) }
	one := func(name string, v any, err error) string { return say(name, v, fmt.Sprint(err)) }
	switch random(19) {
	case 0:
		v, err := w.Call(args()...)
		return one("call", v, err)
	case 1:
		v, err := w.Key(args()...)
		return one("key", v, err)
	case 2:
		v, err := w.Execute(args()...)
		return one("execute", v, err)
	case 3:
		v, err := w.Get(args()...)
		return one("get", v, err)
	case 4:
		v, err := w.Update(args()...)
		return one("update", v, err)
	case 5:
		v, err := w.GetOrUpdate(args()...)
		return one("get_or_update", v, err)
	case 6:
		v, ok, err := w.Lookup(args()...)
		return say("lookup", v, ok, fmt.Sprint(err))
	case 7:
		return one("set", nil, w.Set(value(), args()...))
	case 8:
		return one("delete", nil, w.Delete(args()...))
	case 9:
		ok, err := w.Has(args()...)
		return one("has", ok, err)
	case 10:
		return one("touch", nil, w.Touch(args()...))
	case 11:
		v, err := w.KeyMany(list()...)
		return one("key_many", v, err)
	case 12:
		v, err := w.GetMany(list()...)
		return one("get_many", v, err)
	case 13:
		v, err := w.GetOrUpdateMany(list()...)
		return one("get_or_update_many", v, err)
	case 14:
		calls := list()
		values := make([]any, len(calls))
		for i := range values {
			values[i] = value()
		}
		if random(10) == 0 {
			values = append(values, 1)
		}
		return one("set_many", nil, w.SetMany(calls, values))
	case 15:
		return one("delete_many", nil, w.DeleteMany(list()...))
	case 16:
		v, err := w.HasMany(list()...)
		return one("has_many", v, err)
	case 17:
		return one("touch_many", nil, w.TouchMany(list()...))
	}
	v, err := w.UpdateMany(list()...)
	return one("update_many", v, err)
}

// TestShortWaysAndTheLongOne: whatever a rope is asked, right or wrong, calls without
// binding give the same answers as calls that bind, and leave the same storage and
// counts.
func TestShortWaysAndTheLongOne(t *testing.T) {
	factories := map[string]func() Factory{
		"lru":      func() Factory { return Lru{MaxSize: 5, Options: Options{MissValue: "missing"}} },
		"expiring": func() Factory { return Lru{MaxSize: 5, Expire: time.Hour} },
		"a clock": func() Factory {
			cache := lrucache.New(5)
			cache.Now = func() time.Time { return time.Unix(0, 0) }
			return Lru{Lru: cache, Expire: time.Hour, KeyPrefix: "f"}
		},
		"nothing": func() Factory { return Lru{MaxSize: CacheNothing} },
		"coded":   func() Factory { return Lru{Coder: "pickle", MaxSize: 5} },
		"dict":    func() Factory { return Dict{} },
		"get":     func() Factory { return Lru{MaxSize: 5, Options: Options{DefaultAction: "get"}} },
		"refactored": func() Factory {
			return Lru{MaxSize: 5, Options: Options{KeyRefactor: func(key string) string { return "x" + key }}}
		},
	}
	for name, factory := range factories {
		for i := range shapes {
			s := &shapes[i]
			t.Run(name+"/"+s.name, func(t *testing.T) {
				seed := rand.Uint64()
				short, err := New(s.fn, factory())
				if name == "coded" && errors.Is(err, ErrCoder) {
					return // pickle cannot restore the type
				}
				require.NoError(t, err)
				long := Wrap(s.fn, factory())
				long.dropPlans()
				wires := []*Wire{&short.Wire, &long.Wire}
				if s.bound != nil {
					wires = []*Wire{short.Bind(s.bound), long.Bind(s.bound)}
				}
				a, b := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 0))
				for step := range samples.Rounds(600) {
					did, want := s.act(wires[0], a.IntN), s.act(wires[1], b.IntN)
					require.Equal(t, plainly(want), plainly(did), "seed %d, step %d", seed, step)
					require.Equal(t, long.CacheInfo(), short.CacheInfo(), "seed %d, step %d: %s", seed, step, did)
					require.True(t, short.values().Flights.Idle(), did)
				}
				assert.NotZero(t, short.CacheInfo().Misses)
			})
		}
	}
}

// plainly replaces the hexAddresses.
func plainly(s string) string { return hexAddresses.ReplaceAllString(s, "0x") }

var hexAddresses = regexp.MustCompile(`0x[0-9a-f]+`)
