package main

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"time"

	"github.com/bluele/gcache"
	"github.com/dgraph-io/ristretto/v2"
	rediscache "github.com/go-redis/cache/v9"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jellydator/ttlcache/v3"
	"github.com/maypok86/otter/v2"
	gocache "github.com/patrickmn/go-cache"
	"github.com/viccon/sturdyc"
	"golang.org/x/sync/singleflight"
)

// peer is another cache with two functions, of a string and of an integer, cached as its
// documentation advises. Its key is the argument itself if it accepts that, and a text
// with a prefix if it accepts only strings.
type peer struct {
	name    string
	strings func(string) (int, error)
	ints    func(int) (int, error)
}

// textOf returns the key of an integer for a cache that accepts strings.
func textOf(n int) string { return prefix + ":" + strconv.Itoa(n) }

// peers compares hits by Scalars, by Call and by a decorated function with those of other caches.
// The arguments are the same, and both sides are called through one more function.
func peers() ([]row, error) {
	all := []peer{byHand()}
	for _, start := range []func() (peer, error){golangLRU, otterCache, ristrettoCache, goCache, ttlCache, sturdycCache, gCache, goRedisCache} {
		p, err := start()
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	texts, ints := wrap(ofString), wrap(ofInt)
	scalarTexts, scalarInts := texts.Scalars(), ints.Scalars()
	decoratedText, decoratedInt := texts.Func().(func(string) int), ints.Func().(func(int) int)
	ways := []struct {
		name string
		ours operation
		base func(p peer) operation
	}{
		{"Scalars(string)", answers(names, func(s string) (int, error) { return resultOf(scalarTexts.Call(s)) }), ofNames},
		{"Scalars(int)", answers(numbers, func(n int) (int, error) { return resultOf(scalarInts.Call(n)) }), ofNumbers},
		{"Call(string)", answers(names, func(s string) (int, error) { return resultOf(texts.Call(s)) }), ofNames},
		{"Call(int)", answers(numbers, func(n int) (int, error) { return resultOf(ints.Call(n)) }), ofNumbers},
		{"decorated func(string) int", answers(names, func(s string) (int, error) { return decoratedText(s), nil }), ofNames},
		{"decorated func(int) int", answers(numbers, func(n int) (int, error) { return decoratedInt(n), nil }), ofNumbers},
	}
	var rows []row
	for _, way := range ways {
		for _, p := range all {
			rows = append(rows, row{name: way.name, ours: way.ours, base: way.base(p), baseName: p.name, allocs: -1})
		}
	}
	return rows, nil
}

func ofNames(p peer) operation   { return answers(names, p.strings) }
func ofNumbers(p peer) operation { return answers(numbers, p.ints) }

func resultOf(v any, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return v.(int), nil
}

// answers asks for the arguments in turn.
func answers[A any](args []A, f func(A) (int, error)) operation {
	return func(n int) error {
		sum := 0
		for i := range n {
			v, err := f(args[i&last])
			if err != nil {
				return err
			}
			sum += v
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

func byHand() peer {
	ofText, ofNumber := handString(resident, ofString), handInt(resident, ofInt)
	return peer{"by hand",
		func(s string) (int, error) { return ofText(s), nil },
		func(n int) (int, error) { return ofNumber(n), nil }}
}

func golangLRU() (peer, error) {
	texts, err := lru.New[string, int](resident)
	if err != nil {
		return peer{}, err
	}
	ints, err := lru.New[int, int](resident)
	if err != nil {
		return peer{}, err
	}
	return peer{"golang-lru",
		func(s string) (int, error) {
			v, ok := texts.Get(s)
			if !ok {
				v = ofString(s)
				texts.Add(s, v)
			}
			return v, nil
		},
		func(n int) (int, error) {
			v, ok := ints.Get(n)
			if !ok {
				v = ofInt(n)
				ints.Add(n, v)
			}
			return v, nil
		}}, nil
}

// otterCache has room for more entries, because its eviction is not strict.
func otterCache() (peer, error) {
	ctx := context.Background()
	texts, err := otter.New(&otter.Options[string, int]{MaximumSize: 4 * resident})
	if err != nil {
		return peer{}, err
	}
	ints, err := otter.New(&otter.Options[int, int]{MaximumSize: 4 * resident})
	if err != nil {
		return peer{}, err
	}
	loadText := otter.LoaderFunc[string, int](func(_ context.Context, s string) (int, error) { return ofString(s), nil })
	loadInt := otter.LoaderFunc[int, int](func(_ context.Context, n int) (int, error) { return ofInt(n), nil })
	return peer{"otter",
		func(s string) (int, error) { return texts.Get(ctx, s, loadText) },
		func(n int) (int, error) { return ints.Get(ctx, n, loadInt) }}, nil
}

// ristrettoCache is filled in advance, because it stores values with a delay.
func ristrettoCache() (peer, error) {
	texts, err := newRistretto(names, ofString)
	if err != nil {
		return peer{}, err
	}
	ints, err := newRistretto(numbers, ofInt)
	if err != nil {
		return peer{}, err
	}
	return peer{"ristretto", fromRistretto(texts), fromRistretto(ints)}, nil
}

func newRistretto[K ristretto.Key](keys []K, f func(K) int) (*ristretto.Cache[K, int], error) {
	cache, err := ristretto.NewCache(&ristretto.Config[K, int]{NumCounters: 40 * resident, MaxCost: 4 * resident, BufferItems: 64, IgnoreInternalCost: true})
	if err != nil {
		return nil, err
	}
	onClose(func() error { cache.Close(); return nil })
	for _, key := range keys {
		if !cache.Set(key, f(key), 1) {
			return nil, errors.New("ristretto refuses an entry")
		}
		cache.Wait()
	}
	return cache, nil
}

func fromRistretto[K ristretto.Key](cache *ristretto.Cache[K, int]) func(K) (int, error) {
	return func(key K) (int, error) {
		v, ok := cache.Get(key)
		if !ok {
			return 0, errMissed
		}
		return v, nil
	}
}

func goCache() (peer, error) {
	cache := gocache.New(time.Hour, 0)
	var group singleflight.Group
	get := func(key string, f func() int) (int, error) {
		if v, ok := cache.Get(key); ok {
			return v.(int), nil
		}
		v, err, _ := group.Do(key, func() (any, error) {
			v := f()
			cache.Set(key, v, gocache.DefaultExpiration)
			return v, nil
		})
		return v.(int), err
	}
	return peer{"go-cache + singleflight",
		func(s string) (int, error) { return get(s, func() int { return ofString(s) }) },
		func(n int) (int, error) { return get(textOf(n), func() int { return ofInt(n) }) }}, nil
}

func ttlCache() (peer, error) {
	loadText := ttlcache.LoaderFunc[string, int](func(c *ttlcache.Cache[string, int], s string) *ttlcache.Item[string, int] {
		return c.Set(s, ofString(s), ttlcache.DefaultTTL)
	})
	loadInt := ttlcache.LoaderFunc[int, int](func(c *ttlcache.Cache[int, int], n int) *ttlcache.Item[int, int] {
		return c.Set(n, ofInt(n), ttlcache.DefaultTTL)
	})
	texts := ttlcache.New(ttlcache.WithCapacity[string, int](resident), ttlcache.WithLoader(loadText))
	ints := ttlcache.New(ttlcache.WithCapacity[int, int](resident), ttlcache.WithLoader(loadInt))
	return peer{"ttlcache",
		func(s string) (int, error) { return texts.Get(s).Value(), nil },
		func(n int) (int, error) { return ints.Get(n).Value(), nil }}, nil
}

func sturdycCache() (peer, error) {
	ctx := context.Background()
	cache := sturdyc.New[int](8*resident, 8, time.Hour, 10)
	return peer{"sturdyc",
		func(s string) (int, error) {
			return cache.GetOrFetch(ctx, s, func(context.Context) (int, error) { return ofString(s), nil })
		},
		func(n int) (int, error) {
			return cache.GetOrFetch(ctx, textOf(n), func(context.Context) (int, error) { return ofInt(n), nil })
		}}, nil
}

func gCache() (peer, error) {
	texts := gcache.New(resident).LRU().LoaderFunc(func(key any) (any, error) { return ofString(key.(string)), nil }).Build()
	ints := gcache.New(resident).LRU().LoaderFunc(func(key any) (any, error) { return ofInt(key.(int)), nil }).Build()
	return peer{"gcache",
		func(s string) (int, error) { return resultOf(texts.Get(s)) },
		func(n int) (int, error) { return resultOf(ints.Get(n)) }}, nil
}

// goRedisCache is go-redis/cache without a server: its cache in the process.
func goRedisCache() (peer, error) {
	cache := rediscache.New(&rediscache.Options{LocalCache: rediscache.NewTinyLFU(16*resident, time.Hour)})
	get := func(key string, f func() int) (int, error) {
		var v int
		err := cache.Once(&rediscache.Item{Key: key, Value: &v, TTL: time.Hour, Do: func(*rediscache.Item) (any, error) { return f(), nil }})
		return v, err
	}
	return peer{"go-redis/cache, local",
		func(s string) (int, error) { return get(s, func() int { return ofString(s) }) },
		func(n int) (int, error) { return get(textOf(n), func() int { return ofInt(n) }) }}, nil
}
