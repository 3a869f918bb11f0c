package shelve

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=600k"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	defer func() { require.NoError(t, syscall.Unmount(dir, 0)) }()
	path, other := filepath.Join(dir, "shelf"), filepath.Join(dir, "other")
	writeFile(t, other, make([]byte, 50_000))
	s, err := Open(path, nil)
	require.NoError(t, err)
	defer s.Close()
	n := 0
	for ; err == nil; n++ {
		require.Less(t, n, 100)
		err = s.Set(fmt.Sprint(n), strings.Repeat("x", 10_000))
	}
	require.ErrorIs(t, err, ErrFull)
	for i := range n - 1 {
		requireValue(t, s, fmt.Sprint(i), strings.Repeat("x", 10_000))
	}
	has, err := s.Has(fmt.Sprint(n - 1))
	require.NoError(t, err)
	assert.False(t, has)
	_, err = Open(filepath.Join(dir, "new"), nil)
	require.ErrorIs(t, err, ErrFull)
	assert.NoFileExists(t, filepath.Join(dir, "new"), "nothing that is not a shelf")
	assert.NoFileExists(t, filepath.Join(dir, "new"+unfinished))
	require.NoError(t, os.Remove(other)) // even deleting takes some space
	require.NoError(t, s.Delete("0"))
	require.NoError(t, s.Close())
	requireIntact(t, path)
	s, err = Open(path, &Options{Flag: "r"})
	require.NoError(t, err)
	n2, err := s.Len()
	require.NoError(t, err)
	assert.Equal(t, n-2, n2)
	require.NoError(t, s.Close())
}
