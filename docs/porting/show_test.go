package porting_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/pytext"
)

// show prints what a call returned as Python's print does, on one line. An error that is
// nil is left out, any other stands for the rest.
func show(results ...any) {
	words := make([]string, 0, len(results))
	for i, r := range results {
		if err, ok := r.(error); ok && i == len(results)-1 {
			words = []string{"error: " + err.Error()}
			break
		}
		if r == nil && i > 0 && i == len(results)-1 {
			break
		}
		words = append(words, str(r))
	}
	fmt.Println(strings.Join(words, " "))
}

// str is Python's str.
func str(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return repr(reflect.ValueOf(v))
}

// repr is Python's repr of what the examples return.
func repr(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "None"
	case reflect.Interface, reflect.Pointer:
		return repr(v.Elem())
	case reflect.Bool:
		return string(pytext.AppendBool(nil, v.Bool()))
	case reflect.Float32, reflect.Float64:
		return string(pytext.AppendFloat(nil, v.Float(), 64))
	case reflect.String:
		return string(pytext.AppendString(nil, v.String()))
	case reflect.Slice:
		if b, ok := v.Interface().([]byte); ok {
			return string(pytext.AppendBytes(nil, b))
		}
		return reprList(v)
	case reflect.Map:
		return reprMap(v)
	}
	return fmt.Sprint(v.Interface())
}

func reprList(v reflect.Value) string {
	items := make([]string, v.Len())
	for i := range items {
		items[i] = repr(v.Index(i))
	}
	if _, ok := v.Interface().(ring.Tuple); ok {
		return "(" + strings.Join(items, ", ") + ")"
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func reprMap(v reflect.Value) string {
	var items []string
	for it := v.MapRange(); it.Next(); {
		items = append(items, repr(it.Key())+": "+repr(it.Value()))
	}
	slices.Sort(items)
	return "{" + strings.Join(items, ", ") + "}"
}

// must ends an example that cannot go on.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// tempDir is a directory that the caller removes.
func tempDir() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "porting")
	must(err)
	return dir, func() { must(os.RemoveAll(dir)) }
}
