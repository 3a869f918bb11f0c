// Package names has functions and ropes whose names are odd.
package names

//go:generate go tool ringgen

import (
	stdcontext "context"
	"net/url"
	"strconv"
	"time"

	"github.com/ring-go/ring"

	"example.com/golden/foreign/other/context"
)

// odd has parameters with the names of whatever a method could need.
func odd(ring int, r, value string, ok bool, err error, result []int, any int, string2 string) (append bool, nil error) {
	return ok, nil
}

// clash has two packages of one name, and a parameter with the name of both.
func clash(context stdcontext.Context, c context.Context, string string, from time.Duration) int {
	return c.N
}

// words has */ a comment
//
//go:noinline
func words(lambda, _, in_ string, class map[string]int) (int, error) { return len(lambda), nil }

type secret struct{ N int }

func hidden(s secret) (secret, error) { return secret{s.N + 1}, nil }

// search has all kinds of parameters.
func search(ctx stdcontext.Context, text string, tags []string, limit int, exact bool, unit *string, ratio float64, more map[string]int) (int, error) {
	return limit + len(tags) + len(more), nil
}

var decorated = func(n int) int { return 2 * n }

var (
	oddRope     = NewOddRope(ring.Wrap(odd, ring.Lru{}))
	clashRope   = NewClashRope(ring.Wrap(clash, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"string"}}}))
	wordsRope   = NewWordsRope(ring.Wrap(words, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"lambda_"}}}))
	hiddenRope  = NewHiddenRope(ring.Wrap(hidden, ring.Lru{}))
	getRope     = NewGetRope(ring.Wrap(context.Get, ring.Lru{}))
	atoiRope    = NewAtoiRope(ring.Wrap(strconv.Atoi, ring.Lru{}))
	parseRope   = NewParseRope(ring.Wrap(url.Parse, ring.Lru{}, ring.Signature("text")))
	searchRope  = NewSearchRope(ring.Wrap(search, ring.Lru{}, ring.Signature("text, /, *tags, limit=10, exact=True, unit=None, ratio=0.5, **more")))
	literalRope = NewLiteralRope(ring.Wrap(func(n int) int { return n + 3 }, ring.Lru{}))
	doubled     = NewDoubledRope(ring.Decorate1(&decorated, ring.Lru{}))
)

// plain is without a constructor.
var plain = ring.Wrap(hidden, ring.Lru{})

// inner, rope are the results of Typed.
var inner, typedRope = ring.Typed(hidden, ring.Lru{})

// Service has ropes in its fields.
type Service struct {
	load    LoadRope
	raw     *ring.Rope
	offset  int
	private *ring.Rope
}

// NewService makes ropes of method values.
func NewService(offset int) (*Service, error) {
	s := &Service{offset: offset}
	s.load = NewLoadRope(ring.Wrap(s.fetch, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"trace"}}}))
	rope, err := ring.New(s.size, ring.Lru{})
	if err != nil {
		return nil, err
	}
	s.raw = rope
	_ = NewSizeRope(rope)
	//ringgen:ignore it has no type
	s.private = ring.Wrap(any(hidden), ring.Lru{})
	return s, nil
}

// fetch calls NewService, which makes its rope.
func (s *Service) fetch(key string, trace int) (int, error) {
	if key == "again" {
		other, err := NewService(trace)
		return other.offset, err
	}
	return s.offset + len(key), nil
}

func (s *Service) size(key string) int { return s.offset + len(key) }
