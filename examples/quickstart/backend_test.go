package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

func TestFactoryFor(t *testing.T) {
	addr := testserver.Redis(t, "--requirepass", "secret").Addr
	factory, _, err := factoryFor(t.Context(), "redis://:secret@"+addr+"/3")
	require.NoError(t, err)
	client := factory.(ring.RedisPy).Client
	_, err = wrap(factory).Call("backend_test.go", 1, time.Time{})
	require.NoError(t, err)
	keys, err := client.Do(t.Context(), "INFO", "keyspace").Text()
	require.NoError(t, err)
	assert.Contains(t, keys, "db3:keys=1,")

	factory, _, err = factoryFor(t.Context(), "redis-hash://:secret@"+addr+"/myhash")
	require.NoError(t, err)
	assert.Equal(t, "myhash", factory.(ring.RedisPyHash).HashKey)

	factory, _, err = factoryFor(t.Context(), "memcached://"+testserver.Memcached(t).Addr)
	require.NoError(t, err)
	_, err = wrap(factory).Call("backend_test.go", 1, time.Time{})
	require.NoError(t, err)
}

// TestNoServer: no..where cannot be the name of a host, so no server is asked for it.
func TestNoServer(t *testing.T) {
	for backend, want := range map[string]string{
		"redis://no..where":           "start one: redis-server --port 6379",
		"redis-hash://no..where/h":    "start one: redis-server --port 6379",
		"redis://no..where:17000":     "start one: redis-server --port 17000",
		"memcached://no..where":       "start one: memcached -p 11211",
		"memcached://no..where:17000": "start one: memcached -p 17000",
		"redis://no..where/name":      "the backend: ",
	} {
		_, _, err := factoryFor(t.Context(), backend)
		assert.ErrorContains(t, err, want, backend)
	}
}
