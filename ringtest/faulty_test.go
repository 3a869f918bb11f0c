package ringtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/ringtest"
	"github.com/ring-go/ring/storagetest"
)

func openStorage(t *testing.T, class ring.StorageClass, backend any) ring.Storage {
	t.Helper()
	s, err := class(backend)
	require.NoError(t, err)
	return s
}

// TestFaultyWithoutFaults: it is the storage inside.
func TestFaultyWithoutFaults(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) ring.Storage{
		"lru": func(t *testing.T) ring.Storage { return openStorage(t, ring.NewLruStorage, lrucache.New(2000)) },
		"dict": func(t *testing.T) ring.Storage {
			return openStorage(t, ring.NewPersistentDictStorage, map[string]any{})
		},
		"dict that expires": func(t *testing.T) ring.Storage {
			return openStorage(t, ring.NewExpirableDictStorage, map[string]any{})
		},
		"redis": func(t *testing.T) ring.Storage { return openStorage(t, ring.NewRedisStorage, redisClient(t)) },
		"twice": func(t *testing.T) ring.Storage {
			return &ringtest.Faulty{Storage: openStorage(t, ring.NewLruStorage, lrucache.New(2000))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.Run(t, func(t *testing.T) ring.Storage {
				return &ringtest.Faulty{Storage: open(t), TB: t}
			}, nil)
		})
	}
}

// TestFaultyOfLittle: the storage inside has no optional method.
func TestFaultyOfLittle(t *testing.T) {
	ctx := context.Background()
	f := &ringtest.Faulty{Storage: &remote{&sync.Map{}}}
	require.NoError(t, f.SetManyValues(ctx, []string{"a", "b"}, []any{1, 2}, 0))
	values, err := f.GetManyValues(ctx, []string{"b", "c", "a"})
	require.NoError(t, err)
	assert.Equal(t, []any{2, ring.ErrNotFound, 1}, values)
	require.NoError(t, f.DeleteManyValues(ctx, []string{"b"}))
	has, err := f.HasManyValues(ctx, []string{"a", "b"})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, has)
	_, err = f.TTLValue(ctx, "a")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, f.TouchValue(ctx, "a", time.Hour), errors.ErrUnsupported)
	require.ErrorIs(t, f.TouchManyValues(ctx, []string{"a"}, time.Hour), errors.ErrUnsupported)
	limit, current := f.Size()
	assert.Equal(t, []int{ring.Unbounded, -1}, []int{limit, current})
	assert.False(t, f.InMemoryStorage())
	assert.False(t, f.StoresBytes())
}

// plan makes everything go wrong at times.
func plan(seed uint64, inside ring.Storage) *ringtest.Faulty {
	faults := ringtest.Faults{Error: 0.3, Lost: 0.3}
	return &ringtest.Faulty{Storage: inside, Seed: seed, Get: faults, Set: faults, Delete: faults, Has: faults, Touch: faults, TTL: faults}
}

// story is what happens to calls with keys, each of them several times.
func story(f *ringtest.Faulty, keys []string) map[string][]string {
	ctx, told := context.Background(), map[string][]string{}
	for range 20 {
		for _, key := range keys {
			value, err := f.GetValue(ctx, key)
			told[key] = append(told[key], fmt.Sprint(value, err, f.SetValue(ctx, key, key, 0)))
			has, err := f.HasValue(ctx, key)
			left, late := f.TTLValue(ctx, key)
			told[key] = append(told[key], fmt.Sprint(has, err, left, late, f.TouchValue(ctx, key, 0), f.DeleteValue(ctx, key)))
		}
	}
	return told
}

func lruInside(t *testing.T) ring.Storage {
	return openStorage(t, ring.NewLruStorage, lrucache.New(100))
}

func TestFaultyIsReproducible(t *testing.T) {
	keys := []string{"a", "b", "c"}
	one := story(plan(7, lruInside(t)), keys)
	assert.Equal(t, one, story(plan(7, lruInside(t)), []string{"c", "a", "b"}), "in another order of the keys")
	assert.NotEqual(t, one, story(plan(8, lruInside(t)), keys))
	assert.NotEqual(t, one["a"], one["b"])
}

// TestFaultyBulkIsTheSame: each key of a bulk call has the fate of a single call.
func TestFaultyBulkIsTheSame(t *testing.T) {
	ctx := context.Background()
	var keys []string
	var values []any
	for i := range 200 {
		keys, values = append(keys, fmt.Sprint(i)), append(values, i)
	}
	for _, inside := range []func() ring.Storage{
		func() ring.Storage { return openStorage(t, ring.NewExpirableDictStorage, map[string]any{}) },
		func() ring.Storage { return openStorage(t, ring.NewRedisStorage, redisClient(t)) },
	} {
		single, bulk := plan(3, inside()), plan(3, inside())
		same := func(err error, do func(i int) error) {
			t.Helper()
			var each ring.BulkErrors
			require.ErrorAs(t, err, &each)
			require.Len(t, each, len(keys))
			failed := 0
			for i := range keys {
				want := do(i)
				assert.Equal(t, want, each[i])
				if want != nil {
					failed++
				}
			}
			assert.InDelta(t, 60, failed, 30)
		}
		same(bulk.SetManyValues(ctx, keys, values, time.Hour), func(i int) error { return single.SetValue(ctx, keys[i], values[i], time.Hour) })
		same(bulk.TouchManyValues(ctx, keys, time.Minute), func(i int) error { return single.TouchValue(ctx, keys[i], time.Minute) })
		has, err := bulk.HasManyValues(ctx, keys)
		same(err, func(i int) error {
			want, err := single.HasValue(ctx, keys[i])
			assert.Equal(t, want, has[i], "%T %s", bulk.Storage, keys[i])
			return err
		})
		same(bulk.DeleteManyValues(ctx, keys), func(i int) error { return single.DeleteValue(ctx, keys[i]) })
		found, err := bulk.GetManyValues(ctx, keys)
		same(err, func(i int) error {
			want, err := single.GetValue(ctx, keys[i])
			if err != nil {
				want = ring.ErrNotFound
			}
			assert.Equal(t, want, found[i])
			if err == ring.ErrNotFound {
				return nil
			}
			return err
		})
	}
}

// errStorage fails as a whole.
type errStorage struct{ ring.Storage }

var errDown = errors.New("down")

func (errStorage) GetManyValues(context.Context, []string) ([]any, error) { return nil, errDown }
func (errStorage) SetManyValues(context.Context, []string, []any, time.Duration) error {
	return errDown
}
func (errStorage) DeleteManyValues(context.Context, []string) error        { return errDown }
func (errStorage) HasManyValues(context.Context, []string) ([]bool, error) { return nil, errDown }
func (errStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return errDown
}

func TestFaultyPassesErrorsOn(t *testing.T) {
	ctx, keys := context.Background(), make([]string, 50)
	for _, f := range []*ringtest.Faulty{{Storage: errStorage{}}, plan(1, errStorage{})} {
		errs := []error{f.SetManyValues(ctx, keys, make([]any, len(keys)), 0), f.DeleteManyValues(ctx, keys), f.TouchManyValues(ctx, keys, 0)}
		_, err := f.GetManyValues(ctx, keys)
		errs = append(errs, err)
		_, err = f.HasManyValues(ctx, keys)
		for _, err := range append(errs, err) {
			assert.ErrorIs(t, err, errDown)
			if f.Seed == 0 {
				assert.Equal(t, errDown, err, "as it is")
			} else {
				assert.ErrorIs(t, err, ringtest.ErrFault)
			}
		}
	}
}

func TestFaultyFrequencies(t *testing.T) {
	ctx, own := context.Background(), errors.New("own")
	f := &ringtest.Faulty{Storage: lruInside(t), Seed: 1,
		Get: ringtest.Faults{Error: 1}, Has: ringtest.Faults{Error: 0.1, Err: own}, Set: ringtest.Faults{Lost: 0.5}}
	failed, lost := 0, 0
	for i := range 10_000 {
		_, err := f.GetValue(ctx, "k")
		require.ErrorIs(t, err, ringtest.ErrFault)
		if _, err := f.HasValue(ctx, "k"); err != nil {
			require.ErrorIs(t, err, own)
			failed++
		}
		require.NoError(t, f.SetValue(ctx, "k", i, 0))
		if got, _ := f.Storage.GetValue(ctx, "k"); got != i {
			lost++
		}
		require.NoError(t, f.DeleteValue(ctx, "k"))
	}
	assert.InDelta(t, 1000, failed, 150)
	assert.InDelta(t, 5000, lost, 300)
}

// faultyRope is a rope on a Faulty.
func faultyRope(fn any, f *ringtest.Faulty, o ring.Options) *ring.Rope {
	return ring.Wrap(fn, ring.BaseFactory{KeyPrefix: "p", Options: o, StorageClass: func(any) (ring.Storage, error) { return f, nil }})
}

func TestFaultyIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &ringtest.Faulty{Storage: &remote{&sync.Map{}}, Get: ringtest.Faults{Slow: 1, Delay: time.Minute}}
		count := &counted{}
		r := faultyRope(count.label, f, ring.Options{FailOpen: true, StorageTimeout: time.Second, OnError: func(context.Context, *ring.Error) {}})
		start := time.Now()
		_, err := r.Call(1)
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(start), "the StorageTimeout")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start = time.Now()
		_, err = f.GetManyValues(ctx, []string{"a", "b", "c"})
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Since(start), "as long as the slowest")
		cancel()
		start = time.Now()
		for _, err := range []error{second(f.GetValue(ctx, "a")), second(f.GetManyValues(ctx, []string{"a"}))} {
			assert.ErrorIs(t, err, context.Canceled)
		}
		assert.Zero(t, time.Since(start), "the context ends it")
	})
}

func second[T any](_ T, err error) error { return err }

func TestFaultyUnderRopes(t *testing.T) {
	down := ringtest.Faults{Error: 1}
	f := &ringtest.Faulty{Storage: lruInside(t), TB: t, Get: down}
	count := &counted{}
	_, err := faultyRope(count.label, f, ring.Options{DefaultAction: "get"}).Call(1)
	require.ErrorIs(t, err, ringtest.ErrFault)

	f = &ringtest.Faulty{Storage: openStorage(t, ring.NewRedisStorage, redisClient(t)), Seed: 5, Set: ringtest.Faults{Lost: 1}}
	r := faultyRope(count.label, f, ring.Options{})
	for range 3 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	assert.Equal(t, 3, count.taken(), "what was reported as stored is not there")
	t.Run("isolated", func(t *testing.T) {
		ringtest.Isolate(t, r)
		for range 3 {
			_, err := r.Call(1)
			require.NoError(t, err)
		}
		assert.Equal(t, 1, count.taken(), "the memory has no faults")
	})
}

// TestFaultyIsSurvived: a rope that works without its storage returns what the function
// returns, whatever fails, for many goroutines.
func TestFaultyIsSurvived(t *testing.T) {
	for _, inside := range []ring.Storage{lruInside(t), openStorage(t, ring.NewRedisStorage, redisClient(t)), &remote{&sync.Map{}}} {
		f := plan(0, inside)
		f.TB = t
		f.Get.Slow, f.Get.Delay = 0.1, time.Millisecond
		f.Delete = ringtest.Faults{}
		r := faultyRope(func(n int) string { return fmt.Sprint(n) }, f, ring.Options{FailOpen: true, OnError: func(_ context.Context, err *ring.Error) {
			assert.ErrorIs(t, err, ringtest.ErrFault)
		}})
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for n := range 100 {
					got, err := r.Call(n % 10)
					assert.NoError(t, err)
					assert.Equal(t, fmt.Sprint(n%10), got)
					many, err := r.GetOrUpdateMany(ring.Args{n % 10}, ring.Args{n % 7})
					assert.NoError(t, err)
					assert.Equal(t, []any{fmt.Sprint(n % 10), fmt.Sprint(n % 7)}, many)
					assert.NoError(t, r.Delete(n%10))
				}
			})
		}
		group.Wait()
	}
}

// logged is a test whose log is read.
type logged struct {
	testing.TB
	lines []string
}

func (l *logged) Logf(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func TestFaultyLogsItsSeed(t *testing.T) {
	log := &logged{TB: t}
	keys := strings.Split("abcdefghij", "")
	f := plan(0, lruInside(t))
	f.TB = log
	told := story(f, keys)
	require.Len(t, log.lines, 1)
	var seed uint64
	_, err := fmt.Sscanf(log.lines[0], "ringtest: the faults of the *ring.LruStorage come from Seed: %d", &seed)
	require.NoError(t, err)
	assert.Equal(t, told, story(plan(seed, lruInside(t)), keys), "the seed repeats it")
	assert.NotEqual(t, told, story(plan(0, lruInside(t)), keys))
}
