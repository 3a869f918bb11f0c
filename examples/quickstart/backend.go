package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/shelve"
)

// factoryFor is the only part that depends on where the values are kept. Values live for
// an hour where there is an expiry; servers keep them as JSON, files as pickles. Call
// close in the end.
func factoryFor(ctx context.Context, backend string) (factory ring.Factory, close func() error, err error) {
	nothing := func() error { return nil }
	switch scheme, path, _ := strings.Cut(backend, ":"); {
	case backend == "":
		return ring.Lru{MaxSize: ring.Unbounded, Expire: time.Hour, KeyPrefix: "summary"}, nothing, nil
	case scheme == "shelve":
		shelf, err := shelve.Open(path, nil)
		if err != nil {
			return nil, nil, err
		}
		return ring.Shelve{Shelf: shelf, KeyPrefix: "summary"}, shelf.Close, nil
	case scheme == "disk":
		cache, err := diskcache.Open(path, nil)
		if err != nil {
			return nil, nil, err
		}
		return ring.DiskCache{Obj: cache, Expire: time.Hour, KeyPrefix: "summary"}, cache.Close, nil
	}
	factory, err = serverFactory(ctx, backend)
	return factory, nothing, err
}

func serverFactory(ctx context.Context, backend string) (ring.Factory, error) {
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
		key := strings.TrimPrefix(u.Path, "/")
		if key == "" {
			key = "ring"
		}
		u.Path = ""
		client, err := dialRedis(ctx, u)
		if err != nil {
			return nil, err
		}
		return ring.RedisPyHash{Client: client, HashKey: key, KeyPrefix: "summary", Coder: "json"}, nil
	case "memcached":
		port := cmp.Or(u.Port(), "11211")
		addr := net.JoinHostPort(u.Hostname(), port)
		servers := new(memcache.ServerList)
		client := memcache.NewFromSelector(servers)
		if err := cmp.Or(servers.SetServers(addr), client.Ping()); err != nil {
			return nil, fmt.Errorf("no Memcached answers at %s: %w\nstart one: memcached -p %s", addr, err, port)
		}
		return ring.Memcache{Client: client, Expire: time.Hour, KeyPrefix: "summary", Coder: "json"}, nil
	}
	return nil, fmt.Errorf("the backend %q is none of redis://…, redis-hash://…, memcached://…, shelve:FILE and disk:DIRECTORY", backend)
}

// dialRedis connects to redis://USER:PASSWORD@HOST:PORT/DATABASE; all parts are
// optional.
func dialRedis(ctx context.Context, u *url.URL) (*redis.Client, error) {
	plain := url.URL{Scheme: "redis", User: u.User, Host: u.Host, Path: u.Path}
	options, err := redis.ParseURL(plain.String())
	if err != nil {
		return nil, fmt.Errorf("the backend: %w", err)
	}
	options.DialerRetries = 1
	client := redis.NewClient(options)
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("no Redis answers at %s: %w\nstart one: redis-server --port %s", options.Addr, err, cmp.Or(u.Port(), "6379"))
	}
	return client, nil
}
