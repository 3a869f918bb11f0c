package diskcache_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
)

func ExampleCache_DeletePrefix() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "user:1", "ann", 0)
	cache.Set(ctx, "user:2", "bob", 0)
	cache.Set(ctx, "order:1", 100, 0)
	fmt.Println(cache.DeletePrefix(ctx, "user:", func(key string) bool { return key != "user:2" }))
	fmt.Println(cache.DeletePrefix(ctx, "user:", nil))
	fmt.Println(cache.Len(ctx))
	// Output:
	// 1 <nil>
	// 1 <nil>
	// 1 <nil>
}

// TestDeletePrefix: over many transactions, with files, and among keys of all kinds.
func TestDeletePrefix(t *testing.T) {
	cache, err := diskcache.Open(t.TempDir(), &diskcache.Options{DiskMinFileSize: new(10)})
	require.NoError(t, err)
	defer cache.Close()
	others := []any{"f", "e:1", "g:1", "F:1", "f;1", "f:é", 1, 2.5, []byte("f:1"), [2]int{1, 2}}
	for _, key := range others {
		require.NoError(t, cache.Set(t.Context(), key, "a longer value", 0))
	}
	const n = 450
	for i := range n {
		expire := time.Duration(0)
		if i%50 == 0 {
			expire = time.Nanosecond
		}
		require.NoError(t, cache.Set(t.Context(), fmt.Sprintf("f:%d", i), "a longer value", expire))
	}
	asked := 0
	removed, err := cache.DeletePrefix(t.Context(), "f:", func(key string) bool {
		asked++
		return false
	})
	require.NoError(t, err)
	assert.Zero(t, removed)
	total := asked
	removed, err = cache.DeletePrefix(t.Context(), "f:", func(key string) bool { return !strings.HasSuffix(key, "é") })
	require.NoError(t, err)
	assert.Equal(t, total-1, removed)
	for _, key := range others {
		has, err := cache.Has(t.Context(), key)
		require.NoError(t, err)
		assert.True(t, has, key)
	}
	count, err := cache.Len(t.Context())
	require.NoError(t, err)
	assert.Equal(t, len(others), count)
	files := 0
	require.NoError(t, filepath.WalkDir(cache.Directory(), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".val") {
			files++
		}
		return err
	}))
	assert.Equal(t, len(others), files)
	problems, err := cache.Check(t.Context(), false)
	require.NoError(t, err)
	assert.Empty(t, problems)
}
