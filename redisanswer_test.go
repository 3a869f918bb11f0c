package ring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// refusal is a hook that does not pass commands on to the server.
type refusal struct{ err error }

func (refusal) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h refusal) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error { return h.err }
}

func (h refusal) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(context.Context, []redis.Cmder) error { time.Sleep(time.Millisecond); return h.err }
}

var errOpen = errors.New("the breaker is open")

// swallow is part of a storage's error for a client that returned nothing.
const swallow = "neither one nor an error"

// wantRefused calls every method of a storage on which nothing works, and expects an
// error each time.
func wantRefused(t *testing.T, s ring.Storage, cause string) {
	t.Helper()
	ctx := t.Context()
	refused := func(what string, err error) {
		t.Helper()
		if assert.ErrorContains(t, err, cause, what) {
			assert.NotErrorIs(t, err, ring.ErrNotFound, what)
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.GetValue(ctx, fmt.Sprint("k", i)) })
	}
	wg.Wait()
	for _, err := range errs {
		refused("GetValue", err)
	}
	keys, values := []string{"k1", "k2"}, []any{"a", "b"}
	expire := time.Minute
	if _, ok := s.(*ring.RedisHashStorage); ok {
		expire = 0
	}
	bulk := s.(ring.BulkStorage)
	_, err := s.(ring.HasStorage).HasValue(ctx, "k1")
	refused("HasValue", err)
	_, err = s.(ring.TTLStorage).TTLValue(ctx, "k1")
	refused("TTLValue", err)
	refused("SetValue", s.SetValue(ctx, "k1", "x", expire))
	refused("DeleteValue", s.DeleteValue(ctx, "k1"))
	_, err = bulk.GetManyValues(ctx, keys)
	refused("GetManyValues", err)
	_, err = bulk.HasManyValues(ctx, keys)
	refused("HasManyValues", err)
	refused("SetManyValues", bulk.SetManyValues(ctx, keys, values, 0))
	refused("SetManyValues with an expiry", bulk.SetManyValues(ctx, keys, values, expire))
	refused("DeleteManyValues", bulk.DeleteManyValues(ctx, keys))
	if aged, ok := s.(*ring.RedisStorage); ok {
		for i := range errs {
			wg.Go(func() { _, errs[i] = aged.GetAged(ctx, fmt.Sprint("k", i)) })
		}
		wg.Wait()
		for _, err := range errs {
			refused("GetAged", err)
		}
		_, err = aged.GetManyAged(ctx, keys)
		refused("GetManyAged", err)
		_, err = aged.AddValue(ctx, "k1", "x", expire)
		refused("AddValue", err)
		_, err = aged.ReplaceValue(ctx, "k1", "old", "x", expire)
		refused("ReplaceValue", err)
		refused("ShortenValue", aged.ShortenValue(ctx, "k1", expire))
	}
	if expire != 0 {
		refused("TouchValue", s.(ring.TouchStorage).TouchValue(ctx, "k1", expire))
		refused("TouchManyValues", bulk.TouchManyValues(ctx, keys, expire))
	}
}

// wantRefusedBoth checks both storages on a client.
func wantRefusedBoth(t *testing.T, client redis.UniversalClient, cause string) {
	t.Helper()
	wantRefused(t, &ring.RedisStorage{Client: client}, cause)
	wantRefused(t, &ring.RedisHashStorage{Client: client, HashKey: "h"}, cause)
}

// wantRuns checks that functions run without the storage.
func wantRuns(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	options := ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) {}}
	for name, factory := range map[string]ring.Factory{
		"string": ring.Redis{Client: client, KeyPrefix: "s", Expire: time.Minute, Options: options},
		"json":   ring.Redis{Client: client, KeyPrefix: "j", Coder: "json", Options: options},
		"hash":   ring.RedisHash{Client: client, HashKey: "h", KeyPrefix: "h", Options: options},
	} {
		text := ring.Wrap(func(n int) string { return fmt.Sprint("made ", n) }, factory)
		bytes := ring.Wrap(func(n int) []byte { return fmt.Append(nil, "made ", n) }, factory)
		var wg sync.WaitGroup
		for n := range 30 {
			want := fmt.Sprint("made ", n)
			wg.Go(func() {
				v, err := text.Call(n)
				assert.NoError(t, err, name)
				assert.Equal(t, want, v, name)
				v, err = bytes.Call(n)
				assert.NoError(t, err, name)
				assert.Equal(t, []byte(want), v, name)
			})
		}
		wg.Wait()
		values, err := text.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
		require.NoError(t, err, name)
		assert.Equal(t, []any{"made 1", "made 2"}, values, name)
	}
}

// kinds returns the clients for a server.
func kinds(t *testing.T, server *testserver.Server, o redis.Options) map[string]redis.UniversalClient {
	o.Addr, o.MaxRetries = server.Addr, -1
	client := func() *redis.Client {
		c := redis.NewClient(&o)
		t.Cleanup(func() { c.Close() })
		return c
	}
	auto, err := client().AutoPipeline()
	require.NoError(t, err)
	async, err := client().AsyncAutoPipeline()
	require.NoError(t, err)
	shards := redis.NewRing(&redis.RingOptions{
		Addrs: map[string]string{"a": server.Addr}, Username: o.Username, Password: o.Password, DB: o.DB, Protocol: o.Protocol,
		HeartbeatFn: func(context.Context, *redis.Client) bool { return true },
	})
	t.Cleanup(func() { auto.Close(); async.Close(); shards.Close() })
	return map[string]redis.UniversalClient{"client": client(), "autopipeliner": auto, "async": async, "ring": shards}
}

// TestRefusedConnections: a server that refuses every connection gives no answers.
func TestRefusedConnections(t *testing.T) {
	server := testserver.Redis(t, "--requirepass", "right", "--databases", "2")
	admin := redis.NewClient(&redis.Options{Addr: server.Addr, Password: "right"})
	defer admin.Close()
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "few", "on", ">pw", "~*", "+@all", "-select").Err())
	for name, tt := range map[string]struct {
		options redis.Options
		cause   string
	}{
		"wrong password":   {redis.Options{Password: "wrong"}, "WRONGPASS"},
		"no such user":     {redis.Options{Username: "nobody", Password: "right"}, "WRONGPASS"},
		"may not select":   {redis.Options{Username: "few", Password: "pw", DB: 1}, "NOPERM"},
		"no such database": {redis.Options{Password: "right", DB: 5}, "DB index is out of range"},
	} {
		for _, protocol := range []int{2, 3} {
			o := tt.options
			o.Protocol = protocol
			for kind, client := range kinds(t, server, o) {
				t.Run(fmt.Sprint(name, "/", protocol, "/", kind), func(t *testing.T) {
					wantRefusedBoth(t, client, tt.cause)
					wantRuns(t, client)
				})
			}
		}
	}
}

// TestRefusingHooks: a hook that does not pass commands on gives no answers, either.
func TestRefusingHooks(t *testing.T) {
	server := testserver.Redis(t)
	for _, hook := range []refusal{{errOpen}, {nil}, {redis.Nil}} {
		cause := swallow
		if hook.err == errOpen {
			cause = errOpen.Error()
		}
		for kind, client := range kinds(t, server, redis.Options{}) {
			t.Run(fmt.Sprint(kind, "/", hook.err), func(t *testing.T) {
				client.AddHook(hook)
				if hook.err == redis.Nil { // for a single command that is an answer
					_, err := (&ring.RedisStorage{Client: client}).HasManyValues(t.Context(), []string{"a", "b"})
					assert.ErrorContains(t, err, cause)
					return
				}
				wantRefusedBoth(t, client, cause)
				wantRuns(t, client)
			})
		}
	}
}

// TestAnsweringHook: the answer of a hook counts like the server's.
func TestAnsweringHook(t *testing.T) {
	client := redisClient(t, testserver.Redis(t))
	client.AddHook(answering{})
	s := &ring.RedisStorage{Client: client}
	v, err := s.GetValue(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, []byte("the hook's"), v)
	require.NoError(t, s.SetManyValues(t.Context(), []string{"k", "l"}, []any{"x", "y"}, time.Minute))
}

type answering struct{}

func (answering) DialHook(next redis.DialHook) redis.DialHook { return next }

func (answering) answer(cmd redis.Cmder) {
	switch cmd := cmd.(type) {
	case *redis.StringCmd:
		cmd.SetVal("the hook's")
	case *redis.StatusCmd:
		cmd.SetVal("OK")
	}
}

func (h answering) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error { h.answer(cmd); return nil }
}

func (h answering) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(_ context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			h.answer(cmd)
		}
		return nil
	}
}

// TestOneShardRefuses: if one of two servers refuses, only its own keys fail and are
// named. The answers of the other server are returned.
func TestOneShardRefuses(t *testing.T) {
	good, bad := testserver.Redis(t), testserver.Redis(t, "--requirepass", "right")
	for name, refuse := range map[string]func(*redis.Client){
		"WRONGPASS": nil,
		"open":      func(c *redis.Client) { c.AddHook(refusal{errOpen}) },
		swallow:     func(c *redis.Client) { c.AddHook(refusal{}) },
	} {
		t.Run(name, func(t *testing.T) {
			shards := redis.NewRing(&redis.RingOptions{
				Addrs: map[string]string{"good": good.Addr, "bad": bad.Addr},
				NewClient: func(o *redis.Options) *redis.Client {
					isBad := o.Addr == bad.Addr
					if isBad && refuse == nil {
						o.Password = "wrong"
					}
					c := redis.NewClient(o)
					if isBad && refuse != nil {
						refuse(c)
					}
					return c
				},
				HeartbeatFn: func(context.Context, *redis.Client) bool { return true },
			})
			defer shards.Close()
			s := &ring.RedisStorage{Client: shards}
			keys, values := make([]string, 200), make([]any, 200)
			for i := range keys {
				keys[i], values[i] = fmt.Sprint(name, i), fmt.Sprint("v", i)
			}
			var failed ring.BulkErrors
			require.ErrorAs(t, s.SetManyValues(t.Context(), keys[:100], values[:100], time.Minute), &failed)
			require.Len(t, failed, 100)

			got, err := s.GetManyValues(t.Context(), keys)
			require.Len(t, got, len(keys))
			var look ring.BulkErrors
			require.ErrorAs(t, err, &look)
			require.Len(t, look, len(keys))
			has, err := s.HasManyValues(t.Context(), keys)
			require.Len(t, has, len(keys))
			var looked ring.BulkErrors
			require.ErrorAs(t, err, &looked)

			refused := 0
			for i := range keys {
				switch {
				case look[i] != nil:
					refused++
					assert.Equal(t, ring.ErrNotFound, got[i])
					assert.ErrorContains(t, looked[i], name)
					assert.False(t, has[i])
				case i < 100:
					assert.NoError(t, failed[i])
					assert.Equal(t, []byte(values[i].(string)), got[i])
					assert.True(t, has[i])
				default:
					assert.Equal(t, ring.ErrNotFound, got[i])
					assert.NoError(t, looked[i])
				}
				if i < 100 && look[i] != nil {
					assert.ErrorContains(t, failed[i], name)
				}
			}
			assert.Greater(t, refused, 20)
			assert.Less(t, refused, 180)
		})
	}
}

// TestWrongType: a value that is not ring's fails every look-up, and is not
// overwritten.
func TestWrongType(t *testing.T) {
	one := redisClient(t, testserver.Redis(t))
	a, b := testserver.Redis(t), testserver.Redis(t)
	shards := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": a.Addr, "b": b.Addr}})
	t.Cleanup(func() { shards.Close() })
	for name, client := range map[string]redis.UniversalClient{"client": one, "ring": shards} {
		for _, missBefore := range []bool{true, false} {
			t.Run(fmt.Sprint(name, "/", missBefore), func(t *testing.T) {
				ctx := t.Context()
				require.NoError(t, client.LPush(ctx, "f:1", "x").Err())
				s := &ring.RedisStorage{Client: client}
				require.NoError(t, s.SetValue(ctx, "f:2", "two", 0))
				require.NoError(t, s.SetValue(ctx, "f:empty", "", 0))
				before := []string{"f:2"}
				if missBefore {
					before = append(before, "f:3")
				}
				_, err := s.GetManyValues(ctx, before)
				require.NoError(t, err)

				values, err := s.GetManyValues(ctx, []string{"f:1", "f:2", "f:3", "f:empty", "f:1"})
				var failed ring.BulkErrors
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, []any{ring.ErrNotFound, []byte("two"), ring.ErrNotFound, []byte{}, ring.ErrNotFound}, values)
				for i, err := range failed {
					if i == 0 || i == 4 {
						assert.ErrorContains(t, err, "WRONGTYPE")
					} else {
						assert.NoError(t, err)
					}
				}
				_, err = s.GetValue(ctx, "f:1")
				assert.ErrorContains(t, err, "WRONGTYPE")

				for _, open := range []bool{false, true} {
					f := ring.Wrap(func(n int) string { return "made" }, ring.Redis{Client: client, KeyPrefix: "f",
						Options: ring.Options{FailOpen: open, OnError: func(context.Context, *ring.Error) {}}})
					for _, do := range []func() (any, error){
						func() (any, error) { return f.Call(1) },
						func() (any, error) {
							values, err := f.GetOrUpdateMany(ring.Args{1})
							if err != nil {
								return nil, err
							}
							return values[0], nil
						},
					} {
						v, err := do()
						if open {
							require.NoError(t, err)
							assert.Equal(t, "made", v)
						} else {
							assert.ErrorContains(t, err, "WRONGTYPE")
						}
					}
				}
				assert.Equal(t, "list", client.Type(ctx, "f:1").Val(), "nobody's list is overwritten")
			})
		}
	}
	t.Run("no permission for EXISTS", func(t *testing.T) {
		ctx := t.Context()
		require.NoError(t, one.Do(ctx, "ACL", "SETUSER", "few", "on", ">pw", "~*", "+@all", "-exists").Err())
		o := *one.Options()
		o.Username, o.Password = "few", "pw"
		client := redis.NewClient(&o)
		defer client.Close()
		s := &ring.RedisStorage{Client: client}
		require.NoError(t, one.LPush(ctx, "list", "x").Err())
		values, err := s.GetManyValues(ctx, []string{"f:2", "none"})
		require.NoError(t, err)
		assert.Equal(t, []any{[]byte("two"), ring.ErrNotFound}, values)
		_, err = s.GetManyValues(ctx, []string{"f:2", "list"})
		assert.ErrorContains(t, err, "WRONGTYPE")
	})
}

// TestPasswordChanged: the server changes its password and the connections are cut.
func TestPasswordChanged(t *testing.T) {
	server := testserver.Redis(t)
	client := redisClient(t, server)
	f := ring.Wrap(func(n int) string { return fmt.Sprint("value ", n) }, ring.Redis{Client: client, KeyPrefix: "f"})
	_, err := f.GetOrUpdateMany(manyCalls(100)...)
	require.NoError(t, err)
	admin := redis.NewClient(&redis.Options{Addr: server.Addr})
	defer admin.Close()
	require.NoError(t, admin.ConfigSet(t.Context(), "requirepass", "new").Err())
	require.NoError(t, admin.Do(t.Context(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Err())
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Go(func() {
			v, err := f.Call(n)
			if err == nil {
				assert.Equal(t, fmt.Sprint("value ", n), v)
				return
			}
			assert.ErrorContains(t, err, "NOAUTH")
		})
	}
	wg.Wait()
}
