package ring

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
)

// TestShortWaysTyped: the typed function answers and counts alike by both ways.
func TestShortWaysTyped(t *testing.T) {
	all := moreShapes
	for _, s := range shapes {
		all = append(all, moreShape{shape: s})
	}
	for i := range all {
		s := &all[i]
		if s.name == "ignored all" { // a context as an argument of type any, which only Call takes for the call's
			continue
		}
		for _, factory := range []func(o Options) Factory{
			func(o Options) Factory { return Lru{MaxSize: 3, Options: o} },
			func(o Options) Factory { return Lru{MaxSize: 1000, Shards: 4, Options: o} },
			func(o Options) Factory { return Dict{Options: o} },
			func(o Options) Factory { o.DefaultAction = "get"; return Lru{Options: o} },
			func(o Options) Factory { o.DefaultAction = "update"; return Lru{Options: o} },
			func(o Options) Factory { o.KeyEncoding = "ascii"; return Lru{Options: o} },
		} {
			t.Run(s.name, func(t *testing.T) {
				o := s.options
				o.OnError = func(context.Context, *Error) {}
				short, err := New(s.fn, factory(o), s.opts...)
				if err != nil {
					return // the combination is refused: there is nothing to compare
				}
				long := Wrap(s.fn, factory(o), s.opts...)
				long.dropPlans()
				wires := []*Wire{&short.Wire, &long.Wire}
				if s.bound != nil {
					wires = []*Wire{short.Bind(s.bound), long.Bind(s.bound)}
				}
				call := func(w *Wire, args []any) (did string, ok bool) {
					defer func() {
						if p := recover(); p != nil {
							did, ok = fmt.Sprint("panic: ", p), true
						}
					}()
					f := reflect.ValueOf(w.Func())
					typ := f.Type()
					var in []reflect.Value
					if typ.NumIn() > 0 && typ.In(0) == reflect.TypeFor[context.Context]() && (len(args) == 0 || !isCtx(args[0])) {
						in = append(in, reflect.ValueOf(context.Background()))
					}
					for _, a := range args {
						if n := len(in); n >= typ.NumIn() && !typ.IsVariadic() {
							return "", false
						}
						want := typ.In(min(len(in), typ.NumIn()-1))
						if typ.IsVariadic() && len(in) >= typ.NumIn()-1 {
							want = want.Elem()
						}
						if a == nil {
							in = append(in, reflect.Zero(want))
							continue
						}
						if !reflect.TypeOf(a).AssignableTo(want) {
							return "", false
						}
						in = append(in, reflect.ValueOf(a))
					}
					if len(in) != typ.NumIn() && !typ.IsVariadic() || len(in) < typ.NumIn()-1 {
						return "", false
					}
					for _, out := range f.Call(in) {
						did += fmt.Sprintf("%#v ", out.Interface())
					}
					return did, true
				}
				random := rand.New(rand.NewPCG(uint64(i), 5))
				n := 0
				for step := range samples.Rounds(200) {
					args := s.args(random.IntN(12))
					did, ok := call(wires[0], args)
					want, _ := call(wires[1], args)
					if !ok {
						continue
					}
					n++
					require.Equal(t, plainly(want), plainly(did), step)
					require.Equal(t, long.CacheInfo(), short.CacheInfo(), did)
				}
			})
		}
	}
}

func isCtx(v any) bool { _, ok := v.(context.Context); return ok }

type aMark struct{}

// TestShortWaysContexts: the function gets the same context by both ways: values and ends.
func TestShortWaysContexts(t *testing.T) {
	saw := ""
	f := func(ctx context.Context, n int) (int, error) {
		saw += fmt.Sprintf("%d:%v:%v ", n, ctx.Value(aMark{}), ctx.Err())
		if n%4 == 3 {
			return 0, errors.New("own")
		}
		return n, ctx.Err()
	}
	short, long := Wrap(f, Lru{MaxSize: 3}), Wrap(f, Lru{MaxSize: 3})
	long.dropPlans()
	mark := func(s string) context.Context { return context.WithValue(context.Background(), aMark{}, s) }
	cancelled, cancel := context.WithCancel(mark("cancelled"))
	cancel()
	for seed := range uint64(3000) {
		var dids [2]string
		for i, r := range []*Rope{short, long} {
			random := rand.New(rand.NewPCG(seed, 1))
			w := &r.Wire
			switch random.IntN(6) {
			case 0:
				w = w.WithContext(mark("wire"))
			case 1:
				w = w.WithContext(cancelled)
			case 2:
				//lint:ignore SA1012 it is refused
				w = w.WithContext(nil)
			}
			args := func() []any {
				n := random.IntN(8)
				switch random.IntN(7) {
				case 0:
					return []any{mark("given"), n}
				case 1:
					return []any{cancelled, n}
				case 2:
					return []any{nil, n}
				case 3:
					return []any{(*aCtx)(nil), n}
				case 4:
					return []any{context.Context(nil), n}
				}
				return []any{n}
			}
			list := func() []any {
				l := []any{}
				for range random.IntN(5) {
					if random.IntN(8) == 0 {
						l = append(l, Kwargs{})
						continue
					}
					l = append(l, Args(args()))
				}
				return l
			}
			saw = ""
			var v any
			var err error
			what := random.IntN(16)
			switch what {
			case 0, 1:
				v, err = w.Call(args()...)
			case 2:
				v, err = w.GetOrUpdate(args()...)
			case 3:
				v, err = w.Update(args()...)
			case 4:
				v, err = w.Execute(args()...)
			case 5:
				v, err = w.Get(args()...)
			case 6, 7:
				v, err = w.GetOrUpdateMany(list()...)
			case 8:
				v, err = w.UpdateMany(list()...)
			case 9:
				v, err = w.ExecuteMany(list()...)
			case 10:
				v, err = w.GetMany(list()...)
			case 11:
				err = w.Delete(args()...)
			case 12:
				err = w.DeleteMany(list()...)
			case 13:
				v, err = w.HasMany(list()...)
			case 14:
				err = w.Set(1, args()...)
			case 15:
				v, err = w.Scalars().Call(random.IntN(8))
			}
			dids[i] = fmt.Sprint(what, v, err, saw, r.CacheInfo())
		}
		require.Equal(t, plainly(dids[1]), plainly(dids[0]), seed)
	}
}
