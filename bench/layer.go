package main

import (
	"context"
	"reflect"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

// layers measures what a hit costs beyond the client, which answers at once and is given
// the key, and beyond the coder.
func layers() ([]row, error) {
	coder, _ := ring.DefaultRegistry.Get("json")
	data, err := coder.Encode(value)
	if err != nil {
		return nil, err
	}
	texts, coded := &stub{item: &memcache.Item{Value: []byte(value)}}, &stub{item: &memcache.Item{Value: data.([]byte)}}
	keys := make([]string, resident)
	for i, name := range names {
		keys[i] = "f:" + name
	}
	rows := []row{
		{name: "Redis", baseName: "Get of the client", beyond: 1300,
			ours: asks(ring.Wrap(fetch, ring.Redis{Client: echo{}, KeyPrefix: "f"})),
			base: loop(func(i int) (err error) {
				sink, err = echo{}.Get(background, keys[i&last]).Result()
				return err
			})},
		// Memcached has bytes, which become text, and rules for its keys.
		{name: "Memcached", baseName: "Get of the client", beyond: 2300,
			ours: asks(ring.Wrap(fetch, ring.Memcache{Client: texts, KeyPrefix: "f"})),
			base: loop(func(i int) error {
				item, err := texts.Get(keys[i&last])
				sink = string(item.Value)
				return err
			})},
		{name: "Memcached, json", baseName: "Get and decoding", beyond: 2100,
			ours: asks(ring.Wrap(fetch, ring.Memcache{Client: coded, KeyPrefix: "f", Coder: coder})),
			base: loop(func(i int) error {
				item, err := coded.Get(keys[i&last])
				if err == nil {
					sink, err = coder.Decode(item.Value, reflect.TypeFor[string]())
				}
				return err
			})},
	}
	for i := range rows {
		rows[i].over, rows[i].goal, rows[i].allocs = true, 400, 3
	}
	return rows, nil
}

var (
	background = context.Background()
	sink       any // keeps the compiler from leaving out what nobody reads
)

// asks is a loop of hits.
func asks(rope *ring.Rope) operation {
	return loop(func(i int) (err error) { sink, err = rope.Call(names[i&last]); return err })
}

// stub is a client of Memcached that answers at once.
type stub struct {
	ring.MemcacheClient
	item *memcache.Item
}

func (s *stub) Get(string) (*memcache.Item, error) { return s.item, nil }

// echo is a client of Redis that answers every look-up at once.
type echo struct{ redis.UniversalClient }

// Conn is the method of a client of a single server.
func (echo) Conn() *redis.Conn { return nil }

func (echo) Process(_ context.Context, cmd redis.Cmder) error {
	cmd.(*redis.StringCmd).SetVal(value)
	return nil
}

// Get makes and sends a command as the client of go-redis does.
func (e echo) Get(ctx context.Context, key string) *redis.StringCmd {
	cmd := redis.NewStringCmd(ctx, "get", key)
	_ = e.Process(ctx, cmd)
	return cmd
}
