package ring_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// gateStorage is a storage that ignores contexts and writes when it is allowed to.
type gateStorage struct {
	values sync.Map
	gate   chan struct{} // nil: always open
	fail   error
}

func (s *gateStorage) GetValue(_ context.Context, key string) (any, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	if v, ok := s.values.Load(key); ok {
		return v, nil
	}
	return nil, ring.ErrNotFound
}

func (s *gateStorage) SetValue(_ context.Context, key string, v any, _ time.Duration) error {
	s.wait()
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	s.values.Store(key, v)
	return nil
}

func (s *gateStorage) DeleteValue(_ context.Context, key string) error {
	s.wait()
	s.values.Delete(key)
	return nil
}

func (s *gateStorage) wait() {
	if s.gate != nil {
		<-s.gate
	}
}

func (s *gateStorage) factory(o ring.Options) ring.Factory {
	open := func(any) (ring.Storage, error) { return s, nil }
	return ring.BaseFactory{StorageClass: open, KeyPrefix: "p", Options: o}
}

// ended returns a context that ends while its call is under way.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// TestSlicesAreTheCallersAgain: when a call has returned, the caller may change its
// slices while the storage goes on.
func TestSlicesAreTheCallersAgain(t *testing.T) {
	s := &gateStorage{gate: make(chan struct{})}
	r := ring.Wrap(func(n int) []byte { return nil }, s.factory(ring.Options{}))
	storage := r.Storage()
	s.values.Store("p:1", "x")

	keys := []string{"p:1", "p:2"}
	require.ErrorIs(t, storage.DeleteMany(ended(t), keys), context.DeadlineExceeded)
	keys[0], keys[1] = "p:3", "p:4"

	keys, values, text := []string{"p:5", "p:6"}, []any{[]byte("good"), nil}, []byte("good")
	values[1] = text
	require.ErrorIs(t, storage.SetMany(ended(t), keys, values), context.DeadlineExceeded)
	keys[0], values[0] = "p:7", []byte("evil")
	copy(text, "evil")

	single := []byte("good")
	require.ErrorIs(t, r.WithContext(ended(t)).Set(single, 9), context.DeadlineExceeded)
	copy(single, "evil")

	close(s.gate)
	want := map[string]any{"p:5": "good", "p:6": "good", "p:9": "good"}
	require.Eventually(t, func() bool {
		got := map[string]any{}
		s.values.Range(func(k, v any) bool { got[k.(string)] = v; return true })
		return reflect.DeepEqual(want, got)
	}, 10*time.Second, time.Millisecond)
	for _, key := range []string{"p:1", "p:2", "p:5", "p:6", "p:9"} { // none is locked for good
		require.NoError(t, storage.Delete(t.Context(), key))
	}
}

// valueContext runs a function of the caller when its values are looked up.
type valueContext struct {
	context.Context
	look func()
}

func (c valueContext) Value(key any) any {
	c.look()
	return c.Context.Value(key)
}

// TestContextsOfOnesOwn: a custom context whose Value panics or calls the rope blocks
// no call.
func TestContextsOfOnesOwn(t *testing.T) {
	r := ring.Wrap(func(ctx context.Context, n int) int { return n }, ring.Lru{})
	assert.Panics(t, func() { r.Call(valueContext{t.Context(), func() { panic("no values") }}, 1) })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	v, err := r.Call(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)

	_, err = r.Call(valueContext{ctx, func() { r.Call(ctx, 2) }}, 3)
	require.NoError(t, err)
}

// TestOnErrorCalls: OnError may call the same key, which is a recursion.
func TestOnErrorCalls(t *testing.T) {
	s := &gateStorage{fail: errors.New("down")}
	var r *ring.Rope
	var inner []error
	r = ring.Wrap(func(ctx context.Context, n int) int { return n }, s.factory(ring.Options{
		FailOpen: true,
		OnError: func(ctx context.Context, _ *ring.Error) {
			if len(inner) == 0 {
				inner = append(inner, nil)
				_, inner[0] = r.WithContext(ctx).Call(1)
			}
		},
	}))
	_, err := r.Call(1)
	require.NoError(t, err)
	assert.ErrorIs(t, inner[0], ring.ErrRecursion)
}

type mapReceiver map[string]int

func (m mapReceiver) Len() int { return len(m) }

// TestBulkBindsAsCallsDo: a bulk element is bound like the arguments of a call.
func TestBulkBindsAsCallsDo(t *testing.T) {
	w := ring.Wrap(mapReceiver.Len, ring.Lru{}).Bind(mapReceiver{"a": 1})
	_, err := w.Key(ring.Kwargs{"x": 1}, ring.Kwargs{})
	require.ErrorIs(t, err, ring.ErrArguments)
	_, err = w.KeyMany(ring.Args{ring.Kwargs{"x": 1}, ring.Kwargs{}})
	require.ErrorIs(t, err, ring.ErrArguments)
}

type longTyped struct{ gateStorage }

func (*longTyped) GetValueTo(context.Context, string, any) error { return ring.ErrNotFound }
func (*longTyped) CheckType(reflect.Type) error                  { return nil }
func (*longTyped) GetManyValuesTo(_ context.Context, keys []string, _ []any) ([]error, error) {
	return make([]error, len(keys)+1), nil
}

func TestTypedStorageThatMiscounts(t *testing.T) {
	open := func(any) (ring.Storage, error) { return &longTyped{}, nil }
	r := ring.Wrap(func(n int) string { return "v" }, ring.BaseFactory{StorageClass: open, KeyPrefix: "p"})
	_, err := r.GetMany(ring.Args{1}, ring.Args{2})
	assert.ErrorContains(t, err, "3 answers for 2 keys")
}

func redisClientAt(t *testing.T, addr string) *redis.Client {
	if addr == "" {
		t.Skip("skipped with -short: it needs redis-server")
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// TestEncodeGivesBytes: Encode shows the data of a server as bytes for every result
// type.
func TestEncodeGivesBytes(t *testing.T) {
	client := redisClientAt(t, redisAddr)
	r := ring.Wrap(func(n int) string { return "v" }, ring.RedisPy{Client: client, KeyPrefix: "encode"})
	data, err := r.Encode("text")
	require.NoError(t, err)
	assert.Equal(t, []byte("text"), data)
}

// TestDecodeReplacedLate: a coder that is replaced while calls run gets bytes.
func TestDecodeReplacedLate(t *testing.T) {
	client := redisClientAt(t, redisAddr)
	for round := range 20 {
		var mu sync.Mutex
		var reported []error
		r := ring.Wrap(func(n int) string { return "v" }, ring.RedisPy{Client: client, KeyPrefix: "late", Options: ring.Options{
			OnError: func(_ context.Context, err *ring.Error) {
				mu.Lock()
				defer mu.Unlock()
				reported = append(reported, err)
			},
		}})
		_, err := r.Call(round)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 100 {
					r.Call(round)
				}
			})
		}
		require.NoError(t, r.Ring().Decode(func(b []byte) string { return string(b) + "!" }))
		wg.Wait()
		require.Empty(t, reported)
	}
}
