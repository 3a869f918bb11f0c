package ring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring/internal/codec"
)

var (
	_ AgedStorage    = (*MemcacheStorage)(nil)
	_ CondStorage    = (*MemcacheStorage)(nil)
	_ ShortenStorage = (*MemcacheStorage)(nil)
)

var (
	errNoAges      = fmt.Errorf("%w: Memcached tells the age of a value only to a rope with Freshness", errors.ErrUnsupported)
	errOnlyToStale = fmt.Errorf("%w: Memcached does not tell the time left to a value, so it can only be shortened to that of a stale one", errors.ErrUnsupported)
)

// condClient is a MemcacheClient that can store on conditions, as a *memcache.Client can.
type condClient interface {
	Add(item *memcache.Item) error
	CompareAndSwap(item *memcache.Item) error
}

var _ condClient = (*memcache.Client)(nil)

func (s *MemcacheStorage) condClient() (condClient, error) {
	client, ok := s.Client.(condClient)
	if !ok {
		return nil, fmt.Errorf("%w: %T has no methods Add and CompareAndSwap", errors.ErrUnsupported, s.Client)
	}
	return client, nil
}

// GetAged implements AgedStorage for a rope with Freshness; for others it is
// errors.ErrUnsupported. Left is not exact, but tells the states of Freshness apart. It is
// read off keys beside the value, in the same request: if one of them is lost, the value
// looks older than it is. The Version is the text of the value.
func (s *MemcacheStorage) GetAged(ctx context.Context, key string) (Aged, error) {
	if len(s.ages.markers) == 0 {
		return Aged{}, errNoAges
	}
	items, err := s.getMulti(s.ages.keys(key))
	item := items[MemcacheKey(key)]
	if item == nil && err != nil { // perhaps only a marker's server has failed
		item, err = s.item(key)
	}
	switch {
	case item != nil:
		return s.aged(key, item, items), nil
	case err == nil || errors.Is(err, memcache.ErrCacheMiss):
		return Aged{}, ErrNotFound
	}
	return Aged{}, err
}

func (s *MemcacheStorage) aged(key string, item *memcache.Item, items map[string]*memcache.Item) Aged {
	return Aged{Value: itemValue(item), Left: s.ages.left(key, item.Value, items), Version: string(item.Value)}
}

// GetManyAged implements AgedStorage: one request to every server concerned. It fails as
// GetManyValues does, and as GetAged for a rope without Freshness.
func (s *MemcacheStorage) GetManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	if len(s.ages.markers) == 0 {
		return nil, errNoAges
	}
	if len(keys) == 0 {
		return nil, nil
	}
	var all []string
	for _, key := range keys {
		all = append(all, s.ages.keys(key)...)
	}
	items, failed := s.getMulti(distinct(all))
	values, err := s.valuesOf(ctx, keys, items, failed)
	aged := make([]Aged, len(keys))
	for i, key := range keys {
		aged[i].Value = values[i]
		if item := items[MemcacheKey(key)]; item != nil {
			aged[i] = s.aged(key, item, items)
		} else if data, ok := values[i].([]byte); ok { // found after a failure
			aged[i] = s.aged(key, &memcache.Item{Value: data}, items)
		}
	}
	return aged, err
}

// AddValue implements CondStorage by add. A client without the method Add cannot: that is
// errors.ErrUnsupported. If the request is repeated on a new connection, it may report
// false for its own store.
func (s *MemcacheStorage) AddValue(_ context.Context, key string, value any, expire time.Duration) (bool, error) {
	client, err := s.condClient()
	if err != nil {
		return false, err
	}
	return s.storeIf(key, &memcache.Item{Key: MemcacheKey(key)}, client.Add, value, expire)
}

// ReplaceValue implements CondStorage: what is stored under the key is still that version
// if it has the same text, and cas stores if nothing else has been stored since that was
// compared. A client without the method CompareAndSwap cannot: that is
// errors.ErrUnsupported. If the request is repeated on a new connection, it may report
// false for its own store.
func (s *MemcacheStorage) ReplaceValue(_ context.Context, key string, version, value any, expire time.Duration) (bool, error) {
	client, err := s.condClient()
	if err != nil {
		return false, err
	}
	text, ok := version.(string)
	if !ok {
		return false, fmt.Errorf("%w: the version is what GetAged returned, a string, not %T", ErrArguments, version)
	}
	item, err := s.item(key)
	if err != nil || string(item.Value) != text {
		return false, ignoreMiss(err)
	}
	item.Flags = 0
	return s.storeIf(key, item, client.CompareAndSwap, value, expire)
}

// storeIf stores a value by a method that may refuse.
func (s *MemcacheStorage) storeIf(key string, item *memcache.Item, store func(*memcache.Item) error, value any, expire time.Duration) (bool, error) {
	data, err := codec.DataBytes(value)
	if err != nil {
		return false, err
	}
	item.Value, item.Expiration = data, memcacheExpiry(expire, time.Now())
	err = s.write(func() error { return store(item) })
	for _, refusal := range []error{memcache.ErrNotStored, memcache.ErrCASConflict, memcache.ErrCacheMiss} {
		if errors.Is(err, refusal) {
			return false, nil
		}
	}
	if err != nil {
		return false, fmt.Errorf("set a value of %d bytes: %w", len(data), err)
	}
	s.mark(key, data, expire)
	return true, nil
}

// ShortenValue implements ShortenStorage for a rope with Freshness, down to the time that
// a stale value has left or less. Anything else is errors.ErrUnsupported.
func (s *MemcacheStorage) ShortenValue(_ context.Context, key string, left time.Duration) error {
	switch {
	case len(s.ages.markers) == 0:
		return errNoAges
	case left > s.ages.stale:
		return errOnlyToStale
	}
	return s.shorten(key, left)
}
