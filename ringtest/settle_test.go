package ringtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// TestSettle: afterwards the renewal that a call has started is stored.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r := ring.Wrap(func() int {
			runs++
			time.Sleep(time.Second)
			return runs
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}})
		for want := 1; want < 4; want++ {
			value, err := r.Call()
			require.NoError(t, err)
			assert.Equal(t, max(want-1, 1), value)
			ringtest.Settle(t)
			value, err = r.Get()
			require.NoError(t, err)
			assert.Equal(t, want, value)
			require.NoError(t, r.MarkStale())
		}
		ringtest.Settle(t) // there is nothing to wait for
	})
}
