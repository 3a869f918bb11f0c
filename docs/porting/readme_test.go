package porting_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

func f(a, b int, args []any, kw map[string]any) string {
	return fmt.Sprint(a, b, args, kw)
}

func Example_readme() {
	client := newRedis()
	defer client.Close()

	r := ring.Wrap(f, ring.Redis{Client: client, Expire: time.Minute, Coder: "json"},
		ring.Signature("a, b=2, *args, **kw"))

	r.Call(1, 2)
	r.Call(1, ring.Kwargs{"b": 3})
	r.Key(1)
	r.Delete(1)
	r.GetMany(ring.Args{1, 2}, ring.Kwargs{"a": 1, "b": 4})
	r.Run("update", 1)

	key, err := r.Key(1)
	must(err)
	show(key[strings.LastIndexByte(key, '.')+1:])
	has, err := r.HasMany(ring.Args{1}, ring.Args{1, 3}, ring.Args{1, 4})
	show(has[0], has[1], has[2], err)
	// Output:
	// f:1:2:():
	// True True False
}
