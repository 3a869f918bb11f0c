package ring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/lease"
	"github.com/ring-go/ring/internal/store"
)

// Memcached changes one key at a time. So the lock of a key has two states: a token while the
// function runs, and a token with storing before it while its value is stored. Who writes the
// value of the key deletes the lock before, and first waits if it is storing: nothing is stored
// then by a run that began earlier.
//
// Memcached counts in seconds. So the lock also says how long its lease is, and how often it was
// renewed: see memcacheWaiter. The expiry of its key is for a lock that nobody waits for.

const (
	lockPrefix = "ring-lock:"
	storing    = "storing "
)

// storingLimit is how long a process that died while it stored blocks those who write.
const storingLimit = 3 * time.Second

// keepLocks makes the writes of this storage void the locks of their keys.
func (s *MemcacheStorage) keepLocks() (store.Locker, error) {
	client, err := s.condClient()
	if err != nil {
		return nil, err
	}
	s.locks = &memcacheLocks{s, client}
	return s.locks, nil
}

// void deletes the lock of a key, before its value is written.
func (s *MemcacheStorage) void(ctx context.Context, key string) error {
	if s.locks == nil {
		return nil
	}
	return s.locks.void(ctx, key)
}

// memcacheLocks is a store.Locker.
type memcacheLocks struct {
	storage *MemcacheStorage
	client  condClient
}

func lockKey(key string) string { return MemcacheKey(lockPrefix + key) }

// Acquire implements store.Locker. Memcached does not tell how long a lock lives.
func (l *memcacheLocks) Acquire(ctx context.Context, key string, span time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	return l.take(ctx, key, span, &memcache.Item{Key: lockKey(key)}, l.client.Add)
}

// take stores a lock of our own in an item, by a method that may refuse. It returns no lease
// then.
func (l *memcacheLocks) take(ctx context.Context, key string, span time.Duration, item *memcache.Item, store func(*memcache.Item) error) (store.Lease, *store.Found, time.Duration, error) {
	held := &memcacheLease{locks: l, key: key, token: rand.Text(), span: span}
	held.write(item)
	err := l.storage.write(func() error { return store(item) })
	switch {
	case isRefusal(err):
		return nil, nil, 0, nil
	case err != nil:
		return nil, nil, 0, err
	}
	found, err := l.find(ctx, key)
	if err != nil {
		return nil, nil, 0, errors.Join(err, ignoreVoided(held.change("", nil)))
	}
	held.renewal = lease.Start(span, func(context.Context) (bool, error) {
		err := held.change("", held.write)
		return !errors.Is(err, errVoided), err
	})
	return held, found, 0, nil
}

func (l *memcacheLocks) find(ctx context.Context, key string) (*store.Found, error) {
	var found store.Aged
	var err error
	if len(l.storage.ages.markers) > 0 {
		var aged Aged
		aged, err = l.storage.GetAged(ctx, key)
		found = store.Aged(aged)
	} else {
		var item *memcache.Item
		if item, err = l.storage.item(key); err == nil {
			found = plainAged(item)
		}
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, memcache.ErrCacheMiss) {
		return &store.Found{}, nil
	}
	return &store.Found{Aged: found, Hit: true}, err
}

// Listen implements store.Locker: nothing tells.
func (l *memcacheLocks) Listen(string) store.Bell { return nil }

// void deletes the lock of a key, after a store that is under way.
func (l *memcacheLocks) void(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*storingLimit)
	defer cancel()
	for {
		item, err := l.item(key)
		if err != nil {
			return ignoreMiss(err)
		}
		if !strings.HasPrefix(string(item.Value), storing) {
			item.Expiration = -1
			if err = l.swap(item); !isRefusal(err) {
				return err
			}
			continue
		}
		timer := time.NewTimer(time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func (l *memcacheLocks) item(key string) (*memcache.Item, error) {
	return onLiveConnection(l.storage, func() (*memcache.Item, error) { return l.storage.Client.Get(lockKey(key)) })
}

func (l *memcacheLocks) swap(item *memcache.Item) error {
	return l.storage.write(func() error { return l.client.CompareAndSwap(item) })
}

// isRefusal tells whether somebody else has changed an item.
func isRefusal(err error) bool {
	return errors.Is(err, memcache.ErrCASConflict) || errors.Is(err, memcache.ErrCacheMiss) || errors.Is(err, memcache.ErrNotStored)
}

// memcacheLease is a store.Lease.
type memcacheLease struct {
	locks      *memcacheLocks
	key, token string
	span       time.Duration
	writes     int // of the lock: taking it, and the renewals after it
	renewal    *lease.Renewal
}

// write makes an item the lock, with a text that it has not had before.
func (m *memcacheLease) write(item *memcache.Item) {
	m.writes++
	item.Value = fmt.Appendf(nil, "%s %d %d", m.token, m.span.Milliseconds(), m.writes)
	item.Expiration = memcacheExpiry(m.span, time.Now())
}

// spanIn returns the lease that a lock says it has, or the one given.
func spanIn(lock string, span time.Duration) time.Duration {
	if words := strings.Fields(lock); len(words) == 3 {
		if ms, err := strconv.Atoi(words[1]); err == nil {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return span
}

// errVoided: the lock is not ours any more.
var errVoided = errors.New("the lock was voided")

// change changes the lock if it is ours still, in the state given; a nil change deletes it.
func (m *memcacheLease) change(state string, change func(*memcache.Item)) error {
	for {
		item, err := m.locks.item(m.key)
		switch {
		case errors.Is(err, memcache.ErrCacheMiss) || err == nil && !strings.HasPrefix(string(item.Value), state+m.token):
			return errVoided
		case err != nil:
			return err
		}
		if item.Expiration = -1; change != nil {
			change(item)
		}
		if err = m.locks.swap(item); !isRefusal(err) {
			return err
		}
	}
}

// Store implements store.Lease.
func (m *memcacheLease) Store(ctx context.Context, data any, expire time.Duration, base *flight.Age) (stored bool, err error) {
	if !m.renewal.End() {
		return false, nil
	}
	err = m.change("", func(item *memcache.Item) {
		item.Value, item.Expiration = []byte(storing+m.token), memcacheExpiry(storingLimit, time.Now())
	})
	if err != nil {
		return false, ignoreVoided(err)
	}
	ctx, s := context.WithoutCancel(ctx), m.locks.storage
	switch {
	case base == nil || !base.Absent && base.Version == nil:
		stored, err = true, s.set(m.key, data, expire)
	case base.Absent:
		stored, err = s.AddValue(ctx, m.key, data, expire)
	default:
		stored, err = s.ReplaceValue(ctx, m.key, base.Version, data, expire)
	}
	return stored && err == nil, errors.Join(err, ignoreVoided(m.change(storing, nil)))
}

// Release implements store.Lease.
func (m *memcacheLease) Release(context.Context) error {
	if !m.renewal.End() {
		return nil
	}
	return ignoreVoided(m.change("", nil))
}

func ignoreVoided(err error) error {
	if errors.Is(err, errVoided) {
		return nil
	}
	return err
}
