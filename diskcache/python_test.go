package diskcache

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// findPython returns an interpreter that has diskcache, or "" if there is none, as
// always with -short.
var findPython = sync.OnceValue(func() string {
	if testing.Short() {
		return ""
	}
	for _, python := range []string{os.Getenv("RING_PYTHON_DISKCACHE"), "/usr/bin/python3", "python3"} {
		if python != "" && exec.Command(python, "-c", "import diskcache").Run() == nil {
			return python
		}
	}
	return ""
})

func needPython(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python := findPython()
	if python == "" {
		t.Skip("no Python with the module diskcache: set RING_PYTHON_DISKCACHE to an interpreter that has it")
	}
	return python
}

// pythonFindsNothing checks a directory with Python's own check.
func pythonFindsNothing(t *testing.T, dir string) {
	t.Helper()
	if findPython() == "" {
		return
	}
	assert.Empty(t, pythonCheck(t, dir), "Python's check")
}

// pythonCheck returns what Python's check finds. The check collects warnings, so it
// finds nothing if warnings are ignored.
func pythonCheck(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command(findPython(), "-W", "always::UserWarning", "-c", `
import sys, diskcache
c = diskcache.Cache(sys.argv[1])
for w in c.check(): print(w.message)
c.close()`, dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// TestPythonCheck: the check that finds nothing in our directories does find damage.
func TestPythonCheck(t *testing.T) {
	needPython(t)
	dir := t.TempDir()
	c, err := Open(dir, nil)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, "a", make([]byte, 50_000), 0))
	require.NoError(t, c.Close())
	assert.Empty(t, pythonCheck(t, dir))
	require.NoError(t, os.Remove(valueFiles(t, dir)[0]))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stray"), nil, 0o666))
	found := pythonCheck(t, dir)
	assert.Contains(t, found, "file not found")
	assert.Contains(t, found, "unknown file")
	assert.Contains(t, found, "empty directory")
}

// pythonServer performs operations, one JSON object on each line.
const pythonServer = `
import base64, json, sys, time
clock = [0]
time.time = lambda: clock[0] / 1e9
import diskcache

def enc(v):
    if isinstance(v, bytes): return {'b': base64.b64encode(v).decode()}
    if isinstance(v, float): return {'f': repr(v)}
    if isinstance(v, tuple): return {'t': [enc(x) for x in v]}
    if isinstance(v, list): return {'l': [enc(x) for x in v]}
    return v

def dec(v):
    if not isinstance(v, dict): return v
    if 'b' in v: return base64.b64decode(v['b'])
    if 'f' in v: return float(v['f'])
    if 't' in v: return tuple(dec(x) for x in v['t'])
    if 'l' in v: return [dec(x) for x in v['l']]

miss = object()
cache = None
def do(q):
    op, k, v = q['op'], dec(q.get('key')), dec(q.get('value'))
    more = {'expire': q['expire'] or None, 'tag': dec(q.get('tag'))}
    if op in ('get', 'pop'):
        v, at, tag = getattr(cache, op)(k, default=miss, expire_time=True, tag=True)
        return 'miss' if v is miss else (v, at and round(at, 3), tag)
    if op == 'set': return cache.set(k, v, **more)
    if op == 'add': return cache.add(k, v, **more)
    if op == 'touch': return cache.touch(k, expire=more['expire'])
    if op == 'delete': return cache.delete(k)
    if op == 'has': return k in cache
    if op == 'incr': return cache.incr(k, v)
    if op == 'expire': return cache.expire()
    if op == 'evict': return cache.evict(more['tag'])
    if op == 'cull': return cache.expire() if cache.eviction_policy == 'none' else cache.cull() # cull forgets to count there
    if op == 'clear': return cache.clear()
    if op == 'len': return len(cache)
    if op == 'keys': return list(cache)
    if op == 'stats': return cache.stats(enable=bool(cache.statistics))

for line in sys.stdin:
    q = json.loads(line)
    clock[0] = q.get('now', 0)
    if q['op'] == 'open':
        cache = diskcache.Cache(q['dir'], **q['options'])
        answer = None
    else:
        try: answer = enc(do(q))
        except (TypeError, OverflowError): answer = 'refused'
    print(json.dumps(answer), flush=True)
`

// question is one operation, for Python and for Go.
type question struct {
	Op      string         `json:"op"`
	Dir     string         `json:"dir,omitempty"`
	Options map[string]any `json:"options"`
	Now     int64          `json:"now"`
	Key     any            `json:"key"`
	Value   any            `json:"value"`
	Expire  float64        `json:"expire"`
	Tag     any            `json:"tag"`
}

type pythonCache struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

func startPython(t *testing.T, dir string, options map[string]any) *pythonCache {
	cmd := exec.Command(needPython(t), "-c", pythonServer)
	cmd.Stderr = os.Stderr
	out, in := lines(t, cmd)
	p := &pythonCache{t, in, out}
	t.Cleanup(func() {
		assert.NoError(t, in.Close())
		assert.NoError(t, cmd.Wait())
	})
	p.ask(question{Op: "open", Dir: dir, Options: options})
	return p
}

func (p *pythonCache) ask(q question) string {
	q.Key, q.Value, q.Tag = jsonForm(q.Key), jsonForm(q.Value), jsonForm(q.Tag)
	line, err := json.Marshal(q)
	require.NoError(p.t, err)
	_, err = fmt.Fprintf(p.in, "%s\n", line)
	require.NoError(p.t, err)
	require.True(p.t, p.out.Scan(), "Python has ended")
	var answer any
	decoder := json.NewDecoder(strings.NewReader(p.out.Text()))
	decoder.UseNumber()
	require.NoError(p.t, decoder.Decode(&answer))
	compact, err := json.Marshal(answer)
	require.NoError(p.t, err)
	return string(compact)
}

// jsonForm returns the same as enc in Python.
func jsonForm(v any) any {
	switch v := v.(type) {
	case []byte:
		return map[string]any{"b": base64.StdEncoding.EncodeToString(v)}
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return map[string]any{"f": s}
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, jsonForm(e))
		}
		return map[string]any{"l": list}
	}
	return v
}

// goAnswer performs the same operation with a Cache.
func goAnswer(t *testing.T, c *Cache, q question) string {
	var answer any
	var err error
	expire := time.Duration(q.Expire * float64(time.Second))
	item := func(i Item, e error) {
		err = e
		var deadline any
		if !i.Expires.IsZero() {
			deadline = math.Round(seconds(i.Expires)*1000) / 1000
		}
		answer = map[string]any{"t": []any{jsonForm(i.Value), jsonForm(deadline), jsonForm(i.Tag)}}
	}
	switch q.Op {
	case "get":
		item(c.GetItem(ctx, q.Key))
	case "pop":
		item(c.PopItem(ctx, q.Key))
	case "set":
		answer, err = true, c.Set(ctx, q.Key, q.Value, expire, q.Tag)
	case "add":
		answer, err = c.Add(ctx, q.Key, q.Value, expire, q.Tag)
	case "touch":
		answer, err = c.Touch(ctx, q.Key, expire)
	case "delete":
		answer, err = c.Delete(ctx, q.Key)
	case "has":
		answer, err = c.Has(ctx, q.Key)
	case "incr":
		answer, err = c.Incr(ctx, q.Key, int64(q.Value.(int)))
	case "expire":
		answer, err = c.Expire(ctx)
	case "evict":
		answer, err = c.Evict(ctx, q.Tag)
	case "cull":
		answer, err = c.Cull(ctx)
	case "clear":
		answer, err = c.Clear(ctx)
	case "len":
		answer, err = c.Len(ctx)
	case "keys":
		list := []any{}
		for key, err := range c.Keys(ctx) {
			require.NoError(t, err)
			list = append(list, jsonForm(key))
		}
		answer = map[string]any{"l": list}
	case "stats":
		hits, misses, e := c.Stats(ctx)
		answer, err = map[string]any{"t": []int{hits, misses}}, e
	}
	if err == ErrNotFound {
		return `"miss"`
	}
	if err != nil {
		require.ErrorIs(t, err, ErrValue, "%+v", q)
		return `"refused"`
	}
	line, err := json.Marshal(answer)
	require.NoError(t, err)
	return string(line)
}

// rowsForComparing leaves out what cannot be equal: names of files, and the bytes of
// pickles, which are larger in Python.
func rowsForComparing(t *testing.T, c *Cache) [][]any {
	return table(t, c, `SELECT rowid, CASE raw WHEN 1 THEN key ELSE hex(key) END, raw, store_time, expire_time,
		access_time, access_count, tag, CASE mode WHEN 4 THEN 0 ELSE size END, mode, filename IS NULL,
		CASE mode WHEN 4 THEN value IS NULL ELSE value END FROM Cache ORDER BY rowid`)
}

// TestSameAsPython runs random operations in Python on one directory, and in Go and
// Python by turns on another. RING_DISKCACHE_OPERATIONS sets how many.
func TestSameAsPython(t *testing.T) {
	needPython(t)
	for _, options := range []map[string]any{
		{},
		{"eviction_policy": "least-recently-used", "size_limit": 400_000},
		{"eviction_policy": "least-frequently-used", "size_limit": 400_000, "cull_limit": 2, "statistics": 1},
		{"eviction_policy": "none", "cull_limit": 1, "tag_index": 1},
		{"size_limit": 300_000, "sqlite_journal_mode": "delete", "disk_min_file_size": 100},
		{"cull_limit": 0, "statistics": 1},
	} {
		t.Run(fmt.Sprint(options), func(t *testing.T) { sameAsPython(t, options) })
	}
}

func sameAsPython(t *testing.T, options map[string]any) {
	operations := 400
	if s := os.Getenv("RING_DISKCACHE_OPERATIONS"); s != "" {
		var err error
		operations, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	pick := func(from ...any) any { return from[random.IntN(len(from))] }
	now := newClock()

	alone, shared := t.TempDir(), t.TempDir()
	model := startPython(t, alone, options)
	python := startPython(t, shared, options)
	c := open(t, shared, &Options{Now: now.Now})
	reader := open(t, alone, &Options{Now: now.Now})

	for i := range operations {
		now.advance(time.Duration(random.Int64N(4000)) * time.Millisecond)
		q := question{
			Op: pick("get", "get", "get", "set", "set", "set", "set", "add", "touch", "delete", "has", "incr", "pop",
				"expire", "evict", "cull", "clear", "len", "keys", "stats").(string),
			Now:    now.ns.Load(),
			Key:    pick("a", "b", "é", []byte("a"), 1, 1.0, 1.5, nil, true, int64(1)<<60, "c", "d", "e", "f", 2, 3, 4),
			Value:  pick("text", 5, -7, 2.5, []byte("bytes\x00"), nil, false, []any{1, "x"}, strings.Repeat("é", 40_000), make([]byte, 50_000), ""),
			Expire: pick(0.0, 0.0, 1.0, 0.5, 3.25, 60.0, -1.0).(float64),
			Tag:    pick(nil, "red", "blue", 7),
		}
		switch q.Op {
		case "incr":
			q.Value = pick(1, -3, 100)
			q.Key = pick("n", "m", "a")
			if _, err := c.number(ctx, `SELECT rowid FROM Cache WHERE key = ? AND typeof(value) = 'real'`, q.Key); err == nil {
				continue // only Python increments floats
			}
		case "clear":
			if random.IntN(10) > 0 {
				continue
			}
		}
		var got string
		if random.IntN(3) > 0 {
			got = goAnswer(t, c, q)
		} else {
			got = python.ask(q)
		}
		want := model.ask(q)
		require.True(t, want == got, "operation %d: %.200s\nwant %.200s\ngot  %.200s", i, fmt.Sprintf("%+v", q), want, got)
		if i%10 == 0 {
			require.Equal(t, rowsForComparing(t, reader), rowsForComparing(t, c), "operation %d", i)
		}
	}
	pythonFindsNothing(t, shared)
	assert.Equal(t, len(valueFiles(t, alone)), len(valueFiles(t, shared)))
}

// TestBesidePython lets both write one directory at the same time.
func TestBesidePython(t *testing.T) {
	python := needPython(t)
	dir := t.TempDir()
	c := open(t, dir, &Options{SizeLimit: new(int64(4 << 20))})
	require.NoError(t, c.Set(ctx, "n", 0, 0))
	const script = `
import sys, diskcache
c = diskcache.Cache(sys.argv[1])
for i in range(150):
    c.incr('n')
    c.set('shared', sys.argv[2] * (30000 + i * 100))
    v = c.get('shared')
    assert v is None or v == v[0] * len(v), 'torn' # None: Python does not look twice
    with c.transact():
        c.set('x', i); c.set('y', i)
    with c.transact():
        assert c.get('x') == c.get('y'), 'half a transaction'
`
	var running []*exec.Cmd
	for _, letter := range []string{"p", "q"} {
		cmd := exec.Command(python, "-c", script, dir, letter)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		running = append(running, cmd)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				_, err := c.Incr(ctx, "n", 1)
				assert.NoError(t, err)
				assert.NoError(t, c.Set(ctx, "shared", strings.Repeat(string(rune('a'+g)), 30_000+i*100), 0))
				v, err := c.Get(ctx, "shared")
				if assert.NoError(t, err) {
					s := v.(string)
					assert.Equal(t, strings.Repeat(s[:1], len(s)), s)
				}
				assert.NoError(t, c.SetMany(ctx, []any{"x", "y"}, []any{g*1000 + i, g*1000 + i}, 0))
				both, _, err := c.GetMany(ctx, []any{"x", "y"})
				assert.NoError(t, err)
				assert.Equal(t, both[0], both[1])
			}
		})
	}
	wg.Wait()
	for _, cmd := range running {
		assert.NoError(t, cmd.Wait())
	}
	n, err := c.Get(ctx, "n")
	require.NoError(t, err)
	assert.Equal(t, 2*150+4*100, n)
	pythonFindsNothing(t, dir)
}
