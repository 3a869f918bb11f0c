package ring

import (
	"fmt"
	"path/filepath"
	"reflect"

	"github.com/redis/go-redis/v9"
)

// place is where a rope keeps its values. Ropes whose places have one id find each
// other's entries there.
type place struct {
	id      any    // comparable; nil: nobody can tell whether another place is the same
	text    string // for people
	outside bool   // other processes reach it
}

// place goes by what ring's own storages stand on. Of any other storage only its own
// address says that two ropes have it in common: a storage over the same client may
// well change the keys.
func (s *BaseStorage) place() place {
	p := place{outside: !s.memory}
	switch storage := s.storage.(type) {
	case *LruStorage:
		p.id, p.text = storage.Cache, fmt.Sprintf("%T", storage.Cache)
	case *ExpirableDictStorage:
		p.id, p.text = storage.dict, fmt.Sprintf("%T", s.backend)
	case *PersistentDictStorage:
		p.id, p.text = storage.dict, fmt.Sprintf("%T", s.backend)
	case *RedisStorage:
		p.id, p.text = redisPlace(storage.Client)
	case *RedisHashStorage:
		id, text := redisPlace(storage.Client)
		p.id, p.text = redisHash{id, storage.HashKey}, fmt.Sprintf("hash %q of %s", storage.HashKey, text)
	case *MemcacheStorage:
		p.id, p.text = storage.Client, "memcached"
	case *ShelveStorage:
		p.id, p.text = shelfPlace(storage.Shelf)
	case *DiskCacheStorage:
		p.id, p.text = diskPlace(storage.Obj)
	default:
		p.text = fmt.Sprintf("%T", s.backend)
		if v := reflect.ValueOf(storage); v.Kind() == reflect.Pointer && v.Type().Elem().Size() > 0 {
			p.id = storage
		}
	}
	if p.id != nil && !reflect.ValueOf(p.id).Comparable() {
		p.id = nil
	}
	return p
}

// redisServer and redisHash are places in Redis.
type redisServer struct {
	network, addr string
	db            int
}

type redisHash struct {
	client any
	key    string
}

// redisPlace is the database of one server, which several clients can reach, or else
// the client. All clients of Sentinels name one address, which is none.
func redisPlace(client redis.UniversalClient) (id any, text string) {
	c, ok := client.(*redis.Client)
	if !ok || c.Options().Addr == "FailoverClient" {
		return client, fmt.Sprintf("Redis by a %T", client)
	}
	o := c.Options()
	return redisServer{o.Network, o.Addr, o.DB}, fmt.Sprintf("Redis at %s, database %d", o.Addr, o.DB)
}

// path is a place in the file system.
type path string

func shelfPlace(shelf Shelf) (id any, text string) {
	if s, ok := shelf.(interface{ Path() string }); ok {
		return path(s.Path()), "the shelf " + s.Path()
	}
	return shelf, fmt.Sprintf("%T", shelf)
}

func diskPlace(obj DiskCacheObj) (id any, text string) {
	d, ok := obj.(interface{ Directory() string })
	if !ok {
		return obj, fmt.Sprintf("%T", obj)
	}
	directory := d.Directory()
	resolved, err := filepath.EvalSymlinks(directory)
	if err != nil { // it is gone, or never was
		resolved = directory
	}
	return path(resolved), "the directory " + directory
}
