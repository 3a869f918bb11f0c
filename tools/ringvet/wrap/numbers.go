package wrap

import (
	"errors"
	"go/constant"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// trials put one constant into a factory that is good otherwise.
var trials = []struct {
	path []string
	of   func(constant.Value) (ring.Lru, bool)
}{
	{[]string{"Expire"}, number(func(n int64) ring.Lru { return ring.Lru{Expire: time.Duration(n)} })},
	{[]string{"MaxSize"}, number(func(n int64) ring.Lru { return ring.Lru{MaxSize: int(min(n, 0))} })},
	{[]string{"Shards"}, number(func(n int64) ring.Lru { return ring.Lru{Shards: int(min(n, 0))} })},
	{[]string{"Options", "StorageTimeout"}, number(func(n int64) ring.Lru {
		return ring.Lru{Options: ring.Options{StorageTimeout: time.Duration(n)}}
	})},
	{[]string{"Options", "KeyEncoding"}, text(func(s string) ring.Lru { return ring.Lru{Options: ring.Options{KeyEncoding: s}} })},
}

func number(of func(int64) ring.Lru) func(constant.Value) (ring.Lru, bool) {
	return func(v constant.Value) (ring.Lru, bool) {
		n, exact := constant.Int64Val(constant.ToInt(v))
		return of(n), exact
	}
}

func text(of func(string) ring.Lru) func(constant.Value) (ring.Lru, bool) {
	return func(v constant.Value) (ring.Lru, bool) {
		if v.Kind() != constant.String {
			return ring.Lru{}, false
		}
		return of(constant.StringVal(v)), true
	}
}

// numbers asks the library about the constants of a factory, one by one.
func (c *check) numbers(f *ropes.Factory) {
	if f == nil {
		return
	}
	for _, trial := range trials {
		v, at, known := f.Constant(trial.path...)
		if !known || v == nil {
			continue
		}
		lru, ok := trial.of(v)
		if !ok {
			continue
		}
		if _, err := ring.New(func(int) int { return 0 }, lru); err != nil {
			c.Find(at, "%v", cause(err))
		}
	}
	for _, name := range []string{"MaxSize", "Shards"} {
		v, at, known := f.Constant(name)
		if f.Name == "Lru" && known && v != nil && constant.Sign(v) != 0 && !f.MayBeZero("Lru") {
			c.Find(at, "%s is that of a new cache, and Lru is one already: give it to the one who makes the cache", name)
		}
	}
}

func cause(err error) error {
	var e *ring.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
