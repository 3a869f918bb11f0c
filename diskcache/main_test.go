package diskcache

import (
	"bufio"
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// childEnv names the program that a re-executed test binary runs instead of tests; see
// children.
const childEnv = "RING_DISKCACHE_CHILD"

func TestMain(m *testing.M) {
	if part := os.Getenv(childEnv); part != "" {
		if err := children[part](os.Args[1:]); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child prepares this test binary to run a program in a separate process.
func child(t *testing.T, part string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), childEnv+"="+part)
	cmd.Stderr = os.Stderr
	return cmd
}

// lines starts cmd and returns a reader of its output. The reader ends when cmd does.
func lines(t *testing.T, cmd *exec.Cmd) (*bufio.Scanner, io.WriteCloser) {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 64<<20)
	return scanner, in
}

// clock is a clock that is set by hand.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(1_700_000_000_000_000_000)
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// open opens a cache. At the end of the test, it checks the cache and closes it.
func open(t testing.TB, dir string, opts *Options) *Cache {
	t.Helper()
	c, err := Open(dir, opts)
	require.NoError(t, err)
	t.Cleanup(func() {
		if c.idle(context.Background()) == nil && !t.Failed() {
			problems, err := c.Check(context.Background(), false)
			assert.NoError(t, err)
			assert.Empty(t, problems)
		}
		assert.NoError(t, c.Close())
	})
	return c
}

// valueFiles returns the value files in a directory.
func valueFiles(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"+fileSuffix))
	require.NoError(t, err)
	return files
}

// table returns all rows of a query.
func table(t testing.TB, c *Cache, query string, args ...driver.Value) (rows [][]any) {
	t.Helper()
	cn, err := c.readers.acquire(context.Background())
	require.NoError(t, err)
	defer c.readers.release(cn)
	require.NoError(t, cn.query(context.Background(), func(row []driver.Value) error {
		var values []any
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			values = append(values, v)
		}
		rows = append(rows, values)
		return nil
	}, query, args...))
	return rows
}

func openFiles(t *testing.T, dir string) (open []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc/self/fd here")
	}
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(target, dir) {
			open = append(open, target)
		}
	}
	return open
}
