package callable

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
)

// TestPythonLabels binds the calls of labels.jsonl. Where Python's ring and Python
// itself disagree, Python is right.
func TestPythonLabels(t *testing.T) {
	type line struct {
		Signature string
		Params    []conformance.Param
		Args      []conformance.Value
		Kwargs    conformance.Kwargs
		Labels    [][2]json.RawMessage
		Error     string
		Python    string
	}
	lines := conformance.Lines[line](t, "testdata/labels.jsonl")
	require.Len(t, lines, 640)
	for i, l := range lines {
		c, err := Inspect(conformance.Func(l.Params), &l.Signature)
		require.NoError(t, err, "line %d: %s", i+1, l.Signature)
		args, _ := conformance.Values(l.Args)
		values, _, err := c.Bind(Pack{Args: args, Kwargs: l.Kwargs.Go}, false)
		if l.Error != "" && l.Python != "ok" || l.Python == "TypeError" {
			assert.ErrorIs(t, err, fault.ErrArguments, "line %d: %v", i+1, conformance.Excerpt(l))
			continue
		}
		require.NoError(t, err, "line %d: %v", i+1, conformance.Excerpt(l))
		result, err := c.Call(t.Context(), values)
		require.NoError(t, err)
		for j, v := range result.([]any) {
			if l.Python == "ok" { // upstream refused, so there are no labels: **kw has the name
				continue
			}
			var name string
			var want conformance.Value
			require.NoError(t, json.Unmarshal(l.Labels[j][0], &name))
			require.NoError(t, json.Unmarshal(l.Labels[j][1], &want))
			assert.Equal(t, name, c.Params[j].Label(), "line %d", i+1)
			assert.Equal(t, normal(want.Go), normal(v), "line %d: %s", i+1, name)
		}
	}
}

func TestPositionalOnlyNameInKwargs(t *testing.T) {
	sig := "a, /, **kw"
	c, err := Inspect(func(a int, kw map[string]any) {}, &sig)
	require.NoError(t, err)
	values, _, err := c.Bind(Pack{Args: []any{1}, Kwargs: map[string]any{"a": 2}}, false)
	require.NoError(t, err)
	assert.Equal(t, []any{1, map[string]any{"a": 2}}, values)
}

// TestWording compares messages with those of CPython.
func TestWording(t *testing.T) {
	type call struct {
		sig    string
		fn     any
		args   []any
		kwargs map[string]any
		want   string
	}
	three := func(a, b, c any) {}
	for _, tt := range []call{
		{"a, b, c", three, nil, nil, "f() missing 3 required positional arguments: 'a', 'b', and 'c'"},
		{"a, b, c", three, []any{1}, nil, "f() missing 2 required positional arguments: 'b' and 'c'"},
		{"a, b, c", three, []any{1, 2}, nil, "f() missing 1 required positional argument: 'c'"},
		{"a, *, b, c", three, []any{1}, nil, "f() missing 2 required keyword-only arguments: 'b' and 'c'"},
		{"a, *, b=1, c=2", three, []any{1, 2}, nil, "f() takes 1 positional argument but 2 were given"},
		{"*, a=1, b=1, c=2", three, []any{1}, nil, "f() takes 0 positional arguments but 1 was given"},
		{"a, b, c=3", three, []any{1, 2, 3, 4}, nil, "f() takes from 2 to 3 positional arguments but 4 were given"},
		{"a, b, c", three, []any{1, 2, 3, 4}, nil, "f() takes 3 positional arguments but 4 were given"},
		{"a, b, c", three, []any{1, 2, 3}, map[string]any{"z": 1, "y": 2}, "f() got an unexpected keyword argument 'y'"},
		{"a, b, c", three, []any{1, 2, 3}, map[string]any{"a": 1}, "f() got multiple values for argument 'a'"},
		{"a, b, /, c", three, nil, map[string]any{"a": 1, "b": 2, "c": 3}, "f() got some positional-only arguments passed as keyword arguments: 'a, b'"},
	} {
		c, err := Inspect(tt.fn, &tt.sig)
		require.NoError(t, err)
		c.Short = "f"
		_, _, err = c.Bind(Pack{Args: tt.args, Kwargs: tt.kwargs}, false)
		assert.EqualError(t, err, "wrong arguments: "+tt.want)
	}

	c, err := Inspect(func(a int, b string) {}, nil)
	require.NoError(t, err)
	c.Short = "f"
	_, _, err = c.Bind(Pack{Args: []any{1}}, false)
	assert.EqualError(t, err, "wrong arguments: f() missing 1 required positional argument: number 2")
	_, _, err = c.Bind(Pack{Args: []any{1}, Kwargs: map[string]any{"b": "x"}}, false)
	assert.EqualError(t, err, "wrong arguments: f() takes no keyword arguments: its parameters have no names; give them with ring.Signature")
}

// normal makes the argument of a Go function comparable with a recorded value.
func normal(v any) any {
	switch v := v.(type) {
	case pyvalue.Tuple:
		return []any(v)
	case map[string]any:
		m := map[any]any{}
		for k := range v {
			m[k] = v[k]
		}
		return m
	}
	return v
}
