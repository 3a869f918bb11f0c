package ringdebug

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestValueText: a value is written as Go does, but neither a large one nor one without an end.
func TestValueText(t *testing.T) {
	assert.Equal(t, "<nil>", valueText(nil))
	assert.Equal(t, "&{X:1 Y:2 Tags:[a]}", valueText(&point{1, 2, []string{"a"}}))
	assert.Equal(t, "map[a:1]", valueText(map[string]any{"a": 1}))
	assert.Equal(t, "[1 x]", valueText(ring.Tuple{1, "x"}))
	itself := map[string]any{}
	itself["itself"] = itself
	list := []any{nil}
	list[0] = list
	for _, value := range []any{itself, list, &list, make([]int, 1_000_000), strings.Repeat("x", 1_000_000), map[int]string{1: strings.Repeat("x", maxParts)}} {
		assert.Contains(t, valueText(value), "too large")
	}
}

// TestUpdateOfAValueThatContainsItself: the page says what it is, and the program goes on.
func TestUpdateOfAValueThatContainsItself(t *testing.T) {
	name := own("itself")
	r := ring.Wrap(func() any { list := []any{nil}; list[0] = list; return list }, ring.Lru{}, ring.Name(name))
	w := ask(Handler(Options{Authorize: everything, Writes: true}), "POST", "/update", with(url.Values{"name": {name}, "args": {"[]"}}))
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Body.String(), "a []interface {}, which is too large")
	kept = append(kept, r)
}

// badError has no text if it is nil.
type badError struct{ text string }

func (e *badError) Error() string { return e.text }

// TestEventWhoseErrorPanics: the page of its rope is there all the same.
func TestEventWhoseErrorPanics(t *testing.T) {
	name := own("bad")
	r := ring.Wrap(func(int) (int, error) { return 0, errors.Join((*badError)(nil)) }, ring.Lru{Expire: time.Hour, Options: ring.Options{
		OnError: func(context.Context, *ring.Error) {}, Freshness: ring.Freshness{StaleIfError: time.Hour},
	}}, ring.Name(name))
	require.NoError(t, r.Set(1, 1))
	require.NoError(t, r.MarkStale(1))
	_, err := r.Call(1)
	require.NoError(t, err)
	require.Len(t, r.Events(), 1)
	for _, format := range []string{"html", "json", "text"} {
		path := "/rope?format=" + format + "&name=" + name
		assert.Contains(t, ask(Handler(Options{Authorize: pagesOnly}), "GET", path).Body.String(), "refresh failed")
		assert.Contains(t, ask(Handler(Options{Authorize: everything}), "GET", path).Body.String(), "PANIC")
	}
	kept = append(kept, r)
}
