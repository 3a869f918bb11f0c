package ringtest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// fatal is a test that ends by a panic.
type fatal struct{ testing.TB }

func (f fatal) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func TestWrongRopes(t *testing.T) {
	good := ring.Wrap(func(n int) int { return n }, ring.Lru{})
	for name, change := range map[string]func(t testing.TB, ropes ...*ring.Rope){
		"Bypass": ringtest.Bypass, "Isolate": ringtest.Isolate, "Guard": ringtest.Guard,
	} {
		t.Run(name, func(t *testing.T) {
			assert.PanicsWithValue(t, "ringtest: rope 2 is nil: make it with ring.Wrap first", func() { change(fatal{t}, good, nil) })
			assert.PanicsWithValue(t, "ringtest: rope 1 was not made by ring: make it with ring.Wrap", func() { change(fatal{t}, &ring.Rope{}) })
		})
		assert.EqualValues(t, ring.CacheInfo{MaxSize: 128}, good.CacheInfo(), "nothing is left")
	}
}
