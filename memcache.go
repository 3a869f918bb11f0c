package ring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring/internal/codec"
)

// MemcacheClient is the part of a *memcache.Client that ring uses.
// Python: pymemcache.client.Client, memcache.Client, pylibmc.Client.
type MemcacheClient interface {
	Get(key string) (*memcache.Item, error)
	GetMulti(keys []string) (map[string]*memcache.Item, error)
	Set(item *memcache.Item) error
	Delete(key string) error
	Touch(key string, seconds int32) error
}

var _ MemcacheClient = (*memcache.Client)(nil)

// Memcache caches in Memcached, on any number of servers.
//
// A key that Memcached does not accept is replaced by its hash; see MemcacheKey. Without
// a Coder the results must be text, bytes or numbers, and a nil []byte comes back empty.
// A value that a Python client has pickled or compressed itself is an ErrCoder.
//
// Values outlive the program: when a result type changes, put a version into the
// KeyPrefix.
//
// A *memcache.Client keeps two idle connections unless MaxIdleConns is set: with more
// concurrent callers it dials for almost every call. The bulk sub-functions that write
// use up to MaxIdleConns connections. If the server has closed a connection, the request
// is repeated once, and the client's idle connections are closed.
//
// Python: ring.memcache, ring.func.sync.memcache.
type Memcache struct {
	Client        MemcacheClient // Python: client
	KeyPrefix     string         // "": the function's name. Python: key_prefix
	Expire        time.Duration  // counted from the store, rounded up to seconds, and up to one more; 0: none. Python: expire
	Coder         any            // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface  // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass   // nil: NewMemcacheStorage. Python: storage_class
	Options       Options        // its KeyRefactor is MemcacheKey by default. Python: **kwargs
}

func (f Memcache) blueprint() (blueprint, error) {
	if isNil(f.Client) {
		return blueprint{}, errors.New(`ring.Memcache: Client is nil: give a client, such as memcache.New("127.0.0.1:11211")`)
	}
	options := f.Options
	if options.KeyRefactor == nil {
		options.KeyRefactor = MemcacheKey
	}
	return common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, options}.blueprint(f.Client, orElse(f.StorageClass, NewMemcacheStorage)), nil
}

// MemcacheStorage keeps values in Memcached, under keys changed by MemcacheKey. For a rope
// with Freshness it stores small keys beside each value, which begin with "ring-fresh:",
// "ring-live:" and "ring-usable:" and tell the age of the value.
// Python: ring.func.sync.MemcacheStorage.
type MemcacheStorage struct {
	Client MemcacheClient

	closings atomic.Int64 // how often the idle connections were closed
	ages     ages
	locks    *memcacheLocks // those of its keys; nil: they have none
}

var (
	_ Storage      = (*MemcacheStorage)(nil)
	_ TouchStorage = (*MemcacheStorage)(nil)
	_ BulkStorage  = (*MemcacheStorage)(nil)
	_ BytesStorage = (*MemcacheStorage)(nil)
)

// NewMemcacheStorage is the StorageClass of Memcache; backend is a MemcacheClient.
// Python: MemcacheStorage.
func NewMemcacheStorage(backend any) (Storage, error) {
	client, ok := backend.(MemcacheClient)
	if !ok || isNil(client) {
		return nil, fmt.Errorf("the backend of a MemcacheStorage is a MemcacheClient, not %T", backend)
	}
	return &MemcacheStorage{Client: client}, nil
}

// StoresBytes implements BytesStorage: true.
func (s *MemcacheStorage) StoresBytes() bool { return true }

// relativeLimit is the longest expiry that Memcached reads as a span of time. It reads a
// longer one as a point in time.
const relativeLimit = 30 * 24 * time.Hour

// memcacheExpiry returns an expiry in Memcached's form: in seconds, rounded up, and one
// more, because the server's clock may tick at once; as a point in time if it is long;
// as none if it ends later than Memcached can express.
func memcacheExpiry(expire time.Duration, now time.Time) int32 {
	if expire == 0 {
		return 0
	}
	seconds := int64(expire/time.Second) + 1
	if expire%time.Second > 0 {
		seconds++
	}
	if seconds > int64(relativeLimit/time.Second) {
		seconds += now.Unix()
	}
	if seconds > math.MaxInt32 {
		return 0
	}
	return int32(seconds)
}

// GetValue implements Storage. Python: get_value.
func (s *MemcacheStorage) GetValue(_ context.Context, key string) (any, error) {
	item, err := s.item(key)
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return itemValue(item), nil
}

// The flags with which Python's clients (python-memcached, pylibmc and the serializers
// of pymemcache) mark values that they have encoded. With other flags the value is text
// or bytes.
const (
	flagPickled    = 1
	flagCompressed = 8
)

// itemValue returns the value of an item, or an error if a Python client has encoded it.
func itemValue(item *memcache.Item) any {
	if item.Flags&(flagPickled|flagCompressed) == 0 {
		return item.Value
	}
	return codec.Undecodable{Err: fmt.Errorf("it has the flags %d: Python's client has pickled or compressed it; give Python's function a coder, such as \"json\"", item.Flags)}
}

// SetValue implements Storage. A value too large for the server is an error that names
// its size.
// Python: set_value.
func (s *MemcacheStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if err := s.void(ctx, key); err != nil {
		return err
	}
	return s.set(key, value, expire)
}

func (s *MemcacheStorage) set(key string, value any, expire time.Duration) error {
	data, err := codec.DataBytes(value)
	if err != nil {
		return err
	}
	item := &memcache.Item{Key: MemcacheKey(key), Value: data, Expiration: memcacheExpiry(expire, time.Now())}
	err = s.write(func() error { return s.Client.Set(item) })
	if err != nil {
		return fmt.Errorf("set a value of %d bytes: %w", len(data), err)
	}
	s.mark(key, data, expire)
	return nil
}

// DeleteValue implements Storage. Python: delete_value.
func (s *MemcacheStorage) DeleteValue(ctx context.Context, key string) error {
	if err := s.void(ctx, key); err != nil {
		return err
	}
	return ignoreMiss(s.write(func() error { return s.Client.Delete(MemcacheKey(key)) }))
}

// TouchValue implements TouchStorage. Python: touch_value.
func (s *MemcacheStorage) TouchValue(_ context.Context, key string, expire time.Duration) error {
	until := memcacheExpiry(expire, time.Now())
	err := s.write(func() error { return s.Client.Touch(MemcacheKey(key), until) })
	if err != nil {
		return ignoreMiss(err)
	}
	return s.remark(key, expire)
}

func ignoreMiss(err error) error {
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil
	}
	return err
}

func (s *MemcacheStorage) itself() Storage { return s }

func (s *MemcacheStorage) home() home {
	return home{kind: "memcache", place: place{s.Client, "memcached"}, backend: s.Client, space: "memcache"}
}

// GetManyValues implements BulkStorage: one request to every server concerned. If a
// server fails, it asks for each key without a value by itself, to tell missing keys
// from failed ones. A failed key has its error in the BulkErrors, and ErrNotFound as its
// value.
// Python: get_many_values.
func (s *MemcacheStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	plain := make([]string, len(keys))
	for i, key := range keys {
		plain[i] = MemcacheKey(key)
	}
	items, err := s.getMulti(distinct(plain))
	return s.valuesOf(ctx, keys, items, err)
}

// distinct returns the keys without repetitions.
func distinct(keys []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}

// valuesOf returns the values of keys that getMulti has returned.
func (s *MemcacheStorage) valuesOf(ctx context.Context, keys []string, items map[string]*memcache.Item, err error) ([]any, error) {
	values := make([]any, len(keys))
	var absent []int
	for i, key := range keys {
		values[i] = ErrNotFound
		if item := items[MemcacheKey(key)]; item != nil {
			values[i] = itemValue(item)
		} else {
			absent = append(absent, i)
		}
	}
	if err == nil || len(absent) == 0 {
		return values, nil
	}
	errs := make([]error, len(keys))
	for _, i := range absent {
		errs[i] = err
	}
	if len(absent) <= maxAbsent {
		s.askAbsent(ctx, keys, absent, values, errs)
	}
	return values, bulkErrors(errs)
}

// maxAbsent is the largest number of keys that are asked for one by one after a failure.
const maxAbsent = 1000

// getMulti is the client's GetMulti. If a connection was closed, it repeats the request
// for the keys without a value.
func (s *MemcacheStorage) getMulti(keys []string) (map[string]*memcache.Item, error) {
	closings := s.closings.Load()
	items, err := s.Client.GetMulti(keys)
	if err == nil || !s.dropClosed(err, closings) {
		return items, err
	}
	var rest []string
	for _, key := range keys {
		if items[key] == nil {
			rest = append(rest, key)
		}
	}
	more, err := s.Client.GetMulti(rest)
	if items == nil {
		return more, err
	}
	maps.Copy(items, more)
	return items, err
}

// askAbsent asks for keys one by one, several at a time. It does not ask if the error is
// a time-out: each request would take as long again.
func (s *MemcacheStorage) askAbsent(ctx context.Context, keys []string, absent []int, values []any, errs []error) {
	var slow atomic.Bool
	slow.Store(isTimeout(errs[absent[0]]))
	s.spread(len(absent), func(n int) {
		i := absent[n]
		if slow.Load() || ctx.Err() != nil {
			return
		}
		value, err := s.GetValue(ctx, keys[i])
		switch {
		case err == nil:
			values[i], errs[i] = value, nil
		case err == ErrNotFound:
			errs[i] = nil
		default:
			errs[i] = err
			slow.CompareAndSwap(false, isTimeout(err))
		}
	})
}

// SetManyValues implements BulkStorage: one request for each key, on several connections
// at a time, because the client has no bulk set.
// Python: set_many_values.
func (s *MemcacheStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	last := make(map[string]int, len(keys)) // of equal keys the last one wins
	for i, key := range keys {
		last[key] = i
	}
	return s.each(ctx, keys, func(i int) error {
		if last[keys[i]] != i {
			return nil
		}
		return s.SetValue(ctx, keys[i], values[i], expire)
	})
}

// DeleteManyValues implements BulkStorage, like SetManyValues.
// Python: delete_many_values.
func (s *MemcacheStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	return s.each(ctx, keys, func(i int) error { return s.DeleteValue(ctx, keys[i]) })
}

// HasManyValues implements BulkStorage. It reads the values, because the client has no
// other way to ask. A failed key has its error in the BulkErrors and the answer false.
func (s *MemcacheStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	values, err := s.GetManyValues(ctx, keys)
	has := make([]bool, len(values))
	for i, v := range values {
		has[i] = v != any(ErrNotFound)
	}
	return has, err
}

// TouchManyValues implements BulkStorage, like SetManyValues.
func (s *MemcacheStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	return s.each(ctx, keys, func(i int) error { return s.TouchValue(ctx, keys[i], expire) })
}

// each calls do for every key, until ctx is done.
func (s *MemcacheStorage) each(ctx context.Context, keys []string, do func(i int) error) error {
	errs := make([]error, len(keys))
	s.spread(len(keys), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			errs[i] = do(i)
		}
	})
	return bulkErrors(errs)
}

// spread calls do for 0 to n-1, on as many connections at a time as the client keeps.
func (s *MemcacheStorage) spread(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(s.connections(), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func (s *MemcacheStorage) connections() int {
	if c, ok := s.Client.(*memcache.Client); ok && c.MaxIdleConns > 0 {
		return c.MaxIdleConns
	}
	return memcache.DefaultMaxIdleConns
}

// A server that restarts, or that closes idle connections, leaves the client with dead
// connections, each of which fails one request. The storage then repeats the request on
// a new connection: it tells the client to close its idle connections, after which the
// client can still be used.

// onLiveConnection calls do, and calls it once more if the server had closed the
// connection.
func onLiveConnection[T any](s *MemcacheStorage, do func() (T, error)) (T, error) {
	closings := s.closings.Load()
	result, err := do()
	if err == nil || !s.dropClosed(err, closings) {
		return result, err
	}
	return do()
}

// write is onLiveConnection for a change. The server may already have made the change:
// repeating it has no further effect, and the caller still waits for it.
func (s *MemcacheStorage) write(do func() error) error {
	_, err := onLiveConnection(s, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// dropClosed reports whether err comes from a closed connection. It closes the idle
// connections, unless another call has done so since the count was closings.
func (s *MemcacheStorage) dropClosed(err error, closings int64) bool {
	if !isClosed(err) {
		return false
	}
	if c, ok := s.Client.(*memcache.Client); ok && s.closings.CompareAndSwap(closings, closings+1) {
		_ = c.Close()
	}
	return true
}

func isClosed(err error) bool {
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET, syscall.ECONNABORTED} {
		if errors.Is(err, closed) {
			return true
		}
	}
	return false
}

func isTimeout(err error) bool {
	var dial *memcache.ConnectTimeoutError
	var timeout net.Error
	return errors.As(err, &dial) || errors.As(err, &timeout) && timeout.Timeout()
}
