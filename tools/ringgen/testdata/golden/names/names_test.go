package names

import (
	"testing"
	"time"

	"github.com/ring-go/ring"

	"example.com/golden/foreign/other/context"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	for name, c := range map[string]struct {
		rope *ring.Rope
		call ring.Kwargs
	}{
		"odd":    {oddRope.Rope, ring.Kwargs{"ring": 1, "r": "r", "value": "v", "ok": true, "err": nil, "result": []int{1}, "any": 1, "string2": ""}},
		"clash":  {clashRope.Rope, ring.Kwargs{"c": context.Context{}, "string": "ignored", "from_": time.Second}},
		"words":  {wordsRope.Rope, ring.Kwargs{"lambda_": "ignored", "arg2": "", "in_": "", "class_": map[string]int{}}},
		"hidden": {hiddenRope.Rope, ring.Kwargs{"s": secret{}}},
		"get":    {getRope.Rope, ring.Kwargs{"c": context.Context{}, "ring": "x"}},
		"parse":  {parseRope.Rope, ring.Kwargs{"text": "x"}},
		"atoi":   {atoiRope.Rope, ring.Kwargs{"s": "x"}},
	} {
		_, err := c.rope.Key(c.call)
		assert.NoError(t, err, name)
	}
	ignoring, err := clashRope.Key(t.Context(), context.Context{N: 1}, "a", 0)
	require.NoError(t, err)
	other, err := clashRope.Key(t.Context(), context.Context{N: 1}, "b", 0)
	require.NoError(t, err)
	assert.Equal(t, ignoring, other)
	assert.Equal(t, 1, clashRope.Call(t.Context(), context.Context{N: 1}, "a", 0))
	n, err := atoiRope.Call("12")
	require.NoError(t, err)
	assert.Equal(t, 12, n)
	assert.Equal(t, 5, literalRope.Call(2))
	assert.Equal(t, 8, doubled.Call(4))
	assert.Equal(t, 8, decorated(4))
	assert.Equal(t, 1, doubled.CacheInfo().Hits)
}

// TestKinds: keyword parameters, *tags and **more arrive at their places.
func TestKinds(t *testing.T) {
	unit, more := "km", map[string]int{"x": 1}
	ctx := t.Context()
	want, err := searchRope.Rope.Key("t", "a", "b", ring.Kwargs{"limit": 3, "exact": false, "unit": &unit, "ratio": 2, "x": 1})
	require.NoError(t, err)
	key, err := searchRope.Key(ctx, "t", []string{"a", "b"}, 3, false, &unit, 2, more)
	require.NoError(t, err)
	assert.Equal(t, want, key)

	n, err := searchRope.Call(ctx, "t", []string{"a", "b"}, 3, false, &unit, 2, more)
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	n, ok, err := searchRope.Get(ctx, "t", []string{"a", "b"}, 3, false, &unit, 2, more)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, 6, n)

	defaults := NewSearchArgs("t")
	assert.Equal(t, SearchArgs{Text: "t", Limit: 10, Exact: true, Ratio: 0.5}, defaults)
	keys, err := searchRope.KeyMany(ctx, defaults, SearchArgs{Text: "t"})
	require.NoError(t, err)
	want, err = searchRope.Rope.Key("t")
	require.NoError(t, err)
	assert.Equal(t, want, keys[0])
	assert.NotEqual(t, want, keys[1], "a zero field is no default")
}

func TestMany(t *testing.T) {
	calls := []GetArgs{{C: context.Context{N: 1}, Ring: "x"}, {C: context.Context{N: 5}, Ring: "yy"}}
	values, ok, err := getRope.GetMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 0}, values)
	assert.Equal(t, []bool{false, false}, ok)
	values, err = getRope.GetOrUpdateMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 7}, values)
	require.NoError(t, getRope.SetMany(calls[:1], []int{40}))
	values, ok, err = getRope.GetMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []int{40, 7}, values)
	assert.Equal(t, []bool{true, true}, ok)
	require.NoError(t, getRope.DeleteMany(calls[1:]...))
	ok, err = getRope.HasMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, ok)
}

func TestRopesInFieldsAndVariables(t *testing.T) {
	s, err := NewService(10)
	require.NoError(t, err)
	n, err := s.load.Call("abc", 1)
	require.NoError(t, err)
	assert.Equal(t, 13, n)
	_, ok, err := s.load.Lookup("abc", 2)
	require.NoError(t, err)
	assert.True(t, ok, "trace is ignored")
	assert.Equal(t, 12, NewSizeRope(s.raw).Call("ab"))

	for _, rope := range []interface {
		Call(secret) (secret, error)
	}{NewPlainRope(plain), NewTypedRope(typedRope)} {
		v, err := rope.Call(secret{1})
		require.NoError(t, err)
		assert.Equal(t, secret{2}, v)
	}
	assert.Panics(t, func() { NewPlainRope(getRope.Rope) })
	_, err = inner(secret{2})
	require.NoError(t, err)
}

func TestWithContext(t *testing.T) {
	w := literalRope.WithContext(t.Context())
	assert.Equal(t, t.Context(), w.Context())
	assert.Equal(t, 7, w.Call(4))
	assert.Equal(t, 7, literalRope.Call(4))
	assert.Equal(t, 1, literalRope.CacheInfo().Hits)
}
