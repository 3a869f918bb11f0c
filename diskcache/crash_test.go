package diskcache

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// children holds the programs that this test binary can run in a separate process.
var children = map[string]func(args []string) error{
	"write":            writeForever,
	"lock":             holdLock,
	"lock exclusively": lockExclusively,
	"lock to read":     lockToRead,
}

const crashKeys = 7

// crashValue returns the value of the n-th write: every third one is in a file.
func crashValue(n int) string {
	text := fmt.Sprintf("%d:", n)
	if n%3 == 0 {
		text += strings.Repeat("x", 33_000)
	}
	return text
}

// writeForever writes, and prints each write that has succeeded.
func writeForever(args []string) error {
	c, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		key := "k" + strconv.Itoa(n%crashKeys)
		if n%5 == 4 {
			err = c.SetMany(ctx, []any{key, "bulk"}, []any{crashValue(n), crashValue(n)}, 0)
		} else {
			err = c.Set(ctx, key, crashValue(n), 0)
		}
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKilled kills writing processes at random moments. RING_DISKCACHE_KILLS sets how
// many; half of them with a Python process writing beside them, if there is one.
func TestKilled(t *testing.T) {
	kills := 6
	if s := os.Getenv("RING_DISKCACHE_KILLS"); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	python := findPython()
	dir := t.TempDir()
	for i := range kills {
		if i%10 == 0 {
			dir = t.TempDir()
		}
		var beside *exec.Cmd
		if python != "" && i%2 == 1 {
			beside = exec.Command(python, "-c", pythonWriter, dir)
			out, _ := lines(t, beside)
			require.True(t, out.Scan(), "Python wrote nothing")
		}
		last := killOne(t, dir, time.Duration(random.Int64N(int64(60*time.Millisecond))))
		if beside != nil {
			require.NoError(t, beside.Process.Kill())
			_ = beside.Wait() // it was killed
		}
		survives(t, dir, last)
		if t.Failed() {
			return
		}
	}
}

const pythonWriter = `
import sys, diskcache
c = diskcache.Cache(sys.argv[1])
n = 0
while True:
    c.set('python%d' % (n % 5), 'y' * (40000 if n % 2 else 10))
    n += 1
    if n == 1: print(n, flush=True)
`

// killOne runs a writer, kills it some time after its first write, and returns the last
// write that it has printed.
func killOne(t *testing.T, dir string, after time.Duration) (last int) {
	cmd := child(t, "write", dir)
	out, _ := lines(t, cmd)
	require.True(t, out.Scan(), "the writer wrote nothing")
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	for ok := true; ok; ok = out.Scan() {
		n, err := strconv.Atoi(out.Text())
		require.NoError(t, err, out.Text())
		last = n
	}
	_ = cmd.Wait() // it was killed
	return last
}

// survives checks that all writes up to last, or newer ones, are there.
func survives(t *testing.T, dir string, last int) {
	c, err := Open(dir, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	assert.Equal(t, [][]any{{"ok"}}, table(t, c, `PRAGMA integrity_check`))
	for n := max(0, last-crashKeys+1); n <= last; n++ {
		v, err := c.Get(ctx, "k"+strconv.Itoa(n%crashKeys))
		if !assert.NoError(t, err) {
			continue
		}
		prefix, _, _ := strings.Cut(v.(string), ":")
		written, err := strconv.Atoi(prefix)
		require.NoError(t, err)
		assert.True(t, written == n || written == n+crashKeys && n+crashKeys > last, "write %d, found %d, last %d", n, written, last)
		assert.Equal(t, crashValue(written), v)
	}
	age(t, valueFiles(t, dir)...)
	problems, err := c.Check(ctx, true)
	require.NoError(t, err)
	for _, p := range problems {
		assert.Regexp(t, "^(unknown file|empty folder)", p.Text, "a crash leaves nothing worse than a file")
		assert.True(t, p.Fixed)
	}
	problems, err = c.Check(ctx, false)
	require.NoError(t, err)
	assert.Empty(t, problems)
	pythonFindsNothing(t, dir)
}
