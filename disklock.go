package ring

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ring-go/ring/internal/filelock"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// diskLocks is the directory of the locks within that of a cache. Its name begins like that of
// the database, so that neither Python's Cache.check nor ours takes its files for values that
// were left behind.
const diskLocks = "cache.db-ring-lock"

// keepLocks makes the writes of this storage void the locks of their keys.
func (s *DiskCacheStorage) keepLocks() (store.Locker, error) {
	obj, ok := s.Obj.(interface{ Directory() string })
	if _, err := s.agedObj(); !ok || err != nil {
		return nil, fmt.Errorf("%w: %T has no Lock: give a *diskcache.Cache", errors.ErrUnsupported, s.Obj)
	}
	s.locks = filelock.New(filepath.Join(obj.Directory(), diskLocks))
	return diskLocker{s}, nil
}

// void takes the locks of keys from whoever runs, before their values are written.
func (s *DiskCacheStorage) void(ctx context.Context, keys ...string) error {
	if s.locks == nil {
		return nil
	}
	return s.locks.Void(ctx, keys...)
}

// diskLocker is a store.Locker.
type diskLocker struct{ storage *DiskCacheStorage }

func (l diskLocker) Acquire(_ context.Context, key string, _ time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	lease, err := l.storage.locks.Acquire(key)
	if err != nil || lease == nil {
		return nil, nil, 0, err
	}
	return diskLease{lease, l.storage, key}, nil, 0, nil
}

func (l diskLocker) Listen(string) store.Bell { return nil }

// Poll implements store.Poller.
func (l diskLocker) Poll() store.Locker { return l }

// Pause implements store.Poller.
func (l diskLocker) Pause() time.Duration { return filelock.Pause }

type diskLease struct {
	*filelock.Lease
	storage *DiskCacheStorage
	key     string
}

func (l diskLease) Store(ctx context.Context, data any, expire time.Duration, base *flight.Age) (stored bool, err error) {
	ctx = context.WithoutCancel(ctx)
	held, err := l.Finish(ctx, func() (err error) {
		switch {
		case base == nil || !base.Absent && base.Version == nil:
			stored = true
			return l.storage.set(ctx, l.key, data, expire)
		case base.Absent:
			stored, err = l.storage.AddValue(ctx, l.key, data, expire)
		default:
			stored, err = l.storage.ReplaceValue(ctx, l.key, base.Version, data, expire)
		}
		return err
	})
	return held && stored && err == nil, err
}
