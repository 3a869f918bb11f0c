package ring_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errDown = errors.New("the server is down")

// partlyDown is a storage on two servers; the one with the odd keys is down.
type partlyDown struct{ remote }

func isOdd(key string) bool { return strings.ContainsAny(key[len(key)-1:], "13579") }

func (p *partlyDown) GetValue(ctx context.Context, key string) (any, error) {
	if isOdd(key) {
		return nil, errDown
	}
	return p.remote.GetValue(ctx, key)
}

func (p *partlyDown) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if isOdd(key) {
		return errDown
	}
	return p.remote.SetValue(ctx, key, value, expire)
}

func (p *partlyDown) each(keys []string, do func(i int) error) error {
	errs := make([]error, len(keys))
	for i := range keys {
		errs[i] = do(i)
	}
	if errors.Join(errs...) == nil {
		return nil
	}
	return ring.BulkErrors(errs)
}

func (p *partlyDown) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	values := make([]any, len(keys))
	err := p.each(keys, func(i int) (err error) {
		values[i], err = p.GetValue(ctx, keys[i])
		if err != nil {
			values[i] = ring.ErrNotFound
		}
		if err == ring.ErrNotFound {
			err = nil
		}
		return err
	})
	return values, err
}

func (p *partlyDown) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	return p.each(keys, func(i int) error { return p.SetValue(ctx, keys[i], values[i], expire) })
}

func (p *partlyDown) DeleteManyValues(ctx context.Context, keys []string) error {
	return p.each(keys, func(i int) error { return p.DeleteValue(ctx, keys[i]) })
}

func (p *partlyDown) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	has := make([]bool, len(keys))
	err := p.each(keys, func(i int) error {
		_, err := p.GetValue(ctx, keys[i])
		has[i] = err == nil
		if err == ring.ErrNotFound {
			err = nil
		}
		return err
	})
	return has, err
}

func (p *partlyDown) TouchManyValues(context.Context, []string, time.Duration) error { return nil }

// oneByOneDown is partlyDown without bulk methods.
type oneByOneDown struct{ ring.Storage }

// TestOneServerOfSeveralIsDown: a bulk call returns the answers of the other servers,
// and names the failed keys.
func TestOneServerOfSeveralIsDown(t *testing.T) {
	bulk := func(any) (ring.Storage, error) { return &partlyDown{remote{&sync.Map{}}}, nil }
	t.Run("bulk storage", func(t *testing.T) { oneServerIsDown(t, bulk) })
	single := func(any) (ring.Storage, error) { return oneByOneDown{&partlyDown{remote{&sync.Map{}}}}, nil }
	t.Run("storage of single keys", func(t *testing.T) { oneServerIsDown(t, single) })
}

func oneServerIsDown(t *testing.T, class ring.StorageClass) {
	var runs []int
	var reported []error
	rope := func(open bool) *ring.Rope {
		runs, reported = nil, nil
		return ring.Wrap(func(n int) int { runs = append(runs, n); return n * 10 }, ring.BaseFactory{StorageClass: class, KeyPrefix: "f",
			Options: ring.Options{FailOpen: open, OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }}})
	}
	calls := []any{ring.Args{0}, ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{1}}

	r := rope(false)
	require.NoError(t, r.Set(0, 0))
	values, err := r.GetMany(calls...)
	assert.Equal(t, []any{0, nil, nil, nil, nil}, values)
	assert.ErrorIs(t, err, errDown)
	for _, want := range []string{`element 1, "f:1"`, `element 3, "f:3"`, "element 4"} {
		assert.ErrorContains(t, err, want)
	}
	for _, wrong := range []string{"element 0", "element 2"} {
		assert.NotContains(t, err.Error(), wrong)
	}
	has, err := r.HasMany(calls...)
	assert.Equal(t, []bool{true, false, false, false, false}, has)
	assert.ErrorContains(t, err, "element 3")

	values, err = r.GetOrUpdateMany(calls...)
	assert.Equal(t, []any{0, nil, 20, nil, nil}, values)
	assert.ErrorIs(t, err, errDown)
	assert.ErrorContains(t, err, "element 1")
	assert.Equal(t, []int{2}, runs)
	assert.Equal(t, 20, must(r.Get(2)))

	r = rope(true)
	require.NoError(t, r.Set(0, 0))
	for range 2 {
		runs, reported = nil, nil
		values, err = r.GetOrUpdateMany(calls...)
		require.NoError(t, err)
		assert.Equal(t, []any{0, 10, 20, 30, 10}, values)
		require.Len(t, reported, 1)
		assert.ErrorIs(t, reported[0], errDown)
		assert.ErrorContains(t, reported[0], `"f:3"`)
	}
	assert.Equal(t, []int{1, 3}, runs, "what the others have is not run again")
}
