package ring_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestLockFilesBelong: neither Python's Cache.check nor ours takes the files of locks for what
// was left behind, or removes them.
func TestLockFilesBelong(t *testing.T) {
	dir := t.TempDir()
	cache := openCache(t, dir, nil)
	check := func() {
		problems, err := cache.Check(t.Context(), true)
		require.NoError(t, err)
		assert.Empty(t, problems)
		const python = "/usr/bin/python3"
		if exec.Command(python, "-c", "import diskcache").Run() != nil {
			return
		}
		out, err := exec.Command(python, "-c", "import diskcache, sys\nfor fault in diskcache.Cache(sys.argv[1]).check(fix=True): print(fault.message)", dir).CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Empty(t, string(out))
	}
	f := ring.Wrap(func(s string) string {
		files, err := os.ReadDir(filepath.Join(dir, "cache.db-ring-lock"))
		assert.NoError(t, err)
		assert.NotEmpty(t, files)
		check()
		again, err := os.ReadDir(filepath.Join(dir, "cache.db-ring-lock"))
		assert.NoError(t, err)
		assert.Len(t, again, len(files))
		return s
	}, ring.Disk{Obj: cache, KeyPrefix: "f", Options: ring.Options{Lock: ring.Lock{Lease: time.Second}}})
	_, err := f.Call("a")
	require.NoError(t, err)
	has, err := f.Has("a")
	require.NoError(t, err)
	assert.True(t, has)
	check()
}
