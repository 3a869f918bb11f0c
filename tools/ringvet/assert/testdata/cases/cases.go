// Package cases has good and bad cases for the check assert.
package cases

import (
	"time"

	"github.com/ring-go/ring"
)

func size(path string) (int64, error) { return int64(len(path)), nil }

func anything(n int) any { return n }

func pair(n int) (int, string) { return n, "" }

func list(n int) []interface{} { return nil }

// Summary is a result.
type Summary struct{ Lines int }

func summarize(path string) (*Summary, error) { return &Summary{1}, nil }

var (
	sizes     = ring.Wrap(size, ring.Lru{})
	summaries = ring.Wrap(summarize, ring.Lru{})
	things    = ring.Wrap(anything, ring.Lru{})
	pairs     = ring.Wrap(pair, ring.Lru{})
	lists     = ring.Wrap(list, ring.Lru{})
	missing   = ring.Wrap(size, ring.Lru{Options: ring.Options{MissValue: "none"}})
	keys      = ring.Wrap(size, ring.Lru{Options: ring.Options{DefaultAction: "key"}})
)

func bad() {
	v, _ := sizes.Call("a")
	_ = v.(int)         // want `the function returns int64, so that an assertion to int never holds`
	n, ok := v.(string) // want `the function returns int64, so that an assertion to string never holds`
	_, _ = n, ok
	_ = v.(time.Duration) // want `an assertion to time.Duration never holds`

	s, _, _ := summaries.Lookup("a")
	_ = s.(Summary) // want `the function returns \*cases.Summary, so that an assertion to cases.Summary never holds`
	switch s.(type) {
	case Summary, // want `the case cases.Summary never holds`
		*Summary, nil:
	}

	_, _, _ = ring.As[int](sizes.Get("a")) // want `the function returns int64, so that As\[int\] is always an error`
}

func good() {
	v, _ := sizes.Call("a")
	_ = v.(int64)
	s, _ := summaries.Call("a")
	_ = s.(*Summary)
	t, _ := things.Call(1)
	_ = t.(int)
	_ = t.(string)
	p, _ := pairs.Call(1)
	_ = p.(ring.Tuple)
	l, _ := lists.Call(1)
	_ = l.([]any)
	m, _ := missing.Get("a")
	_ = m.(string)
	k, _ := keys.Call("a")
	_ = k.(string)

	x, _ := sizes.Call("a")
	x, _ = keys.Call("a")
	_ = x.(string)
	switch v := v.(type) {
	case nil, int64, error:
		_ = v
	}
	_, _, _ = ring.As[int64](sizes.Get("a"))
	_, _, _ = ring.As[any](sizes.Get("a"))
}

func generic[T any]() {
	v, _ := sizes.Call("a")
	_ = v.(T)
}
