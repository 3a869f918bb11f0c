package interop

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
)

// difference is a call, beside the refusals, for which Python and Go do different
// things. Both outcomes are asserted, so a difference that no longer exists is a
// failure.
type difference struct {
	what string
	f    function
	do   func(d *pair)
}

// pair is both drivers with one function.
type pair struct {
	*world
	*require.Assertions
	f *function
}

// define makes the function under its own prefix.
func (p *pair) define(change func(r *request)) {
	p.t.Helper()
	for _, d := range p.drivers() {
		p.Empty(p.defineFor(d, change).Error)
	}
}

func (p *pair) defineFor(d *driver, change func(r *request)) answer {
	p.t.Helper()
	r := p.f.request()
	if change != nil {
		change(&r)
	}
	return d.ask(r)
}

// call performs an action with positional arguments; the function returns value each
// time it runs.
func (p *pair) call(d *driver, action string, value note, args ...note) answer {
	p.t.Helper()
	r := request{Do: "call", Name: p.f.name, Action: action, element: element{Args: args}, Value: value}
	if action != "set" {
		r.Returns = []note{value, value, value}
	}
	return d.ask(r)
}

// many is call for a bulk action.
func (p *pair) many(d *driver, action string, values []note, elements ...element) answer {
	p.t.Helper()
	r := request{Do: "call", Name: p.f.name, Action: action, List: elements}
	if action == "set_many" {
		r.Values = values
	} else {
		r.Returns = values
	}
	return d.ask(r)
}

// returns asserts what an action returns, and how often the function ran.
func (p *pair) returns(a answer, want note, executed int) {
	p.t.Helper()
	p.Empty(a.Error, a.Message)
	p.Equal(canonical(want), canonical(a.Result))
	p.Equal(executed, a.Executed, "executions")
}

// fails asserts the name of an error.
func (p *pair) fails(a answer, name string) {
	p.t.Helper()
	p.Equal(name, a.Error, a.Message)
}

// keys asserts the keys that both make of the same call.
func (p *pair) keys(e element, python, golang string) {
	p.t.Helper()
	p.Equal(python, p.key(p.python, e), "Python's key")
	p.Equal(golang, p.key(p.golang, e), "Go's key")
	p.NotEqual(python, golang)
}

// key is the key of a call without its prefix, or the name of an error.
func (p *pair) key(d *driver, e element) string {
	a := d.ask(request{Do: "key", Name: p.f.name, element: e})
	if a.Error != "" {
		return a.Error
	}
	key, err := base64.StdEncoding.DecodeString(a.Result.(map[string]any)["key"].(string))
	p.NoError(err)
	return strings.TrimPrefix(string(key), p.f.prefix)
}

func args(values ...note) element { return element{Args: values} }

var differences = []difference{
	{"None on Redis without a coder: Python's client refuses it; Go refuses the function", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.Empty(p.defineFor(p.python, nil).Error)
		p.fails(p.call(p.python, "call", nil, 1), "DataError")
		p.fails(p.defineFor(p.golang, func(r *request) { r.Result = "any" }), "ErrCoder")
	}},
	{"None on Memcached without a coder: Python stores and returns the text of it", function{backend: "pymemcache", result: "bytes"}, func(p *pair) {
		p.Empty(p.defineFor(p.python, nil).Error)
		p.returns(p.call(p.python, "call", nil, 1), nil, 1)
		p.returns(p.call(p.python, "call", nil, 1), blob("None"), 0)
		p.fails(p.defineFor(p.golang, func(r *request) { r.Result = "any" }), "ErrCoder")
	}},
	{"None in a directory: Python runs the function every time", function{backend: "diskcache", result: "any"}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", nil, 1), nil, 1)
		p.returns(p.call(p.python, "call", nil, 1), nil, 1)
		p.returns(p.call(p.golang, "call", "run", 1), nil, 0) // a hit of what Python stored
		p.returns(p.call(p.golang, "call", nil, 2), nil, 1)
		p.returns(p.call(p.golang, "call", nil, 2), nil, 0)
		p.returns(p.call(p.python, "call", nil, 2), nil, 1)
	}},
	{"text and numbers on a server: Python's hit is bytes", function{backend: "redis", result: "int"}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", 12, 1), 12, 1)
		p.returns(p.call(p.python, "call", 12, 1), blob("12"), 0)
		p.returns(p.call(p.golang, "call", 13, 1), 12, 0)
	}},
	{"what is no text, bytes or int is a pickle by python-memcached, which Go refuses without a coder", function{backend: "python-memcached", result: "string"}, func(p *pair) {
		p.define(nil)
		for i, value := range []note{nil, list(1), float(1.5)} {
			p.returns(p.call(p.python, "call", value, i), value, 1)
			if value != nil {
				p.returns(p.call(p.python, "get", nil, i), value, 0)
			}
			p.fails(p.call(p.golang, "get", nil, i), "ErrCoder")
			p.returns(p.call(p.golang, "call", "x", i), "x", 1) // run again
			p.returns(p.call(p.python, "get", nil, i), blob("x"), 0)
		}
	}},
	{"a float by python-memcached is a pickle to Go, where it is a number by pymemcache", function{backend: "python-memcached", result: "float"}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", float(1.5), 1), float(1.5), 1)
		p.returns(p.call(p.python, "get", nil, 1), float(1.5), 0)
		p.fails(p.call(p.golang, "get", nil, 1), "ErrCoder")
		p.returns(p.call(p.golang, "call", float(2.5), 1), float(2.5), 1) // run again
		p.returns(p.call(p.python, "get", nil, 1), blob("2.5"), 0)
	}},
	{"an int in JSON is a float64 where a Go function returns any", function{backend: "redis", coder: "json", result: "any"}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", list(1, 2), 1), list(1, 2), 1)
		p.returns(p.call(p.python, "get", nil, 1), list(1, 2), 0)
		p.returns(p.call(p.golang, "get", nil, 1), list(float(1), float(2)), 0)
	}},
	{"a tuple in JSON is a list on Python's hit", function{backend: "redis", coder: "json", result: "[]int"}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", tuple(1, 2), 1), tuple(1, 2), 1)
		p.returns(p.call(p.python, "call", tuple(1, 2), 1), list(1, 2), 0)
		p.returns(p.call(p.golang, "call", list(1, 2), 2), list(1, 2), 1)
		p.returns(p.call(p.golang, "call", list(1, 2), 2), list(1, 2), 0)
	}},
	{"NaN in JSON: Go reads what Python writes, and does not write it", function{backend: "redis", coder: "json", result: "float"}, func(p *pair) {
		p.define(nil)
		nan := tagged("$float", "nan")
		p.returns(p.call(p.python, "update", nan, 1), nan, 1)
		p.returns(p.call(p.golang, "get", nil, 1), nan, 0)
		p.fails(p.call(p.golang, "update", nan, 2), "ErrCoder")
		p.returns(p.call(p.python, "get", nil, 2), nil, 0)
	}},
	{"a dataclass in a pickle: Go makes no instance of it, unless pickle.Register knows the class; a struct is a dict to Python", function{backend: "redis", coder: "pickle", result: "Record"}, func(p *pair) {
		p.define(nil)
		record := dataclass("Record", "by", "x", "n", 1, "tags", list("a"))
		p.returns(p.call(p.python, "call", record, 1), record, 1)
		p.fails(p.call(p.golang, "get", nil, 1), "ErrCoder")
		p.returns(p.call(p.golang, "call", record, 1), record, 1) // run again
		p.returns(p.call(p.golang, "call", record, 1), record, 0)
		p.returns(p.call(p.python, "get", nil, 1), dict("by", "x", "n", 1, "tags", list("a")), 0)
	}},
	{"a dataclass by the coder of that name: Python's hit is of a class made up for it", function{backend: "redis", coder: "dataclass", result: "Record"}, func(p *pair) {
		p.define(nil)
		record := dataclass("Record", "by", "x", "n", 1, "tags", list("a"))
		_, fields := conformance.Tag(record)
		p.returns(p.call(p.python, "call", record, 1), record, 1)
		p.returns(p.call(p.python, "call", record, 1), tagged("$lookalike", fields), 0)
		p.returns(p.call(p.golang, "call", record, 1), record, 0)
	}},
	{"more values than calls, or less: Python stores as many as fit", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		p.returns(p.many(p.python, "set_many", []note{blob("x")}, args(1), args(2)), nil, 0)
		p.returns(p.many(p.golang, "get_many", nil, args(1), args(2)), list(blob("x"), nil), 0)
		p.fails(p.many(p.golang, "set_many", []note{blob("y")}, args(1), args(2)), "ErrArguments")
		p.returns(p.many(p.python, "get_many", nil, args(1), args(2)), list(blob("x"), nil), 0)
	}},
	{"equal calls in one bulk call: Python runs the function for each", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		values := []note{blob("x"), blob("y")}
		p.returns(p.many(p.python, "get_or_update_many", values, args(1), args(1)), list(blob("x"), blob("y")), 2)
		p.returns(p.many(p.golang, "get_or_update_many", values, args(2), args(2)), list(blob("x"), blob("x")), 1)
	}},
	{"*args by its name in a bulk call: Python refuses what its documentation describes", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(func(r *request) { r.Signature, r.Types = "a, *args", []string{"any", "[]any"} })
		named := element{Kwargs: map[string]note{"a": 1, "args": tuple(2, 3)}}
		p.fails(p.many(p.python, "key_many", nil, named), "TypeError")
		p.returns(p.many(p.golang, "key_many", nil, named), list(p.f.prefix+":1:(2,3)"), 0)
		p.returns(p.many(p.python, "key_many", nil, args(1, 2, 3)), list(p.f.prefix+":1:(2,3)"), 0)
	}},
	{"an expiry of more than 30 days on Memcached: Python's has passed at once", function{backend: "pymemcache", result: "bytes", expire: 2592001}, func(p *pair) {
		p.define(nil)
		p.returns(p.call(p.python, "call", blob("x"), 1), blob("x"), 1)
		p.returns(p.call(p.python, "get", nil, 1), nil, 0)
		p.returns(p.call(p.golang, "call", blob("y"), 1), blob("y"), 1)
		p.returns(p.call(p.python, "get", nil, 1), blob("y"), 0)
	}},
	{"a value that Memcached does not take: python-memcached says nothing", function{backend: "python-memcached", result: "bytes"}, func(p *pair) {
		p.define(nil)
		big := blob(strings.Repeat("x", 1<<20))
		p.returns(p.call(p.python, "call", big, 1), big, 1)
		p.returns(p.call(p.python, "get", nil, 1), nil, 0)
		p.fails(p.call(p.golang, "update", big, 1), "error")
	}},
	{"line ends in long text in a directory: Python's are changed on the way back", function{backend: "diskcache", result: "string"}, func(p *pair) {
		p.define(nil)
		for i, writer := range p.drivers() {
			long := strings.Repeat("line é\r\n", 8000)
			p.returns(p.call(writer, "call", long, i), long, 1)
			p.returns(p.call(p.golang, "get", nil, i), long, 0)
			p.returns(p.call(p.python, "get", nil, i), strings.ReplaceAll(long, "\r\n", "\n"), 0)
			long = strings.ReplaceAll(long, "\r\n", "\n")
			p.returns(p.call(writer, "update", long, i), long, 1)
			p.returns(p.call(p.golang, "get", nil, i), long, 0)
			p.returns(p.call(p.python, "get", nil, i), long, 0)
		}
	}},
	{"a parameter that is positional only, by its name: Python has a key for it", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(func(r *request) { r.Signature, r.Types = "x, /, **kw", []string{"any", "map[string]any"} })
		p.keys(element{Kwargs: map[string]note{"x": 1}}, ":1:", "ErrArguments")
	}},
	{"a keyword of the name of a parameter that is positional only: Python's ring refuses what Python takes", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(func(r *request) { r.Signature, r.Types = "x, /, **kw", []string{"any", "map[string]any"} })
		p.keys(element{Args: []note{1}, Kwargs: map[string]note{"x": 2}}, "TypeError", ":1:x,2")
	}},
	{"an ignorable key that is no parameter: Python says so with the first key", function{backend: "redis", result: "bytes"}, func(p *pair) {
		wrong := func(r *request) { r.Ignorable = []string{"c"} }
		p.Empty(p.defineFor(p.python, wrong).Error)
		p.Equal("KeyError", p.key(p.python, args(1)))
		p.fails(p.defineFor(p.golang, wrong), "error")
	}},
	{"a float outside of memory: Python has no key for it", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		p.keys(args(float(1.5)), "TypeError", ":1.5:2")
	}},
	{"a float in the key of a shelf: Python has a hash, by which different ones collide", function{backend: "shelve", result: "any"}, func(p *pair) {
		p.define(nil)
		p.keys(args(float(-1)), ":float:hash:-2:2", ":-1.0:2")
		p.keys(args(float(-2)), ":float:hash:-2:2", ":-2.0:2")
	}},
	{"bytes in the key of a shelf: Python has a hash that is another one in the next process", function{backend: "shelve", result: "any"}, func(p *pair) {
		p.define(nil)
		p.Regexp("^:bytes:hash:-?[0-9]+:2$", p.key(p.python, args(blob("x"))))
		p.Equal(":b'x':2", p.key(p.golang, args(blob("x"))))
	}},
	{"an object with a key of its own in a list: Python writes its address", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		p.Regexp(`^:\[<__main__\.Keyedobjectat0x[0-9a-f]+>\]:2$`, p.key(p.python, args(list(tagged("$ringkey", "k")))))
		p.Equal(":[k]:2", p.key(p.golang, args(list(tagged("$ringkey", "k")))))
		p.Equal(":k:2", p.key(p.python, args(tagged("$ringkey", "k"))))
		p.Equal(":k:2", p.key(p.golang, args(tagged("$ringkey", "k"))))
	}},
	{"a dict in a list: Python's has its order, which a Go map does not have", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		p.keys(args(list(dict("b", 1, "a", 2))), ":[{'b':1,'a':2}]:2", ":[{'a':2,'b':1}]:2")
	}},
	{"a dict of keys that cannot be compared, in a list: Go cannot tell its order", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		p.keys(args(list(dict("b", 1, 2, 3))), ":[{'b':1,2:3}]:2", "ErrKey")
		p.Equal("TypeError", p.key(p.python, args(dict("b", 1, 2, 3)))) // neither driver has a key
		p.Equal("ErrKey", p.key(p.golang, args(dict("b", 1, 2, 3))))
	}},
	{"a set in a list: Python's has the order of its hashes", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		e := args(list(tagged("$set", []note{"y", "x"})))
		p.Contains([]string{":[{'x','y'}]:2", ":[{'y','x'}]:2"}, p.key(p.python, e))
		p.Equal(":[{'x','y'}]:2", p.key(p.golang, e))
	}},
	{"a key on Memcached that begins with what it does not take: Python fails", function{backend: "pymemcache", result: "bytes"}, func(p *pair) {
		p.f.prefix = "é"
		p.define(nil)
		p.keys(args(1), "AttributeError", memcachedKey("é:1:2"))
	}},
	{"a character of Unicode 15 in a list: its Python prints it, Go and Python 3.11 escape it", function{backend: "redis", result: "bytes"}, func(p *pair) {
		p.define(nil)
		e := args(list("\U0001fae8"))
		p.Equal(`:['\U0001fae8']:2`, p.key(p.golang, e))
		if major, _, _ := strings.Cut(p.unicode, "."); major > "14" {
			p.Equal(":['\U0001fae8']:2", p.key(p.python, e))
		}
	}},
	// This must be the last one, because it leaves Python without its shelf.
	{"a function that is let go of: Python's takes its shelf with it", function{backend: "shelve", result: "any"}, func(p *pair) {
		p.define(nil)
		other := *p.f
		other.name += "other"
		p.both(other.request())
		for _, d := range p.drivers() {
			p.returns(p.call(d, "update", "x", 1), "x", 1)
			d.must(request{Do: "call", Name: other.name, Action: "get", element: args(1)})
			d.must(request{Do: "forget", Name: other.name})
		}
		p.fails(p.call(p.python, "get", nil, 1), "ValueError")
		p.returns(p.call(p.golang, "get", nil, 1), "x", 0)
	}},
}

// TestDifferences: the known differences exist, and are as described.
func TestDifferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, d := range differences {
		t.Run(d.what, func(t *testing.T) {
			if d.f.backend == "shelve" && !w.shelves {
				t.Skip("without shelves")
			}
			w.in(t)
			f := d.f
			f.name = fmt.Sprintf("difference%d", i)
			f.prefix = f.name
			d.do(&pair{world: w, Assertions: require.New(t), f: &f})
		})
	}
}

// TestListed: README.md lists the known differences.
func TestListed(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, d := range differences {
		assert.Contains(t, string(text), "- "+d.what+"\n")
	}
	for _, r := range refusals {
		assert.Contains(t, string(text), "| "+r.what+" |")
	}
}
