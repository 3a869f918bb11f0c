package ring

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/samples"
)

// notebook is a storage that never has a value and records the keys it was asked for.
type notebook struct{ asked []string }

func (n *notebook) GetValue(_ context.Context, key string) (any, error) {
	n.asked = append(n.asked, key)
	return nil, ErrNotFound
}

func (n *notebook) SetValue(context.Context, string, any, time.Duration) error { return nil }
func (n *notebook) DeleteValue(context.Context, string) error                  { return nil }

// TestShortWay: a Call that does not bind its arguments looks up the key that binding
// them makes, for every type of argument and every style.
func TestShortWay(t *testing.T) {
	random := samples.Random(rand.Uint64())
	short := 0
	for range 2000 {
		in := make([]reflect.Type, 1+random(3))
		args := make([]any, len(in))
		for i := range in {
			in[i], args[i] = random.Value()
		}
		runs := 0
		typ := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[int]()}, false)
		fn := reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value {
			runs++
			return []reflect.Value{reflect.ValueOf(runs)}
		})
		options := Options{KeyStyle: KeyStyle(random(3))}
		if random(4) == 0 {
			options.KeyRefactor = MemcacheKey
		}
		pages := &notebook{}
		// A key is made on the stack if there is room for its prefix and the rest.
		prefix := strings.Repeat("f", []int{1, 10, keytext.KeySize - 2, keytext.KeySize - 1, keytext.KeySize, 3 * keytext.KeySize}[random(6)])
		open := func(any) (Storage, error) { return pages, nil }
		noted, err := New(fn.Interface(), BaseFactory{StorageClass: open, KeyPrefix: prefix, Options: options})
		if err != nil {
			continue // a type without a key in this style
		}
		want, err := noted.ui.Key(&noted.Wire, ArgPack{Args: args})
		if err != nil {
			_, callErr := noted.Call(args...)
			require.ErrorIs(t, callErr, ErrKey)
			continue
		}
		_, err = noted.Call(args...)
		require.NoError(t, err)
		assert.Equal(t, []string{want}, pages.asked, "%v of %v", args, typ)
		if key, ok := noted.simpleKey(args); ok {
			short++
			assert.Equal(t, want, key)
		}

		cached := Wrap(fn.Interface(), Lru{KeyPrefix: prefix, Options: options})
		first, err := cached.Call(args...)
		require.NoError(t, err)
		second, err := cached.Call(args...)
		require.NoError(t, err)
		assert.Equal(t, first, second, "%v of %v", args, typ)
		typed := reflect.ValueOf(cached.Func()).Call(inputs(in, args))
		assert.Equal(t, first, typed[0].Interface(), "%v of %v", args, typ)
		if third, err := cached.Scalars().Call(args...); !errors.Is(err, ErrArguments) {
			require.NoError(t, err)
			assert.Equal(t, first, third, "%v of %v", args, typ)
		}
		has, err := cached.Has(args...)
		require.NoError(t, err)
		assert.True(t, has)
	}
	assert.Greater(t, short, 500)
}

// inputs returns args for a function of those types.
func inputs(types []reflect.Type, args []any) []reflect.Value {
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		in[i] = reflect.New(types[i]).Elem()
		if arg != nil {
			in[i].Set(reflect.ValueOf(arg))
		}
	}
	return in
}
