package diskcache

import (
	"context"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

var ctx = context.Background()

type id string

type point struct {
	X, Y int
	Name string
}

func TestValuesComeBack(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	long := strings.Repeat("é\r\n", 20_000)
	huge, _ := new(big.Int).SetString("10000000000000000000000000000000000000000", 10)
	for _, tt := range []struct {
		value, want any
		mode        int64
	}{
		{"text", "text", modeRaw},
		{"", "", modeRaw},
		{"a\x00b", "a\x00b", modeRaw},
		{[]byte("bytes\xff"), []byte("bytes\xff"), modeRaw},
		{[]byte{}, []byte{}, modeRaw},
		{id("named"), "named", modeRaw},
		{1, 1, modeRaw},
		{uint8(7), 7, modeRaw},
		{int64(math.MinInt64), math.MinInt64, modeRaw},
		{uint64(math.MaxUint64), new(big.Int).SetUint64(math.MaxUint64), modePickle},
		{huge, huge, modePickle},
		{1.5, 1.5, modeRaw},
		{float32(0.5), 0.5, modeRaw},
		{math.Inf(1), math.Inf(1), modeRaw},
		{nil, nil, modePickle},
		{[]byte(nil), nil, modePickle},
		{true, true, modePickle},
		{time.Minute, time.Minute, modePickle},
		{[]any{1, "x", nil}, []any{1, "x", nil}, modePickle},
		{pickle.Tuple{1, 2}, pickle.Tuple{1, 2}, modePickle},
		{long, long, modeText},
		{[]byte(long), []byte(long), modeBytes},
		{[]any{long}, []any{long}, modePickle},
	} {
		require.NoError(t, c.Set(ctx, "k", tt.value, 0))
		got, err := c.Get(ctx, "k")
		require.NoError(t, err, "%.40v", tt.value)
		assert.Equal(t, tt.want, got)
		assert.Equal(t, [][]any{{tt.mode}}, table(t, c, `SELECT mode FROM Cache`), "%.40v", tt.value)
	}
	require.NoError(t, c.Set(ctx, "k", math.NaN(), 0))
	got, err := c.Get(ctx, "k")
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got.(float64)))
	assert.Empty(t, valueFiles(t, c.Directory()), "all have been replaced")
}

func TestGetTo(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	want := point{1, -2, "p"}
	require.NoError(t, c.Set(ctx, "struct", want, 0))
	require.NoError(t, c.Set(ctx, "int", 7, 0))
	require.NoError(t, c.Set(ctx, "text", "x", 0))
	require.NoError(t, c.Set(ctx, "bytes", []byte("b"), 0))

	var got point
	require.NoError(t, c.GetTo(ctx, "struct", &got))
	assert.Equal(t, want, got)
	var i8 int8
	require.NoError(t, c.GetTo(ctx, "int", &i8))
	assert.EqualValues(t, 7, i8)
	var name id
	require.NoError(t, c.GetTo(ctx, "text", &name))
	assert.Equal(t, id("x"), name)
	var s string
	require.NoError(t, c.GetTo(ctx, "text", &s))
	assert.Equal(t, "x", s)
	var b []byte
	require.NoError(t, c.GetTo(ctx, "bytes", &b))
	assert.Equal(t, []byte("b"), b)
	var v any
	require.NoError(t, c.GetTo(ctx, "int", &v))
	assert.Equal(t, 7, v)

	err := c.GetTo(ctx, "text", &i8)
	require.ErrorIs(t, err, ErrValue)
	assert.Contains(t, err.Error(), "diskcache: get "+c.Directory())
	assert.ErrorIs(t, c.GetTo(ctx, "text", nil), ErrValue)
	assert.ErrorIs(t, c.GetTo(ctx, "text", (*string)(nil)), ErrValue)
	assert.ErrorIs(t, c.GetTo(ctx, "text", s), ErrValue)
	assert.Equal(t, ErrNotFound, c.GetTo(ctx, "none", &s))
}

func TestKeysThatAreOne(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	keys := [][]any{
		{"1", id("1")},
		{[]byte("1")},
		{1, 1.0, int8(1), uint64(1), float32(1)},
		{true},
		{nil},
		{[]byte{}, []byte(nil)},
		{""},
		{1.25},
		{pickle.Tuple{1, "a"}},
		{[2]int{1, 2}, []int{1, 2}, []any{1, 2}},
		{uint64(1 << 63)},
		{time.Second},
	}
	for i, same := range keys {
		require.NoError(t, c.Set(ctx, same[0], i, 0))
	}
	for i, same := range keys {
		for _, key := range same {
			got, err := c.Get(ctx, key)
			require.NoError(t, err, "%T %v", key, key)
			assert.Equal(t, i, got, "%T %v", key, key)
		}
	}
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Len(t, keys, n)
	i := 0
	for key, err := range c.Keys(ctx) {
		require.NoError(t, err)
		got, err := c.Get(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, i, got)
		i++
	}
	assert.Equal(t, len(keys), i)
}

func TestRefused(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	for _, key := range []any{math.NaN(), "\xff", make(chan int), func() {}, id("\xff")} {
		assert.ErrorIs(t, c.Set(ctx, key, 1, 0), ErrKey)
		_, err := c.Get(ctx, key)
		assert.ErrorIs(t, err, ErrKey)
	}
	for _, value := range []any{"\xff", strings.Repeat("\xff", 40_000), make(chan int), []any{func() {}}} {
		assert.ErrorIs(t, c.Set(ctx, "k", value, 0), ErrValue)
	}
	assert.ErrorIs(t, c.Set(ctx, "k", 1, 0, "a", "b"), ErrValue)
	assert.ErrorIs(t, c.Set(ctx, "k", 1, 0, []any{1}), ErrValue)
	assert.ErrorIs(t, c.Set(ctx, "k", 1, 0, "\xff"), ErrValue)
	assert.ErrorIs(t, c.SetMany(ctx, []any{1}, nil, 0), ErrValue)
	_, err := c.GetManyTo(ctx, []any{1}, nil)
	assert.ErrorIs(t, err, ErrValue)
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Empty(t, valueFiles(t, c.Directory()))
}

func TestExpiry(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0)})
	require.NoError(t, c.Set(ctx, "k", 1, time.Second))
	item, err := c.GetItem(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, Item{Value: 1, Expires: now.Now().Add(time.Second)}, item)

	now.advance(999 * time.Millisecond)
	touched, err := c.Touch(ctx, "k", time.Second)
	require.NoError(t, err)
	assert.True(t, touched)
	now.advance(time.Second)
	_, err = c.Get(ctx, "k")
	assert.Equal(t, ErrNotFound, err, "at its deadline it is over")
	has, err := c.Has(ctx, "k")
	require.NoError(t, err)
	assert.False(t, has)
	touched, err = c.Touch(ctx, "k", time.Hour)
	require.NoError(t, err)
	assert.False(t, touched, "a dead entry stays dead")
	deleted, err := c.Delete(ctx, "k")
	require.NoError(t, err)
	assert.False(t, deleted)
	_, err = c.Pop(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n, "it is there still")

	n, err = c.Expire(ctx)
	require.NoError(t, err)
	assert.Zero(t, n, "a deadline of just now is not yet past")
	now.advance(1)
	now.advance(time.Microsecond)
	n, err = c.Expire(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	require.NoError(t, c.Set(ctx, "k", 1, -time.Second))
	_, err = c.Get(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
	added, err := c.Add(ctx, "k", 2, 0)
	require.NoError(t, err)
	assert.True(t, added)
	added, err = c.Add(ctx, "k", strings.Repeat("3", 40_000), 0)
	require.NoError(t, err)
	assert.False(t, added)
	assert.Empty(t, valueFiles(t, c.Directory()), "what was not added leaves no file")
	touched, err = c.Touch(ctx, "k", 0)
	require.NoError(t, err)
	assert.True(t, touched)
}

func TestTags(t *testing.T) {
	for _, index := range []bool{false, true} {
		c := open(t, t.TempDir(), &Options{TagIndex: &index})
		for i := range 250 {
			require.NoError(t, c.Set(ctx, i, strings.Repeat("x", 10+i%2*40_000), 0, []any{"red", 7, nil, []byte("b"), 1.5}[i%5]))
		}
		item, err := c.GetItem(ctx, 0)
		require.NoError(t, err)
		assert.Equal(t, "red", item.Tag)
		item, err = c.GetItem(ctx, 1)
		require.NoError(t, err)
		assert.Equal(t, 7, item.Tag)
		for _, tag := range []any{"red", 7, []byte("b")} {
			n, err := c.Evict(ctx, tag)
			require.NoError(t, err)
			assert.Equal(t, 50, n, tag)
		}
		n, err := c.Evict(ctx, nil)
		require.NoError(t, err)
		assert.Zero(t, n)
		n, err = c.Clear(ctx)
		require.NoError(t, err)
		assert.Equal(t, 100, n)
		assert.Empty(t, valueFiles(t, c.Directory()))
	}
}

func TestPop(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now})
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "k", big, time.Minute, "tag"))
	item, err := c.PopItem(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, Item{big, now.Now().Add(time.Minute), "tag"}, item)
	assert.Empty(t, valueFiles(t, c.Directory()))
	_, err = c.Pop(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
}

func TestIncr(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0)})
	for _, tt := range []struct {
		delta   int64
		initial []int64
		want    int64
	}{{1, nil, 1}, {5, nil, 6}, {-10, []int64{100}, -4}} {
		sum, err := c.Incr(ctx, "n", tt.delta, tt.initial...)
		require.NoError(t, err)
		assert.Equal(t, tt.want, sum)
	}
	difference, err := c.Decr(ctx, "m", 3, 10)
	require.NoError(t, err)
	assert.EqualValues(t, 7, difference)

	require.NoError(t, c.Set(ctx, "max", int64(math.MaxInt64), 0))
	_, err = c.Incr(ctx, "max", 1)
	assert.ErrorIs(t, err, ErrValue)
	_, err = c.Decr(ctx, "max", math.MinInt64)
	assert.ErrorIs(t, err, ErrValue)
	require.NoError(t, c.Set(ctx, "s", "x", 0))
	_, err = c.Incr(ctx, "s", 1)
	assert.ErrorIs(t, err, ErrValue)
	_, err = c.Incr(ctx, "s2", 1, 2, 3)
	assert.ErrorIs(t, err, ErrValue)

	require.NoError(t, c.Set(ctx, "short", 5, time.Second))
	now.advance(time.Minute)
	sum, err := c.Incr(ctx, "short", 1)
	require.NoError(t, err)
	assert.EqualValues(t, 1, sum, "what has expired does not count")
}

func TestAddIsExact(t *testing.T) {
	for _, tt := range [][3]int64{{1, 2, 3}, {math.MaxInt64, 0, math.MaxInt64}, {math.MinInt64, math.MaxInt64, -1}, {5, -7, -2}} {
		sum, err := add(tt[0], tt[1])
		require.NoError(t, err)
		assert.Equal(t, tt[2], sum)
	}
	for _, tt := range [][2]int64{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		_, err := add(tt[0], tt[1])
		assert.Error(t, err)
	}
}

func TestPolicies(t *testing.T) {
	for _, tt := range []struct {
		policy EvictionPolicy
		left   []any
	}{
		{LeastRecentlyStored, []any{"b", "c", "d"}},
		{LeastRecentlyUsed, []any{"a", "c", "d"}},
		{LeastFrequentlyUsed, []any{"a", "b", "c"}},
		{NoEviction, []any{"a", "b", "c", "d"}},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			now := newClock()
			c := open(t, t.TempDir(), &Options{Now: now.Now, EvictionPolicy: tt.policy, CullLimit: new(1)})
			tick := func(err error) {
				require.NoError(t, err)
				now.advance(time.Second)
			}
			for _, key := range []any{"a", "b", "c"} {
				tick(c.Set(ctx, key, strings.Repeat("x", 100_000), 0))
			}
			for _, key := range []any{"b", "b", "c", "c", "a"} {
				_, err := c.Get(ctx, key)
				tick(err)
			}
			require.NoError(t, c.Close())
			c = open(t, c.Directory(), &Options{Now: now.Now, SizeLimit: new(int64(400_000))})
			tick(c.Set(ctx, "d", strings.Repeat("x", 100_000), 0))
			var left []any
			for key, err := range c.Keys(ctx) {
				require.NoError(t, err)
				left = append(left, key)
			}
			assert.Equal(t, tt.left, left)
		})
	}
}

func TestCullLimitZeroKeepsAll(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0), SizeLimit: new(int64(0))})
	for i := range 30 {
		require.NoError(t, c.Set(ctx, i, i, time.Second))
		now.advance(time.Minute)
	}
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n)
	n, err = c.Cull(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n)
}

func TestCull(t *testing.T) {
	c := open(t, t.TempDir(), &Options{CullLimit: new(0), SizeLimit: new(int64(1 << 20))})
	for i := range 50 {
		require.NoError(t, c.Set(ctx, i, make([]byte, 50_000), 0))
	}
	volume, err := c.Volume(ctx)
	require.NoError(t, err)
	assert.Greater(t, volume, int64(50*50_000))
	n, err := c.Cull(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n, "in steps of ten, until 20 * 50 kB are left")
	volume, err = c.Volume(ctx)
	require.NoError(t, err)
	assert.LessOrEqual(t, volume, int64(1<<20))
	assert.Len(t, valueFiles(t, c.Directory()), 20)
}

// TestTransactOnAFullCache: what a transaction has evicted counts, though the file only gets
// smaller when it ends.
func TestTransactOnAFullCache(t *testing.T) {
	const limit = 1 << 20
	c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit))})
	value := make([]byte, 2000)
	for i := range 600 {
		require.NoError(t, c.Set(ctx, i, value, 0))
	}
	before, err := c.Len(ctx)
	require.NoError(t, err)
	require.Less(t, before, 600, "it is full")
	require.NoError(t, c.Transact(ctx, func(tx *Tx) error {
		for i := range 100 {
			if err := tx.Set(1000+i, value, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	after, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Greater(t, after, before-40)
	volume, err := c.Volume(ctx)
	require.NoError(t, err)
	assert.Less(t, volume, int64(limit+limit/10))
}

// TestSizeLimitWithoutVacuum: a file that does not get smaller does not cost all entries.
// In Python it does.
func TestSizeLimitWithoutVacuum(t *testing.T) {
	const limit = 1 << 20
	for _, mode := range []int{0, 2} {
		c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit)), SQLiteAutoVacuum: new(mode)})
		value := make([]byte, 2000)
		for i := range 1000 {
			require.NoError(t, c.Set(ctx, i, value, 0))
		}
		n, err := c.Len(ctx)
		require.NoError(t, err)
		assert.Greater(t, n, limit/8000)
		volume, err := c.Volume(ctx)
		require.NoError(t, err)
		assert.Less(t, volume, int64(limit+limit/10))

		smaller := open(t, c.Directory(), &Options{SizeLimit: new(int64(limit / 2)), SQLiteAutoVacuum: new(1)})
		culled, err := smaller.Cull(ctx)
		require.NoError(t, err)
		assert.Greater(t, culled, n/4)
		assert.Less(t, culled, n*3/4)
	}
}

func TestSizeLimitUnderLoad(t *testing.T) {
	const limit = 2 << 20
	c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit))})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 60 {
				key := g*1000 + i
				if i%3 == 0 {
					keys, values := []any{key, -key}, []any{make([]byte, 40_000), make([]byte, 20_000)}
					assert.NoError(t, c.SetMany(ctx, keys, values, 0))
				} else {
					assert.NoError(t, c.Set(ctx, key, make([]byte, 40_000), 0))
				}
				volume, err := c.Volume(ctx)
				assert.NoError(t, err)
				assert.Less(t, volume, int64(limit+8*100_000))
			}
		})
	}
	wg.Wait()
}

func TestStatistics(t *testing.T) {
	c := open(t, t.TempDir(), &Options{Statistics: new(true)})
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	for _, key := range []any{"k", "none", "k"} {
		_, _ = c.Get(ctx, key)
	}
	_, found, err := c.GetMany(ctx, []any{"k", "x", "y"})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false, false}, found)
	hits, misses, err := c.Stats(ctx)
	require.NoError(t, err)
	assert.Equal(t, [2]int{3, 3}, [2]int{hits, misses})
	require.NoError(t, c.ResetStats(ctx))
	hits, misses, err = c.Stats(ctx)
	require.NoError(t, err)
	assert.Equal(t, [2]int{}, [2]int{hits, misses})
}

func TestBulk(t *testing.T) {
	for _, policy := range []EvictionPolicy{LeastRecentlyStored, LeastRecentlyUsed} {
		now := newClock()
		c := open(t, t.TempDir(), &Options{EvictionPolicy: policy, Now: now.Now, CullLimit: new(0)})
		big := strings.Repeat("x", 40_000)
		keys, values := []any{"a", 1, "b", "a"}, []any{"first", nil, big, "last"}
		require.NoError(t, c.SetMany(ctx, keys, values, time.Minute, "tag"))
		got, found, err := c.GetMany(ctx, []any{"a", "none", 1.0, "b"})
		require.NoError(t, err)
		assert.Equal(t, []any{"last", nil, nil, big}, got)
		assert.Equal(t, []bool{true, false, true, true}, found)

		has, err := c.HasMany(ctx, []any{"b", "none"})
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false}, has)
		touched, err := c.TouchMany(ctx, []any{"b", "none"}, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false}, touched)
		now.advance(2 * time.Minute)
		has, err = c.HasMany(ctx, []any{"a", "b"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false, true}, has)

		var s string
		n := -1
		found, err = c.GetManyTo(ctx, []any{"b", "b"}, []any{&n, &s})
		require.ErrorIs(t, err, ErrValue)
		assert.Contains(t, err.Error(), `key "b": `)
		assert.Equal(t, []bool{false, true}, found)
		assert.Equal(t, big, s)

		deleted, err := c.DeleteMany(ctx, []any{"b", "none", "a"})
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false, false}, deleted)
		assert.Empty(t, valueFiles(t, c.Directory()))

		_, _, err = c.GetMany(ctx, nil)
		require.NoError(t, err)
		require.NoError(t, c.SetMany(ctx, nil, nil, 0))

		err = c.SetMany(ctx, []any{"ok", math.NaN()}, []any{big, big}, 0)
		require.ErrorIs(t, err, ErrKey)
		has, err = c.HasMany(ctx, []any{"ok"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false}, has, "all or nothing")
		assert.Empty(t, valueFiles(t, c.Directory()))
	}
}

func TestTransact(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "old", big, 0))
	var kept *Tx
	require.NoError(t, c.Transact(ctx, func(tx *Tx) error {
		kept = tx
		require.NoError(t, tx.Set("a", 1, 0, "tag"))
		require.NoError(t, tx.Set("big", big, 0))
		v, err := tx.Get("a")
		require.NoError(t, err)
		assert.Equal(t, 1, v)
		_, err = c.Get(ctx, "a")
		assert.Equal(t, ErrNotFound, err, "others see nothing yet")
		n, err := tx.Incr("a", 41)
		require.NoError(t, err)
		assert.EqualValues(t, 42, n)
		_, err = tx.Decr("a", 1)
		require.NoError(t, err)
		added, err := tx.Add("a", 1, 0)
		require.NoError(t, err)
		assert.False(t, added)
		has, err := tx.Has("big")
		require.NoError(t, err)
		assert.True(t, has)
		touched, err := tx.Touch("big", time.Hour)
		require.NoError(t, err)
		assert.True(t, touched)
		item, err := tx.GetItem("a")
		require.NoError(t, err)
		assert.Equal(t, "tag", item.Tag)
		v, err = tx.Pop("old")
		require.NoError(t, err)
		assert.Equal(t, big, v)
		_, err = tx.PopItem("old")
		assert.Equal(t, ErrNotFound, err)
		var s string
		return tx.GetTo("big", &s)
	}))
	v, err := c.Get(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, 41, v)
	assert.Len(t, valueFiles(t, c.Directory()), 1)

	for name, err := range map[string]error{
		"set":    kept.Set("x", 1, 0),
		"get":    kept.GetTo("x", new(any)),
		"has":    second(kept.Has("x")),
		"touch":  second(kept.Touch("x", 0)),
		"delete": second(kept.Delete("x")),
		"pop":    second(kept.Pop("x")),
		"incr":   second(kept.Incr("x", 1)),
	} {
		assert.ErrorIs(t, err, errTxDone, name)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTransactUndone(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "old", big, 0))
	changes := func(tx *Tx) {
		require.NoError(t, tx.Set("old", "new", 0))
		require.NoError(t, tx.Set("big", big, 0))
	}
	own := errors.New("own")
	assert.Equal(t, own, c.Transact(ctx, func(tx *Tx) error {
		changes(tx)
		return own
	}))
	assert.PanicsWithValue(t, "own", func() {
		_ = c.Transact(ctx, func(tx *Tx) error {
			changes(tx)
			panic("own")
		})
	})
	v, err := c.Get(ctx, "old")
	require.NoError(t, err)
	assert.Equal(t, big, v)
	assert.Len(t, valueFiles(t, c.Directory()), 1)
}

// TestTransactHalfAChange: what was half made when it failed is not committed, even
// if the error is ignored.
func TestTransactHalfAChange(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now})
	require.NoError(t, c.Set(ctx, "n", 1, 0))
	require.NoError(t, c.Set(ctx, "dead", 1, time.Second))
	now.advance(time.Minute)
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return tx.conn.once(ctx, `CREATE TEMP TRIGGER no BEFORE DELETE ON Cache BEGIN SELECT RAISE(FAIL, 'not today'); END`)
	}))
	big := strings.Repeat("x", 40_000)
	err := c.Transact(ctx, func(tx *Tx) error {
		assert.ErrorContains(t, tx.Set("k", big, 0), "not today")
		_, err := tx.Incr("n", 1) // which works does not make up for it
		return err
	})
	require.ErrorContains(t, err, "not today")
	has, err := c.Has(ctx, "k")
	require.NoError(t, err)
	assert.False(t, has)
	assert.Empty(t, valueFiles(t, c.Directory()))
}

// TestTransactAfterAFullDisk: SQLite undoes the whole transaction then, and what came
// after it would not be part of one.
func TestTransactAfterAFullDisk(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	require.NoError(t, c.Set(ctx, "n", 1, 0))
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return tx.conn.once(ctx, `PRAGMA max_page_count = 1`) // none beyond what it has
	}))
	err := c.Transact(ctx, func(tx *Tx) error {
		require.NoError(t, tx.Set("before", 1, 0))
		require.ErrorIs(t, tx.Set("long", strings.Repeat("x", 30_000), 0), syscall.ENOSPC)
		_, err := tx.Incr("n", 1)
		assert.ErrorIs(t, err, syscall.ENOSPC)
		assert.ErrorIs(t, tx.Set("after", 1, 0), syscall.ENOSPC)
		return nil
	})
	assert.ErrorIs(t, err, syscall.ENOSPC)
	values, found, err := c.GetMany(ctx, []any{"n", "before", "after"})
	require.NoError(t, err)
	assert.Equal(t, []any{1, nil, nil}, values)
	assert.Equal(t, []bool{true, false, false}, found)
}

func TestKeysWhileChanging(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	for i := range 350 {
		require.NoError(t, c.Set(ctx, i, i, 0))
	}
	seen := 0
	for key, err := range c.Keys(ctx) {
		require.NoError(t, err)
		_, err = c.Delete(ctx, key)
		require.NoError(t, err)
		require.NoError(t, c.Set(ctx, 1000+seen, 0, 0))
		seen++
	}
	assert.Equal(t, 350, seen)
	for range c.Keys(ctx) {
		break
	}
}

func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	caches := []*Cache{open(t, dir, nil), open(t, dir, nil)}
	var wg sync.WaitGroup
	for g := range 16 {
		c := caches[g%2]
		wg.Go(func() {
			for i := range 40 {
				_, err := c.Incr(ctx, "n", 1)
				assert.NoError(t, err)
				// Text of one letter: a mixture would be a torn read.
				text := strings.Repeat(string(rune('a'+g)), 30_000+i*200)
				assert.NoError(t, c.Set(ctx, "shared", text, 0))
				v, err := c.Get(ctx, "shared")
				if assert.NoError(t, err, "there is always a value") {
					s := v.(string)
					assert.Equal(t, strings.Repeat(s[:1], len(s)), s)
				}
			}
		})
	}
	wg.Wait()
	n, err := caches[0].Get(ctx, "n")
	require.NoError(t, err)
	assert.Equal(t, 16*40, n)
	assert.LessOrEqual(t, len(valueFiles(t, dir)), 1)
}

func TestContext(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	done, cancel := context.WithCancel(ctx)
	cancel()
	assert.ErrorIs(t, c.Set(done, "k", 1, 0), context.Canceled)
	_, err := c.Get(done, "k")
	assert.ErrorIs(t, err, context.Canceled)
	_, _, err = c.GetMany(done, nil)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = c.Check(done, false)
	assert.ErrorIs(t, err, context.Canceled)
	for _, err := range c.Keys(done) {
		assert.ErrorIs(t, err, context.Canceled)
	}
	assert.ErrorIs(t, c.Transact(done, func(*Tx) error { return nil }), context.Canceled)

	// A wait ends, for the writer of this process and that of another.
	other := open(t, c.Directory(), nil)
	require.NoError(t, c.Transact(ctx, func(*Tx) error {
		for _, waiting := range []*Cache{c, other} {
			soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			assert.ErrorIs(t, waiting.Set(soon, "k", 1, 0), context.DeadlineExceeded)
			cancel()
		}
		return nil
	}))
	live, cancel := context.WithCancel(ctx)
	defer cancel()
	require.NoError(t, other.Set(live, "k", strings.Repeat("x", 40_000), 0))
	_, err = other.Get(live, "k")
	require.NoError(t, err)
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, nil)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				if err := c.Set(ctx, "k", 1, 0); err != nil {
					assert.Equal(t, ErrClosed, err)
					return
				}
				if _, err := c.Get(ctx, "k"); err != nil {
					assert.Equal(t, ErrClosed, err)
					return
				}
			}
		})
	}
	for range 3 {
		wg.Go(func() { assert.NoError(t, c.Close()) })
	}
	wg.Wait()
	assert.Empty(t, openFiles(t, dir))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "the write-ahead log is merged and gone")

	calls := map[string]func() error{
		"Get":        func() error { return second(c.Get(ctx, "k")) },
		"GetTo":      func() error { return c.GetTo(ctx, "k", new(any)) },
		"GetItem":    func() error { return second(c.GetItem(ctx, "k")) },
		"Set":        func() error { return c.Set(ctx, "k", strings.Repeat("x", 40_000), 0) },
		"Add":        func() error { return second(c.Add(ctx, "k", 1, 0)) },
		"Touch":      func() error { return second(c.Touch(ctx, "k", 0)) },
		"Delete":     func() error { return second(c.Delete(ctx, "k")) },
		"Has":        func() error { return second(c.Has(ctx, "k")) },
		"Pop":        func() error { return second(c.Pop(ctx, "k")) },
		"Incr":       func() error { return second(c.Incr(ctx, "k", 1)) },
		"Decr":       func() error { return second(c.Decr(ctx, "k", 1)) },
		"Expire":     func() error { return second(c.Expire(ctx)) },
		"Cull":       func() error { return second(c.Cull(ctx)) },
		"Evict":      func() error { return second(c.Evict(ctx, "t")) },
		"Clear":      func() error { return second(c.Clear(ctx)) },
		"Check":      func() error { return second(c.Check(ctx, true)) },
		"Volume":     func() error { return second(c.Volume(ctx)) },
		"Len":        func() error { return second(c.Len(ctx)) },
		"ResetStats": func() error { return c.ResetStats(ctx) },
		"Transact":   func() error { return c.Transact(ctx, func(*Tx) error { return nil }) },
		"Stats":      func() error { _, _, err := c.Stats(ctx); return err },
		"GetMany":    func() error { _, _, err := c.GetMany(ctx, nil); return err },
		"SetMany":    func() error { return c.SetMany(ctx, nil, nil, 0) },
		"DeleteMany": func() error { return second(c.DeleteMany(ctx, []any{1})) },
		"HasMany":    func() error { return second(c.HasMany(ctx, []any{1})) },
		"TouchMany":  func() error { return second(c.TouchMany(ctx, []any{1}, 0)) },
		"Keys": func() error {
			for _, err := range c.Keys(ctx) {
				return err
			}
			return nil
		},
	}
	for name, call := range calls {
		assert.Equal(t, ErrClosed, call(), name)
	}
	assert.Empty(t, valueFiles(t, dir))
	require.NoError(t, c.Close())
}

func TestStrangeDirectoryNames(t *testing.T) {
	for _, name := range []string{"a b", "what?x=1", "100%41", "ä#", "a&b;c'd\"e"} {
		dir := filepath.Join(t.TempDir(), name)
		c := open(t, dir, nil)
		require.NoError(t, c.Set(ctx, "k", 1, 0))
		assert.FileExists(t, filepath.Join(dir, dbName))
	}
}
