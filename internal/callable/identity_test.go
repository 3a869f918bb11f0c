package callable

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIdentity(t *testing.T) {
	const pkg = "github.com/ring-go/ring/internal/callable."
	s := shop{"s"}
	type namer interface{ Price(int) int }
	local := func(n int) int { return inlined(n) }
	for _, tt := range []struct {
		fn               any
		name, short      string
		stable, receiver bool
	}{
		{strconv.Itoa, "strconv.Itoa", "Itoa", true, false},
		{inlined, pkg + "inlined", "inlined", true, false},
		{shop.Price, pkg + "shop.Price", "shop.Price", true, true},
		{(*shop).Price, pkg + "shop.Price", "shop.Price", true, true},
		{(*shop).Sell, pkg + "shop.Sell", "shop.Sell", true, true},
		{outerShop.Price, pkg + "outerShop.Price", "outerShop.Price", true, true},
		{time.Time.Add, "time.Time.Add", "Time.Add", true, true},
		{(*strings.Builder).Len, "strings.Builder.Len", "Builder.Len", true, true},
		{s.Price, pkg + "shop.Price-fm", "shop.Price-fm", false, false},
		{s.Sell, pkg + "(*shop).Sell-fm", "(*shop).Sell-fm", false, false},
		{local, pkg + "TestIdentity.func1", "TestIdentity.func1", false, false},
		{packageLevel, pkg + "init.func1", "", false, false},
		{func(s shop, n int) int { return n }, pkg + "TestIdentity.func2", "TestIdentity.func2", false, false},
		{generic[int], pkg + "generic[...]", "generic[...]", false, false},
		{box[int].Get, pkg + "box.Get", "box.Get", false, true},
	} {
		got := Identify(reflect.ValueOf(tt.fn))
		if tt.short != "" {
			assert.Equal(t, tt.short, got.Short, tt.name)
			assert.Equal(t, tt.name, got.Name)
		}
		assert.Equal(t, tt.stable, got.Stable, tt.name)
		assert.Equal(t, tt.receiver, got.Receiver, tt.name)
	}
	localType := Identify(reflect.ValueOf(namer.Price))
	assert.True(t, localType.Receiver)
	assert.False(t, localType.Stable, "another function can have a type of that name")
	made := reflect.MakeFunc(reflect.TypeOf(inlined), func(in []reflect.Value) []reflect.Value { return in })
	assert.False(t, Identify(made).Stable)
	assert.False(t, Identify(reflect.ValueOf(s).Method(0)).Stable)
}

// TestRangeOverFunc: the body of such a loop is a closure, whatever it is called.
func TestRangeOverFunc(t *testing.T) {
	sequence := func(yield func(int) bool) {
		assert.False(t, Identify(reflect.ValueOf(yield)).Stable)
		yield(1)
	}
	for range sequence {
		break
	}
}

type shop struct{ name string }

func (s shop) RingKey() string { return s.name }

func (s shop) Price(n int) int { return n }

func (s *shop) Sell(ctx context.Context, n int) (int, error) { return n, ctx.Err() }

func generic[T any](v T) T { return v }

func inlined(n int) int { return n + 1 }

type box[T any] struct{ V T }

func (b box[T]) RingKey() string { return fmt.Sprint(b.V) }

func (b box[T]) Get(n int) T { return b.V }

var packageLevel = func(n int) int { return inlined(n) }

type outerShop struct{ shop }

// TestIdentitiesGoWithTheirFunctions: the registry keeps no function alive, and no
// identity of one that is gone.
func TestIdentitiesGoWithTheirFunctions(t *testing.T) {
	remembered := func() int {
		Decorated.mu.Lock()
		defer Decorated.mu.Unlock()
		return len(Decorated.entries)
	}
	before := remembered()
	for range 100 {
		fn := reflect.MakeFunc(reflect.TypeOf(inlined), func(in []reflect.Value) []reflect.Value { return in })
		Decorated.Add(fn, Identity{Name: "f"})
		require.Equal(t, "f", Identify(fn).Name)
	}
	for range 1000 {
		if runtime.GC(); remembered() <= before {
			break
		}
		time.Sleep(time.Millisecond) // the cleanups run in a goroutine of the runtime
	}
	assert.LessOrEqual(t, remembered(), before)
}
