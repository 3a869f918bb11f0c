package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

// factoryFor is the one line that differs between the places to cache in. The values
// live for an hour; servers keep them as JSON.
func factoryFor(ctx context.Context, backend string) (ring.Factory, error) {
	if backend == "" {
		return ring.Lru{MaxSize: ring.Unbounded, Expire: time.Hour, KeyPrefix: "summary"}, nil
	}
	u, err := url.Parse(backend)
	if err != nil {
		return nil, fmt.Errorf("the backend: %w", err)
	}
	switch u.Scheme {
	case "redis":
		client, err := dialRedis(ctx, u)
		if err != nil {
			return nil, err
		}
		return ring.RedisPy{Client: client, Expire: time.Hour, KeyPrefix: "summary", Coder: "json"}, nil
	case "redis-hash":
		client, err := dialRedis(ctx, u)
		if err != nil {
			return nil, err
		}
		key := strings.TrimPrefix(u.Path, "/")
		if key == "" {
			key = "ring"
		}
		return ring.RedisPyHash{Client: client, HashKey: key, KeyPrefix: "summary", Coder: "json"}, nil
	case "memcached":
		client := memcache.New(u.Host)
		if err := client.Ping(); err != nil {
			return nil, fmt.Errorf("no Memcached answers at %s: %w\nstart one: memcached -p %s", u.Host, err, u.Port())
		}
		return ring.Memcache{Client: client, Expire: time.Hour, KeyPrefix: "summary", Coder: "json"}, nil
	}
	return nil, fmt.Errorf("the backend %q is none of redis://…, redis-hash://… and memcached://…", backend)
}

func dialRedis(ctx context.Context, u *url.URL) (*redis.Client, error) {
	client := redis.NewClient(&redis.Options{Addr: u.Host, DialerRetries: 1})
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("no Redis answers at %s: %w\nstart one: redis-server --port %s", u.Host, err, u.Port())
	}
	return client, nil
}
