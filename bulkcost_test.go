package ring_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// pipelines counts the commands that a client sends, and their round trips. The first
// commands of a new connection do not count.
type pipelines struct{ trips []string }

func (p *pipelines) add(trip string) {
	if !strings.Contains(trip, "hello") && !strings.Contains(trip, "client") {
		p.trips = append(p.trips, trip)
	}
}

func (p *pipelines) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p *pipelines) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		p.add(cmd.Name())
		return next(ctx, cmd)
	}
}

func (p *pipelines) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		p.add(fmt.Sprintf("%d %s", len(cmds), cmds[0].Name()))
		return next(ctx, cmds)
	}
}

// commands asks the server how often each command was called.
func commands(t *testing.T, c *redis.Client) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, line := range strings.Split(c.Info(t.Context(), "commandstats").Val(), "\r\n") {
		name, stats, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if !ok || strings.HasPrefix(name, "info") || strings.HasPrefix(name, "hello") || strings.HasPrefix(name, "client") || strings.HasPrefix(name, "config") {
			continue
		}
		n, _, _ := strings.Cut(stats, ",")
		calls, err := strconv.Atoi(n)
		require.NoError(t, err)
		counts[name] = calls
	}
	require.NoError(t, c.ConfigResetStat(t.Context()).Err())
	return counts
}

// TestRedisRoundTrips: the cost of bulk calls, as counted by the client and by the
// server.
func TestRedisRoundTrips(t *testing.T) {
	server := testserver.Redis(t)
	admin, client := redisClient(t, server), redisClient(t, server)
	hook := &pipelines{}
	client.AddHook(hook)
	count := func(n int) int { return n }
	plain := ring.Wrap(count, ring.RedisPy{Client: client, KeyPrefix: "p"})
	expiring := ring.Wrap(count, ring.RedisPy{Client: client, KeyPrefix: "e", Expire: time.Hour})
	hash := ring.Wrap(count, ring.RedisPyHash{Client: client, HashKey: "h", KeyPrefix: "f"})
	list := manyCalls(100)
	values := make([]any, len(list))
	for i := range values {
		values[i] = i
	}
	many := func(f func(...any) ([]any, error), list []any) func() error {
		return func() error { _, err := f(list...); return err }
	}
	for i, tt := range []struct {
		do       func() error
		trips    []string
		commands map[string]int
	}{
		{many(plain.GetMany, list), []string{"2 mget"}, map[string]int{"mget": 1, "exists": 1}},
		{many(plain.GetOrUpdateMany, list[:50]), []string{"2 mget", "mset"}, map[string]int{"mget": 1, "exists": 1, "mset": 1}},
		{many(plain.GetOrUpdateMany, list), []string{"2 mget", "mset"}, map[string]int{"mget": 1, "exists": 1, "mset": 1}},
		{many(plain.GetOrUpdateMany, list), []string{"2 mget"}, map[string]int{"mget": 1, "exists": 1}},
		{many(plain.GetOrUpdateMany, list), []string{"mget"}, map[string]int{"mget": 1}},
		{many(plain.GetMany, list), []string{"mget"}, map[string]int{"mget": 1}},
		{many(plain.GetMany, []any{ring.Args{1}, ring.Args{100}}), []string{"mget", "exists"}, map[string]int{"mget": 1, "exists": 1}},
		{many(plain.GetMany, []any{ring.Args{1}, ring.Args{100}}), []string{"2 mget"}, map[string]int{"mget": 1, "exists": 1}},
		{func() error { return plain.SetMany(list, values) }, []string{"mset"}, map[string]int{"mset": 1}},
		{func() error { return expiring.SetMany(list, values) }, []string{"100 set"}, map[string]int{"set": 100}},
		{many(expiring.GetOrUpdateMany, list), []string{"2 mget"}, map[string]int{"mget": 1, "exists": 1}},
		{func() error { return expiring.TouchMany(list...) }, []string{"100 pexpire"}, map[string]int{"pexpire": 100}},
		{func() error { _, err := expiring.HasMany(list...); return err }, []string{"100 exists"}, map[string]int{"exists": 100}},
		{func() error { return expiring.DeleteMany(list...) }, []string{"del"}, map[string]int{"del": 1}},
		{many(plain.GetMany, nil), nil, map[string]int{}},
		{many(plain.UpdateMany, nil), nil, map[string]int{}},
		{func() error { return plain.SetMany(nil, nil) }, nil, map[string]int{}},
		{func() error { return plain.DeleteMany() }, nil, map[string]int{}},
		{func() error { return expiring.TouchMany() }, nil, map[string]int{}},
		{many(hash.GetOrUpdateMany, list), []string{"hmget", "hset"}, map[string]int{"hmget": 1, "hset": 1}},
		{many(hash.GetOrUpdateMany, list), []string{"hmget"}, map[string]int{"hmget": 1}},
		{func() error { return hash.DeleteMany(list...) }, []string{"hdel"}, map[string]int{"hdel": 1}},
		{func() error { _, err := expiring.Call(1); return err }, []string{"get", "set"}, map[string]int{"get": 1, "set": 1}},
		{func() error { _, err := expiring.Call(1); return err }, []string{"get"}, map[string]int{"get": 1}},
		{func() error { _, err := hash.Call(1); return err }, []string{"hget", "hset"}, map[string]int{"hget": 1, "hset": 1}},
		{func() error { return hash.Delete(1) }, []string{"hdel"}, map[string]int{"hdel": 1}},
	} {
		commands(t, admin)
		hook.trips = nil
		require.NoError(t, tt.do(), "%d", i)
		assert.Equal(t, tt.trips, hook.trips, "%d", i)
		assert.Equal(t, tt.commands, commands(t, admin), "%d", i)
	}
}

// memcachedStats asks a memcached for its counters.
func memcachedStats(t *testing.T, s *testserver.Server) map[string]int {
	t.Helper()
	c, err := net.Dial(s.Network, s.Addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = fmt.Fprint(c, "stats\r\n")
	require.NoError(t, err)
	stats := map[string]int{}
	for lines := bufio.NewScanner(c); lines.Scan() && lines.Text() != "END"; {
		f := strings.Fields(lines.Text())
		stats[f[1]], _ = strconv.Atoi(f[2])
	}
	return stats
}

func TestMemcachedRoundTrips(t *testing.T) {
	server := testserver.Memcached(t)
	r := ring.Wrap(func(n int) int { return n }, ring.Memcache{Client: memcacheClient(t, server), KeyPrefix: "p", Expire: time.Hour})
	list := manyCalls(100)
	before := memcachedStats(t, server)
	changed := func(name string, do func() error) int {
		t.Helper()
		require.NoError(t, do())
		after := memcachedStats(t, server)
		n := after[name] - before[name]
		before = after
		return n
	}
	all := func() error { _, err := r.GetOrUpdateMany(list...); return err }
	assert.Equal(t, 100, changed("cmd_set", all))
	assert.Equal(t, 0, changed("cmd_set", all), "nothing is written when all hit")
	assert.Equal(t, 100, changed("cmd_get", all), "each key is asked for once")
	assert.Equal(t, 100, changed("cmd_touch", func() error { return r.TouchMany(list...) }))
	assert.Equal(t, 0, changed("cmd_set", func() error { return r.SetMany(nil, nil) }))
}
