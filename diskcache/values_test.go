package diskcache

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

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
