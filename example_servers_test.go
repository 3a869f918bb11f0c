package ring_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

type exWeather struct {
	City    string
	Degrees int
}

func exForecast(city string) (exWeather, error) { return exWeather{city, len(city)}, nil }

// Python:
//
//	client = redis.StrictRedis()
//	@ring.redis(client, expire=60, coder='json')
//	def forecast(city): ...
func ExampleRedisPy() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	forecast := ring.Wrap(exForecast, ring.RedisPy{Client: client, KeyPrefix: "forecast", Expire: time.Minute, Coder: "json"})

	v, err := forecast.Call("Oslo")
	fmt.Println(v.(exWeather).Degrees, err)
	fmt.Println(client.Get(context.Background(), "forecast:Oslo").Val()) // the backend stays accessible
	// Output:
	// 4 <nil>
	// {"City":"Oslo","Degrees":4}
}

// A function without a coder keeps text and numbers as Python's client writes them.
func ExampleRedis() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	length := ring.Wrap(func(s string) int { return len(s) }, ring.Redis{Client: client, KeyPrefix: "length"})
	values, err := length.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"bcd"}) // one MGET, one MSET
	fmt.Println(values, err, client.Get(context.Background(), "length:bcd").Val())
	// Output: [1 3] <nil> 3
}

// Python:
//
//	@ring.redis_hash(client, hash_key='forecasts', coder='json')
//	def forecast(city): ...
func ExampleRedisPyHash() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	forecast := ring.Wrap(exForecast, ring.RedisHash{Client: client, HashKey: "forecasts", KeyPrefix: "f", Coder: "json"})
	_, err := forecast.Call("Rome")
	fmt.Println(err, client.HKeys(context.Background(), "forecasts").Val())
	fmt.Println(errors.Is(forecast.Touch("Rome"), errors.ErrUnsupported)) // fields have no expiry
	// Output:
	// <nil> [f:Rome]
	// true
}

// Python:
//
//	client = pymemcache.client.Client(('127.0.0.1', 11211))
//	@ring.memcache(client, expire=60, coder='json')
//	def forecast(city): ...
func ExampleMemcache() {
	client := memcache.New(memcachedAddr)
	client.MaxIdleConns = 16 // the number of concurrent callers
	defer client.Close()
	forecast := ring.Wrap(exForecast, ring.Memcache{Client: client, KeyPrefix: "forecast", Expire: time.Minute, Coder: "json"})
	_, err := forecast.Call("New York")
	fmt.Println(err)
	key, _ := forecast.Key("New York")
	fmt.Println(key) // a blank: Memcached would not accept the key
	item, err := client.Get(key)
	fmt.Println(string(item.Value), err)
	// Output:
	// <nil>
	// ring-sha1:5995ea0af4df399b76e77e3185cd531a22ce3365
	// {"City":"New York","Degrees":8} <nil>
}

// The function still returns its result without the storage.
func ExampleOptions_failOpen() {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1}) // nobody there
	defer client.Close()
	forecast := ring.Wrap(exForecast, ring.RedisPy{Client: client, KeyPrefix: "forecast", Coder: "json", Options: ring.Options{
		FailOpen: true,
		OnError:  func(ctx context.Context, err *ring.Error) { fmt.Println("reported:", err.Action, err.Key) },
	}})
	v, err := forecast.Call("Oslo")
	fmt.Println(v, err)
	// Output:
	// reported: get_or_update forecast:Oslo
	// {Oslo 4} <nil>
}

// The error of a bulk method of your own storage that failed for some keys.
func ExampleBulkErrors() {
	err := error(ring.BulkErrors{nil, ring.ErrNotFound})
	fmt.Println(err, errors.Is(err, ring.ErrNotFound))
	// Output: element 1: not found true
}

// A storage that keeps only bytes gets text and numbers as bytes.
func ExampleBytesStorage() {
	var s ring.BytesStorage = &ring.RedisStorage{}
	fmt.Println(s.StoresBytes())
	// Output: true
}

// askedClient counts the requests to a client.
type askedClient struct {
	*memcache.Client
	gets int
}

func (c *askedClient) Get(key string) (*memcache.Item, error) {
	c.gets++
	return c.Client.Get(key)
}

// Any type with the methods of a *memcache.Client that ring uses can be the client.
func ExampleMemcacheClient() {
	client := &askedClient{Client: memcache.New(memcachedAddr)}
	defer client.Close()
	length := ring.Wrap(func(s string) int { return len(s) }, ring.Memcache{Client: client, KeyPrefix: "asked"})
	for range 3 {
		fmt.Println(length.Call("abc"))
	}
	fmt.Println(client.gets)
	// Output:
	// 3 <nil>
	// 3 <nil>
	// 3 <nil>
	// 3
}
