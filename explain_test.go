package ring_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/lrucache"
)

type explainedPoint struct {
	X    int
	Name string
}

// TestExplainedPartsAreTheKey: the parts of an explanation, joined, are the key of the
// call.
func TestExplainedPartsAreTheKey(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	var types []reflect.Type
	for typ := range samples.Values {
		types = append(types, typ)
	}
	made, escaped, python := 0, 0, 0
	for range 3000 {
		style := ring.KeyStyle(rnd.IntN(3))
		var in []reflect.Type
		var args []any
		var names, ignored []string
		for i := range rnd.IntN(5) {
			typ := types[rnd.IntN(len(types))]
			values := samples.Values[typ]
			in, args = append(in, typ), append(args, values[rnd.IntN(len(values))])
			names = append(names, fmt.Sprint("p", i))
			if rnd.IntN(5) == 0 {
				ignored = append(ignored, names[i])
			}
		}
		fn := reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[string]()}, false), func([]reflect.Value) []reflect.Value { panic("it runs") }).Interface()
		wrap := func(style ring.KeyStyle) (*ring.Rope, error) {
			return ring.New(fn, ring.Lru{KeyPrefix: "p:x", Options: ring.Options{KeyStyle: style, IgnorableKeys: ignored}}, ring.Signature(strings.Join(names, ", ")))
		}
		r, err := wrap(style)
		if err != nil {
			continue // HashKeys refuse some types
		}
		made++
		key, err := r.Key(args...)
		e := r.Explain(args...)
		if err != nil { // HashKeys refuse some values of type any
			require.Equal(t, errors.Unwrap(err), errors.Unwrap(e.Err))
			continue
		}
		require.NoError(t, e.Err)
		require.Equal(t, key, e.Key)
		require.Len(t, e.Parts, len(in)-len(ignored))
		joined := e.Prefix
		for _, p := range e.Parts {
			joined += ":" + p.Text
			require.NotEmpty(t, p.Rule, e)
			require.Contains(t, names, p.Parameter)
			if p.Escaped {
				escaped++
				require.Contains(t, p.Text, `\`)
			}
		}
		require.Equal(t, key, joined, "%v", e)
		assert.Empty(t, e.Steps)
		assert.Equal(t, ignored, e.Ignored)
		if other, err := wrap(ring.PythonKeys); err == nil {
			want, wantErr := other.Key(args...)
			assert.Equal(t, want, e.Python, "%v", e)
			assert.Equal(t, wantErr == nil, e.PythonErr == nil)
			python++
		}
	}
	assert.Greater(t, made, 1500)
	assert.Greater(t, escaped, 100)
	assert.Greater(t, python, 1500)
}

// partsOf returns the rules and texts of a call of fn.
func partsOf(t *testing.T, fn any, style ring.KeyStyle, args ...any) string {
	r, err := ring.New(fn, ring.Lru{Options: ring.Options{KeyStyle: style}})
	require.NoError(t, err)
	e := r.Explain(args...)
	require.NoError(t, e.Err)
	var parts []string
	for _, p := range e.Parts {
		parts = append(parts, fmt.Sprintf("%s=%s", p.Rule, p.Text))
	}
	return strings.Join(parts, " ")
}

type explainedKeyer struct{ a int }

func (explainedKeyer) RingKey() string { return "own" }

type explainedTagged struct {
	A int
	b int `hash:"ignore"`
}

type explainedHasher struct{ a int }

func (explainedHasher) Hash() (uint64, error) { return 255, nil }

type explainedStringer struct{ a int }

func (explainedStringer) String() string { return "text" }

type explainedText struct{ a int }

func (explainedText) MarshalText() ([]byte, error) { return []byte("marshalled"), nil }
func (*explainedText) UnmarshalText([]byte) error  { return nil }

func TestExplainNamesTheRule(t *testing.T) {
	n := 1
	assert.Equal(t, "RingKey()=own Hash()=explainedHasher:hash:ff MarshalText()=marshalled String()=ann%3A",
		partsOf(t, func(explainedKeyer, explainedHasher, explainedText, url.Userinfo) {}, ring.SafeKeys,
			explainedKeyer{1}, explainedHasher{1}, explainedText{1}, *url.User("ann:")))
	assert.Equal(t, "String()=text", partsOf(t, func(explainedStringer) {}, ring.PythonKeys, explainedStringer{1}))
	assert.Equal(t, "int=1000000000 pointer to int=1 None=None dataclass=explainedPointName,a,X,1",
		partsOf(t, func(time.Duration, *int, *int, explainedPoint) {}, ring.SafeKeys, time.Second, &n, (*int)(nil), explainedPoint{1, "a"}))
	assert.Equal(t, "list=[1] dict=a,1 set={'a'} frozenset=frozenset({1}) bytes=b'x' complex=(1+2j) type=int",
		partsOf(t, func([]int, map[string]int, map[string]struct{}, any, []byte, complex128, reflect.Type) {}, ring.SafeKeys,
			[]int{1}, map[string]int{"a": 1}, map[string]struct{}{"a": {}}, ring.FrozenSet{1: {}}, []byte("x"), 1+2i, reflect.TypeFor[int]()))
	assert.Equal(t, "int=1 its type and int=int8(1) str='1' None=None its type and pointer to int=*int(1)",
		partsOf(t, func(a, b, c, d, e any) {}, ring.SafeKeys, 1, int8(1), "1", nil, &n))
	assert.Equal(t, "int=1", partsOf(t, func(any) {}, ring.PythonKeys, int8(1)))
	assert.Equal(t, "tuple=(1,2)", partsOf(t, func(...int) {}, ring.SafeKeys, 1, 2))
	assert.Regexp(t, `^hash=explainedPoint:hash:[0-9a-f]{32} str=a$`, partsOf(t, func(explainedPoint, string) {}, ring.HashKeys, explainedPoint{}, "a"))
	assert.Regexp(t, `^hash tag=explainedTagged:hash:[0-9a-f]{32}$`, partsOf(t, func(explainedTagged) {}, ring.SafeKeys, explainedTagged{1, 2}))

	type chain *any
	var round any
	round = chain(&round)
	assert.Contains(t, ring.Wrap(func(any) {}, ring.Lru{}).Explain(round).String(), "contains itself")
}

func TestExplainChangesNothing(t *testing.T) {
	for name, explain := range map[string]bool{"explained": true, "not": false} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			cache := lrucache.New(2)
			r := ring.Wrap(func(n int) int { runs++; return n }, ring.Lru{Lru: cache, KeyPrefix: "f"})
			call := func(n int) {
				_, err := r.Call(n)
				require.NoError(t, err)
			}
			call(1)
			call(2)
			before, info := cache.CacheInfo(), r.CacheInfo()
			for range 3 * len(name) {
				if explain {
					require.True(t, r.Explain(1).Cached)
					require.False(t, r.Explain(7).Cached)
				}
			}
			assert.Equal(t, before, cache.CacheInfo())
			assert.Equal(t, info, r.CacheInfo())
			call(3)
			assert.False(t, cache.Has("f:1"), "1 was used longest ago, whoever asked")
			assert.True(t, cache.Has("f:2"))
			assert.Equal(t, 3, runs)
		})
	}
}

func TestExplainedTimeLeft(t *testing.T) {
	ctx := context.Background()
	rdb := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr})
	defer rdb.Close()
	shelf := tempShelf(t)
	disk := tempDisk(t)
	fn := func(s string) string { return s }
	for name, f := range map[string]struct {
		mortal, immortal ring.Factory // nil: no such factory
	}{
		"lru":       {ring.Lru{Expire: time.Hour}, ring.Lru{}},
		"dict":      {ring.Dict{Expire: time.Hour}, ring.Dict{}},
		"dict mix":  {nil, ring.Dict{StorageClass: ring.NewExpirableDictStorage}},
		"redis":     {ring.RedisPy{Client: rdb, KeyPrefix: "m", Expire: time.Hour}, ring.RedisPy{Client: rdb, KeyPrefix: "i"}},
		"hash":      {nil, ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"}},
		"shelve":    {nil, ring.Shelve{Shelf: shelf, KeyPrefix: "p"}},
		"diskcache": {ring.DiskCache{Obj: disk, KeyPrefix: "m", Expire: time.Hour}, ring.DiskCache{Obj: disk, KeyPrefix: "i"}},
	} {
		t.Run(name, func(t *testing.T) {
			for expire, factory := range map[time.Duration]ring.Factory{time.Hour: f.mortal, 0: f.immortal} {
				if factory == nil {
					continue
				}
				r := ring.Wrap(fn, factory)
				e := r.Explain("a")
				require.NoError(t, errors.Join(e.Err, e.CachedErr, e.TimeLeftErr))
				assert.False(t, e.Cached)
				assert.Contains(t, e.String(), "cached   no\n")
				_, err := r.Call("a")
				require.NoError(t, err)
				e = r.Explain("a")
				require.NoError(t, errors.Join(e.Err, e.CachedErr, e.TimeLeftErr))
				assert.True(t, e.Cached)
				assert.LessOrEqual(t, e.TimeLeft, expire)
				assert.GreaterOrEqual(t, e.TimeLeft, expire/2)
				assert.Equal(t, expire, e.Expire)
				ttl := r.Storage().Storage().(ring.TTLStorage)
				_, err = ttl.TTLValue(ctx, "there is none")
				assert.ErrorIs(t, err, ring.ErrNotFound)
			}
		})
	}
}

func TestTimeLeftByTheClock(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1e9, 0)
	clock := func() time.Time { return now }
	cache := lrucache.New(3)
	cache.Now = clock
	lru, err := ring.NewLruStorage(cache)
	require.NoError(t, err)
	dict, err := ring.NewExpirableDictStorage(map[string]any{})
	require.NoError(t, err)
	dict.(*ring.ExpirableDictStorage).Now = clock
	disk, err := diskcache.Open(t.TempDir(), &diskcache.Options{Now: clock})
	require.NoError(t, err)
	defer disk.Close()
	onDisk, err := ring.NewDiskCacheStorage(disk)
	require.NoError(t, err)
	for _, s := range []ring.Storage{lru, dict, onDisk} {
		require.NoError(t, s.SetValue(ctx, "k", "v", time.Minute))
		now = now.Add(59 * time.Second)
		left, err := s.(ring.TTLStorage).TTLValue(ctx, "k")
		require.NoError(t, err, "%T", s)
		assert.Equal(t, time.Second, left.Round(time.Microsecond), "%T", s)
		now = now.Add(time.Second + 1)
		if s == onDisk {
			now = now.Add(time.Millisecond) // the cache stores seconds as a float
		}
		left, err = s.(ring.TTLStorage).TTLValue(ctx, "k")
		assert.ErrorIs(t, err, ring.ErrNotFound, "%T", s)
		assert.Zero(t, left)
	}
}

func TestExplainWhatStaysUnknown(t *testing.T) {
	server := testserver.Memcached(t)
	client := memcache.New(server.Addr)
	defer client.Close()
	r := ring.Wrap(func(s string) string { return s }, ring.Memcache{Client: client, KeyPrefix: "f"})
	_, err := r.Call("a b")
	require.NoError(t, err)
	e := r.Explain("a b")
	require.NoError(t, e.Err)
	assert.False(t, e.Cached)
	assert.ErrorIs(t, e.CachedErr, errors.ErrUnsupported)
	assert.ErrorIs(t, e.TimeLeftErr, errors.ErrUnsupported)
	assert.Equal(t, []ring.KeyStep{{"KeyRefactor MemcacheKey", "f:a b", ring.MemcacheKey("f:a b")}}, e.Steps)
	assert.Contains(t, e.String(), "cached   unknown: ")

	own := ring.Wrap(func(s string) string { return s }, ring.Memcache{Client: client, KeyPrefix: "f", Options: ring.Options{
		KeyRefactor: strings.ToUpper, KeyEncoding: "latin-1"}})
	e = own.Explain("é x")
	require.NoError(t, e.Err)
	assert.Equal(t, "F:\ufffd X", e.Key)
	assert.Equal(t, []ring.KeyStep{
		{"KeyEncoding", "f:é x", "f:\xe9 x"},
		{"KeyRefactor ToUpper", "f:\xe9 x", e.Key},
		{"MemcacheKey, by the storage", e.Key, ring.MemcacheKey(e.Key)},
	}, e.Steps)

	down := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer down.Close()
	e = ring.Wrap(func(s string) string { return s }, ring.RedisPy{Client: down, KeyPrefix: "f"}).Explain("a")
	require.NoError(t, e.Err)
	assert.Error(t, e.CachedErr)
	assert.Equal(t, "f:a", e.Key)
}

func TestExplainCallsThatFail(t *testing.T) {
	r := ring.Wrap(func(a string, b int, c any) string { panic("it runs") }, ring.Lru{}, ring.Signature("a, b=2, c=None"))
	e := r.Explain()
	require.ErrorIs(t, e.Err, ring.ErrArguments)
	assert.Empty(t, e.Parts)
	assert.Contains(t, e.String(), "missing 1 required positional argument: 'a'")
	assert.NotContains(t, e.String(), "cached")

	e = r.Explain("x", 1.5)
	require.ErrorIs(t, e.Err, ring.ErrArguments)
	assert.Contains(t, e.Err.Error(), `parameter 2, "b" (int)`)
	_, keyErr := r.Key("x", 1.5)
	assert.Equal(t, errors.Unwrap(keyErr), errors.Unwrap(e.Err))

	e = r.Explain("x", 1, make(chan int))
	require.ErrorIs(t, e.Err, ring.ErrKey)
	require.Len(t, e.Parts, 3)
	assert.Equal(t, "x", e.Parts[0].Text)
	assert.Equal(t, "c", e.Parts[2].Parameter)
	assert.Empty(t, e.Parts[2].Text)
	assert.Contains(t, e.String(), "no text")

	type holder struct{ C any }
	e = ring.Wrap(func(holder, string) string { panic("it runs") }, ring.Lru{}).Explain(holder{func() {}}, "a")
	require.ErrorIs(t, e.Err, ring.ErrKey)
	assert.Len(t, e.Parts, 1)

	ascii := ring.Wrap(func(a, b string) string { panic("it runs") }, ring.Lru{Options: ring.Options{KeyEncoding: "ascii"}})
	e = ascii.Explain("é", "b")
	require.ErrorIs(t, e.Err, ring.ErrKey)
	require.Len(t, e.Parts, 2)
	assert.NotContains(t, e.String(), "no text", "all parts have one")

	e = r.Bind(1).Explain("x")
	require.ErrorIs(t, e.Err, ring.ErrArguments)
	var named *ring.Error
	require.ErrorAs(t, e.Err, &named)
	assert.Equal(t, "explain", named.Action)
}

func (p *explainedPoint) Move(ctx context.Context, by int) int { return p.X + by }

func TestExplainWires(t *testing.T) {
	r := ring.Wrap((*explainedPoint).Move, ring.Lru{}, ring.Signature("self, by=1"))
	w := r.Bind(&explainedPoint{1, "a"})
	_, err := w.Call(context.Background())
	require.NoError(t, err)
	for _, e := range []ring.Explanation{w.Explain(), w.Explain(1), w.Explain(context.Background(), ring.Kwargs{"by": 1}), r.Explain(&explainedPoint{1, "a"})} {
		require.NoError(t, e.Err)
		assert.True(t, e.Cached)
		assert.Equal(t, "self", e.Parts[0].Parameter)
		assert.Equal(t, reflect.TypeFor[*explainedPoint](), e.Parts[0].Type)
		assert.Equal(t, "pointer to dataclass", e.Parts[0].Rule)
	}
	e := ring.Wrap(func() int { return 1 }, ring.Lru{KeyPrefix: "p", Options: ring.Options{DefaultAction: ring.NoDefaultAction}}).Explain()
	require.NoError(t, e.Err)
	assert.Equal(t, "p", e.Key)
	assert.Empty(t, e.Parts)
	assert.Equal(t, "nothing", e.Action)
}

type shouting struct{ ring.CacheUserInterface }

func (s shouting) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := s.CacheUserInterface.Key(w, p)
	return strings.ToUpper(key), err
}

func TestExplainKeysOfOnesOwn(t *testing.T) {
	r := ring.Wrap(func(s string) string { return s }, ring.Lru{KeyPrefix: "f"})
	require.NoError(t, r.Ring().Key(func(s string) string { return "made of " + s }))
	_, err := r.Call("a")
	require.NoError(t, err)
	e := r.Explain("a")
	require.NoError(t, e.Err)
	assert.True(t, e.Cached)
	assert.Empty(t, e.Parts)
	assert.Equal(t, []ring.KeyStep{{"Ring().Key", "", "made of a"}}, e.Steps)
	assert.Error(t, e.PythonErr)

	e = ring.Wrap(func(s string) string { return s }, ring.Lru{KeyPrefix: "f", UserInterface: shouting{}}).Explain("a")
	require.NoError(t, e.Err)
	assert.Equal(t, "F:A", e.Key)
	assert.Equal(t, []ring.KeyStep{{"UserInterface.Key", "f:a", "F:A"}}, e.Steps)
	assert.ErrorContains(t, e.PythonErr, "user interface")
	assert.Empty(t, e.Python)
}

func TestExplainWhyPythonHasNoKey(t *testing.T) {
	e := ring.Wrap(func(explainedTagged) {}, ring.Lru{}).Explain(explainedTagged{1, 2})
	require.NoError(t, e.Err)
	assert.ErrorContains(t, e.PythonErr, "Python's hash of it is its own")
	e = ring.Wrap(func(map[any]int) {}, ring.Lru{}).Explain(map[any]int{1: 1, "a": 2})
	require.NoError(t, e.Err)
	assert.ErrorContains(t, e.PythonErr, "Python cannot sort")
	assert.Contains(t, e.String(), "Python   none: ")
}

func BenchmarkExplain(b *testing.B) {
	r := ring.Wrap(func(a string, n int, p explainedPoint) {}, ring.Lru{})
	for b.Loop() {
		r.Explain("a", 1, explainedPoint{})
	}
}
