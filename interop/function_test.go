package interop

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/conformance"
)

// function is the function that both drivers cache under the same keys: f(a, b=2).
type function struct {
	backend string
	coder   any    // nil: none
	result  string // its type in Go
	expire  int    // seconds; 0: none
	safe    bool   // in Go, the default style of keys; the keys of places are unambiguous
	name    string
	prefix  string
	hashKey string
}

func (f *function) String() string {
	coder := "none"
	if f.coder != nil {
		coder = f.coder.(string)
	}
	style := ""
	if f.safe {
		style = " with default keys"
	}
	return f.backend + "/" + coder + "/" + f.result + style
}

// functions returns the functions that the tests cross: every backend, with every
// possible coder, and every kind of result that both Python and Go have with it.
func functions(shelves bool) []function {
	all := []function{
		{backend: "redis", result: "bytes", expire: 1000},
		{backend: "redis", result: "string"},
		{backend: "redis", result: "int"},
		{backend: "redis", result: "int", safe: true},
		{backend: "redis", result: "float", expire: 1000},
		{backend: "redis", coder: "json", result: "any", expire: 1000},
		{backend: "redis", coder: "json", result: "[]int"},
		{backend: "redis", coder: "json", result: "map[string]int"},
		{backend: "redis", coder: "pickle", result: "any", expire: 1000},
		{backend: "redis", coder: "dataclass", result: "Record"},
		{backend: "redis_hash", result: "bytes"},
		{backend: "redis_hash", result: "float"},
		{backend: "redis_hash", coder: "json", result: "any"},
		{backend: "redis_hash", coder: "pickle", result: "any"},
		{backend: "redis_hash", coder: "dataclass", result: "Record"},
		{backend: "diskcache", result: "string", expire: 1000},
		{backend: "diskcache", result: "bytes"},
		{backend: "diskcache", result: "int"},
		{backend: "diskcache", result: "float"},
		{backend: "diskcache", result: "any", expire: 1000},
		{backend: "diskcache", coder: "json", result: "any"},
		{backend: "diskcache", coder: "json", result: "any", safe: true},
		{backend: "diskcache", coder: "pickle", result: "any", expire: 1000},
		{backend: "diskcache", coder: "dataclass", result: "Record"},
	}
	for _, client := range []string{"pymemcache", "python-memcached"} {
		all = append(all,
			function{backend: client, result: "bytes", expire: 1000},
			function{backend: client, result: "int"},
			function{backend: client, coder: "json", result: "any"},
			function{backend: client, coder: "pickle", result: "any", expire: 1000},
			function{backend: client, coder: "dataclass", result: "Record"},
		)
	}
	all = append(all, function{backend: "python-memcached", result: "string"})
	for _, coder := range []any{nil, "json", "pickle"} {
		if shelves {
			all = append(all, function{backend: "shelve", coder: coder, result: "any"})
		}
	}
	if shelves {
		all = append(all, function{backend: "shelve", result: "string"}, function{backend: "shelve", coder: "dataclass", result: "Record"})
	}
	return all
}

// onServer reports whether the values are bytes unless there is a coder.
func (f *function) onServer() bool { return f.backend != "shelve" && f.backend != "diskcache" }

// request defines the function.
func (f *function) request() request {
	r := request{
		Do: "define", Name: f.name, Backend: f.backend, Coder: f.coder, Prefix: f.prefix, Identifier: "interop.f",
		Signature: "a, b=2", Types: []string{"any", "any"}, Result: f.result, HashKey: f.hashKey, Safe: f.safe,
	}
	if f.expire > 0 {
		r.Expire = &f.expire
	}
	return r
}

// value returns the nth result of the function.
func (f *function) value(n int) note {
	long := ""
	if f.backend == "diskcache" && n%10 == 0 { // these are in separate files
		long = strings.Repeat("long é\n", 7000)
	}
	switch f.result {
	case "bytes":
		return blob(fmt.Sprintf("value %d \x00\xff\r\n", n) + long)
	case "string":
		if long != "" {
			return fmt.Sprintf("value %d ", n) + long
		}
		return fmt.Sprintf("value %d é\r\n", n)
	case "int":
		return 7*n - 50
	case "float":
		return float(float64(n) + 0.5)
	case "[]int":
		return list(n, -n)
	case "map[string]int":
		return dict("n", n, "é", 1)
	case "Record":
		return dataclass("Record", "by", fmt.Sprintf("run %d", n), "n", n, "tags", list("a", "é"))
	}
	pairs := []note{"half", float(float64(n) + 0.5), "texts", list("a", "é\n", "\U0001f600", "<&>\u2028\x7f\x00\\\"/", long), "none", nil, "yes", true, "in", dict("a", list())}
	if f.coder == "json" { // any number in an any is a float64 there
		return dict(pairs...)
	}
	big := tagged("$int", strconv.Itoa(n)+"000000000000000000000")
	return dict(append(pairs, "n", n, "big", big, "pair", tuple(n, "x"), "blob", blob("\x00\xff"), "set", tagged("$set", []note{1, "a"}))...)
}

// stored returns the content of the store for a value.
func (f *function) stored(v note) note {
	v = plain(v)
	if f.coder == "dataclass" {
		_, arg := conformance.Tag(v)
		return list("Record", tagged("$dict", arg.(map[string]any)["fields"]))
	}
	if f.coder != nil || !f.onServer() {
		return v
	}
	return asBytes(v)
}

// asBytes converts text and numbers like Python's clients.
func asBytes(v note) note {
	switch v := plain(v).(type) {
	case string:
		return blob(v)
	case json.Number:
		return blob(string(v))
	case map[string]any:
		if text, ok := v["$float"]; ok {
			return blob(text.(string))
		}
	}
	return v
}

// hit returns what a driver returns for a value in the store. Without a coder, Python
// gets only bytes from a server, unless its client records the type of what it stores;
// and the dataclass that it returns is not of the class that it stored.
func (f *function) hit(driver string, v note, by string) note {
	if driver == "Python" && f.coder == "dataclass" {
		_, arg := conformance.Tag(v)
		return tagged("$lookalike", arg)
	}
	if driver == "Go" || f.coder != nil || !f.onServer() {
		return v
	}
	if f.backend == "python-memcached" && by == "Python" {
		return v
	}
	return asBytes(v)
}
