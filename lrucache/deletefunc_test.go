package lrucache_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

func ExampleLruCache_DeleteFunc() {
	c := lrucache.New(128)
	c.Set("user:1", "ann", 0)
	c.Set("user:2", "bob", 0)
	c.Set("order:1", 100, 0)
	fmt.Println(c.DeleteFunc(func(key string) bool { return strings.HasPrefix(key, "user:") }))
	fmt.Println(c.Has("user:1"), c.Has("order:1"))
	// Output:
	// 2
	// false true
}

// TestDeleteFunc: it leaves the others where they are, however many there are.
func TestDeleteFunc(t *testing.T) { onBoth(t, deleteFunc) }

func deleteFunc(t *testing.T, create func(size int) *lrucache.LruCache) {
	for _, entries := range []int{0, 1, 4, 5, 100, 50_000} {
		now := time.Unix(0, 0)
		c := create(lrucache.Unbounded)
		c.Now = func() time.Time { return now }
		writes := c.Writes()
		want := 0
		for i := range entries {
			expire := time.Duration(0)
			if i%4 == 0 {
				expire = time.Second
			}
			c.Set(strconv.Itoa(i), i, expire)
			if i%2 == 1 {
				want++
			}
		}
		now = now.Add(time.Minute) // every other one of the even keys has expired
		assert.Equal(t, want, c.DeleteFunc(func(key string) bool { return strings.ContainsAny(key[len(key)-1:], "13579") }))
		for i := range entries {
			require.Equal(t, i%4 == 2, c.Has(strconv.Itoa(i)), i)
		}
		if entries > 1 {
			assert.True(t, c.WrittenSince("1", writes))
		}
		c.DeleteFunc(func(string) bool { return true })
		assert.Zero(t, c.Len())
		c.Set("a", 1, 0)
		assert.True(t, c.Has("a"))
	}
}

// TestDeleteFuncOfLongKeys: of those the cache does not know the text.
func TestDeleteFuncOfLongKeys(t *testing.T) {
	c := lrucache.New(10)
	c.Set(strings.Repeat("k", 5000), 1, 0)
	c.Set("k", 1, 0)
	var got []string
	assert.Equal(t, 1, c.DeleteFunc(func(key string) bool {
		got = append(got, key)
		return key == ""
	}))
	assert.ElementsMatch(t, []string{"", "k"}, got)
	assert.True(t, c.Has("k"))
}

// TestDeleteFuncThatPanics: neither the function nor the clock leaves the cache locked.
func TestDeleteFuncThatPanics(t *testing.T) {
	c := lrucache.New(10)
	c.Set("k", 1, 0)
	assert.Panics(t, func() { c.DeleteFunc(func(string) bool { panic("no") }) })
	assert.True(t, c.Has("k"))
	c.Set("l", 1, time.Hour)
	c.Now = func() time.Time { panic("no") }
	assert.Panics(t, func() { c.DeleteFunc(func(string) bool { return true }) })
	c.Now = nil
	assert.True(t, c.Has("l"))
}
