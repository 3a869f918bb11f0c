package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func acquire(t *testing.T, l *Locks, key string) *Lease {
	t.Helper()
	lease, err := l.Acquire(key)
	require.NoError(t, err)
	return lease
}

func TestOneHolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "locks")
	l := New(dir)
	lease := acquire(t, l, "a")
	require.NotNil(t, lease)
	assert.Nil(t, acquire(t, l, "a"))
	assert.Nil(t, acquire(t, New(dir), "a"))
	assert.NotNil(t, acquire(t, l, "b"))
	require.NoError(t, lease.Release(t.Context()))
	require.NoError(t, lease.Release(t.Context()))
	assert.NotNil(t, acquire(t, l, "a"))
}

// TestVoided: who has lost the lock does nothing, and does not take it from the next one.
func TestVoided(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "locks"))
	require.NoError(t, l.Void(t.Context(), "a"), "there is none")
	old := acquire(t, l, "a")
	require.NoError(t, l.Void(t.Context(), "a", "b"))
	next := acquire(t, l, "a")
	require.NotNil(t, next)
	held, err := old.Finish(t.Context(), func() error { panic("it was voided") })
	require.NoError(t, err)
	assert.False(t, held)
	assert.Nil(t, acquire(t, l, "a"))
	failure := errors.New("no")
	held, err = next.Finish(t.Context(), func() error { return failure })
	assert.True(t, held)
	assert.Equal(t, failure, err)
	assert.NotNil(t, acquire(t, l, "a"), "it is released in any case")
}

// TestLeftBehind: a file that nobody has locked is locked by the next one.
func TestLeftBehind(t *testing.T) {
	l := New(t.TempDir())
	require.NoError(t, os.WriteFile(l.path("a"), nil, 0o600))
	assert.NotNil(t, acquire(t, l, "a"))
}

// TestDirectoryRemoved: it is made again.
func TestDirectoryRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "locks")
	l := New(dir)
	lease := acquire(t, l, "a")
	require.NoError(t, os.RemoveAll(dir))
	held, err := lease.Finish(t.Context(), func() error { panic("it was removed") })
	require.NoError(t, err)
	assert.False(t, held)
	assert.NotNil(t, acquire(t, l, "a"))
}

// TestManyHolders: while locks are voided all the time, nobody stores after a write has voided
// the lock, and files are not left.
func TestManyHolders(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	var written, wrong atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		l := New(dir)
		wg.Go(func() {
			for range 300 {
				if i == 0 {
					if l.Void(ctx, "a") == nil {
						written.Add(1)
					}
					continue
				}
				lease, err := l.Acquire("a")
				if err != nil || lease == nil {
					continue
				}
				began := written.Load()
				_, _ = lease.Finish(ctx, func() error {
					if written.Load() > began+1 { // one Void can have ended before the lock was taken
						wrong.Add(1)
					}
					return nil
				})
			}
		})
	}
	wg.Wait()
	assert.Zero(t, wrong.Load())
	_, err := os.Stat(New(dir).path("a"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
