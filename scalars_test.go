package ring_test

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScalars(t *testing.T) {
	type word string
	runs := 0
	cached := ring.Wrap(func(s string, w word, n int8, b bool, f float32, u uint16) string {
		runs++
		return s + string(w) + strconv.Itoa(int(n)) + strconv.FormatBool(b) + strconv.Itoa(int(f)) + strconv.Itoa(int(u))
	}, ring.Lru{})
	scalars := cached.Scalars()
	for range 3 {
		value, err := scalars.Call("a:", word("b:"), int8(-1), true, float32(2), uint16(3))
		require.NoError(t, err)
		assert.Equal(t, "a:b:-1true23", value)
	}
	value, err := scalars.Call("a:", "b:", -1, true, 2.0, 3) // converted like in Call
	require.NoError(t, err)
	assert.Equal(t, "a:b:-1true23", value)
	assert.Equal(t, 1, runs)
	assert.Equal(t, ring.CacheInfo{Hits: 3, Misses: 1, MaxSize: 128, CurrSize: 1}, cached.CacheInfo())

	_, err = scalars.Call("a")
	assert.ErrorIs(t, err, ring.ErrArguments)
}

func TestScalarsRefuse(t *testing.T) {
	type point struct{ X, Y int }
	cached := ring.Wrap(func(p point) int { return p.X }, ring.Lru{})
	_, err := cached.Call(point{1, 2})
	require.NoError(t, err)
	for _, arg := range []any{point{1, 2}, &point{}, nil, []int{1}, context.Background(), ring.Kwargs{}} { // a cached one as well
		_, err := cached.Scalars().Call(arg)
		assert.ErrorIs(t, err, ring.ErrArguments, "%T", arg)
		assert.ErrorContains(t, err, "Scalars takes strings, numbers and bools alone", "%T", arg)
	}
}

type till struct{ id string }

func (s *till) RingKey() string { return s.id }

func (s *till) Price(ctx context.Context, item string) string {
	return s.id + item + ctx.Value(tillKey{}).(string)
}

func (s *till) Name(item string) string { return item }

type tillKey struct{}

func TestScalarsOfMethod(t *testing.T) {
	cached := ring.Wrap((*till).Price, ring.Lru{})
	ctx := context.WithValue(t.Context(), tillKey{}, "!")
	for _, id := range []string{"a", "b", "a:", "None", "&"} {
		price := cached.Bind(&till{id}).WithContext(ctx).Scalars()
		for range 2 {
			value, err := price.Call("x:y")
			require.NoError(t, err)
			assert.Equal(t, id+"x:y!", value)
		}
	}
	assert.Equal(t, 5, cached.CacheInfo().Hits)
	_, err := cached.Bind(3).Scalars().Call("x")
	assert.ErrorIs(t, err, ring.ErrArguments)
}

// TestScalarsKeepNothing: strings on a stack that is reused or moves do not get into
// the cache, nor to a function that keeps them.
func TestScalarsKeepNothing(t *testing.T) {
	var kept []string
	cached := ring.Wrap(func(s string) string {
		kept = append(kept, s)
		return s
	}, ring.Lru{MaxSize: ring.Unbounded})
	scalars := cached.Scalars()
	const n = 20_000
	for i := range n {
		var buf [16]byte
		text := string(strconv.AppendInt(buf[:0], int64(i), 10)) // short enough for the stack
		value, err := scalars.Call(text)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(i), value)
		clear(buf[:])
		if i%1000 == 0 {
			deep(i/100, 0)
			runtime.GC()
		}
	}
	for i, s := range kept {
		require.Equal(t, strconv.Itoa(i), strings.Clone(s))
	}
	assert.Len(t, kept, n)
}

// deep makes the stack grow.
func deep(n, sum int) int {
	if n == 0 {
		return sum
	}
	var room [512]byte
	room[n%512] = 1
	return deep(n-1, sum+int(room[n%512]))
}

// TestAllocations limits what a call allocates. With the race detector, pools sometimes
// drop their objects, so the runs without it count.
func TestAllocations(t *testing.T) {
	type point struct {
		X, Y  int
		Name  string
		Scale float64
		On    bool
	}
	long := strings.Repeat("long:", 100)
	n, s, list := 1_000_000+len(long), strings.Repeat("s", 20), make([]int, 100) // no constants, which have no box of their own
	p := point{n, 2, s, 4.5, true}
	lru := ring.Lru{}
	ints := ring.Wrap(func(n int) int { return n }, lru)
	withContext := ring.Wrap(func(ctx context.Context, n int, s string) string { return s }, lru)
	strs := ring.Wrap(func(s string) (string, error) { return s, nil }, lru)
	mixed := ring.Wrap(func(n int, s string, b bool, f float64) string { return s }, lru)
	expiring := ring.Wrap(func(n int) int { return n }, ring.Lru{Expire: time.Hour})
	structs, lists := ring.Wrap(func(p point) int { return p.X }, lru), ring.Wrap(func(l []int) int { return len(l) }, lru)
	receiver := &till{"a"}
	unbound := ring.Wrap((*till).Name, lru)
	method := unbound.Bind(receiver)
	typedInt, typedStr := ints.Func().(func(int) int), strs.Func().(func(string) (string, error))
	typedStruct := structs.Func().(func(point) int)
	for name, c := range map[string]struct {
		allocs float64 // at most
		call   func()
	}{
		"Scalars, an int":            {0, func() { _, _ = ints.Scalars().Call(n) }},
		"Scalars, a string":          {0, func() { _, _ = strs.Scalars().Call(s) }},
		"Scalars, several":           {0, func() { _, _ = mixed.Scalars().Call(n, s, true, 1.5) }},
		"Scalars, a long string":     {0, func() { _, _ = strs.Scalars().Call(long) }},
		"Scalars, beside a context":  {0, func() { _, _ = withContext.Scalars().Call(n, s) }},
		"Scalars, expiring":          {0, func() { _, _ = expiring.Scalars().Call(n) }},
		"Scalars, a method":          {0, func() { _, _ = method.Scalars().Call(s) }},
		"Call, an int":               {1, func() { _, _ = ints.Call(n) }},
		"Call, a string":             {1, func() { _, _ = strs.Call(s) }},
		"Call, a long string":        {1, func() { _, _ = strs.Call(long) }},
		"Call, several":              {2, func() { _, _ = mixed.Call(n, s, true, 1.5) }}, // constants are in no box of their own
		"Call, a struct":             {1, func() { _, _ = structs.Call(p) }},
		"Call, a slice":              {1, func() { _, _ = lists.Call(list) }},
		"Call, a method":             {1, func() { _, _ = method.Call(s) }},
		"typed, as a bare MakeFunc":  {2, func() { typedInt(n) }},
		"typed, a struct":            {2, func() { typedStruct(p) }},
		"typed, more results":        {2, func() { _, _ = typedStr(s) }}, // than there are arguments
		"Call, the receiver as well": {1, func() { _, _ = unbound.Call(receiver, s) }},
	} {
		c.call()
		assert.LessOrEqual(t, testing.AllocsPerRun(200, c.call), c.allocs+racing, name)
	}
}

// TestScalarsRefuseIgnored: a refusal does not depend on what is cached.
func TestScalarsRefuseIgnored(t *testing.T) {
	type shelf struct{}
	cached := ring.Wrap(func(where *shelf, n int, note any) int { return n },
		ring.Lru{Options: ring.Options{IgnorableKeys: []string{"where", "note"}}}, ring.Signature("where, n, note"))
	scalars := cached.Scalars()
	for range 2 {
		_, err := scalars.Call(&shelf{}, 1, 2)
		assert.ErrorIs(t, err, ring.ErrArguments)
		_, err = scalars.Call(nil, 1, ring.Kwargs{})
		assert.ErrorIs(t, err, ring.ErrArguments)
		_, err = cached.Call(&shelf{}, 1, 2)
		require.NoError(t, err)
	}
}
