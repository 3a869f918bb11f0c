package ring

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPartialKeysByEveryWay: recursion with the same key, which leaves out what ends it, by every way in every way.
func TestPartialKeysByEveryWay(t *testing.T) {
	inner := map[string]func(r *Rope, ctx context.Context, n, depth int) (any, error){
		"call":   func(r *Rope, ctx context.Context, n, depth int) (any, error) { return r.Call(n, depth) },
		"gou":    func(r *Rope, ctx context.Context, n, depth int) (any, error) { return r.GetOrUpdate(n, depth) },
		"update": func(r *Rope, ctx context.Context, n, depth int) (any, error) { return r.Update(n, depth) },
		"scalars": func(r *Rope, ctx context.Context, n, depth int) (any, error) {
			return r.Scalars().Call(n, depth)
		},
		"many": func(r *Rope, ctx context.Context, n, depth int) (any, error) {
			v, err := r.GetOrUpdateMany(Args{n, depth}, Args{n + 100, 0})
			if err != nil {
				return nil, err
			}
			return v[0], nil
		},
		"updmany": func(r *Rope, ctx context.Context, n, depth int) (any, error) {
			v, err := r.UpdateMany(Args{n, depth}, Args{n + 100, 0})
			if err != nil {
				return nil, err
			}
			return v[0], nil
		},
		"typed": func(r *Rope, ctx context.Context, n, depth int) (any, error) {
			return r.Func().(func(int, int) (int, error))(n, depth)
		},
		"long": func(r *Rope, ctx context.Context, n, depth int) (any, error) { return r.Call(int64(n), depth) },
	}
	for in, call := range inner {
		for out, outer := range inner {
			for _, shards := range []int{1, 4} {
				var dids [2]string
				for i := range dids {
					var r *Rope
					runs := 0
					r = Wrap(func(n, depth int) (int, error) {
						runs++
						if depth == 0 {
							return n * 1000, nil
						}
						v, err := call(r, nil, n, depth-1)
						if err != nil {
							return 0, err
						}
						return v.(int) + 1, nil
					}, Lru{MaxSize: 1000, Shards: shards, Options: Options{IgnorableKeys: []string{"depth"}}}, Signature("n, depth"))
					if i == 1 {
						r.dropPlans()
					}
					done := make(chan struct{})
					go func() {
						defer close(done)
						v, err := outer(r, nil, 7, 3)
						has, _, _ := r.Lookup(7, 0)
						dids[i] = fmt.Sprint(v, err, has, runs, r.values().Flights.Idle(), r.CacheInfo())
					}()
					select {
					case <-done:
					case <-time.After(5 * time.Second):
						t.Fatal("hangs ", in, out, i)
					}
				}
				require.Equal(t, dids[1], dids[0], "%s within %s", in, out)
			}
		}
	}
}
