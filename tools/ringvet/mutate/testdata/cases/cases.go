// Package cases has good and bad cases for the check mutate.
package cases

import (
	"slices"

	"github.com/redis/go-redis/v9"
	"github.com/ring-go/ring"
)

// User is a result.
type User struct{ Names []string }

func words(n int) []string { return make([]string, n) }

func counts(n int) map[string]int { return map[string]int{} }

func user(n int) *User { return &User{} }

func text(n int) string { return "" }

var (
	lists  = ring.Wrap(words, ring.Lru{})
	maps   = ring.Wrap(counts, ring.Dict{})
	users  = ring.Wrap(user, ring.Lru{})
	coded  = ring.Wrap(words, ring.Lru{Coder: "json"})
	client = redis.NewClient(&redis.Options{})
	remote = ring.Wrap(words, ring.Redis{Client: client, Coder: "json"})
)

func bad() {
	v, _ := lists.Call(1)
	list := v.([]string)
	list[0] = "a"     // want `this may change the cached result`
	slices.Sort(list) // want `this may change`
	m, _ := maps.Call(1)
	counts := m.(map[string]int)
	counts["a"]++       // want `this may change`
	delete(counts, "a") // want `this may change`
	u, _ := users.Get(1)
	got := u.(*User)
	got.Names[0] = "a" // want `this may change`
	got.Names = nil    // want `this may change`
}

func good() {
	v, _ := coded.Call(1)
	list := v.([]string)
	list[0] = "a"
	w, _ := remote.Call(1)
	other := w.([]string)
	other[0] = "a"
	x, _ := lists.Call(1)
	kept := slices.Clone(x.([]string))
	kept[0] = "a"
	again := x.([]string)
	again = append([]string{}, again...)
	again[0] = "b"
	e, _ := lists.Execute(1)
	fresh := e.([]string)
	fresh[0] = "a"
}
