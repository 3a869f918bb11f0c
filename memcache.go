package ring

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring/internal/codec"
)

// MemcacheClient is what ring uses of a *memcache.Client.
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
// Python: ring.memcache, ring.func.sync.memcache.
//
// A key that Memcached does not take is replaced by a hash of it; see MemcacheKey.
// Without a Coder the results must be text, bytes or numbers, a nil []byte comes back empty,
// and what a Python client has pickled or compressed by itself is an ErrCoder.
//
// Values outlive the program: when a result type changes, put a version into the KeyPrefix.
//
// A *memcache.Client keeps two idle connections unless MaxIdleConns is set: with more
// callers at a time than that it dials for almost every call. The bulk
// sub-functions that write use as many connections as MaxIdleConns says. A request that
// meets a connection that the server has closed is made once more, and the client's idle
// connections are dropped.
type Memcache struct {
	Client        MemcacheClient // Python: client
	KeyPrefix     string         // "": the function's name. Python: key_prefix
	Expire        time.Duration  // from the store on, in seconds, rounded up, up to one more; 0: none. Python: expire
	Coder         any            // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface  // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass   // nil: NewMemcacheStorage. Python: storage_class
	Options       Options        // its KeyRefactor is MemcacheKey by default. Python: **kwargs
}

func (f Memcache) blueprint() (blueprint, error) {
	if isNil(f.Client) {
		return blueprint{}, errors.New(`Memcache.Client is nil: give a client, such as memcache.New("127.0.0.1:11211")`)
	}
	class := f.StorageClass
	if class == nil {
		class = NewMemcacheStorage
	}
	options := f.Options
	if options.KeyRefactor == nil {
		options.KeyRefactor = MemcacheKey
	}
	return blueprint{
		backend: f.Client, class: class, keyPrefix: f.KeyPrefix, expire: f.Expire,
		coder: f.Coder, ui: f.UserInterface, options: options,
	}, nil
}

// MemcacheStorage keeps values in Memcached. It passes its keys through
// MemcacheKey. Python: ring.func.sync.MemcacheStorage.
type MemcacheStorage struct {
	Client MemcacheClient

	closings atomic.Int64 // how often the idle connections were closed
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

// relativeLimit is up to where Memcached takes an expiry for a span of time. What is
// longer, it takes for a time of day.
const relativeLimit = 30 * 24 * time.Hour

// memcacheExpiry is an expiry as Memcached understands it: rounded up to seconds, and one
// more, since the first one is over when the server's clock next ticks; a long one as an
// absolute time, and one that ends beyond what it can tell as none.
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
	item, err := onLiveConnection(s, func() (*memcache.Item, error) { return s.Client.Get(MemcacheKey(key)) })
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return itemValue(item), nil
}

// The flags by which Python's clients, python-memcached, pylibmc and the serializers of
// pymemcache, note what they have made of a value. With other flags it is text or bytes.
const (
	flagPickled    = 1
	flagCompressed = 8
)

// itemValue is the value of an item, unless a client has stored something else for it.
func itemValue(item *memcache.Item) any {
	if item.Flags&(flagPickled|flagCompressed) == 0 {
		return item.Value
	}
	return codec.Undecodable{Err: fmt.Errorf("it has the flags %d: Python's client has pickled or compressed it; give Python's function a coder, such as \"json\"", item.Flags)}
}

// SetValue implements Storage. A value that the server does not take, for its size,
// is an error that says the size. Python: set_value.
func (s *MemcacheStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	data, err := codec.DataBytes(value)
	if err != nil {
		return err
	}
	item := &memcache.Item{Key: MemcacheKey(key), Value: data, Expiration: memcacheExpiry(expire, time.Now())}
	err = s.write(func() error { return s.Client.Set(item) })
	if err != nil {
		return fmt.Errorf("set a value of %d bytes: %w", len(data), err)
	}
	return nil
}

// DeleteValue implements Storage. Python: delete_value.
func (s *MemcacheStorage) DeleteValue(_ context.Context, key string) error {
	return ignoreMiss(s.write(func() error { return s.Client.Delete(MemcacheKey(key)) }))
}

// TouchValue implements TouchStorage. Python: touch_value.
func (s *MemcacheStorage) TouchValue(_ context.Context, key string, expire time.Duration) error {
	until := memcacheExpiry(expire, time.Now())
	return ignoreMiss(s.write(func() error { return s.Client.Touch(MemcacheKey(key), until) }))
}

func ignoreMiss(err error) error {
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil
	}
	return err
}

// MemcacheKey makes a key that memcached takes: a key of up to 249 printable ASCII
// characters stays as it is, any other becomes "ring-sha1:" and the SHA-1 of it in
// hex. It is for Options.KeyRefactor, where Memcache has it by default.
// Python: ring._memcache.key_refactor.
func MemcacheKey(key string) string {
	plain := len(key) > 0 && len(key) < 250
	for i := 0; plain && i < len(key); i++ {
		plain = '!' <= key[i] && key[i] <= '~'
	}
	if plain {
		return key
	}
	sum := sha1.Sum([]byte(key))
	return "ring-sha1:" + hex.EncodeToString(sum[:])
}

func (s *MemcacheStorage) itself() Storage { return s }

func (s *MemcacheStorage) home() home {
	return home{place: place{s.Client, "memcached"}, backend: s.Client, space: "memcache"}
}
