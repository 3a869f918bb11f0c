package interop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
)

const (
	signatures        = 100
	callsPerSignature = 30
)

// keyed is one call and its keys.
type keyed struct {
	f      *generated
	name   string
	call   element
	python string
	safe   string
	labels map[string]any // Python's arguments, by parameters
	parts  map[string]any // Python's texts of its parts
}

// TestKeys: the keys of generated calls are the same, byte for byte, with PythonKeys,
// and with the default style wherever Python's are unambiguous. If two calls have one
// key in Python, they have two with the default style.
func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := &generator{Rand: newRand(t)}
	backends := []string{"redis", "redis_hash", "pymemcache", "python-memcached", "diskcache", "shelve"}
	if !w.shelves {
		backends = backends[:5]
	}
	count := map[string]int{}
	for i := range signatures {
		f := g.function(backends[i%len(backends)])
		var calls []element
		for range callsPerSignature {
			calls = append(calls, g.call(&f))
		}
		all := w.keysOf(t, fmt.Sprintf("f%d", i), &f, calls, count)
		if t.Failed() {
			t.Fatalf("%s on %s", f.text(), f.backend)
		}
		compareSafe(t, all, count)
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%6d %s", count[name], name)
	}
	assert.GreaterOrEqual(t, count[equalKeys], 2000, "keys of generated calls")
	assert.GreaterOrEqual(t, count[bothUnambiguous], 500, "unambiguous ones")
}

// The classes in which calls are counted.
const (
	equalKeys       = "calls with equal keys, with PythonKeys"
	bothFail        = "calls that neither has a key for"
	onlySafe        = "of these, calls that the default style has a key for"
	pythonHasNone   = "calls with a float, for which only Go has a key"
	bothUnambiguous = "unambiguous keys, equal with the default style"
	otherEqual      = "other keys, equal with the default style all the same"
	otherDifferent  = "other keys, different with the default style"
	collisions      = "pairs of calls with one key in Python, and two with the default style"
	repeated        = "pairs of equal calls, with one key each"
)

// keysOf makes the keys of calls with both drivers, compares them with PythonKeys, and
// returns the calls for which both have a key.
func (w *world) keysOf(t *testing.T, name string, f *generated, calls []element, count map[string]int) []keyed {
	t.Helper()
	w.both(f.request(name, "module."+name, false))
	w.golang.must(f.request(name+"safe", "module."+name, true))
	ask := func(d *driver, name string) []answer {
		var rs []request
		for _, c := range calls {
			rs = append(rs, request{Do: "key", Name: name, element: c})
		}
		return d.all(rs)
	}
	python, golang, safe := ask(w.python, name), ask(w.golang, name), ask(w.golang, name+"safe")
	var all []keyed
	for i, call := range calls {
		text, _ := json.Marshal(call)
		message := fmt.Sprintf("%s(%s) on %s, called with %s", name, f.text(), f.backend, text)
		switch {
		case python[i].Error == "TypeError" && golang[i].Error == "" && hasFloat(f, call):
			count[pythonHasNone]++
			continue
		case python[i].Error != "":
			require.Equal(t, "TypeError", python[i].Error, "%s: %s", message, python[i].Message)
			require.Contains(t, []string{"ErrArguments", "ErrKey"}, golang[i].Error, "%s: Python: %s", message, python[i].Message)
			count[bothFail]++
			if safe[i].Error == "" {
				count[onlySafe]++
			}
			continue
		}
		require.Empty(t, golang[i].Error, "%s: %s", message, golang[i].Message)
		require.Empty(t, safe[i].Error, "%s: %s", message, safe[i].Message)
		key := keyOf(python[i])
		require.Equal(t, key, keyOf(golang[i]), message)
		count[equalKeys]++
		result := python[i].Result.(map[string]any)
		k := keyed{f: f, name: message, call: call, python: key, safe: keyOf(safe[i])}
		k.labels, k.parts = result["labels"].(map[string]any), result["parts"].(map[string]any)
		all = append(all, k)
	}
	return all
}

func keyOf(a answer) string {
	key, err := base64.StdEncoding.DecodeString(a.Result.(map[string]any)["key"].(string))
	if err != nil {
		panic(err)
	}
	return string(key)
}

// hasFloat reports whether an argument is itself a float, for which Python has no key.
func hasFloat(f *generated, e element) bool {
	isFloat := func(n note) bool {
		tag, _ := conformance.Tag(n)
		return tag == "$float"
	}
	return f.backend != "shelve" && (slices.ContainsFunc(e.Args, isFloat) || slices.ContainsFunc(slices.Collect(maps.Values(e.Kwargs)), isFloat))
}

// arguments returns the text that tells calls apart: what they bind to the parameters
// in the key.
func (k *keyed) arguments() string { return canonical(k.labels) }

// compareSafe compares the keys of one function with the default style.
func compareSafe(t *testing.T, all []keyed, count map[string]int) {
	t.Helper()
	for i, k := range all {
		switch {
		case unambiguous(k.f, k.labels, k.parts):
			require.Equal(t, k.python, k.safe, "unambiguous: %s", k.name)
			count[bothUnambiguous]++
		case k.python == k.safe:
			count[otherEqual]++
		default:
			count[otherDifferent]++
		}
		for _, other := range all[:i] {
			switch same := k.arguments() == other.arguments(); {
			case same:
				require.Equal(t, k.python, other.python, k.name)
				require.Equal(t, k.safe, other.safe, k.name)
				count[repeated]++
			case k.python == other.python:
				require.NotEqual(t, k.safe, other.safe, "%s\nand %s", k.name, other.name)
				count[collisions]++
			default:
				require.NotEqual(t, k.safe, other.safe, "%s\nand %s", k.name, other.name)
			}
		}
	}
}

// collision is a group of two or more calls that have one key in Python.
type collision struct {
	types string // of the parameters, separated by blanks
	sig   string
	calls []element
}

var knownCollisions = []collision{
	{"string string", "a, b", []element{args("a:b", "c"), args("a", "b:c")}},
	{"string any", "a, b", []element{args("a:b", "c"), args("a", "b:c")}},
	{"any", "a", []element{args(1), args("1")}},
	{"any", "a", []element{args(true), args("True")}},
	{"any", "a", []element{args(nil), args("None")}},
	{"any", "a", []element{args(tagged("$ellipsis", true)), args("Ellipsis")}},
	{"any", "a", []element{args(list(1, 2)), args("[1,2]")}},
	{"any", "a", []element{args(list("a b")), args(list("ab"))}},
	{"[]string", "a", []element{args(list("a b")), args(list("ab"))}},
	{"[]any", "*a", []element{args("a b"), args("ab"), args("a  b")}},
	{"any", "a", []element{args(dict()), args("")}},
	{"any", "a", []element{args(blob("x")), args("b'x'")}},
	{"any", "a", []element{args(dict("a", "1,b,2")), args(dict("a", "1", "b", "2")), args("a,1,b,2")}},
	{"map[string]any", "a", []element{args(dict("a", "1,b,2")), args(dict("a", "1", "b", "2")), args(dict("a", 1, "b", 2))}},
	{"map[string]int", "a", []element{args(dict("a,1,b", 2)), args(dict("a", 1, "b", 2))}},
	{"any map[string]any", "a, **kw", []element{
		{Args: []note{1}, Kwargs: map[string]note{"x": 1, "y": 2}}, {Args: []note{1}, Kwargs: map[string]note{"x": "1,y,2"}},
	}},
	{"any", "a", []element{args(tagged("$set", []any{"a','b"})), args(tagged("$set", []any{"a", "b"}))}},
	{"set of string", "a", []element{args(tagged("$set", []any{"a','b"})), args(tagged("$set", []any{"a", "b"}))}},
	{"any", "a", []element{args(tagged("$set", []any{"a"})), args(tagged("$frozenset", []any{"a"})), args("{'a'}")}},
	{"any", "a", []element{args(tagged("$type", "Point")), args("Point")}},
	{"any", "a", []element{args(tagged("$ringkey", "k")), args("k")}},
	{"any", "a", []element{args(dataclass("Point", "x", 1, "y", 2)), args("Pointx,1,y,2")}},
}

// TestCollisions: different calls that have one key in Python have different ones with
// the default style.
func TestCollisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pairs := 0
	for i, c := range knownCollisions {
		f := &generated{backend: "redis", prefix: "p"}
		types := strings.Fields(strings.ReplaceAll(c.types, "set of string", "set"))
		for j, name := range strings.Split(c.sig, ", ") {
			f.params = append(f.params, param{name: name, kind: positional, typ: strings.ReplaceAll(types[j], "set", "set of string")})
		}
		all := w.keysOf(t, fmt.Sprintf("collision%d", i), f, c.calls, map[string]int{})
		require.Len(t, all, len(c.calls))
		for j, k := range all {
			for _, other := range all[:j] {
				require.Equal(t, k.python, other.python, "in Python: %s\nand %s", k.name, other.name)
				require.NotEqual(t, k.safe, other.safe, "with the default style: %s\nand %s", k.name, other.name)
				require.False(t, unambiguous(f, k.labels, k.parts) && unambiguous(f, other.labels, other.parts), "the rule is wrong: %s", k.name)
				pairs++
			}
		}
	}
	t.Logf("%d pairs", pairs)
}
