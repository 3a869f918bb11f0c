package ring

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/signature"
)

// readVectors decodes the lines of a file of recorded behaviour of Python's ring.
func readVectors[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer f.Close()
	var all []T
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err == io.EOF {
			require.NotEmpty(t, all)
			return all
		}
		require.True(t, err == nil || err == io.EOF, "%v", err)
		var v T
		require.NoError(t, json.Unmarshal(line, &v), "line %d", len(all)+1)
		all = append(all, v)
	}
}

// vectorParam is a parameter as the vectors declare it.
type vectorParam struct {
	Name    string
	Kind    string
	Default json.RawMessage
}

// vectorFunc makes a Go function that has the parameters of a Python one: any for
// each, []any for *args, map[string]any for **kw. It returns its arguments.
func vectorFunc(params []vectorParam, skipContext ...reflect.Type) any {
	in := slices.Clone(skipContext)
	for _, p := range params {
		switch p.Kind {
		case "var_positional":
			in = append(in, reflect.TypeFor[[]any]())
		case "var_keyword":
			in = append(in, reflect.TypeFor[map[string]any]())
		default:
			in = append(in, reflect.TypeFor[any]())
		}
	}
	typ := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[[]any]()}, false)
	return reflect.MakeFunc(typ, func(in []reflect.Value) []reflect.Value {
		args := []any{}
		for _, v := range in {
			args = append(args, v.Interface())
		}
		return []reflect.Value{reflect.ValueOf(args)}
	}).Interface()
}

// vector is a value in the notation of the vectors.
type vector struct {
	value any
	// unordered: it has a dict inside of another value that is not in the order
	// of its keys, which a Go map cannot keep.
	unordered bool
	// unsorted: it is such a dict itself. Within *args or **kw that matters, too.
	unsorted bool
}

func (v *vector) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var raw any
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	v.value = v.decode(raw, 0)
	return nil
}

func (v *vector) decode(raw any, depth int) any {
	switch raw := raw.(type) {
	case json.Number: // a fraction is a reading of a clock
		if f, err := raw.Float64(); err == nil && strings.Contains(string(raw), ".") {
			return f
		}
		return goInt(string(raw))
	case map[string]any:
		for tag, arg := range raw {
			return v.tagged(tag, arg, depth)
		}
	}
	return raw
}

func goInt(text string) any {
	i, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic("not an int: " + text)
	}
	return signature.Smallest(i)
}

func (v *vector) list(arg any, depth int) []any {
	list := []any{}
	for _, item := range arg.([]any) {
		list = append(list, v.decode(item, depth+1))
	}
	return list
}

func (v *vector) tagged(tag string, arg any, depth int) any {
	switch tag {
	case "$int":
		return goInt(arg.(string))
	case "$float":
		f, err := strconv.ParseFloat(arg.(string), 64)
		if err != nil {
			panic(err)
		}
		return f
	case "$bytes":
		b, err := base64.StdEncoding.DecodeString(arg.(string))
		if err != nil {
			panic(err)
		}
		return b
	case "$tuple":
		return Tuple(v.list(arg, depth))
	case "$list":
		return v.list(arg, depth)
	case "$set", "$frozenset":
		set := map[any]struct{}{}
		for _, item := range v.list(arg, depth) {
			set[mustHash(item)] = struct{}{}
		}
		if tag == "$frozenset" {
			return FrozenSet(set)
		}
		return set
	case "$dict":
		return v.dict(arg.([]any), depth)
	case "$ellipsis":
		return Ellipsis
	case "$type":
		typ, ok := vectorTypes[arg.(string)]
		if !ok {
			panic("unknown class " + arg.(string))
		}
		return typ
	case "$dataclass":
		return v.dataclass(arg.(map[string]any), depth)
	case "$ringkey":
		return ringKeyed{arg.(string)}
	case "$str":
		return stringed{arg.(string)}
	case "$plain":
		return Opaque{new(int)}
	case "$hashable":
		m := arg.(map[string]any)
		h, err := strconv.ParseInt(string(m["hash"].(json.Number)), 10, 64)
		if err != nil {
			panic(err)
		}
		if str, ok := m["str"]; ok {
			return Shown{uint64(h), str.(string)}
		}
		return Acct{uint64(h)}
	case "$datetime":
		at, err := time.Parse("2006-01-02T15:04:05", arg.(string))
		if err != nil {
			panic(err)
		}
		return at
	}
	panic("unknown tag " + tag)
}

func mustHash(v any) any {
	h, err := signature.Hashable(v)
	if err != nil {
		panic(err)
	}
	return h
}

func (v *vector) dict(pairs []any, depth int) any {
	dict := map[any]any{}
	var order []reflect.Value
	for _, pair := range pairs {
		kv := v.list(pair, depth)
		key := mustHash(kv[0])
		dict[key] = kv[1]
		order = append(order, reflect.ValueOf(key))
	}
	sorted := slices.IsSortedFunc(order, func(a, b reflect.Value) int {
		o, _ := keytext.Compare(a, b)
		return o
	})
	v.unordered = v.unordered || depth > 0 && !sorted
	v.unsorted = v.unsorted || depth == 0 && !sorted
	return dict
}

// The classes that the vectors speak of. Where a dataclass has its fields in two
// orders, the second type of that name stands in a function of its own.
type (
	ringKeyed struct{ text string }
	stringed  struct{ text string }
	Opaque    struct{ hidden *int }
	Acct      struct{ hash uint64 }
	Shown     struct {
		hash uint64
		text string
	}
	A          struct{}
	_Hidden    struct{}
	CamelCase2 struct{}
	Empty      struct{}
	Point      struct {
		X any `ring:"x"`
		Y any `ring:"y"`
	}
	User struct {
		Name   any `ring:"name"`
		Age    any `ring:"age"`
		Active any `ring:"active"`
	}
	Data struct {
		Name   any `ring:"name"`
		MyInt  any `ring:"my_int"`
		MyDict any `ring:"my_dict"`
	}
	Lists struct {
		B any `ring:"b"`
		A any `ring:"a"`
	}
	Maps struct {
		D any `ring:"d"`
	}
	Opt struct {
		V   any `ring:"v"`
		W   any `ring:"w"`
		Raw any `ring:"raw"`
	}
	Inner struct {
		P any `ring:"p"`
		Q any `ring:"q"`
	}
	Outer struct {
		Inner any `ring:"inner"`
		N     any `ring:"n"`
	}
	Item struct {
		I any `ring:"i"`
	}
	Many struct {
		Items any `ring:"items"`
	}
	Pair struct {
		Left  any `ring:"left"`
		Right any `ring:"right"`
	}
	SpecialItem struct{}
	Quote       struct {
		S any `ring:"s"`
		T any `ring:"t"`
	}
)

func (r ringKeyed) RingKey() string     { return r.text }
func (s stringed) String() string       { return s.text }
func (a Acct) Hash() (uint64, error)    { return a.hash, nil }
func (s Shown) Hash() (uint64, error)   { return s.hash, nil }
func (s Shown) String() string          { return s.text }
func newPoint() (reversed reflect.Type) { return pointYX() }

func pointYX() reflect.Type {
	type Point struct {
		Y any `ring:"y"`
		X any `ring:"x"`
	}
	return reflect.TypeFor[Point]()
}

var vectorTypes = map[string]reflect.Type{}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[User](), reflect.TypeFor[A](), reflect.TypeFor[_Hidden](), reflect.TypeFor[CamelCase2](),
		reflect.TypeFor[Empty](), reflect.TypeFor[Point](), reflect.TypeFor[Data](), reflect.TypeFor[Lists](),
		reflect.TypeFor[Maps](), reflect.TypeFor[Opt](), reflect.TypeFor[Inner](), reflect.TypeFor[Outer](),
		reflect.TypeFor[Item](), reflect.TypeFor[Many](), reflect.TypeFor[Quote](), reflect.TypeFor[Pair](),
		reflect.TypeFor[SpecialItem](),
	} {
		vectorTypes[t.Name()] = t
	}
}

func (v *vector) dataclass(arg map[string]any, depth int) any {
	fields := arg["fields"].([]any)
	typ, ok := vectorTypes[arg["name"].(string)]
	if !ok {
		panic("unknown class " + arg["name"].(string))
	}
	if typ.Name() == "Point" && fields[0].([]any)[0] == "y" {
		typ = newPoint()
	}
	s := reflect.New(typ).Elem()
	for i, f := range fields {
		pair := f.([]any)
		if typ.Field(i).Tag.Get("ring") != pair[0] {
			panic(fmt.Sprintf("field %v of %v", pair[0], typ))
		}
		if value := v.decode(pair[1], depth+1); value != nil {
			s.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return s.Interface()
}

// vectorKwargs are the keyword arguments of a line.
type vectorKwargs struct {
	values              Kwargs
	unordered, unsorted bool
}

func (k *vectorKwargs) UnmarshalJSON(data []byte) error {
	var m map[string]vector
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	k.values = Kwargs{}
	for name, v := range m {
		k.values[name] = v.value
		k.unordered = k.unordered || v.unordered
		k.unsorted = k.unsorted || v.unsorted
	}
	return nil
}

func vectorValues(vs []vector) (values []any, unordered bool) {
	for _, v := range vs {
		values = append(values, v.value)
		unordered = unordered || v.unordered
	}
	return values, unordered
}

// normal makes what a Go function got comparable with a vector's value.
func normal(v any) any {
	switch v := v.(type) {
	case Tuple:
		return append([]any{}, v...)
	case Kwargs:
		return normal(map[string]any(v))
	case map[string]any:
		m := map[any]any{}
		for k := range v {
			m[k] = v[k]
		}
		return m
	}
	return v
}

func excerptOf(line any) string {
	s := fmt.Sprintf("%+v", line)
	return strings.ToValidUTF8(s[:min(len(s), 300)], "?")
}

// planArgs is a value as it stands among the arguments of a call.
type planArgs struct{ values []any }

func (p planArgs) typ() reflect.Type    { return reflect.TypeOf(p.values[0]) }
func (p planArgs) value() reflect.Value { return reflect.ValueOf(&p.values[0]).Elem().Elem() }
