package porting_test

import (
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring"
)

func runesOf(text string) int { return len([]rune(text)) }

func Example_memcached() {
	client := memcache.New(memcachedAddr)
	client.MaxIdleConns = 16 // as many as there are callers at a time
	defer client.Close()

	length := ring.Wrap(runesOf, ring.Memcache{Client: client, KeyPrefix: "length", Expire: time.Minute, Coder: "json"})

	for _, text := range []string{"ring", "a ring"} {
		v, err := length.Call(text)
		must(err)
		key, err := length.Key(text)
		must(err)
		item, err := client.Get(key)
		must(err)
		show(v, item.Value)
	}
	show(length.Key("ring"))
	show(length.Key("a ring")) // Memcached takes no blanks
	// Output:
	// 4 b'4'
	// 6 b'6'
	// length:ring
	// ring-sha1:ce24c76111b9f3143016d6816c4ae50414a1b2de
}
