package ring_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

// form is a shape of function and its two ways to a typed one.
type form struct {
	name     string
	fn       any
	decorate func(f ring.Factory, opts ...ring.FuncOption) (typed any, r *ring.Rope)
	view     func(c ring.Cached) any
}

func formOf[F any](name string, fn F, decorate func(*F, ring.Factory, ...ring.FuncOption) *ring.Rope, view func(ring.Cached) F) form {
	return form{name, fn,
		func(f ring.Factory, opts ...ring.FuncOption) (any, *ring.Rope) {
			v := fn
			r := decorate(&v, f, opts...)
			return v, r
		},
		func(c ring.Cached) any { return view(c) }}
}

// formsOf are all forms for a parameter of type A among others, and results of type R, which
// run makes.
func formsOf[A, R any](run func(args ...any) (R, error)) []form {
	value := func(v R, _ error) R { return v }
	return []form{
		formOf("1", func(a A) R { return value(run(a)) }, ring.Decorate1[A, R], ring.Func1[A, R]),
		formOf("1E", func(a A) (R, error) { return run(a) }, ring.Decorate1E[A, R], ring.Func1E[A, R]),
		formOf("2", func(_ context.Context, a A) R { return value(run(a)) }, ring.Decorate2[context.Context, A, R], ring.Func2[context.Context, A, R]),
		formOf("2E", func(a, b A) (R, error) { return run(a, b) }, ring.Decorate2E[A, A, R], ring.Func2E[A, A, R]),
		formOf("3", func(a A, n int, b A) R { return value(run(a, n, b)) }, ring.Decorate3[A, int, A, R], ring.Func3[A, int, A, R]),
		formOf("3E", func(_ context.Context, a A, s string) (R, error) { return run(a, s) },
			ring.Decorate3E[context.Context, A, string, R], ring.Func3E[context.Context, A, string, R]),
		formOf("4", func(_ context.Context, s string, a, b A) R { return value(run(s, a, b)) },
			ring.Decorate4[context.Context, string, A, A, R], ring.Func4[context.Context, string, A, A, R]),
		formOf("4E", func(a A, n int, b A, v any) (R, error) { return run(a, n, b, v) }, ring.Decorate4E[A, int, A, any, R], ring.Func4E[A, int, A, any, R]),
	}
}

// world is where the functions of a form are cached, and how.
type world struct {
	factory func() ring.Factory                      // a new storage each time
	change  func(t *testing.T, r *ring.Rope)         // half way; nil: nothing
	clock   *time.Time                               // goes on with every call; nil: there is none
	named   bool                                     // the parameters have names: p0, p1, …
	intrude func(f ring.Factory, r *ring.Rope) error // before the calls; nil: nothing
}

// upperKeys is a user interface that makes keys of its own.
type upperKeys struct{ ring.CacheUserInterface }

func (u upperKeys) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := u.CacheUserInterface.Key(w, p)
	return strings.ToUpper(key), err
}

// sometimes is a user interface that refuses the calls of some keys, with a value.
type sometimes struct{ ring.CacheUserInterface }

var errSometimes = errors.New("not today")

func (s sometimes) GetOrUpdate(w *ring.Wire, p ring.ArgPack) (any, error) {
	if key, err := s.Key(w, p); err == nil && len(key)%3 == 0 {
		return nil, errSometimes
	}
	return s.CacheUserInterface.GetOrUpdate(w, p)
}

// stranger is a value that another function has cached.
var stranger = make(chan int)

func quietly(o ring.Options) ring.Options {
	o.OnError = func(context.Context, *ring.Error) {}
	return o
}

func lruWith(o ring.Options) func() ring.Factory {
	return func() ring.Factory { return ring.Lru{KeyPrefix: "f", MaxSize: 16, Options: quietly(o)} }
}

// worlds are all that a typed function must not come to something else by.
func worlds() map[string]world {
	now := time.Unix(1_000_000, 0)
	in := func(f ring.Lru) world {
		return world{factory: func() ring.Factory {
			f := f
			f.KeyPrefix, f.Options = "f", quietly(f.Options)
			return f
		}}
	}
	clocked := world{clock: &now, factory: func() ring.Factory {
		cache := lrucache.New(16)
		cache.Now = func() time.Time { return now }
		return ring.Lru{Lru: cache, KeyPrefix: "f", Expire: 3 * time.Second, Options: quietly(ring.Options{})}
	}}
	shared := world{
		factory: func() ring.Factory {
			return ring.Lru{Lru: lrucache.New(64), KeyPrefix: "f", Options: quietly(ring.Options{})}
		},
		intrude: func(f ring.Factory, r *ring.Rope) error {
			strangers := ring.Wrap(func(string) chan int { return nil }, ring.Lru{Lru: f.(ring.Lru).Lru, KeyPrefix: "f"})
			var errs []error
			for _, text := range []string{"0", "a", "", "1", "None", "True"} {
				errs = append(errs, strangers.Set(stranger, text))
			}
			return errors.Join(errs...)
		},
	}
	return map[string]world{
		"lru":     in(ring.Lru{}),
		"small":   in(ring.Lru{MaxSize: 2}),
		"nothing": in(ring.Lru{MaxSize: ring.CacheNothing}),
		"long prefix": {factory: func() ring.Factory {
			return ring.Lru{KeyPrefix: strings.Repeat("p", 200), Options: quietly(ring.Options{})}
		}},
		"expiry": clocked,
		"shards": in(ring.Lru{Shards: 4}),
		"shared": shared,
		"pickle": in(ring.Lru{Coder: "pickle"}),
		"dict":   {factory: func() ring.Factory { return ring.Dict{KeyPrefix: "f", Options: quietly(ring.Options{})} }},
		"remote": {factory: func() ring.Factory {
			f := backends()["remote"].(ring.BaseFactory)
			f.KeyPrefix, f.Options = "f", quietly(ring.Options{})
			return f
		}},
		"get":         {factory: lruWith(ring.Options{DefaultAction: "get"})},
		"update":      {factory: lruWith(ring.Options{DefaultAction: "update"})},
		"execute":     {factory: lruWith(ring.Options{DefaultAction: "execute"})},
		"refactored":  {factory: lruWith(ring.Options{KeyRefactor: strings.ToUpper})},
		"ignored":     {factory: lruWith(ring.Options{IgnorableKeys: []string{"p0"}}), named: true},
		"Python keys": {factory: lruWith(ring.Options{KeyStyle: ring.PythonKeys})},
		"hash keys":   {factory: lruWith(ring.Options{KeyStyle: ring.HashKeys})},
		"encoding":    {factory: lruWith(ring.Options{KeyEncoding: "ascii"})},
		"own keys":    in(ring.Lru{UserInterface: upperKeys{}}),
		"own calls":   in(ring.Lru{UserInterface: sometimes{}}),
		"another key": {factory: lruWith(ring.Options{}), change: func(t *testing.T, r *ring.Rope) { require.NoError(t, r.Ring().Key(keyFuncFor(r))) }},
		"another encoder": {factory: lruWith(ring.Options{}), change: func(t *testing.T, r *ring.Rope) {
			require.NoError(t, r.Ring().Encode(func(v any) any { return v }))
		}},
	}
}

// keyFuncFor is a key function with the parameters of a rope's function. It tells apart what
// the types and lengths of the texts do.
func keyFuncFor(r *ring.Rope) any {
	typ := reflect.TypeOf(r.Func())
	var in []reflect.Type
	for i := range typ.NumIn() {
		if t := typ.In(i); t != reflect.TypeFor[context.Context]() {
			in = append(in, t)
		}
	}
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[string]()}, false), func(args []reflect.Value) []reflect.Value {
		key := ""
		for _, arg := range args {
			key += fmt.Sprintf("%v/%d,", arg.Type(), len(fmt.Sprint(arg.Interface())))
		}
		return []reflect.Value{reflect.ValueOf(key)}
	}).Interface()
}

// caller is a rope and one way to call it.
type caller struct {
	rope *ring.Rope
	call func(ctx context.Context, args []any) (value any, err error)
}

// typedCaller calls fn, a function of the rope's type, with a context where it has one.
func typedCaller(r *ring.Rope, fn any) caller {
	v := reflect.ValueOf(fn)
	return caller{r, func(ctx context.Context, args []any) (any, error) {
		if v.Type().In(0) == reflect.TypeFor[context.Context]() {
			args = append([]any{ctx}, args...)
		}
		in := make([]reflect.Value, len(args))
		for i, arg := range args {
			in[i] = reflect.New(v.Type().In(i)).Elem()
			if arg != nil {
				in[i].Set(reflect.ValueOf(arg))
			}
		}
		out := v.Call(in)
		if len(out) == 1 {
			return out[0].Interface(), nil
		}
		err, _ := out[1].Interface().(error)
		return out[0].Interface(), err
	}}
}

// untyped calls a rope by Call.
func untyped(r *ring.Rope) caller {
	return caller{r, func(ctx context.Context, args []any) (any, error) {
		if reflect.TypeOf(r.Func()).In(0) == reflect.TypeFor[context.Context]() && ctx != nil {
			args = append([]any{ctx}, args...)
		}
		return r.Call(args...)
	}}
}

// family is a type of parameters and one of results.
type family struct {
	name  string
	value func(s samples.Source) any // of the parameter
	forms func() []form              // each with its own count of runs
	typed bool                       // by Call some of the values mean something else, or are refused
}

func typedOnly(f family) family {
	f.name, f.typed = f.name+", by typed calls alone", true
	return f
}

func familyOf[A, R any](value func(s samples.Source) A, result func(run int, args []any) (R, error)) family {
	name := fmt.Sprintf("%v to %v", reflect.TypeFor[A](), reflect.TypeFor[R]())
	return family{name: name, value: func(s samples.Source) any { return value(s) }, forms: func() []form {
		runs := 0
		return formsOf[A](func(args ...any) (R, error) {
			runs++
			return result(runs, args)
		})
	}}
}

type keyed struct{ id string }

func (k keyed) RingKey() string { return k.id }

// Flat and deeper are structs that the hit of a typed function reads where they lie, and
// such that it has to box.
type (
	flat struct {
		A int
		B string
		C bool
		D float64
		E uint8
	}
	deeper struct {
		F flat
		L []string
		P *int
	}
	word string
)

var adversarial = []string{"", "a", ":", `\`, `\:`, "a:b", `a\`, "None", "1", "0", "'", "é\xff", "\n"}

func text(s samples.Source) string {
	if s(8) == 0 {
		return strings.Repeat(adversarial[s(len(adversarial))], s(5000))
	}
	return adversarial[s(len(adversarial))] + adversarial[s(len(adversarial))]
}

func flatOf(s samples.Source) flat {
	return flat{s(3) - 1, text(s), s(2) == 0, float64(s(3)) / 2, uint8(s(2))}
}

func count(run int, _ []any) (int, error) { return run, nil }

// families are the types that are tried. Their values come again often, so that there are hits.
func families() []family {
	type user struct {
		Name string
		Run  int
	}
	n := 5
	broken := errors.New("broken")
	return []family{
		familyOf(text, count),
		familyOf(func(s samples.Source) int { return s(4) - 1 }, func(run int, _ []any) (user, error) { return user{"u", run}, nil }),
		familyOf(func(s samples.Source) int8 { return int8(s(4) - 2) }, func(run int, _ []any) (*user, error) {
			if run%2 == 0 {
				return nil, nil
			}
			return &user{"u", run}, nil
		}),
		familyOf(func(s samples.Source) uint64 { return uint64(s(4)) - 2 }, func(run int, _ []any) (any, error) {
			return []any{nil, run, "text", []int{run}}[run%4], nil
		}),
		familyOf(func(s samples.Source) float64 { return float64(s(4)) / 4 }, func(run int, _ []any) (string, error) {
			if run%3 == 0 {
				return "partial", broken
			}
			return fmt.Sprint("run ", run), nil
		}),
		familyOf(func(s samples.Source) bool { return s(2) == 0 }, count),
		familyOf(func(s samples.Source) word { return word(text(s)) }, func(run int, _ []any) ([]string, error) { return []string{fmt.Sprint(run)}, nil }),
		familyOf(flatOf, func(run int, args []any) (flat, error) { return flat{A: run}, nil }),
		familyOf(func(s samples.Source) deeper {
			return deeper{flatOf(s), []string{text(s), "x"}[:s(3)], []*int{nil, &n}[s(2)]}
		}, count),
		familyOf(func(s samples.Source) []string { return [][]string{nil, {}, {"a"}, {"a", text(s)}}[s(4)] }, count),
		familyOf(func(s samples.Source) map[string]int { return []map[string]int{nil, {}, {"a": 1, "b": s(2)}}[s(3)] }, count),
		familyOf(func(s samples.Source) *string {
			v := text(s)
			return []*string{nil, &v}[s(2)]
		}, count),
		familyOf(func(s samples.Source) [2]string { return [2]string{text(s), "b"} }, count),
		familyOf(func(s samples.Source) any {
			return []any{nil, 1, "1", "a:b", flatOf(s), []any{1}, keyed{"k"}}[s(7)]
		}, count),
		typedOnly(familyOf(func(s samples.Source) any {
			return []any{1, "1", keyed{"k"}, ring.Kwargs{"p0": 1}, make(chan int), context.Background()}[s(6)]
		}, count)),
		familyOf(func(s samples.Source) ring.RingKeyer { return []ring.RingKeyer{nil, keyed{"k"}, keyed{text(s)}}[s(3)] }, count),
		familyOf(func(s samples.Source) keyed { return keyed{text(s)} }, count),
		familyOf(func(s samples.Source) time.Time { return time.Unix(int64(s(3)), 0).UTC() }, count),
		familyOf(func(s samples.Source) struct{} { return struct{}{} }, count),
	}
}

// TestTypedFormsComeToTheSame: whatever the types, the storage and the options, all ways to
// call a function come to the same values, errors and counts, and look under the same keys.
func TestTypedFormsComeToTheSame(t *testing.T) {
	steps := 24
	if testing.Short() || racing > 0 {
		steps = 10
	}
	for name, w := range worlds() {
		t.Run(name, func(t *testing.T) {
			tried := 0
			for _, fam := range families() {
				for i := range fam.forms() {
					if compareForms(t, w, fam, i, steps) {
						tried++
					}
				}
			}
			assert.Greater(t, tried, 8*len(families())/2, "most types can be cached here")
		})
	}
}

// compareForms makes the same calls of a form by every way. It reports false where the function
// cannot be cached.
func compareForms(t *testing.T, w world, fam family, i, steps int) bool {
	var opts []ring.FuncOption
	fn := fam.forms()[i].fn
	params := paramsOf(fn)
	if w.named {
		names := make([]string, len(params))
		for n := range names {
			names[n] = fmt.Sprint("p", n)
		}
		opts = append(opts, ring.Signature(strings.Join(names, ", ")))
	}
	if _, err := ring.New(fn, w.factory(), opts...); err != nil {
		return false
	}
	callers := map[string]caller{}
	wrapped := func(way string, by func(r *ring.Rope, f form) caller) {
		form, factory := fam.forms()[i], w.factory()
		r := ring.Wrap(form.fn, factory, opts...)
		callers[way] = by(r, form)
		if w.intrude != nil {
			require.NoError(t, w.intrude(factory, r))
		}
	}
	if !fam.typed {
		wrapped("Call", func(r *ring.Rope, _ form) caller { return untyped(r) })
	}
	wrapped("Func", func(r *ring.Rope, _ form) caller { return typedCaller(r, r.Func()) })
	wrapped("view", func(r *ring.Rope, f form) caller { return typedCaller(r, f.view(r)) })
	factory := w.factory()
	typed, r := fam.forms()[i].decorate(factory, opts...)
	callers["decorated"] = typedCaller(r, typed)
	if w.intrude != nil {
		require.NoError(t, w.intrude(factory, r))
	}
	s := samples.Random(uint64(i + 1))
	for step := range steps {
		if step == steps/2 && w.change != nil {
			for _, c := range callers {
				w.change(t, c.rope)
			}
		}
		if w.clock != nil {
			*w.clock = w.clock.Add(time.Duration(s(2)) * time.Second)
		}
		args := make([]any, len(params))
		for n, param := range params {
			switch {
			case param == nil:
				args[n] = fam.value(s)
			case param.Kind() == reflect.Int:
				args[n] = s(2)
			case param.Kind() == reflect.String:
				args[n] = adversarial[s(4)]
			default:
				args[n] = []any{nil, 1, "x"}[s(3)]
			}
		}
		if !sameOfAll(t, callers, fmt.Sprintf("%s, form %s, step %d: %.200q", fam.name, fam.forms()[i].name, step, fmt.Sprint(args...)), s, args) {
			return true
		}
	}
	return true
}

// paramsOf are the types of the parameters beside the family's own, for which they are nil.
func paramsOf(fn any) (params []reflect.Type) {
	typ := reflect.TypeOf(fn)
	own := typ.In(0)
	if own == reflect.TypeFor[context.Context]() {
		own = typ.In(typ.NumIn() - 1)
		if typ.NumIn() == 3 {
			own = typ.In(1)
		}
	}
	for i := range typ.NumIn() {
		switch in := typ.In(i); {
		case i == 0 && in == reflect.TypeFor[context.Context]():
		case in == own:
			params = append(params, nil)
		default:
			params = append(params, in)
		}
	}
	return params
}

// sameOfAll makes one call by every way and compares them, and then what is found under its key.
func sameOfAll(t *testing.T, callers map[string]caller, what string, s samples.Source, args []any) bool {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	ctx := []context.Context{t.Context(), cancelled, nil}[s(3)]
	forget, store := s(8) == 0, s(8) == 0
	want := callers["Func"]
	wantValue, wantErr := want.call(ctx, args)
	found, foundOk, foundErr := want.rope.Lookup(args...)
	same := true
	for way, c := range callers {
		value, err := wantValue, wantErr
		if way != "Func" {
			value, err = c.call(ctx, args)
		}
		switch {
		case way == "Call" && err != nil && wantErr == nil:
			delete(callers, way) // the others gave the error to OnError and ran the function: from here on the runs differ
			continue
		case way == "Call" && err != nil, way == "Call" && value == nil:
			same = assert.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err), "%s: %s", way, what) && same
		default:
			same = assert.Equal(t, wantValue, value, "%s: %s", way, what) && same
			same = assert.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err), "%s: %s", way, what) && same
		}
		if way != "Func" {
			v, ok, err := c.rope.Lookup(args...)
			same = assert.Equal(t, []any{found, foundOk, fmt.Sprint(foundErr)}, []any{v, ok, fmt.Sprint(err)}, "%s, Lookup: %s", way, what) && same
		}
	}
	info := want.rope.CacheInfo()
	for way, c := range callers {
		same = assert.Equal(t, info, c.rope.CacheInfo(), "%s: %s", way, what) && same
	}
	for _, c := range callers {
		if forget {
			_ = c.rope.Delete(args...)
		}
		if store && foundOk {
			_ = c.rope.Set(found, args...)
		}
	}
	return same
}
