package keytext

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReader: a set has the keys of the calls, and not those of longer prefixes where the
// types tell them apart.
func TestReader(t *testing.T) {
	reader := func(style Rules, types ...reflect.Type) *Reader {
		params := make([]Param, len(types))
		for i, typ := range types {
			params[i] = Param{Type: typ, At: i, What: "it"}
		}
		k, err := NewPlan(params, style, "app:f")
		require.NoError(t, err)
		return NewReader(NewKeySet(k))
	}
	integer, text := reflect.TypeFor[int](), reflect.TypeFor[string]()
	for _, c := range []struct {
		reader *Reader
		in     []string
		out    []string
	}{
		{reader(Rules{}), []string{"app:f"}, []string{"", "app", "app:f:", "app:f:1", "app:f2"}},
		{reader(Rules{}, integer), []string{"app:f:1", "app:f:-12"}, []string{"app:f", "app:f2:1", "app:f:x:1", "app:f:1:2", "app:f:"}},
		{reader(Rules{}, text), []string{"app:f:", "app:f:x", "app:f:x:1", "app:f:é"}, []string{"app:f", "app:f2:x"}},
		{reader(Rules{}, text, text), []string{"app:f:a:b", `app:f:a\:b:c`}, []string{"app:f:a", "app:fa:b"}},
		{reader(Rules{}, reflect.TypeFor[bool]()), []string{"app:f:True", "app:f:False"}, []string{"app:f:1"}},
		{reader(Rules{Python: true}, integer, text), []string{"app:f:1:x:y"}, []string{"app:f:x:y"}},
	} {
		for range 2 { // a reader can be used again
			for _, key := range c.in {
				assert.True(t, c.reader.Contains(key), key)
			}
			for _, key := range c.out {
				assert.False(t, c.reader.Contains(key), key)
			}
		}
	}
}

// TestDecoded undoes what an encoding has done.
func TestDecoded(t *testing.T) {
	for _, name := range []string{"", "utf-8", "latin-1", "ISO-8859-1"} {
		encode, err := FindEncoding(name)
		require.NoError(t, err)
		key := "é:ü\u00ff:a"
		if encode != nil {
			key, err = encode(key)
			require.NoError(t, err)
		}
		assert.Equal(t, "é:ü\u00ff:a", Decoded(name, key), name)
	}
}
