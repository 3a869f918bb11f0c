package porting_test

import (
	"context"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/testserver"
)

// The servers of the examples.
var redisAddr, memcachedAddr string

func TestMain(m *testing.M) {
	var program testserver.Program
	if testserver.Short() {
		testserver.SkipExamples("newRedis", "redisAddr", "memcachedAddr")
		os.Exit(m.Run())
	}
	redisAddr, memcachedAddr = testserver.Redis(&program).Addr, testserver.Memcached(&program).Addr
	code := m.Run()
	program.Close()
	os.Exit(code)
}

// newRedis is a client of the server of the examples, which is empty.
func newRedis() *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	must(client.FlushAll(context.Background()).Err())
	return client
}
