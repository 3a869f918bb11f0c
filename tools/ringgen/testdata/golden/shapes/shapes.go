// Package shapes has a rope for each shape that a function can have.
package shapes

//go:generate go tool ringgen

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

func none() int                              { return 4 }
func noneFails(context.Context) (int, error) { return 4, nil }
func one(n int) int                          { return n + 1 }
func oneFails(n int) (int, error)            { return n, failure(n) }
func text(s string) string                   { return s + "!" }
func bytesOf(b []byte) int                   { return len(b) }
func table(m map[string]int) int             { return len(m) }
func anything(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return ""
}
func pointer(p *int) bool             { return p == nil }
func record(p point) point            { return point{p.Y, p.X} }
func array(a [3]uint8) uint8          { return a[1] }
func duration(d time.Duration) string { return d.String() }
func two(a int8, b float64) float64   { return float64(a) + b }
func inContext(_ context.Context, s string) (string, error) {
	return s, nil
}
func three(a string, b, c bool) string { return a + yes(b) + yes(c) }
func four(ctx context.Context, a int, b uint64, c string) (point, error) {
	return point{a, len(c)}, ctx.Err()
}
func five(a, b, c, d, e int) int { return a - b + c - d + e }
func six(ctx context.Context, a int, b string, c []int, d point, e bool) (*point, error) {
	return &point{a, len(b)}, nil
}
func rest(prefix string, n ...int) int                 { return len(prefix) + len(n) }
func restOnly(words ...string) string                  { return strings.Join(words, "-") }
func restAny(_ context.Context, v ...any) (int, error) { return len(v), nil }
func nothing(n int)                                    {}
func nothingFails(n int) error                         { return failure(n) }
func pair(n int) (int, string)                         { return n, "n" }
func pairFails(n int, s string) (double int, trimmed string, err error) {
	return 2 * n, strings.TrimSpace(s), failure(n)
}
func dynamic(n int) any                      { return n }
func unnamed(int, string) bool               { return true }
func blank(_ int, _ string) bool             { return true }
func generic[T any, U ~[]T](list U, n int) U { return list[:min(len(list), max(n, 0))] }

type point struct{ X, Y int }

func (p point) Add(q point) point                              { return point{p.X + q.X, p.Y + q.Y} }
func (p *point) Scale(ctx context.Context, n int) (int, error) { return p.X * n, nil }

func yes(b bool) string {
	if b {
		return "y"
	}
	return "n"
}

var errNegative = errors.New("negative")

func failure(n int) error {
	if n < 0 {
		return errNegative
	}
	return nil
}

var (
	noneRope      = NewNoneRope(ring.Wrap(none, ring.Lru{}))
	noneFailsRope = NewNoneFailsRope(ring.Wrap(noneFails, ring.Lru{}))
	oneRope       = NewOneRope(ring.Wrap(one, ring.Lru{}))
	oneFailsRope  = NewOneFailsRope(ring.Wrap(oneFails, ring.Lru{}))
	textRope      = NewTextRope(ring.Wrap(text, ring.Lru{}))
	bytesRope     = NewBytesRope(ring.Wrap(bytesOf, ring.Lru{}))
	tableRope     = NewTableRope(ring.Wrap(table, ring.Lru{}))
	anythingRope  = NewAnythingRope(ring.Wrap(anything, ring.Lru{}))
	pointerRope   = NewPointerRope(ring.Wrap(pointer, ring.Lru{}))
	recordRope    = NewRecordRope(ring.Wrap(record, ring.Lru{}))
	arrayRope     = NewArrayRope(ring.Wrap(array, ring.Lru{}))
	durationRope  = NewDurationRope(ring.Wrap(duration, ring.Lru{}))
	twoRope       = NewTwoRope(ring.Wrap(two, ring.Lru{}))
	inContextRope = NewInContextRope(ring.Wrap(inContext, ring.Lru{}))
	threeRope     = NewThreeRope(ring.Wrap(three, ring.Lru{}))
	fourRope      = NewFourRope(ring.Wrap(four, ring.Lru{}))
	fiveRope      = NewFiveRope(ring.Wrap(five, ring.Lru{}))
	sixRope       = NewSixRope(ring.Wrap(six, ring.Lru{}))
	restRope      = NewRestRope(ring.Wrap(rest, ring.Lru{}))
	restOnlyRope  = NewRestOnlyRope(ring.Wrap(restOnly, ring.Lru{}))
	restAnyRope   = NewRestAnyRope(ring.Wrap(restAny, ring.Lru{}))
	nothingRope   = NewNothingRope(ring.Wrap(nothing, ring.Lru{}))
	failsRope     = NewFailsRope(ring.Wrap(nothingFails, ring.Lru{}))
	pairRope      = NewPairRope(ring.Wrap(pair, ring.Lru{}))
	pairFailsRope = NewPairFailsRope(ring.Wrap(pairFails, ring.Lru{}))
	dynamicRope   = NewDynamicRope(ring.Wrap(dynamic, ring.Lru{}))
	unnamedRope   = NewUnnamedRope(ring.Wrap(unnamed, ring.Lru{}))
	blankRope     = NewBlankRope(ring.Wrap(blank, ring.Lru{}))
	genericRope   = NewGenericRope(ring.Wrap(generic[int, []int], ring.Lru{KeyPrefix: "g"}))
	addRope       = NewAddRope(ring.Wrap(point.Add, ring.Lru{}))
	scaleRope     = NewScaleRope(ring.Wrap((*point).Scale, ring.Lru{}))
)
