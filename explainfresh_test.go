package ring_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestExplainTellsTheStates: in which state a value is, and when that changes.
func TestExplainTellsTheStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring.Wrap(func(int) int { return 0 }, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{
			RefreshAhead: 10 * time.Second, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour,
		}}})
		assert.Empty(t, r.Explain(1).States)
		require.NoError(t, r.Set(7, 1))
		assert.Equal(t, []ring.ExplainedState{
			{State: "fresh"},
			{State: "due", In: 50 * time.Second},
			{State: "stale", In: time.Minute},
			{State: "spare", In: 2 * time.Minute},
			{State: "gone", In: time.Hour + time.Minute},
		}, r.Explain(1).States)
		assert.Contains(t, r.Explain(1).String(), "fresh, due in 50s, stale in 1m0s, spare in 2m0s, gone in 1h1m0s")
		time.Sleep(time.Minute)
		stale := []ring.ExplainedState{{State: "stale"}, {State: "spare", In: time.Minute}, {State: "gone", In: time.Hour}}
		assert.Equal(t, stale, r.Explain(1).States)
		require.NoError(t, r.Set(8, 1))
		require.NoError(t, r.MarkStale(1))
		assert.Equal(t, stale, r.Explain(1).States, "as if Expire had just passed")
		time.Sleep(time.Minute)
		require.NoError(t, r.MarkStale(1))
		assert.Equal(t, []ring.ExplainedState{{State: "spare"}, {State: "gone", In: time.Hour - time.Minute}}, r.Explain(1).States, "it never lengthens a life")
	})
}

// TestDoctorFindsDifferentGraces: ropes over the same keys should agree.
func TestDoctorFindsDifferentGraces(t *testing.T) {
	dict := map[string]any{}
	same := func(i int) int { return i }
	rope := func(f ring.Freshness) *ring.Rope {
		return ring.Wrap(same, ring.Dict{Obj: dict, KeyPrefix: "n", Expire: time.Minute, Options: ring.Options{Freshness: f}})
	}
	a, b := rope(ring.Freshness{StaleIfError: time.Hour}), rope(ring.Freshness{StaleWhileRevalidate: time.Hour})
	plain := rope(ring.Freshness{})
	graces := func(ropes ...*ring.Rope) (found []ring.Finding) {
		for _, f := range ring.Doctor(ropes...).Warnings() {
			if f.Kind == ring.GraceDiffers {
				found = append(found, f)
			}
		}
		return found
	}
	assert.Empty(t, graces(a, b))
	found := graces(a, b, plain)
	require.Len(t, found, 1)
	assert.Contains(t, found[0].String(), "GraceDiffers")
	assert.Equal(t, ring.Doctor(a, plain), ring.Doctor(plain, a))
}

// TestFreshnessThatMakesNoSense: New says what is wrong and what to do.
func TestFreshnessThatMakesNoSense(t *testing.T) {
	fn := func(i int) int { return i }
	refuses := func(text string, factory ring.Factory) error {
		t.Helper()
		_, err := ring.New(fn, factory)
		require.ErrorContains(t, err, text)
		return err
	}
	lru := func(f ring.Freshness) ring.Factory {
		return ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: f}}
	}
	refuses("StaleIfError is negative", lru(ring.Freshness{StaleIfError: -1}))
	for range 20 {
		refuses("RefreshAhead is negative", lru(ring.Freshness{RefreshAhead: -1, StaleIfError: -1, RunTimeout: -1}))
	}
	refuses("write 5*time.Second", lru(ring.Freshness{SoftTimeout: 5}))
	refuses("MaxRefreshes -1 are negative", lru(ring.Freshness{MaxRefreshes: -1}))
	refuses("no part from 0 to 1", lru(ring.Freshness{Jitter: 1.5}))
	refuses("not shorter than the shortest life of a value, 30s", lru(ring.Freshness{RefreshAhead: 30 * time.Second, Jitter: 0.5}))
	refuses("a SoftTimeout needs an old value", lru(ring.Freshness{SoftTimeout: time.Second}))
	for _, factory := range []ring.Factory{
		ring.Lru{Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Second}}},
		ring.Dict{Options: ring.Options{Freshness: ring.Freshness{RefreshAhead: time.Second}}},
		ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return ageless{}, nil }, KeyPrefix: "x", Expire: time.Minute,
			Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Second}}},
	} {
		assert.ErrorIs(t, refuses("Freshness", factory), errors.ErrUnsupported)
	}
	_, err := ring.New(fn, ring.Dict{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Second, CacheError: ring.CacheErrors(time.Second)}}})
	assert.NoError(t, err, "these need no expiry")
}

// ageless is a storage that cannot tell how old its values are.
type ageless struct{ ring.Storage }
