package conformance

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/ring-go/ring/pickle"
)

// Notation turns notes into Go values. Numbers, text, bytes, times, lists and tuples
// are the same for all tests; each test decides about the rest. A note that cannot be
// read is a panic: the files are our own.
type Notation struct {
	Set, FrozenSet func(members []any) any
	Dict           func(pairs [][2]any) any

	// Other reads the tags that Notation does not know.
	Other func(n *Notation, tag string, content any) any
}

// Natural makes the same values as package pickle.
var Natural = Notation{
	Set:       func(members []any) any { return pickle.NewSet(members...) },
	FrozenSet: func(members []any) any { return pickle.NewFrozenSet(members...) },
	Dict: func(pairs [][2]any) any {
		dict := pickle.NewDict()
		for _, pair := range pairs {
			dict.Set(pair[0], pair[1])
		}
		return dict
	},
	Other: func(_ *Notation, tag string, _ any) any { panic("unknown tag " + tag) },
}

// Value returns the value that a note stands for.
func (n *Notation) Value(note any) any {
	switch note := note.(type) {
	case json.Number:
		if strings.Contains(string(note), ".") {
			return parseFloat(string(note))
		}
		return parseInt(string(note))
	case map[string]any:
		tag, content := Tag(note)
		return n.tagged(tag, content)
	}
	return note
}

// Tag takes a note apart that is an object. For any other note the tag is "".
func Tag(note any) (tag string, content any) {
	object, _ := note.(map[string]any)
	for tag, content := range object {
		return tag, content
	}
	return "", nil
}

// Values returns the values of a list of notes.
func (n *Notation) Values(notes any) []any {
	values := []any{}
	for _, note := range notes.([]any) {
		values = append(values, n.Value(note))
	}
	return values
}

// Pairs returns the values of a list of pairs of notes.
func (n *Notation) Pairs(notes any) [][2]any {
	pairs := [][2]any{}
	for _, note := range notes.([]any) {
		pairs = append(pairs, [2]any(n.Values(note)))
	}
	return pairs
}

func (n *Notation) tagged(tag string, content any) any {
	switch tag {
	case "$int":
		return parseInt(content.(string))
	case "$float":
		return parseFloat(content.(string))
	case "$bytes":
		return must(base64.StdEncoding.DecodeString(content.(string)))
	case "$datetime":
		return must(time.Parse("2006-01-02T15:04:05.999999", content.(string)))
	case "$list":
		return n.Values(content)
	case "$tuple":
		return pickle.Tuple(n.Values(content))
	case "$set":
		return n.Set(n.Values(content))
	case "$frozenset":
		return n.FrozenSet(n.Values(content))
	case "$dict":
		return n.Dict(n.Pairs(content))
	}
	return n.Other(n, tag, content)
}

// parseInt returns an int if the number fits, else a *big.Int.
func parseInt(text string) any {
	if i, err := strconv.Atoi(text); err == nil {
		return i
	}
	i, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic("not an int: " + text)
	}
	return i
}

func parseFloat(text string) float64 { return must(strconv.ParseFloat(text, 64)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
