package ring

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

type aID int

func (i aID) Name() (string, error)       { return fmt.Sprint("name", int(i)), errOdd(int(i)) }
func (i aID) Plus(n int, s string) string { return fmt.Sprint(int(i)+n, s) }
func (i *aID) Ptr(n int) int              { return int(*i) + n }
func (i aID) RingKey() string             { return fmt.Sprint("id", int(i)) }

type aVal struct{ A, B string }

func (v aVal) Join(s string) string { return v.A + "|" + v.B + "|" + s }
func (v aVal) Ctx(ctx context.Context, s string) string {
	return v.A + "|" + v.B + "|" + s + fmt.Sprint(ctx != nil)
}
func (v *aVal) Many(s ...string) string { return v.A + strings.Join(s, ",") }

type aEmb struct {
	aVal
	C int
}
type aEmbP struct {
	*register
	N int
}

func (e aEmbP) RingKey() string { return fmt.Sprint(e.register.id, e.N) }

type aKeyed struct{ N int }

func (k aKeyed) RingKey() string { return fmt.Sprint("k", k.N%3) }

type aIface interface{ Join(string) string }

type aFloats struct {
	F float64
	G float32
	B bool
	S string
	U uint64
	I int8
}
type aStr string

func (s aStr) String() string { return "str" }

var aStrings = []string{"", ":", `\`, `\:`, "a:b", "a", "b", "\x00", "\xff\xfe", "é", "'a'", "None", "1", `a\`, "a,b", " a ", strings.Repeat("x", 60), strings.Repeat("x", 63), strings.Repeat("y:", 64), strings.Repeat("z", 4096), strings.Repeat("z", 4097), strings.Repeat("q", 127), strings.Repeat("q", 128), strings.Repeat("q", 129)}

func aS(n int) string { return aStrings[n%len(aStrings)] }

type moreShape struct {
	shape
	opts    []FuncOption
	options Options
}

func sig(s string) []FuncOption { return []FuncOption{Signature(s)} }

var moreShapes = []moreShape{
	{shape: shape{"two strings", func(a, b string) string { return a + "|" + b }, nil, func(n int) []any { return []any{aS(n * 7), aS(n*5 + 1)} }, "set"}},
	{shape: shape{"string int string", func(a string, n int, b string) (string, error) { return a + fmt.Sprint(n) + b, errOdd(n) }, nil, func(n int) []any { return []any{aS(n * 7), n, aS(n*5 + 1)} }, "set"}},
	{shape: shape{"floats", func(f aFloats) (float32, error) { return f.G, nil }, nil, func(n int) []any {
		return []any{aFloats{[]float64{0, math.Copysign(0, -1), math.Inf(1), 1e300, 0.1}[n%5], float32(n) / 3, n%2 == 0, aS(n), math.MaxUint64, math.MinInt8}}
	}, float32(1)}},
	{shape: shape{"float and any", func(f float64, v any) any { return v }, nil, func(n int) []any {
		return []any{float64(n) / 2, []any{nil, 1, "1", int64(1), true, 1.0, []any{1}, aS(n), aFloats{}, Kwargs{"a": 1}, map[string]int{"x": n}}[n%11]}
	}, nil}},
	{shape: shape{"sig defaults", func(a, b int, c string) string { return fmt.Sprint(a, b, c) }, nil, func(n int) []any {
		return [][]any{{n}, {n, 2}, {n, 2, "x"}, {n, Kwargs{"c": "x"}}, {Kwargs{"a": n, "b": 2}}, {n, 2, Kwargs{}}}[n%6]
	}, "s"}, opts: sig("a, b=2, c='x'")},
	{shape: shape{"ignored", func(a, b int, c string) string { return fmt.Sprint(a) }, nil, func(n int) []any {
		return [][]any{{n, 1, "x"}, {n, 2, "y"}, {n, int8(2), "x"}, {n, "2", "x"}, {n, nil, "x"}, {n, 2}, {n, 5, "x", 1}}[n%7]
	}, "s"}, opts: sig("a, b, c='q'"), options: Options{IgnorableKeys: []string{"b", "c"}}},
	{shape: shape{"ignored all", func(a any, b int) string { return "x" }, nil, func(n int) []any {
		return [][]any{{n, 1}, {"x", 2}, {nil, 1}, {Kwargs{}, 2}, {context.Background(), 1}, {n, 2.0}}[n%6]
	}, "s"}, opts: sig("a, b"), options: Options{IgnorableKeys: []string{"b", "a"}}},
	{shape: shape{"variadic", func(a int, b ...string) string { return fmt.Sprint(a, b) }, nil, func(n int) []any {
		return [][]any{{n}, {n, "a"}, {n, "a", "b:c"}, {n, 1}}[n%4]
	}, "s"}},
	{shape: shape{"kw", func(a int, kw map[string]int) string { return fmt.Sprint(a, kw) }, nil, func(n int) []any {
		return [][]any{{n}, {n, Kwargs{"x": 1}}, {n, map[string]int{"x": 1}}, {n, nil}, {n, map[string]int(nil)}}[n%5]
	}, "s"}},
	{shape: shape{"kwargs param", func(a int, kw Kwargs) string { return fmt.Sprint(a, len(kw)) }, nil, func(n int) []any {
		return [][]any{{n}, {n, Kwargs{"x": 1}}, {n, Kwargs{}}, {n, Kwargs{}, Kwargs{}}}[n%4]
	}, "s"}},
	{shape: shape{"args param", func(a Args) string { return fmt.Sprint(len(a)) }, nil, func(n int) []any {
		return [][]any{{Args{1}}, {Args{}}, {nil}, {Args(nil)}, {[]any{1}}}[n%5]
	}, "s"}},
	{shape: shape{"pointer", func(p *int) any { return p }, nil, func(n int) []any {
		m := n
		return [][]any{{&m}, {nil}, {(*int)(nil)}, {n}}[n%4]
	}, nil}},
	{shape: shape{"iface", func(p aIface) (aIface, error) { return p, nil }, nil, func(n int) []any {
		return [][]any{{aVal{"a", "b"}}, {&aVal{"a", "b"}}, {nil}, {n}}[n%4]
	}, aVal{}}},
	{shape: shape{"error result", func(n int) (errs any, err error) { return errors.New("x"), errOdd(n) }, nil, func(n int) []any { return []any{n} }, nil}},
	{shape: shape{"value receiver", aVal.Join, aVal{"a:", `b\`}, func(n int) []any { return []any{aS(n)} }, "s"}},
	{shape: shape{"value receiver ctx", aVal.Ctx, &aVal{"a:", `b\`}, func(n int) []any {
		return [][]any{{aS(n)}, {context.TODO(), aS(n)}, {nil, aS(n)}, {(*aCtx)(nil), aS(n)}}[n%4]
	}, "s"}},
	{shape: shape{"pointer receiver variadic", (*aVal).Many, &aVal{"a:", `b\`}, func(n int) []any { return []any{aS(n), aS(n + 1)}[:n%3] }, "s"}},
	{shape: shape{"embedded", aEmb.Join, aEmb{aVal{"a", "b"}, 1}, func(n int) []any { return []any{aS(n)} }, "s"}},
	{shape: shape{"embedded pointer", aEmbP.Double, aEmbP{&register{7}, 2}, func(n int) []any { return []any{n} }, 3}},
	{shape: shape{"id name", aID.Name, aID(4), func(n int) []any { return nil }, "s"}},
	{shape: shape{"id plus", aID.Plus, aID(4), func(n int) []any { return []any{n, aS(n)} }, "s"}},
	{shape: shape{"id ptr", (*aID).Ptr, new(aID), func(n int) []any { return []any{n} }, 1}},
	{shape: shape{"iface receiver", aIface.Join, aVal{"q", "r"}, func(n int) []any { return []any{aS(n)} }, "s"}},
	{shape: shape{"unbound value", aVal.Ctx, nil, func(n int) []any {
		return [][]any{{aVal{"a", aS(n)}, aS(n)}, {aVal{}, context.TODO(), aS(n)}, {&aVal{}, aS(n)}, {aVal{}}, {context.TODO(), aVal{}, aS(n)}}[n%5]
	}, "s"}},
	{shape: shape{"keyed", func(k aKeyed, s string) string { return fmt.Sprint(k.N%3, s) }, nil, func(n int) []any { return []any{aKeyed{n}, aS(n)} }, "s"}},
	{shape: shape{"keyed pointer", func(k *aKeyed, s string) string { return fmt.Sprint(s) }, nil, func(n int) []any {
		if n%4 == 0 {
			return []any{(*aKeyed)(nil), "s"}
		}
		return []any{&aKeyed{n}, aS(n)}
	}, "s"}},
	{shape: shape{"named string", func(s aStr, b aStr) aStr { return s + b }, nil, func(n int) []any { return []any{aStr(aS(n)), []any{aStr(aS(n)), aS(n)}[n%2]} }, aStr("x")}},
	{shape: shape{"time", func(t time.Time) time.Duration { return 1 }, nil, func(n int) []any { return []any{time.Unix(int64(n), 0)} }, time.Second}},
	{shape: shape{"bytes", func(b []byte, c [2]int) []byte { return b }, nil, func(n int) []any { return []any{[]byte(aS(n)), [2]int{n, n}} }, []byte("x")}},
	{shape: shape{"func in any", func(a any, b any) int { return 1 }, nil, func(n int) []any {
		return [][]any{{n, func() {}}, {n, aS(n)}, {reflect.TypeOf(n), n}, {[]any{func() {}}, 1}, {aStr("x"), "x"}}[n%5]
	}, 1}},
	{shape: shape{"panics", func(n int) int {
		if n%3 == 0 {
			panic(fmt.Sprint("panic ", n))
		}
		return n
	}, nil, func(n int) []any { return []any{n} }, 1}},
	{shape: shape{"panics in a context", func(ctx context.Context, n int) (int, error) {
		if n%3 == 0 {
			panic(fmt.Sprint("panic ", n))
		}
		return n, ctx.Err()
	}, nil, func(n int) []any { return []any{n} }, 1}},
	{shape: shape{"tuple", func(n int) Tuple { return Tuple{n, "x"} }, nil, func(n int) []any { return []any{n} }, Tuple{1}}},
	{shape: shape{"no params any", func() any { return nil }, nil, func(n int) []any { return [][]any{{}, {nil}, {Kwargs{}}, {1}}[n%4] }, nil}},
	{shape: shape{"uints", func(a uint8, b uint64, c int64, d bool) uint { return uint(a) }, nil, func(n int) []any {
		return []any{uint8(n), uint64(math.MaxUint64) - uint64(n), int64(math.MinInt64 + n), n%2 == 0}
	}, uint(1)}},
}

type aCtx struct{ context.Context }

func TestShortWaysOfManyShapes(t *testing.T) {
	for name, factory := range map[string]func(o Options) Factory{
		"lru": func(o Options) Factory { return Lru{MaxSize: 5, Options: o} },
		"two": func(o Options) Factory { return Lru{MaxSize: 2, Expire: time.Hour, Options: o} },
		"one": func(o Options) Factory { return Lru{MaxSize: 1, Options: o, KeyPrefix: strings.Repeat("h", 31)} },
		"nothing": func(o Options) Factory {
			return Lru{MaxSize: CacheNothing, Options: o, KeyPrefix: strings.Repeat("h", 127)}
		},
		"sharded": func(o Options) Factory {
			return Lru{MaxSize: 10000, Shards: 4, Options: o, KeyPrefix: strings.Repeat("h", 32)}
		},
		"pickle": func(o Options) Factory { return Lru{Coder: "pickle", Options: o} },
		"json":   func(o Options) Factory { return Lru{Coder: "json", Options: o} },
		"dict":   func(o Options) Factory { return Dict{Options: o} },
		"python": func(o Options) Factory { o.KeyStyle = PythonKeys; return Lru{Options: o} },
		"hash":   func(o Options) Factory { o.KeyStyle = HashKeys; return Lru{Options: o} },
		"clock": func(o Options) Factory {
			cache := lrucache.New(5)
			cache.Now = func() time.Time { return time.Unix(0, 0) }
			return Lru{Lru: cache, Expire: time.Hour, KeyPrefix: "f", Options: o}
		},
		"execute": func(o Options) Factory { o.DefaultAction = "execute"; return Lru{Options: o} },
		"update":  func(o Options) Factory { o.DefaultAction = "update"; return Lru{Options: o} },
		"get":     func(o Options) Factory { o.DefaultAction = "get"; return Lru{Options: o} },
		"none":    func(o Options) Factory { o.DefaultAction = NoDefaultAction; return Lru{Options: o} },
		"has":     func(o Options) Factory { o.DefaultAction = "has"; return Lru{Options: o} },
		"ascii":   func(o Options) Factory { o.KeyEncoding = "ascii"; return Lru{Options: o} },
	} {
		for i := range moreShapes {
			s := &moreShapes[i]
			t.Run(name+"/"+s.name, func(t *testing.T) {
				seed := rand.Uint64()
				o := s.options
				o.OnError = func(context.Context, *Error) {}
				short, err := New(s.fn, factory(o), s.opts...)
				if err != nil {
					return // the combination is refused: there is nothing to compare
				}
				long := Wrap(s.fn, factory(o), s.opts...)
				long.dropPlans()
				ropes := []*Rope{short, long}
				wires := []*Wire{&short.Wire, &long.Wire}
				if s.bound != nil {
					wires = []*Wire{short.Bind(s.bound), long.Bind(s.bound)}
				}
				a, b := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 0))
				scalars := func(w *Wire, random func(int) int) string {
					if random(4) != 0 {
						return s.act(w, random)
					}
					args := slices.Clone(s.args(random(12)))
					if random(10) == 0 {
						args = append(args, nil)
					}
					v, err := w.Scalars().Call(args...)
					return fmt.Sprintf("scalars %#v %v", v, err)
				}
				act := func(w *Wire, random func(int) int) (did string) {
					defer func() {
						if p := recover(); p != nil {
							did = fmt.Sprint("panic: ", p)
						}
					}()
					return scalars(w, random)
				}
				panicked := false
				for step := range samples.Rounds(300) {
					did, want := act(wires[0], a.IntN), act(wires[1], b.IntN)
					require.Equal(t, plainly(want), plainly(did), "seed %d, step %d", seed, step)
					panicked = panicked || strings.HasPrefix(did, "panic")
					if !panicked {
						require.Equal(t, ropes[1].CacheInfo(), ropes[0].CacheInfo(), "seed %d, step %d: %s", seed, step, did)
					}
					require.True(t, short.values().Flights.Idle(), did)
				}
			})
		}
	}
}
