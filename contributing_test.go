package ring_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var listedPackage = regexp.MustCompile("(?m)^- `([^`]+)`: .")

// TestContributingListsThePackages: CONTRIBUTING.md has a line for each directory of Go
// files, in order, and none for others.
func TestContributingListsThePackages(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	_, list, found := strings.Cut(string(text), "\n## Packages\n")
	require.True(t, found)
	list, _, _ = strings.Cut(list, "\n## ")

	var listed []string
	for _, m := range listedPackage.FindAllStringSubmatch(list, -1) {
		listed = append(listed, m[1])
	}
	assert.Equal(t, packages(t, os.DirFS(".")), listed)
}

// packages returns the directories with Go files, without testdata and hidden ones.
func packages(t *testing.T, root fs.FS) []string {
	t.Helper()
	seen := map[string]bool{}
	var dirs []string
	require.NoError(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || len(name) > 1 && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if dir := path.Dir(name); path.Ext(name) == ".go" && !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
		return nil
	}))
	sort.Strings(dirs)
	return dirs
}
