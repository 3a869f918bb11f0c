package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// world is both drivers on the same servers and files.
type world struct {
	t              *testing.T
	python, golang *driver
	stores
	shelves bool // Python has the kind of shelf that package shelve reads
	unicode string
}

// newWorld starts everything, or skips the test if there is no Python for it.
func newWorld(t *testing.T) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python := os.Getenv("RING_INTEROP_PYTHON")
	switch {
	case python != "":
	case required():
		t.Fatal("RING_INTEROP_PYTHON is not set: it is what scripts/interop-venv.sh prints; make interop sets it")
	default:
		t.Skip("without Python's ring: make interop")
	}
	dir := t.TempDir()
	w := &world{t: t, stores: stores{
		t: t, redis: testserver.Redis(t).Addr, memcached: testserver.Memcached(t).Addr,
		shelf: filepath.Join(dir, "shelf"), disk: filepath.Join(dir, "cache"),
	}}
	w.connect()
	self, err := os.Executable()
	require.NoError(t, err)
	goCmd := exec.Command(self)
	goCmd.Env = append(os.Environ(), driverVariable+"=1")
	w.golang = startDriver(t, "Go", goCmd)
	w.python = startDriver(t, "Python", exec.Command(python, "-W", "ignore", "driver.py"))
	w.hello()

	open := request{Do: "open", Redis: w.redis, Memcached: w.memcached, Disk: w.disk, Shelf: w.shelf}
	w.shelves = w.python.must(open).(map[string]any)["shelf"].(bool)
	if !w.shelves && required() {
		t.Fatal("this Python has no shelf of the kind that package shelve reads: it takes 3.13; see scripts/python313.sh")
	}
	if !w.shelves {
		t.Log("without shelves: they take Python 3.13; see scripts/python313.sh")
		open.Shelf = ""
	}
	w.golang.must(open)
	return w
}

// required reports whether a test that cannot run is a failure.
func required() bool {
	return os.Getenv("RING_INTEROP") == "required"
}

// hello compares the versions of Python's packages with the required ones.
func (w *world) hello() {
	w.t.Helper()
	text, err := os.ReadFile("requirements.txt")
	require.NoError(w.t, err)
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	got := w.python.must(request{Do: "hello", Requirements: lines}).(map[string]any)
	versions := got["versions"].(map[string]any)
	for _, line := range lines {
		requirement, marker, _ := strings.Cut(line, ";")
		name, version, _ := strings.Cut(strings.TrimSpace(requirement), "==")
		if marker != "" && versions[name] == nil {
			continue
		}
		require.Equal(w.t, version, versions[name], "of %s", name)
	}
	w.unicode = got["unicode"].(string)
	w.t.Logf("Python %s, ring %s", got["python"], versions["ring"])
}

func (w *world) drivers() []*driver { return []*driver{w.python, w.golang} }

// both sends the same request, which must not fail, to both drivers.
func (w *world) both(r request) {
	w.t.Helper()
	for _, d := range w.drivers() {
		d.must(r)
	}
}

// in makes t fail, instead of the world's own test, until t ends.
func (w *world) in(t *testing.T) {
	outer := w.t
	t.Cleanup(func() { w.setT(outer) })
	w.setT(t)
}

func (w *world) setT(t *testing.T) { w.t, w.stores.t, w.python.t, w.golang.t = t, t, t, t }
