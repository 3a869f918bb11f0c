package ringdebug

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

type shape struct{ ID int }

func (s *shape) Area(side float64) float64 { return side * float64(s.ID) }

// TestShapes: every kind of rope has its pages: methods, functions of many results or of none,
// variadic ones, and those for many elements.
func TestShapes(t *testing.T) {
	one := func(n int) int { return n }
	for name, c := range map[string]struct {
		rope *ring.Rope
		args string
		typ  string
	}{
		"method":   {ring.Wrap((*shape).Area, ring.Lru{}), `[{"ID": 3}, 2]`, "func(*ringdebug.shape, float64) float64"},
		"results":  {ring.Wrap(func(n int) (int, string, error) { return n, "", nil }, ring.Lru{}), "[1]", "func(int) (int, string, error)"},
		"none":     {ring.Wrap(func() int { return 1 }, ring.Lru{}), "", "func() int"},
		"variadic": {ring.Wrap(func(ns ...int) int { return len(ns) }, ring.Lru{}), "[1, 2, 3]", "func(...int) int"},
		"typed":    {ring.Decorate1(&one, ring.Lru{}), "[1]", "func(int) int"},
		"batch": {ring.Wrap(func(context.Context, []int) (map[int]string, error) { return nil, nil }, ring.Lru{}, ring.Batch(ring.BatchOptions{})),
			"[1]", "func(context.Context, int) (string, error)"},
		"nothing": {ring.Wrap(func(n int) int { return n }, ring.Lru{Options: ring.Options{DefaultAction: ring.NoDefaultAction}}), "[1]", "func(int) int"},
	} {
		_, entries := known.list()
		id := ""
		for _, e := range entries {
			if _, r := known.find(e.ID); r == c.rope {
				id = e.ID
			}
		}
		require.NotEmpty(t, id, name)
		h := Handler(Options{Authorize: everything})
		for _, format := range []string{"html", "json", "text"} {
			w := ask(h, http.MethodGet, "/rope?format="+format+"&name="+url.QueryEscape(id))
			assert.Equal(t, 200, w.Code, name)
		}
		assert.Equal(t, c.typ, typeOf(c.rope), name)
		status, got := post(t, h, "/explain", id, c.args)
		assert.Equal(t, 200, status, name)
		assert.Empty(t, got.Error, name)
		kept = append(kept, c.rope)
	}
}
