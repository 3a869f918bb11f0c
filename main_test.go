package ring_test

import (
	"os"
	"testing"

	"github.com/ring-go/ring/internal/testserver"
)

// The servers that the examples use, on their own ports. With -short there are none.
var redisAddr, memcachedAddr string

func TestMain(m *testing.M) {
	if kind := os.Getenv(fleetVariable); kind != "" {
		runFleetChild(kind, os.Args[1])
		os.Exit(0)
	}
	var program testserver.Program
	if testserver.Short() {
		testserver.SkipExamples("redisAddr", "memcachedAddr")
	} else {
		redisAddr, memcachedAddr = testserver.Redis(&program).Addr, testserver.Memcached(&program).Addr
	}
	code := m.Run()
	program.Close()
	os.Exit(code)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
