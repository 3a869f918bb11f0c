package reference

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReference: every name of Python's is accounted for, and the document says so.
func TestReference(t *testing.T) {
	complaints, err := Check(os.DirFS("../.."))
	require.NoError(t, err)
	for _, c := range complaints {
		t.Error(c)
	}
}

// sample is a small module with its inventory and entries.
type sample struct {
	files           fstest.MapFS
	documented, pkg string
	entries         string
}

// sound returns a sample without errors.
func sound() *sample {
	return &sample{
		documented: `function py.cache
parameter py.cache(size) = 128
parameter py.cache(**kwargs)
class py.Store
parameter py.Store(rope)
method py.Store.get
parameter py.Store.get(key)
mention py.aio
`,
		pkg: `function py.cache
parameter py.cache(size) = 128
parameter py.cache(other) = None
class py.Store
parameter py.Store(ring)
method py.Store.get
parameter py.Store.get(key)
attribute py.Store.name
data py.inner
`,
		entries: `# A comment.
== py.cache
> What it is.
py.cache | Cache | ExampleCache |
py.cache(size) | Cache.Size, NoSize | ExampleCache | 0 is 128
py.cache(**kwargs) | Cache.More | TestCache | A struct
py.aio | - | | there is one for all

== py.Store
py.Store | Store, sub.New(-) | TestCache, sub.TestNew |
py.Store.get | Store.Get(key) | TestCache |
py.Store.name | sub.Name | sub.TestNew |
py.{any}(rope) | - | | it is not needed
py.inner | - | | it is inside
`,
		files: fstest.MapFS{
			"cache.go": file(`// Package cache is what it is in Python: a cache.
package cache

// Cache caches. Python: py.cache.
//
// More about it.
type Cache struct {
	Size int // so many; 0: 128. Python: size

	// More is the rest.
	// Python: **kwargs.
	More []int
}

// NoSize is no limit. Python: cache(size=None).
const NoSize = -1

// Store keeps. Python: py.Store.
type Store interface {
	Get(key string) any // Python: get
}
`),
			"cache_test.go": file(`package cache_test

func ExampleCache() { _ = cache.NoSize }

func TestCache(t *testing.T) { _ = cache.Cache{More: nil}; use(t) }

func use(t *testing.T) { var s cache.Store; s.Get("k") }
`),
			"sub/sub.go": file(`package sub

// New makes one. Python: py.Store.
func New() {}

// Name is its name. Python: Store.name.
var Name string
`),
			"sub/sub_test.go": file(`package sub

func TestNew(t *testing.T) { New(); _ = Name }
`),
			"internal/inside.go": file(`package internal

// Inside is nobody's business. Python: nothing.
type Inside int
`),
			"other/go.mod": file(`module other`),
			"other/other.go": file(`package other

// Other is not of this module. Python: nothing.
type Other int
`),
		},
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// edit replaces the one place in a file.
func (m *sample) edit(t *testing.T, name, old, new string) {
	t.Helper()
	text := string(m.files[name].Data)
	require.Equal(t, 1, strings.Count(text, old), "%q in %s", old, name)
	m.files[name] = file(strings.Replace(text, old, new, 1))
}

func (m *sample) write(t *testing.T) (string, []string) {
	t.Helper()
	text, complaints, err := write(m.files, m.documented, m.pkg, m.entries)
	require.NoError(t, err)
	return text, complaints
}

// TestSound: the document of a module without errors.
func TestSound(t *testing.T) {
	text, complaints := sound().write(t)
	assert.Empty(t, complaints)
	_, tables, _ := strings.Cut(text, "\nOf ")
	assert.Equal(t, `10 names 7 have a counterpart; [the other 3](#left-out) are left out, with the reason.

## py.cache

What it is.

| Python | Go | shown by | difference |
|---|---|---|---|
| `+"`py.cache(size=128, **kwargs)` • | [`Cache`](../cache.go) | [`ExampleCache`](../cache_test.go) |  |"+`
| `+"`size=128` • | [`Cache.Size`](../cache.go); [`NoSize`](../cache.go) | [`ExampleCache`](../cache_test.go) | 0 is 128 |"+`
| `+"`**kwargs` • | [`Cache.More`](../cache.go) | [`TestCache`](../cache_test.go) | A struct |"+`

## py.Store

| Python | Go | shown by | difference |
|---|---|---|---|
| `+"`py.Store(rope)` • | [`Store`](../cache.go); [`sub.New()`](../sub/sub.go) | [`TestCache`](../cache_test.go), [`sub.TestNew`](../sub/sub_test.go) |  |"+`
| `+"`get(key)` • | [`Store.Get(key)`](../cache.go) | [`TestCache`](../cache_test.go) |  |"+`
| `+"`name` | [`sub.Name`](../sub/sub.go) | [`sub.TestNew`](../sub/sub_test.go) |  |"+`

## Left out

A name includes its members, unless they are in a table above; … is any name.

| Python | why |
|---|---|
| `+"`py.aio` • | there is one for all |"+`
| `+"`py.…(rope)` | it is not needed |"+`
| `+"`py.inner` | it is inside |"+`
`, tables)
}

// TestComplaints: the check finds each way in which the three can disagree.
func TestComplaints(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, m *sample)
		want  []string
	}{
		"a name is not accounted for": {
			func(t *testing.T, m *sample) { m.pkg += "method py.Store.set\n" },
			[]string{"entries.txt: method py.Store.set is neither mapped nor left out"},
		},
		"a parameter is not accounted for": {
			func(t *testing.T, m *sample) {
				m.documented = strings.Replace(m.documented, "(key)", "(keys)", 1) + "parameter py.Store.get(x)\n"
			},
			[]string{
				"entries.txt:11: py.Store.get has 2 parameters, Store.Get shows 1",
				"entries.txt: parameter py.Store.get(keys) is neither mapped nor left out",
				"entries.txt: parameter py.Store.get(x) is neither mapped nor left out",
			},
		},
		"a parameter of its own line has none": {
			func(t *testing.T, m *sample) {
				m.entries = strings.Replace(m.entries, "Store.Get(key)", "Store.Get(-)", 1)
			},
			[]string{"entries.txt: parameter py.Store.get(key) is neither mapped nor left out"},
		},
		"an entry for nothing": {
			func(t *testing.T, m *sample) { m.entries += "py.gone | Cache | ExampleCache |\n" },
			[]string{"entries.txt:15: py.gone is no name of Python's", "Cache: its Python line does not name py.gone"},
		},
		"an entry twice": {
			func(t *testing.T, m *sample) { m.entries += "py.cache | Cache | ExampleCache |\n" },
			[]string{"entries.txt:15: py.cache is there twice"},
		},
		"nothing left out": {
			func(t *testing.T, m *sample) { m.entries += "py.gone | - | | why not\n" },
			[]string{"entries.txt:15: py.gone is left out, but is no name of Python's"},
		},
		"left out, but mapped": {
			func(t *testing.T, m *sample) { m.entries += "py.Store.get(key) | - | | why not\n" },
			[]string{"entries.txt:15: py.Store.get(key) is left out, but mapped as well"},
		},
		"no Go symbol": {
			func(t *testing.T, m *sample) { m.edit(t, "cache.go", "const NoSize", "const Limit") },
			[]string{
				"entries.txt:5: py.cache(size): there is no NoSize in Go",
				"Limit: its doc comment says Python: py.cache(size), entries.txt does not",
			},
		},
		"a Go symbol of a module of its own": {
			func(t *testing.T, m *sample) { m.files["sub/go.mod"] = file("module sub") },
			[]string{
				"entries.txt:10: py.Store: there is no sub.New in Go",
				"entries.txt:10: py.Store: there is no test or example sub.TestNew",
				"entries.txt:12: py.Store.name: there is no sub.Name in Go",
				"entries.txt:12: py.Store.name: there is no test or example sub.TestNew",
			},
		},
		"no Go parameter": {
			func(t *testing.T, m *sample) { m.edit(t, "cache.go", "Get(key string)", "Get(k string)") },
			[]string{"entries.txt:11: py.Store.get: Store.Get has no parameter key"},
		},
		"no Python line": {
			func(t *testing.T, m *sample) { m.edit(t, "cache.go", " // Python: get", "") },
			[]string{"Store.Get: its doc comment has no Python line: py.Store.get"},
		},
		"no doc comment": {
			func(t *testing.T, m *sample) { m.edit(t, "sub/sub.go", "// New makes one. Python: py.Store.\n", "") },
			[]string{"sub.New: its doc comment has no Python line: py.Store"},
		},
		"a Python line with another name": {
			func(t *testing.T, m *sample) { m.edit(t, "sub/sub.go", "Python: py.Store.", "Python: py.Store.get.") },
			[]string{
				"sub.New: its Python line does not name py.Store",
				"sub.New: its doc comment says Python: py.Store.get, entries.txt does not",
			},
		},
		"a Python line with a name that Python has not": {
			func(t *testing.T, m *sample) { m.edit(t, "cache.go", "Python: size", "Python: sizes") },
			[]string{
				"Cache.Size: Python: sizes: that is no name of Python's",
				"Cache.Size: its Python line does not name py.cache(size)",
			},
		},
		"a Python line with a name too many": {
			func(t *testing.T, m *sample) { m.edit(t, "cache.go", "Python: size", "Python: size, py.inner") },
			[]string{"Cache.Size: its doc comment says Python: py.inner, entries.txt does not"},
		},
		"a Python line with a short name that others have": {
			func(t *testing.T, m *sample) {
				m.pkg += "class py.Other\nattribute py.Other.name\n"
				m.entries += "py.Other | - | | why not\n"
				m.edit(t, "sub/sub.go", "Python: Store.name.", "Python: name.")
			},
			[]string{
				"sub.Name: Python: name: that may be any of py.Store.name, py.Other.name",
				"sub.Name: its Python line does not name py.Store.name",
			},
		},
		"a Python line that goes on": {
			func(t *testing.T, m *sample) {
				m.edit(t, "cache.go", "Python: py.Store.", "Python: py.Store. It is more.")
			},
			[]string{
				`Store: the Python line does not end its paragraph, or "py.Store. It is more" is no name of Python's`,
				"Store: its doc comment has no Python line: py.Store",
			},
		},
		"a second Python line": {
			func(t *testing.T, m *sample) {
				m.edit(t, "cache.go", "// More about it.", "// More about it. Python: py.cache.")
			},
			[]string{"Cache: a second Python line"},
		},
		"a Python line of what is not exported": {
			func(t *testing.T, m *sample) {
				m.edit(t, "cache.go", "const NoSize = -1", "const NoSize = -1\n\n// inner is inside. Python: py.inner.\ntype inner int")
			},
			[]string{"inner: a Python line, but it is not exported"},
		},
		"a Python line of nothing": {
			func(t *testing.T, m *sample) {
				m.edit(t, "cache.go", "const NoSize = -1", "const NoSize = -1\n\n// Python: py.inner.\n")
			},
			[]string{`cache.go: a Python line that is in no symbol's doc comment: "Python: py.inner."`},
		},
		"no test or example": {
			func(t *testing.T, m *sample) { m.entries = strings.Replace(m.entries, "ExampleCache |\n", "|\n", 1) },
			[]string{"entries.txt:4: py.cache has no test or example"},
		},
		"a test that is not there": {
			func(t *testing.T, m *sample) { m.edit(t, "sub/sub_test.go", "TestNew", "TestOld") },
			[]string{
				"entries.txt:10: py.Store: there is no test or example sub.TestNew",
				"entries.txt:12: py.Store.name: there is no test or example sub.TestNew",
			},
		},
		"a test of another package": {
			func(t *testing.T, m *sample) {
				m.entries = strings.Replace(m.entries, "sub.TestNew |\npy", "sub.TestCache |\npy", 1)
			},
			[]string{"entries.txt:10: py.Store: there is no test or example sub.TestCache"},
		},
		"a test that has nothing to do with it": {
			func(t *testing.T, m *sample) { m.edit(t, "cache_test.go", `; s.Get("k")`, "") },
			[]string{"entries.txt:11: py.Store.get: TestCache does not mention Store.Get"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := sound()
			tt.spoil(t, m)
			_, complaints := m.write(t)
			assert.ElementsMatch(t, tt.want, complaints)
		})
	}
}

// TestStale: after any change, the document has to be written again.
func TestStale(t *testing.T) {
	m := sound()
	text, _ := m.write(t)
	want := []string{"docs/reference.md is not what the source says: run make reference"}
	assert.Equal(t, want, stale(m.files, text), "it is missing")
	m.files[File] = file(text)
	assert.Empty(t, stale(m.files, text))
	m.entries = strings.Replace(m.entries, "0 is 128", "0 is 129", 1)
	text, _ = m.write(t)
	assert.Equal(t, want, stale(m.files, text))
}

// TestMalformed: unreadable data is an error that says where.
func TestMalformed(t *testing.T) {
	for want, spoil := range map[string]func(m *sample){
		`documented.txt: "nonsense" is no kind and name`: func(m *sample) { m.documented += "nonsense\n" },
		`package.txt: "nonsense" is no kind and name`:    func(m *sample) { m.pkg += "nonsense\n" },
		"entries.txt:1: a line before the first heading": func(m *sample) { m.entries = "py.cache | Cache | ExampleCache |" },
		"entries.txt:15: 2 cells":                        func(m *sample) { m.entries += "py.cache | Cache\n" },
		"entries.txt:15: py.inner is left out without":   func(m *sample) { m.entries += "py.inner | - | |\n" },
		"entries.txt:15: py.inner has no Go name":        func(m *sample) { m.entries += "py.inner | | TestCache |\n" },
		"broken.go:1:": func(m *sample) { m.files["broken.go"] = file("no Go") },
	} {
		m := sound()
		m.files = maps.Clone(m.files)
		spoil(m)
		_, _, err := write(m.files, m.documented, m.pkg, m.entries)
		assert.ErrorContains(t, err, want)
	}
}

func TestExampleOf(t *testing.T) {
	for name, want := range map[string]string{
		"ExampleLru": "Lru", "ExampleLru_expire": "Lru", "ExampleWire_Get": "Wire.Get", "ExampleWire_Func_bound": "Wire.Func",
		"lrucache.ExampleLruCache_Touch": "lrucache.LruCache.Touch", "TestWire": "",
	} {
		assert.Equal(t, want, exampleOf(name), name)
	}
}
