package ring_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probed is what ringgen writes for a function of five parameters.
type probed struct {
	probe *ring.Probe
	fn    func(ctx context.Context, a int, b string, c bool, d uint8) (int, error)
}

func (p probed) call(ctx context.Context, a int, b string, c bool, d uint8) (int, error) {
	value, miss, ok := p.probe.Hit(&ctx, &a, &b, &c, &d)
	if !ok {
		return p.run(miss, ctx, a, b, c, d)
	}
	result, _ := value.(int)
	return result, nil
}

func (p probed) run(miss ring.Miss, ctx context.Context, a int, b string, c bool, d uint8) (int, error) {
	value, err := p.probe.Run(miss, func() (any, error) { return p.fn(ctx, a, b, c, d) }, &ctx, &a, &b, &c, &d)
	result, _ := value.(int)
	return result, err
}

func newProbed(c ring.Cached) (p probed) {
	p.probe, p.fn = ring.NewProbe[func(context.Context, int, string, bool, uint8) (int, error)](c)
	return p
}

func TestProbe(t *testing.T) {
	runs, failure := 0, errors.New("mine")
	r := ring.Wrap(func(ctx context.Context, a int, b string, c bool, d uint8) (int, error) {
		runs++
		if c {
			return a, failure
		}
		return a + len(b) + int(d), ctx.Err()
	}, ring.Lru{KeyPrefix: "p"})
	p := newProbed(r)
	for range 2 {
		v, err := p.call(t.Context(), 1, "x", false, 2)
		require.NoError(t, err)
		assert.Equal(t, 4, v)
	}
	assert.Equal(t, 1, runs)
	has, err := r.Has(1, "x", false, uint8(2))
	require.NoError(t, err)
	assert.True(t, has, "the key is that of the untyped form")

	v, err := p.call(t.Context(), 7, "x", true, 2)
	assert.Same(t, failure, err)
	assert.Equal(t, 7, v, "the result beside the function's own error")
}

func TestAllocationsOfProbedHits(t *testing.T) {
	p := newProbed(ring.Wrap(func(_ context.Context, a int, b string, c bool, d uint8) (int, error) { return a, nil }, ring.Lru{KeyPrefix: "p"}))
	ctx, n, s := t.Context(), 1_000_000+len(t.Name()), "of "+t.Name()
	call := func() { _, _ = p.call(ctx, n, s, true, 3) }
	call()
	assert.Zero(t, testing.AllocsPerRun(100, call))
}

func TestProbeOfABoundMethod(t *testing.T) {
	w := ring.Wrap((*counter).Add, ring.Lru{}).Bind(&counter{"a"})
	probe, fn := ring.NewProbe[func(int) int](w)
	assert.Nil(t, fn)
	for range 2 {
		n := 4
		value, miss, ok := probe.Hit(&n)
		if !ok {
			var err error
			value, err = probe.Run(miss, func() (any, error) { return nil, errors.New("never runs") }, &n)
			require.NoError(t, err)
		}
		assert.Equal(t, 5, value)
	}
}

func TestProbeRefusesOtherInputs(t *testing.T) {
	r := ring.Wrap(func(int, string) int { return 0 }, ring.Lru{KeyPrefix: "p"})
	probe, _ := ring.NewProbe[func(int, string) int](r)
	refusal := func(n int) string {
		return fmt.Sprintf("ring: probe %s: wrong arguments: the %d inputs are not pointers to those of func(int, string) int, in order", r.Config().Name, n)
	}
	n, s, wide := 1, "x", int64(1)
	for name, inputs := range map[string][]any{
		"a value": {n, &s}, "another type": {&wide, &s}, "one too few": {&n}, "a nil": {nil, &s}, "a nil pointer": {(*int)(nil), &s},
	} {
		assert.PanicsWithError(t, refusal(len(inputs)), func() { probe.Hit(inputs...) }, name)
		assert.PanicsWithError(t, refusal(len(inputs)), func() { _, _ = probe.Run(ring.Miss{}, nil, inputs...) }, name)
	}
	assert.Panics(t, func() { ring.NewProbe[func(int) int](r) })
}

func TestProbeOfAnotherWire(t *testing.T) {
	r := ring.Wrap((*counter).Add, ring.Lru{})
	probe, _ := ring.NewProbe[func(*counter, int) int](r)
	for _, w := range []*ring.Wire{r.Bind(&counter{"a"}), r.Bind(&counter{"a"}).WithContext(t.Context())} {
		n := 4
		bound := probe.Of(w)
		value, miss, ok := bound.Hit(&n)
		if !ok {
			var err error
			value, err = bound.Run(miss, nil, &n)
			require.NoError(t, err)
		}
		assert.Equal(t, 5, value)
	}
	assert.Equal(t, 1, r.CacheInfo().Hits)
	assert.Panics(t, func() { probe.Of(ring.Wrap((*counter).Add, ring.Lru{})) })
}
