package ring_test

import (
	"testing"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func repeat(text string, times int) int               { return len(text) * times }
func spread(first string, rest ...map[string]int) int { return len(first) + len(rest) }

// TestRegisteredSignature: it gives names, changes no key and yields to an option.
func TestRegisteredSignature(t *testing.T) {
	before := ring.Wrap(repeat, ring.Lru{})
	ring.RegisterSignature(repeat, "text, times")
	after := ring.Wrap(repeat, ring.Lru{})
	want, err := before.Key("a:b", 3)
	require.NoError(t, err)
	key, err := after.Key(ring.Kwargs{"times": 3, "text": "a:b"})
	require.NoError(t, err)
	assert.Equal(t, want, key)

	v, err := ring.Wrap(repeat, ring.Lru{}, ring.Signature("t, n=2")).Call("abc")
	require.NoError(t, err)
	assert.Equal(t, 6, v)
}

func TestRegisteredSignatureOfVariadics(t *testing.T) {
	before := ring.Wrap(spread, ring.Lru{})
	ring.RegisterSignature(spread, "first, *rest")
	after := ring.Wrap(spread, ring.Lru{})
	for _, args := range [][]any{{"a"}, {"a", map[string]int{"x": 1}}, {"a", map[string]int{}, map[string]int{"y": 2}}} {
		want, err := before.Key(args...)
		require.NoError(t, err)
		key, err := after.Key(args...)
		require.NoError(t, err)
		assert.Equal(t, want, key)
	}
}

func TestRegisterSignatureLeavesMadeFunctions(t *testing.T) {
	made := func(n int) int { return n }
	ring.Decorate1(&made, ring.Lru{KeyPrefix: "made"})
	ring.RegisterSignature(made, "n")
	ring.RegisterSignature((func(int))(nil), "n")
	other := func(n int) int { return -n }
	ring.Decorate1(&other, ring.Lru{KeyPrefix: "other"})
	for _, fn := range []func(int) int{made, other} {
		_, err := ring.Wrap(fn, ring.Lru{KeyPrefix: "again"}).Key(ring.Kwargs{"n": 1})
		assert.ErrorContains(t, err, "its parameters have no names")
	}
	assert.Panics(t, func() { ring.RegisterSignature(repeat, "text") })
	assert.Panics(t, func() { ring.RegisterSignature(repeat, "text, from") })
}
