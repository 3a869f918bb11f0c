package ring

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring/internal/store"
)

// pollEvery is how often a call asks for the end of a lock. There is one such call for a key in
// each process.
const pollEvery = 15 * time.Millisecond

// Pause implements store.Poller: between two and four thirds of pollEvery, so that the processes
// do not ask all at once.
func (l *memcacheLocks) Pause() time.Duration {
	return pollEvery*2/3 + rand.N(pollEvery*2/3)
}

// Poll implements store.Poller.
func (l *memcacheLocks) Poll() store.Locker {
	return &memcacheWaiter{memcacheLocks: l, seen: map[string]sighting{}}
}

var (
	_ store.Poller     = (*memcacheLocks)(nil)
	_ store.ManyStorer = (*memcacheLocks)(nil)
	_ store.ManyLocker = (*memcacheWaiter)(nil)
)

// memcacheWaiter is the store.Locker of a call that waits for locks. It takes one that was not
// renewed for a whole lease while the call looked at it: as its own clock says, since those of
// two machines differ. What the server compares when it is taken is that nobody has renewed it
// since the last look.
type memcacheWaiter struct {
	*memcacheLocks
	seen map[string]sighting // by the key
}

// sighting is a lock that others hold.
type sighting struct {
	lock  string
	since time.Time // when it was seen first
}

// Acquire implements store.Locker.
func (w *memcacheWaiter) Acquire(ctx context.Context, key string, span time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	t := w.AcquireMany(ctx, []string{key}, span)[0]
	return t.Lease, t.Found, t.Left, t.Err
}

// AcquireMany implements store.ManyLocker. From the second try for a key on it looks before it
// takes the lock, and tells what is stored in any case.
func (w *memcacheWaiter) AcquireMany(ctx context.Context, keys []string, span time.Duration) []store.Try {
	items, err := w.look(keys)
	tries := make([]store.Try, len(keys))
	take := make([]*memcache.Item, len(keys)) // to be taken; nil: it is not
	for n, key := range keys {
		item, known := items[lockKey(key)]
		_, again := w.seen[key]
		switch {
		case !again:
			w.seen[key] = sighting{}
			take[n] = &memcache.Item{Key: lockKey(key)}
		case !known && err != nil:
			tries[n].Err = err
		case !known:
			take[n] = &memcache.Item{Key: lockKey(key)}
		case w.isLeft(key, item, span, &tries[n].Left):
			take[n] = item
		default:
			tries[n].Found = w.foundIn(key, items)
		}
	}
	w.storage.spread(len(keys), func(n int) {
		if item := take[n]; item != nil {
			t, method := &tries[n], w.client.Add
			if item.Value != nil {
				method = w.client.CompareAndSwap
			}
			t.Lease, t.Found, t.Left, t.Err = w.take(ctx, keys[n], span, item, method)
		}
	})
	return tries
}

// look gets the locks and the values of those keys that were tried before.
func (w *memcacheWaiter) look(keys []string) (map[string]*memcache.Item, error) {
	var all []string
	for _, key := range keys {
		if _, again := w.seen[key]; again {
			all = append(append(all, w.storage.ages.keys(key)...), lockKey(key))
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return w.storage.getMulti(distinct(all))
}

// isLeft reports whether a dead process has left a lock, or else how long that takes to tell.
func (w *memcacheWaiter) isLeft(key string, item *memcache.Item, span time.Duration, left *time.Duration) bool {
	lock := string(item.Value)
	if lock != w.seen[key].lock {
		w.seen[key] = sighting{lock, time.Now()}
	}
	*left = max(spanIn(lock, span)-time.Since(w.seen[key].since), 0)
	return *left == 0 && !strings.HasPrefix(lock, storing)
}

// foundIn returns what is stored under a key by the items of a look.
func (l *memcacheLocks) foundIn(key string, items map[string]*memcache.Item) *store.Found {
	item := items[MemcacheKey(key)]
	switch {
	case item == nil:
		return &store.Found{}
	case len(l.storage.ages.markers) == 0:
		return &store.Found{Aged: plainAged(item), Hit: true}
	}
	return &store.Found{Aged: store.Aged(l.storage.aged(key, item, items)), Hit: true}
}

// plainAged is for a rope to which the age of a value does not matter.
func plainAged(item *memcache.Item) store.Aged {
	return store.Aged{Value: itemValue(item), Version: string(item.Value)}
}

// StoreMany implements store.ManyStorer, on several connections at a time.
func (l *memcacheLocks) StoreMany(ctx context.Context, all []store.Storing) (stored []bool, errs []error) {
	stored, errs = make([]bool, len(all)), make([]error, len(all))
	l.storage.spread(len(all), func(n int) {
		s := all[n]
		stored[n], errs[n] = s.Lease.Store(ctx, s.Data, s.Expire, s.Base)
	})
	return stored, errs
}
