package keytext

import (
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestManyMixedKeys: keys of many types, including a NaN, have one order.
func TestManyMixedKeys(t *testing.T) {
	plan := planFor(t, safeKeys, reflect.TypeFor[map[any]int]())
	m := map[any]int{math.NaN(): 1}
	for i := range 100 {
		m[i], m[uint(i)], m[float32(i)], m[float64(i)] = i, i, i, i
	}
	want := keyOf(t, plan, m)
	for range 50 {
		require.Equal(t, want, keyOf(t, plan, m))
	}

	var nested any
	for range 40 { // the work must not double on every level
		nested = map[any]any{1: 1, "a": nested}
	}
	_, err := anyPart(Rules{}, nested)
	require.NoError(t, err)
}

// TestRoomOfLargeMaps: the buffers of a large map are not kept, even if its elements
// have no text.
func TestRoomOfLargeMaps(t *testing.T) {
	co, err := pythonKeys.coercerFor(reflect.TypeFor[int]())
	require.NoError(t, err)
	str, err := pythonKeys.coercerFor(stringType)
	require.NoError(t, err)
	large := make(map[int]string)
	for i := range 10_000 {
		large[i] = ""
	}
	s := newMapSorter(reflect.TypeOf(large), co, str)
	require.NoError(t, s.write(&Text{}, reflect.ValueOf(large), co.item, str.item, func() {}, ","))
	assert.LessOrEqual(t, cap(s.rooms.Get().(*mapRoom).pairs), 2<<10)
}
