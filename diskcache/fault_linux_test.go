package diskcache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	children["full"] = fillUp
	children["ro"] = readOnly
	children["nobody"] = openAsNobody
	children["fds"] = runOutOfFiles
}

func TestUmask(t *testing.T) {
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "new", "cache")
	c := open(t, dir, nil)
	require.NoError(t, c.Set(ctx, "k", strings.Repeat("x", 40_000), 0))
	file := valueFiles(t, dir)[0]
	for path, want := range map[string]os.FileMode{
		dir:                                0o750,
		filepath.Join(dir, dbName):         0o640,
		filepath.Join(dir, "cache.db-wal"): 0o640,
		file:                               0o640,
		filepath.Dir(file):                 0o750,
		filepath.Dir(filepath.Dir(file)):   0o750,
	} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), path)
	}
}

// limited runs a part of the test binary as a child and reports what it says.
func limited(t *testing.T, part string, attr *syscall.SysProcAttr, args ...string) {
	t.Helper()
	cmd := child(t, part, args...)
	cmd.SysProcAttr = attr
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) {
		t.Skipf("mounting is not allowed here: %v", err)
	}
	if strings.HasPrefix(string(out), "skip: ") {
		t.Skip(string(out))
	}
	require.NoError(t, err, "%s", out)
}

func demand(ok bool, format string, args ...any) {
	if !ok {
		fmt.Printf(format+"\n", args...)
		os.Exit(1)
	}
}

func mount(dir, options string, flags uintptr) {
	switch err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); {
	case errors.Is(err, syscall.EPERM):
		fmt.Printf("skip: mount: %v", err)
		os.Exit(0)
	case err != nil: // a mistake of the test's, not a right that it lacks
		fmt.Printf("mount: %v", err)
		os.Exit(1)
	}
}

// apart is a process with mounts of its own.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
}

func TestFullDisk(t *testing.T) { limited(t, "full", apart(), t.TempDir()) }

// fillUp stores until a small file system is full, and goes on from there.
func fillUp(args []string) error {
	dir := args[0]
	mount(dir, "size=3m", 0)
	c, err := Open(filepath.Join(dir, "cache"), nil)
	if err != nil {
		return err
	}
	for _, size := range []int{40_000, 1_000} { // in files and in rows
		var full error
		stored := 0
		for full == nil {
			if full = c.Set(ctx, fmt.Sprint(size, "-", stored), strings.Repeat("x", size), 0); full == nil {
				stored++
			}
			demand(stored < 10_000, "the disk does not get full")
		}
		demand(errors.Is(full, syscall.ENOSPC), "not ENOSPC: %v", full)
		for i := range stored {
			v, err := c.Get(ctx, fmt.Sprint(size, "-", i))
			demand(err == nil && len(v.(string)) == size, "value %d of %d bytes is lost: %v", i, size, err)
		}
		problems, err := c.Check(ctx, false)
		demand(err == nil, "check: %v", err)
		demand(len(problems) == 0, "problems: %v", problems)
	}
	for _, name := range mustGlob(filepath.Join(dir, "cache", "*", "*", "*.val"))[:10] {
		demand(os.Remove(name) == nil, "cannot make room")
	}
	err = c.Set(ctx, "more", 1, 0)
	demand(err == nil, "with room again: %v", err)
	return c.Close()
}

func mustGlob(pattern string) []string {
	names, err := filepath.Glob(pattern)
	demand(err == nil, "%v", err)
	return names
}

func TestReadOnlyDirectory(t *testing.T) { limited(t, "ro", apart(), t.TempDir()) }

func readOnly(args []string) error {
	dir := args[0]
	mount(dir, "size=3m", 0)
	c, err := Open(filepath.Join(dir, "cache"), nil)
	if err != nil {
		return err
	}
	big := strings.Repeat("x", 40_000)
	demand(c.Set(ctx, "k", big, 0) == nil, "set")
	demand(c.Close() == nil, "close")
	mount(dir, "size=3m", syscall.MS_REMOUNT|syscall.MS_RDONLY)
	if c, err = Open(filepath.Join(dir, "cache"), nil); err != nil {
		demand(strings.HasPrefix(err.Error(), "diskcache: open "+dir), "%v", err)
		demand(strings.Contains(err.Error(), "check"), "it does not say what to do: %v", err)
		return nil
	}
	err = c.Set(ctx, "k", "new", 0)
	demand(err != nil, "a read-only directory is written")
	err = c.Set(ctx, "k", big+"new", 0)
	demand(errors.Is(err, syscall.EROFS), "%v", err)
	if v, err := c.Get(ctx, "k"); err == nil {
		demand(v == big, "a wrong value")
	}
	return c.Close()
}

// TestForbiddenDirectory opens a cache as a user who may read but not write it.
func TestForbiddenDirectory(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, nil)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	require.NoError(t, c.Close())
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Chmod(filepath.Join(dir, dbName), 0o444))
	require.NoError(t, os.Chmod(dir, 0o555))
	defer func() { require.NoError(t, os.Chmod(dir, 0o755)) }()
	limited(t, "nobody", nil, dir)
}

func openAsNobody(args []string) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	_, err := Open(args[0], nil)
	demand(errors.Is(err, ErrReadOnly), "%v", err)
	_, err = Open(filepath.Join(args[0], "new"), nil)
	demand(errors.Is(err, syscall.EACCES), "%v", err)
	return nil
}

func TestOutOfFiles(t *testing.T) { limited(t, "fds", nil, t.TempDir()) }

func runOutOfFiles(args []string) error {
	dir := args[0]
	c, err := Open(dir, nil)
	if err != nil {
		return err
	}
	big := strings.Repeat("x", 40_000)
	for _, key := range []string{"a", "b"} {
		demand(c.Set(ctx, key, big, 0) == nil, "set")
	}
	before := countFiles()
	var hoard []*os.File
	limit := syscall.Rlimit{Cur: 64, Max: 64}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		hoard = append(hoard, file)
	}
	for range 100 {
		_, err := c.Get(ctx, "a")
		demand(errors.Is(err, syscall.EMFILE), "a value without a handle: %v", err)
		err = c.Set(ctx, "b", big+"new", 0)
		demand(errors.Is(err, syscall.EMFILE), "%v", err)
	}
	_, err = Open(dir, nil)
	demand(errors.Is(err, syscall.EMFILE), "opened without a handle: %v", err)
	for _, file := range hoard {
		demand(file.Close() == nil, "close")
	}
	for _, key := range []string{"a", "b"} {
		v, err := c.Get(ctx, key)
		demand(err == nil && v == big, "%s: %v", key, err)
	}
	demand(c.Set(ctx, "c", big, 0) == nil, "set")
	// One reader, with its log, is open now.
	demand(countFiles() <= before+2, "%d files are open, %d before", countFiles(), before)
	problems, err := c.Check(ctx, false)
	demand(err == nil && len(problems) == 0, "%v, %v", problems, err)
	return c.Close()
}

func countFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	demand(err == nil, "%v", err)
	return len(entries)
}
