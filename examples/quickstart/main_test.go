package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFindFiles: directories such as .git are skipped, the one that is asked for is not.
func TestFindFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".project")
	for _, name := range []string{".git/HEAD", "sub/.cache/x", "sub/a.go", ".gitignore", "b.go"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	t.Chdir(dir)
	for _, asked := range []string{dir, "."} {
		calls, err := findFiles(asked)
		require.NoError(t, err)
		var found []string
		for _, args := range calls {
			name, err := filepath.Rel(asked, args[0].(string))
			require.NoError(t, err)
			found = append(found, name)
		}
		assert.ElementsMatch(t, []string{"sub/a.go", ".gitignore", "b.go"}, found)
	}
	_, err := findFiles(filepath.Join(dir, "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
