package ring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/filelock"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// keepLocks makes the writes of this storage void the locks of their keys. The locks are in a
// directory beside the shelf.
func (s *ShelveStorage) keepLocks() (store.Locker, error) {
	shelf, ok := s.Shelf.(interface{ Path() string })
	if !ok {
		return nil, fmt.Errorf("%w: %T has no Lock: give a *shelve.Shelf", errors.ErrUnsupported, s.Shelf)
	}
	s.locks = filelock.New(shelf.Path() + "-ring-lock")
	return shelfLocker{s}, nil
}

// void takes the locks of keys from whoever runs, before their values are written.
func (s *ShelveStorage) void(ctx context.Context, keys ...string) error {
	if s.locks == nil {
		return nil
	}
	return s.locks.Void(ctx, keys...)
}

// pickled returns the pickle of a value; nil: there is none.
func (s *ShelveStorage) pickled(ctx context.Context, key string) ([]byte, error) {
	data, err := s.Shelf.GetBytes(ctx, key)
	if err = codec.NotFound(err); errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return data, err
}

// shelfLocker is a store.Locker and a store.Adder.
type shelfLocker struct{ storage *ShelveStorage }

func (l shelfLocker) Acquire(ctx context.Context, key string, _ time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	lease, err := l.storage.locks.Acquire(key)
	if err != nil || lease == nil {
		return nil, nil, 0, err
	}
	was, err := l.storage.pickled(ctx, key)
	if err != nil {
		return nil, nil, 0, errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
	}
	return shelfLease{lease, l.storage, key, was}, nil, 0, nil
}

func (l shelfLocker) Listen(string) store.Bell { return nil }

// Poll implements store.Poller.
func (l shelfLocker) Poll() store.Locker { return l }

// Pause implements store.Poller.
func (l shelfLocker) Pause() time.Duration { return filelock.Pause }

// AddValue implements store.Adder. Another program can write in between.
func (l shelfLocker) AddValue(ctx context.Context, key string, value any, _ time.Duration) (added bool, err error) {
	ctx = context.WithoutCancel(ctx)
	err = l.storage.locks.Guard(ctx, key, func() error {
		added, err = l.storage.setIf(ctx, key, nil, value)
		return err
	})
	return added, err
}

type shelfLease struct {
	*filelock.Lease
	storage *ShelveStorage
	key     string
	was     []byte // the pickle when the lock was taken
}

func (l shelfLease) Store(ctx context.Context, data any, _ time.Duration, _ *flight.Age) (stored bool, err error) {
	ctx = context.WithoutCancel(ctx)
	_, err = l.Finish(ctx, func() (err error) {
		stored, err = l.storage.setIf(ctx, l.key, l.was, data)
		return err
	})
	return stored && err == nil, err
}

// setIf stores a value if there is that pickle under the key. A shelf cannot do both at once, so
// that another program, which knows no locks, can write in between.
func (s *ShelveStorage) setIf(ctx context.Context, key string, was []byte, value any) (bool, error) {
	now, err := s.pickled(ctx, key)
	if err != nil || (now == nil) != (was == nil) || !bytes.Equal(now, was) {
		return false, err
	}
	return true, codec.PickleError(s.Shelf.SetContext(ctx, key, value))
}
