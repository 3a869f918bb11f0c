package diskcache

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// runPython runs a script on a directory and returns what it prints, as JSON.
func runPython(t *testing.T, script, dir string) (answer any) {
	t.Helper()
	cmd := exec.Command(needPython(t), "-c", "import diskcache, json, sys\nd = sys.argv[1]\n"+script, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	if len(out) > 0 {
		require.NoError(t, json.Unmarshal(out, &answer))
	}
	return answer
}

func keysOf(t *testing.T, c *Cache) (keys []any) {
	t.Helper()
	for key, err := range c.Keys(ctx) {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

// repeated has keys in which something occurs twice, as literals of Python and of Go.
var repeated = []struct {
	python string
	key    any
}{
	{`("abc", "abc")`, pickle.Tuple{"abc", "abc"}},
	{`("".join(["ab", "c2"]), "".join(["ab", "c2"]))`, pickle.Tuple{"abc2", "abc2"}},
	{`((1, 2), (1, 2))`, pickle.Tuple{pickle.Tuple{1, 2}, pickle.Tuple{1, 2}}},
	{`(tuple([1, 3]), tuple([1, 3]))`, pickle.Tuple{pickle.Tuple{1, 3}, pickle.Tuple{1, 3}}},
	{`(b"xy", b"xy")`, pickle.Tuple{[]byte("xy"), []byte("xy")}},
	{`(b"z", b"z")`, pickle.Tuple{[]byte("z"), []byte("z")}},
	{`("a", "a")`, pickle.Tuple{"a", "a"}},
	{`["en", "en"]`, []any{"en", "en"}},
	{`{"k1": "vv", "k2": "vv"}`, map[string]string{"k1": "vv", "k2": "vv"}},
	{`("three", "three", "three")`, pickle.Tuple{"three", "three", "three"}},
	{`(lambda a: (a, "".join(["par", "tly"]), a))("".join(["par", "tly"]))`, pickle.Tuple{"partly", "partly", "partly"}},
	{`(lambda a: (a, a, "".join(["par", "tly2"])))("".join(["par", "tly2"]))`, pickle.Tuple{"partly2", "partly2", "partly2"}},
	{`("f", "en", "en", None, ("kw", "en"))`, pickle.Tuple{"f", "en", "en", nil, pickle.Tuple{"kw", "en"}}},
	{`("not", "repeated")`, pickle.Tuple{"not", "repeated"}},
}

func pythonList() string {
	list := "keys = ["
	for _, r := range repeated {
		list += r.python + ",\n"
	}
	return list + "]\nc = diskcache.Cache(d)\n"
}

// TestRepeatedObjects: Go finds the values that Python has stored under such keys.
func TestRepeatedObjects(t *testing.T) {
	dir := t.TempDir()
	runPython(t, pythonList()+"for i, k in enumerate(keys): c[k] = i", dir)
	c := open(t, dir, nil)
	for i, r := range repeated {
		v, err := c.Get(ctx, r.key)
		require.NoError(t, err, r.python)
		assert.Equal(t, i, v, r.python)
		require.NoError(t, c.Transact(ctx, func(tx *Tx) error {
			v, err := tx.Get(r.key)
			assert.Equal(t, i, v, r.python)
			return err
		}))
		all, found, err := c.GetMany(ctx, []any{"no", r.key})
		require.NoError(t, err)
		assert.Equal(t, []any{nil, i}, all)
		assert.Equal(t, []bool{false, true}, found)
		has, err := c.Has(ctx, r.key)
		require.NoError(t, err)
		assert.True(t, has, r.python)
		left, err := c.TTL(ctx, r.key)
		require.NoError(t, err)
		assert.Zero(t, left)
		added, err := c.Add(ctx, r.key, "new", 0)
		require.NoError(t, err)
		assert.False(t, added, r.python)
		touched, err := c.Touch(ctx, r.key, time.Hour)
		require.NoError(t, err)
		assert.True(t, touched, r.python)
		sum, err := c.Incr(ctx, r.key, 100)
		require.NoError(t, err)
		assert.EqualValues(t, i+100, sum, r.python)
		require.NoError(t, c.Set(ctx, r.key, i+1000, 0))
	}
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Equal(t, len(repeated), n, "nothing is there twice")
	answer := runPython(t, pythonList()+"print(json.dumps([c.get(k) for k in keys]))", dir)
	for i, v := range answer.([]any) {
		assert.EqualValues(t, i+1000, v, repeated[i].python)
	}
	for i, r := range repeated {
		if i%2 == 0 {
			v, err := c.Pop(ctx, r.key)
			require.NoError(t, err)
			assert.Equal(t, i+1000, v)
		} else {
			deleted, err := c.Delete(ctx, r.key)
			require.NoError(t, err)
			assert.True(t, deleted, r.python)
		}
	}
	assert.Empty(t, keysOf(t, c))
}

// TestRepeatedObjectsOfGo: Python finds the values that Go stores, under literals.
func TestRepeatedObjectsOfGo(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, nil)
	var keys, values []any
	for i, r := range repeated {
		if i%2 == 0 {
			require.NoError(t, c.Set(ctx, r.key, i, 0))
		} else {
			keys, values = append(keys, r.key), append(values, i)
		}
	}
	require.NoError(t, c.SetMany(ctx, keys, values, 0))
	answer := runPython(t, `
c = diskcache.Cache(d)
print(json.dumps([c.get(k) for k in [("abc", "abc"), ((1, 2), (1, 2)), (b"xy", b"xy"), (b"z", b"z"), ("a", "a"), ["en", "en"], {"k1": "vv", "k2": "vv"},
	("three", "three", "three"), ("partly", "partly", "partly"), ("f", "en", "en", None, ("kw", "en")), ("not", "repeated"), (tuple([1, 3]),) * 2]]))`, dir)
	assert.Equal(t, []any{0., 2., 4., 5., 6., 7., 8., 9., 10., 12., 13., 3.}, answer)
}

// TestKeysAreFound: all methods find each key that Keys yields, in any form.
func TestKeysAreFound(t *testing.T) {
	const script = `
import datetime, random
c = diskcache.Cache(d + '/many')
n = lambda s: ''.join(list(s))
r = random.Random(1)
for i in range(60):
    pool = [n('pool%d' % i) for _ in range(3)]
    c[tuple(r.choice(pool) for _ in range(7))] = i
    a = tuple(pool[:2])
    c[(a, a, tuple(pool[:2]), list(pool), [pool[0]], 'x')] = i
c[datetime.datetime(2020, 10, 25, 2, 30, fold=1)] = 'fold'
for p in range(6):
    c2 = diskcache.Cache(d + '/%d' % p, disk_pickle_protocol=p)
    c2[('a', 1)] = 'tuple'
    c2['text'] = 'text'
    c2[None] = 'none'
    c2.close()
`
	dir := t.TempDir()
	runPython(t, script, dir)
	for _, sub := range []string{"many", "0", "1", "2", "3", "4", "5"} {
		c := open(t, filepath.Join(dir, sub), nil)
		keys := keysOf(t, c)
		require.NotEmpty(t, keys)
		stored := 0
		for _, key := range keys {
			if k, ok := key.(StoredKey); ok {
				stored++
				assert.NotNil(t, k.String())
			}
			require.NoError(t, second(c.Get(ctx, key)), "%v", key)
			found, err := c.Has(ctx, key)
			require.NoError(t, err)
			assert.True(t, found, "%v", key)
			require.NoError(t, c.Set(ctx, key, "again", 0))
			v, err := c.Get(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, "again", v)
		}
		switch sub {
		case "many":
			assert.Greater(t, stored, 10)
		case "0", "1":
			assert.Equal(t, 2, stored)
		default:
			assert.Zero(t, stored, sub)
		}
		for _, key := range keys {
			deleted, err := c.Delete(ctx, key)
			require.NoError(t, err)
			assert.True(t, deleted, "%v", key)
		}
		assert.Empty(t, keysOf(t, c))
		require.NoError(t, c.Set(ctx, StoredKey{Value: "own"}, 1, 0))
		v, err := c.Get(ctx, "own")
		require.NoError(t, err)
		assert.Equal(t, 1, v)
	}
}

// TestBothForms: Python has stored two forms of a key that is one key here.
func TestBothForms(t *testing.T) {
	dir := t.TempDir()
	const script = `
c = diskcache.Cache(d, cull_limit=0)
for name in ('set', 'delete', 'pop', 'touch', 'add'):
    c[(name, 'twice', 'twice')] = 'one'
    c[(name, 'twice', ''.join(list('twice')))] = ['two', 'x' * 40000]
c.set(('expired', 'twice', 'twice'), 'one', expire=-1)
c[('expired', 'twice', ''.join(list('twice')))] = 'two'
`
	runPython(t, script, dir)
	c := open(t, dir, nil)
	key := func(name string) pickle.Tuple { return pickle.Tuple{name, "twice", "twice"} }
	count := func() int {
		n, err := c.Len(ctx)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 12, count())
	v, err := c.Get(ctx, key("expired"))
	require.NoError(t, err)
	assert.Equal(t, "two", v)
	require.NoError(t, c.Set(ctx, key("expired"), "three", 0))
	v, err = c.Get(ctx, key("set"))
	require.NoError(t, err)
	assert.Equal(t, "one", v)
	require.NoError(t, c.Set(ctx, key("set"), "three", 0))
	v, err = c.Get(ctx, key("set"))
	require.NoError(t, err)
	assert.Equal(t, "three", v)
	deleted, err := c.Delete(ctx, key("delete"))
	require.NoError(t, err)
	assert.True(t, deleted)
	v, err = c.Pop(ctx, key("pop"))
	require.NoError(t, err)
	assert.Equal(t, "one", v)
	added, err := c.Add(ctx, key("add"), "three", 0)
	require.NoError(t, err)
	assert.False(t, added)
	touched, err := c.Touch(ctx, key("touch"), time.Hour)
	require.NoError(t, err)
	assert.True(t, touched)
	assert.Len(t, slices.DeleteFunc(keysOf(t, c), func(k any) bool { return k.(pickle.Tuple)[0] == "add" || k.(pickle.Tuple)[0] == "touch" }), 2)
	assert.Len(t, valueFiles(t, dir), 2, "the files of what was removed are gone")
	assert.Equal(t, []any{"three", nil, nil, nil}, runPython(t, `
c = diskcache.Cache(d)
print(json.dumps([c.get(('set', 'twice', 'twice')), c.get(('set', 'twice', ''.join(list('twice')))), c.get(('delete', 'twice', ''.join(list('twice')))), c.get(('pop', 'twice', ''.join(list('twice'))))]))`, dir))
}

// TestPlainFormIsFound: values that earlier versions of this package stored are found.
func TestPlainFormIsFound(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	key := pickle.Tuple{"abc", "abc"}
	plain, err := pickle.Marshal(key, 5)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, key, 1, 0))
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		n, err := tx.change(`UPDATE Cache SET key = ?`, plain)
		assert.EqualValues(t, 1, n)
		return err
	}))
	v, err := c.Get(ctx, key)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	require.NoError(t, c.Set(ctx, key, 2, 0))
	assert.Equal(t, [][]any{{string(plain), int64(2)}}, table(t, c, `SELECT key, value FROM Cache`))
	assert.Equal(t, []any{key}, keysOf(t, c))
}

// TestOldProtocols opens a directory that Python created with protocol 0 or 1.
func TestOldProtocols(t *testing.T) {
	for _, protocol := range []string{"0", "1"} {
		dir := t.TempDir()
		runPython(t, `
c = diskcache.Cache(d, disk_pickle_protocol=`+protocol+`)
c['text'] = {'a': [1, None, 2.5]}
c[b'bytes'] = b'value'
c[5] = ('x', 'x')
c[2.5] = 'y' * 40000
c['big'] = ['z' * 40000]
c[('a', 1)] = 'tuple'
c['n'] = 7`, dir)
		c := open(t, dir, nil)
		for key, want := range map[any]any{
			"text": map[string]any{"a": []any{1, nil, 2.5}}, 5: pickle.Tuple{"x", "x"}, "n": 7,
		} {
			v, err := c.Get(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, want, pickle.Plain(v))
		}
		v, err := c.Get(ctx, []byte("bytes"))
		require.NoError(t, err)
		assert.Equal(t, []byte("value"), v)
		assert.Len(t, keysOf(t, c), 7)

		key := pickle.Tuple{"a", 1}
		for _, err := range []error{
			second(c.Get(ctx, key)), c.GetTo(ctx, key, new(string)), second(c.GetItem(ctx, key)), second(c.Has(ctx, key)), second(c.TTL(ctx, key)),
			c.Set(ctx, key, 1, 0), second(c.Add(ctx, key, 1, 0)), second(c.Touch(ctx, key, 0)), second(c.Delete(ctx, key)), second(c.Pop(ctx, key)),
			second(c.Incr(ctx, key, 1)), second(c.HasMany(ctx, []any{key})), second(c.DeleteMany(ctx, []any{"k", key})), second(c.TouchMany(ctx, []any{key}, 0)),
			c.SetMany(ctx, []any{"k", key}, []any{1, 2}, 0), second(c.GetManyTo(ctx, []any{key}, []any{new(any)})), second(c.Get(ctx, nil)), second(c.Get(ctx, true)),
			c.Transact(ctx, func(tx *Tx) error { return tx.Set(key, 1, 0) }),
		} {
			require.ErrorIs(t, err, errors.ErrUnsupported)
			require.ErrorIs(t, err, ErrKey)
			assert.ErrorContains(t, err, "disk_pickle_protocol "+protocol)
		}
		has, err := c.Has(ctx, "k")
		require.NoError(t, err)
		assert.False(t, has)

		pointer := "through a pointer"
		require.NoError(t, c.Set(ctx, &pointer, 1, 0))
		require.NoError(t, c.Set(ctx, "go", map[string]any{"b": pickle.Tuple{1, "x"}}, 0))
		require.NoError(t, c.Set(ctx, "go big", []string{string(make([]byte, 40_000))}, 0))
		require.NoError(t, c.Set(ctx, 6, []byte{0xff}, 0))
		assert.Equal(t, []any{map[string]any{"b": []any{1., "x"}}, 40000., 255., 1., "tuple", protocol}, runPython(t, `
c = diskcache.Cache(d)
print(json.dumps([c['go'], len(c['go big'][0]), c[6][0], c['through a pointer'], c[('a', 1)], str(c.disk_pickle_protocol)]))`, dir))
	}
	dir := t.TempDir()
	_, err := Open(dir, &Options{DiskPickleProtocol: new(0)})
	require.ErrorContains(t, err, "give 2 to 5")
}

// TestOtherDisk: a directory of another Disk class is refused and stays unchanged.
func TestOtherDisk(t *testing.T) {
	dir := t.TempDir()
	runPython(t, `
c = diskcache.Cache(d, disk=diskcache.JSONDisk, disk_compress_level=6)
c['k'] = {'a': 1}`, dir)
	_, err := Open(dir, &Options{SizeLimit: new(int64(5))})
	require.ErrorContains(t, err, "disk_compress_level")
	require.ErrorContains(t, err, "JSONDisk")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.Empty(t, openFiles(t, dir))
	assert.Equal(t, []any{map[string]any{"a": 1.}, float64(1 << 30)}, runPython(t, `
c = diskcache.Cache(d, disk=diskcache.JSONDisk)
print(json.dumps([c['k'], c.size_limit]))`, dir))

	for _, name := range []string{"disk_path", "disk_"} {
		dir := t.TempDir()
		c := open(t, dir, nil)
		require.NoError(t, c.update(ctx, func(tx *Tx) error {
			return second(tx.conn.exec(`INSERT INTO Settings VALUES (?, NULL)`, name))
		}))
		require.NoError(t, c.Close())
		_, err := Open(dir, nil)
		require.ErrorContains(t, err, name)
	}
}

// TestTilde: a ported program does not get a directory with that name by mistake.
func TestTilde(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"~", "~/cache", "~/"} {
		_, err := Open(name, nil)
		require.ErrorContains(t, err, "os.UserHomeDir", name)
		assert.NoDirExists(t, "~")
	}
	for _, name := range []string{"./~", "~cache", "a/~", filepath.Join(t.TempDir(), "~")} {
		assert.NoError(t, open(t, name, nil).Close())
	}
}

// TestStoredTimes: times of a value end at microseconds, as in Python. As a key and in
// a tag nothing is lost.
func TestStoredTimes(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	at := time.Date(2024, 2, 3, 4, 5, 6, 123456789, time.FixedZone("there", -7200))
	require.NoError(t, c.Set(ctx, "at", at, 0))
	require.NoError(t, c.SetMany(ctx, []any{"d"}, []any{time.Duration(1999)}, 0))
	v, err := c.Get(ctx, "at")
	require.NoError(t, err)
	assert.True(t, at.Truncate(time.Microsecond).Equal(v.(time.Time)), v)
	v, err = c.Get(ctx, "d")
	require.NoError(t, err)
	assert.Equal(t, time.Microsecond, v)
	for _, key := range []any{at, time.Duration(1), pickle.Tuple{at}} {
		require.ErrorIs(t, c.Set(ctx, key, 1, 0), ErrKey)
		require.ErrorIs(t, second(c.Get(ctx, key)), ErrKey)
	}
}
