package ring_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
)

// TestDiskCacheAgedTo: a value in its own type, with its age, and what does not fit.
func TestDiskCacheAgedTo(t *testing.T) {
	ctx := t.Context()
	s := &ring.DiskCacheStorage{Obj: openCache(t, t.TempDir(), nil), Tag: "tag"}
	require.NoError(t, s.SetValue(ctx, "key", person{Name: "Ada", Age: 36}, time.Hour))
	var got person
	a, err := s.GetAgedTo(ctx, "key", &got)
	require.NoError(t, err)
	assert.Equal(t, person{Name: "Ada", Age: 36}, got)
	assert.Nil(t, a.Value)
	isHour(t, a.Left)
	stored, err := s.ReplaceValue(ctx, "key", a.Version, "text", 0)
	require.NoError(t, err)
	assert.True(t, stored)
	a, err = s.GetAged(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, "text", a.Value)
	assert.Zero(t, a.Left)
	a, err = s.GetAgedTo(ctx, "key", &got)
	assert.ErrorIs(t, err, ring.ErrCoder)
	assert.Zero(t, a)
	_, err = s.GetAgedTo(ctx, "missing", &got)
	assert.Equal(t, ring.ErrNotFound, err)
	_, err = s.AddValue(ctx, "key", make(chan int), 0)
	assert.ErrorIs(t, err, ring.ErrCoder)
	_, err = s.ReplaceValue(ctx, "key", a.Version, make(chan int), 0)
	assert.ErrorIs(t, err, ring.ErrCoder)
	n, err := s.Obj.(*diskcache.Cache).Evict(ctx, "tag")
	require.NoError(t, err)
	assert.Equal(t, 1, n, "the replaced value has the tag, too")
}

// TestDiskCacheWithoutAges: another DiskCacheObj need not know ages.
func TestDiskCacheWithoutAges(t *testing.T) {
	ctx := t.Context()
	s := &ring.DiskCacheStorage{Obj: struct{ ring.DiskCacheObj }{openCache(t, t.TempDir(), nil)}}
	require.NoError(t, s.SetValue(ctx, "key", "value", 0))
	_, err := s.GetAged(ctx, "key")
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = s.GetManyAged(ctx, []string{"key"})
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = s.AddValue(ctx, "new", "value", 0)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = s.ReplaceValue(ctx, "key", nil, "value", 0)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorIs(t, s.ShortenValue(ctx, "key", time.Hour), errors.ErrUnsupported)
}
