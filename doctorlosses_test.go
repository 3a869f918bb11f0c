package ring

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/shelve"
)

func TestDoctorFindsExpiriesThatAreNotKept(t *testing.T) {
	rdb, mc := unreached(t)
	long := 100 * 365 * 24 * time.Hour
	for _, tt := range []struct {
		rope    *Rope
		message string // "": all is well
	}{
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: 1500 * time.Millisecond}), "for 2s where Expire says 1.5s"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: time.Millisecond}), "for 1s where Expire says 1ms"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: long}), "never do"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: 2 * time.Second}), ""},
		{Wrap(doctorTwo, RedisPy{Client: rdb, Expire: 1500 * time.Microsecond}), "for 2ms where Expire says 1.5ms"},
		{Wrap(doctorTwo, RedisPy{Client: rdb, Expire: 1500 * time.Millisecond}), ""},
		{Wrap(doctorTwo, Lru{Expire: 1500 * time.Microsecond}), ""},
		{Wrap(doctorTwo, Dict{Expire: time.Minute, StorageClass: NewPersistentDictStorage}), "refuses every value"},
	} {
		r := Doctor(tt.rope)
		if tt.message == "" {
			assert.Empty(t, r.Findings)
			continue
		}
		require.Equal(t, []string{"ExpiryNotKept[Two]"}, kinds(r))
		assert.Contains(t, r.Findings[0].Message, tt.message)
	}
	refused := Wrap(doctorTwo, Dict{Expire: time.Minute, StorageClass: NewPersistentDictStorage})
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
		for coder, f := range map[string]Factory{
			"json":   Lru{Coder: "json"},
			"pickle": Lru{Coder: "pickle"},
			"shelve": Shelve{Shelf: shelf, KeyPrefix: fmt.Sprintf("%T", tt.fn), Options: Options{KeyStyle: PythonKeys}},
		} {
			rope := Wrap(tt.fn, f)
			r := Doctor(rope)
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
			assert.Equal(t, TypeLost, r.Findings[0].Kind)
			assert.Contains(t, r.Findings[0].Message, tt.where)
			assert.NotEqual(t, first, second, "what the finding says is so, by %s", coder)
			assert.Len(t, r.Warnings(), 1)
		}
		assert.Empty(t, Doctor(Wrap(tt.fn, Lru{})).Findings)
	}
}

// wide names the type it is of three times, so that there are 3³² ways to the innermost
// of thirty-two of them.
type (
	wide[T any]     struct{ A, B, C []T }
	wider[T any]    = wide[wide[wide[wide[T]]]]
	widest[T any]   = wider[wider[T]]
	manyWays[T any] = widest[widest[widest[widest[T]]]]
)

func TestTypesAreLookedAtOnce(t *testing.T) {
	for _, coder := range []string{"json", "pickle", "dataclass"} {
		r, err := New(func() manyWays[any] { return manyWays[any]{} }, Lru{Coder: coder})
		require.NoError(t, err)
		assert.Equal(t, []FindingKind{TypeLost}, findingKinds(Doctor(r)))
		r, err = New(func() manyWays[int] { return manyWays[int]{} }, Lru{Coder: coder})
		require.NoError(t, err)
		assert.Empty(t, Doctor(r).Findings)
	}
}
