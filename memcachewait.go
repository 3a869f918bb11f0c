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
	_ store.Poller = (*memcacheLocks)(nil)
	_ store.Locker = (*memcacheWaiter)(nil)
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

// Acquire implements store.Locker. From its second try on it looks before it takes a lock, and
// tells what is stored in any case.
func (w *memcacheWaiter) Acquire(ctx context.Context, key string, span time.Duration) (store.Lease, *store.Found, time.Duration, error) {
	was, again := w.seen[key]
	if !again {
		w.seen[key] = sighting{}
		return w.memcacheLocks.Acquire(ctx, key, span)
	}
	items, err := w.storage.getMulti(append(w.storage.ages.keys(key), lockKey(key)))
	item := items[lockKey(key)]
	switch {
	case item == nil && err != nil:
		return nil, nil, 0, err
	case item == nil:
		return w.memcacheLocks.Acquire(ctx, key, span)
	}
	lock := string(item.Value)
	if lock != was.lock {
		was = sighting{lock, time.Now()}
		w.seen[key] = was
	}
	left := spanIn(lock, span) - time.Since(was.since)
	if left > 0 || strings.HasPrefix(lock, storing) {
		return nil, w.foundIn(key, items), max(left, 0), nil
	}
	return w.take(ctx, key, span, item, w.client.CompareAndSwap)
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
