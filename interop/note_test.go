package interop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/internal/pytext"
	"github.com/ring-go/ring/pickle"
)

// The classes of driver.py.
type (
	Record struct {
		By   string   `json:"by" pickle:"by" ring:"by"`
		N    int      `json:"n" pickle:"n" ring:"n"`
		Tags []string `json:"tags" pickle:"tags" ring:"tags"`
	}
	Point struct {
		X any `ring:"x"`
		Y any `ring:"y"`
	}
	Person struct {
		Name string `ring:"name"`
		Age  int    `ring:"age"`
	}
	Keyed struct{ text string }
)

func (k Keyed) RingKey() string { return k.text }

var classes = map[string]reflect.Type{
	"Record": reflect.TypeFor[Record](), "Point": reflect.TypeFor[Point](), "Person": reflect.TypeFor[Person](),
}

// A note is a value as the drivers write it: the form that JSON decodes to, with
// numbers as json.Number.
type note = any

func tagged(tag string, arg note) note { return map[string]any{tag: arg} }

func list(items ...note) note  { return tagged("$list", append([]any{}, items...)) }
func tuple(items ...note) note { return tagged("$tuple", append([]any{}, items...)) }
func float(f float64) note     { return tagged("$float", pythonFloat(f)) }
func blob(s string) note       { return tagged("$bytes", base64.StdEncoding.EncodeToString([]byte(s))) }

func dict(pairs ...note) note {
	list := []any{}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, []any{pairs[i], pairs[i+1]})
	}
	return tagged("$dict", list)
}

func dataclass(name string, pairs ...note) note {
	fields := dict(pairs...).(map[string]any)["$dict"]
	return tagged("$dataclass", map[string]any{"name": name, "fields": fields})
}

func pythonFloat(f float64) string { return string(pytext.AppendFloat(nil, f, 64)) }

// plain returns a note in the form that JSON decodes to: a []any for any slice, a
// json.Number for an int.
func plain(n note) note {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return parseNote(text)
}

func parseNote(text []byte) note {
	n, err := conformance.Note(text)
	if err != nil {
		panic(fmt.Sprintf("%v in %q", err, text))
	}
	return n
}

// canonical returns a text by which notes are compared: the order of a dict or a set
// makes no difference.
func canonical(n note) string {
	switch n := n.(type) {
	case string:
		return strconv.Quote(n)
	case []any:
		return "[" + strings.Join(canonicals(n), ",") + "]"
	case map[string]any:
		members := make([]string, 0, len(n))
		for _, key := range slices.Sorted(maps.Keys(n)) {
			members = append(members, strconv.Quote(key)+":"+canonicalMember(key, n[key]))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return fmt.Sprint(n) // nil, a bool or a number
}

func canonicals(items []any) []string {
	texts := make([]string, len(items))
	for i := range items {
		texts[i] = canonical(items[i])
	}
	return texts
}

func canonicalMember(key string, n note) string {
	items, isList := n.([]any)
	switch {
	case isList && (key == "$dict" || key == "$set" || key == "$frozenset"):
		texts := canonicals(items)
		slices.Sort(texts)
		return "[" + strings.Join(texts, ",") + "]"
	case key == "$float":
		f, _ := strconv.ParseFloat(fmt.Sprint(n), 64)
		return pythonFloat(f)
	}
	return canonical(n)
}

// values converts notes to Go values; a dict with text keys is a map[string]any.
var values = conformance.Notation{
	Set:       func(members []any) any { return conformance.Set(members) },
	FrozenSet: func(members []any) any { return ring.FrozenSet(conformance.Set(members)) },
	Dict:      loadDict,
	Other:     loadObject,
}

// load returns the Go value that a note stands for.
func load(n note) any { return values.Value(n) }

func loadAll(n note) []any { return values.Values(n) }

func loadDict(pairs [][2]any) any {
	dict, texts := conformance.Map(pairs), map[string]any{}
	for key, value := range dict {
		if s, ok := key.(string); ok {
			texts[s] = value
		}
	}
	if len(texts) == len(dict) {
		return texts
	}
	return dict
}

func loadObject(n *conformance.Notation, tag string, content any) any {
	switch tag {
	case "$dataclass":
		return loadClass(n, content.(map[string]any))
	case "$ringkey":
		return Keyed{content.(string)}
	case "$type":
		return classes[content.(string)]
	case "$ellipsis":
		return ring.Ellipsis
	}
	panic("unknown kind of note: " + tag)
}

func loadClass(n *conformance.Notation, arg map[string]any) any {
	v := reflect.New(classes[arg["name"].(string)]).Elem()
	for i, f := range arg["fields"].([]any) {
		value := reflect.ValueOf(n.Value(f.([]any)[1]))
		to := v.Field(i)
		switch {
		case !value.IsValid():
		case to.Kind() == reflect.Slice && value.Type() != to.Type():
			for _, item := range value.Interface().([]any) {
				to.Set(reflect.Append(to, reflect.ValueOf(item)))
			}
		default:
			to.Set(value)
		}
	}
	return v.Interface()
}

// dump returns the note of a Go value, the inverse of load.
func dump(v any) note {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case float64:
		return float(v)
	case []byte:
		return blob(string(v))
	case *big.Int:
		return dumpInt(v)
	case ring.Tuple:
		return tagged("$tuple", dumpAll(v))
	case *pickle.Set:
		items := []any{}
		for item := range v.All() {
			items = append(items, dump(item))
		}
		return tagged("$set", items)
	case map[any]struct{}:
		return tagged("$set", dumpAll(slices.Collect(maps.Keys(v))))
	}
	return dumpKind(reflect.ValueOf(v))
}

func dumpInt(i *big.Int) note {
	if new(big.Int).Abs(i).Cmp(big.NewInt(1<<53)) > 0 {
		return tagged("$int", i.String())
	}
	return json.Number(i.String())
}

func dumpAll(items []any) []any {
	notes := make([]any, len(items))
	for i := range items {
		notes[i] = dump(items[i])
	}
	return notes
}

func dumpKind(v reflect.Value) note {
	switch {
	case v.CanInt():
		return dumpInt(big.NewInt(v.Int()))
	case v.Kind() == reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = dump(v.Index(i).Interface())
		}
		return tagged("$list", items)
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		keys := slices.SortedFunc(maps.Keys(mapOf(v)), strings.Compare)
		pairs := []any{}
		for _, key := range keys {
			pairs = append(pairs, []any{key, dump(mapOf(v)[key])})
		}
		return tagged("$dict", pairs)
	case v.Kind() == reflect.Struct:
		fields := []note{}
		for i := range v.NumField() {
			fields = append(fields, v.Type().Field(i).Tag.Get("ring"), dump(v.Field(i).Interface()))
		}
		return dataclass(v.Type().Name(), fields...)
	}
	panic(fmt.Sprintf("no note for a %v", v.Type()))
}

func mapOf(v reflect.Value) map[string]any {
	m := map[string]any{}
	for it := v.MapRange(); it.Next(); {
		m[it.Key().String()] = it.Value().Interface()
	}
	return m
}
