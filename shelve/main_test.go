package shelve

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// childVariable names the program that this test binary runs in a process that a test
// has started.
const childVariable = "RING_SHELVE_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		if err := children[name](os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child is a process that runs children[name] with the arguments.
func child(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), executable, args...)
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// runChild runs a child to its end.
func runChild(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := func() ([]byte, error) {
		cmd := child(t, name, args...)
		cmd.Stderr = nil
		return cmd.CombinedOutput()
	}()
	require.NoError(t, err, "%s: %s", name, out)
}

// conversation is a started process: lines of its output, and its input.
type conversation struct {
	*bufio.Scanner
	in   io.WriteCloser
	cmd  *exec.Cmd
	over bool
}

func talk(t *testing.T, cmd *exec.Cmd) *conversation {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &conversation{Scanner: bufio.NewScanner(out), in: in, cmd: cmd}
	c.Buffer(nil, 1<<24)
	t.Cleanup(c.end)
	return c
}

// ready starts cmd and waits for the line "ready".
func ready(t *testing.T, cmd *exec.Cmd) *conversation {
	t.Helper()
	c := talk(t, cmd)
	require.True(t, c.Scan(), "no answer")
	require.Equal(t, "ready", c.Text())
	return c
}

// end closes the input, which the children take as the end, and waits for the process.
func (c *conversation) end() {
	if !c.over {
		c.over = true
		c.in.Close()
		c.cmd.Wait()
	}
}

func openShelf(t testing.TB, path string, opts *Options) *Shelf {
	t.Helper()
	s, err := Open(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// tempShelf returns a name for a shelf that does not exist yet.
func tempShelf(t testing.TB) string { return filepath.Join(t.TempDir(), "shelf") }

// handles counts the open files of this process. Pipes and the like, which the tests use
// to talk to other processes, come and go.
func handles(t testing.TB) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc/self/fd")
	}
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	n := 0
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && filepath.IsAbs(name) && !strings.HasPrefix(name, "/proc/") {
			n++
		}
	}
	return n
}

// requireIntact makes SQLite check the whole file.
func requireIntact(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, modeWrite, defaultTimeout))
	require.NoError(t, err)
	defer db.Close()
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	require.Equal(t, "ok", verdict)
}

// listing returns the content of all files in a directory.
func listing(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		files[e.Name()] = e.Type().String()
		if e.Type().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			files[e.Name()] = string(data)
		}
	}
	return files
}
