package ring_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/shelve"
)

func TestDoctorFindsExpiriesThatAreNotKept(t *testing.T) {
	rdb, mc := unreached(t)
	long := 100 * 365 * 24 * time.Hour
	for _, tt := range []struct {
		rope    *ring.Rope
		message string // "": no finding
	}{
		{ring.Wrap(doctorTwo, ring.Memcache{Client: mc, Expire: 1500 * time.Millisecond}), "for 2s where Expire says 1.5s"},
		{ring.Wrap(doctorTwo, ring.Memcache{Client: mc, Expire: time.Millisecond}), "for 1s where Expire says 1ms"},
		{ring.Wrap(doctorTwo, ring.Memcache{Client: mc, Expire: long}), "never do"},
		{ring.Wrap(doctorTwo, ring.Memcache{Client: mc, Expire: 2 * time.Second}), ""},
		{ring.Wrap(doctorTwo, ring.RedisPy{Client: rdb, Expire: 1500 * time.Microsecond}), "for 2ms where Expire says 1.5ms"},
		{ring.Wrap(doctorTwo, ring.RedisPy{Client: rdb, Expire: 1500 * time.Millisecond}), ""},
		{ring.Wrap(doctorTwo, ring.Lru{Expire: 1500 * time.Microsecond}), ""},
		{ring.Wrap(doctorTwo, ring.Dict{Expire: time.Minute, StorageClass: ring.NewPersistentDictStorage}), "refuses every value"},
	} {
		r := ring.Doctor(tt.rope)
		if tt.message == "" {
			assert.Empty(t, r.Findings)
			continue
		}
		require.Equal(t, []string{"ExpiryNotKept[Two]"}, kindsAndRopes(r))
		assert.Contains(t, r.Findings[0].Message, tt.message)
	}
	refused := ring.Wrap(doctorTwo, ring.Dict{Expire: time.Minute, StorageClass: ring.NewPersistentDictStorage})
	_, err := refused.Call(1)
	assert.Error(t, err, "what the finding says is so")
}

func TestDoctorFindsTypesThatAreLost(t *testing.T) {
	type inner struct {
		N    int
		Data map[string]any
	}
	type left struct {
		Seen int
		Any  any `json:"-" pickle:"-"`
	}
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	defer shelf.Close()
	for _, tt := range []struct {
		fn    any
		where string // "": nothing is lost
	}{
		{func() any { return int8(1) }, "result 1 (interface {}) can"},
		{func() (int, []any) { return 1, []any{int8(1)} }, "result 2 ([]interface {}), in its elements"},
		{func() *inner { return &inner{Data: map[string]any{"a": int8(1)}} }, "in its field Data, in its values"},
		{func() left { return left{} }, ""},
		{func() time.Time { return time.Time{} }, ""},
		{func() map[string][]float64 { return nil }, ""},
	} {
		for coder, f := range map[string]ring.Factory{
			"json":   ring.Lru{Coder: "json"},
			"pickle": ring.Lru{Coder: "pickle"},
			"shelve": ring.Shelve{Shelf: shelf, KeyPrefix: fmt.Sprintf("%T", tt.fn), Options: ring.Options{KeyStyle: ring.PythonKeys}},
		} {
			rope := ring.Wrap(tt.fn, f)
			r := ring.Doctor(rope)
			first, err := rope.Call()
			require.NoError(t, err)
			second, err := rope.Call()
			require.NoError(t, err)
			if tt.where == "" {
				assert.Empty(t, r.Findings, "%v by %s", tt.where, coder)
				assert.Equal(t, first, second)
				continue
			}
			require.Len(t, r.Findings, 1, "%v by %s", tt.where, coder)
			assert.Equal(t, ring.TypeLost, r.Findings[0].Kind)
			assert.Contains(t, r.Findings[0].Message, tt.where)
			assert.NotEqual(t, first, second, "what the finding says is so, by %s", coder)
			assert.Len(t, r.Warnings(), 1)
		}
		assert.Empty(t, ring.Doctor(ring.Wrap(tt.fn, ring.Lru{})).Findings)
	}
}

// wide contains its parameter three times, so there are 3³² ways to the innermost type
// of thirty-two.
type (
	wide[T any]     struct{ A, B, C []T }
	wider[T any]    = wide[wide[wide[wide[T]]]]
	widest[T any]   = wider[wider[T]]
	manyWays[T any] = widest[widest[widest[widest[T]]]]
)

func TestTypesAreLookedAtOnce(t *testing.T) {
	for _, coder := range []string{"json", "pickle", "dataclass"} {
		r, err := ring.New(func() manyWays[any] { return manyWays[any]{} }, ring.Lru{Coder: coder})
		require.NoError(t, err)
		assert.Equal(t, []ring.FindingKind{ring.TypeLost}, findingKinds(ring.Doctor(r)))
		r, err = ring.New(func() manyWays[int] { return manyWays[int]{} }, ring.Lru{Coder: coder})
		require.NoError(t, err)
		assert.Empty(t, ring.Doctor(r).Findings)
	}
}
