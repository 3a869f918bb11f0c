// Package conformance reads recordings of Python, for tests.
//
// A recorded value is a note: its form in JSON, with numbers as json.Number. A value
// that JSON lacks is an object with one member whose name says what it is, such as
// {"$tuple": [1, 2]}.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lines decodes a file with one JSON document on each line.
func Lines[T any](t testing.TB, name string) []T {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	var all []T
	for decoder := json.NewDecoder(file); decoder.More(); {
		var v T
		require.NoError(t, decoder.Decode(&v), "%s, line %d", name, len(all)+1)
		all = append(all, v)
	}
	require.NotEmpty(t, all, name)
	return all
}

// Document decodes a file that is one JSON document, in which an any holds a note.
func Document(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, decode(data, into), name)
}

// Note reads the JSON of a note.
func Note(data []byte) (any, error) {
	var note any
	err := decode(data, &note)
	return note, err
}

func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// Excerpt returns the beginning of a decoded line, for messages.
func Excerpt(line any) string {
	text := fmt.Sprintf("%+v", line)
	return strings.ToValidUTF8(text[:min(len(text), 300)], "?")
}
