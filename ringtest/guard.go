package ringtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/standin"
)

// Guard fails the test if a caller changes what is cached: the elements of a slice or a map,
// or what a pointer points to. Everybody who gets such a value gets the same one. The report
// names the rope, the key and what has changed. Without ropes these are all that are alive; a
// rope that is made later is not among them.
//
// It watches the values of storages that keep the values themselves, such as Lru and Dict;
// others give every caller a copy. It watches a value from when it is stored until it is
// deleted through the rope; one that is overwritten, evicted or expired is still in the hands
// of those who got it. What was stored before Guard is not watched: call Isolate as well.
//
// Values are compared when the test ends, after the functions that were given to t.Cleanup
// later than Guard. Goroutines that use them have to be done by then, else this is a race.
// Unexported fields count, and so do cycles. Of a func and a channel it counts which it is,
// not what is in it. A struct with a field of package sync or sync/atomic is made to be
// changed, and so is all that it holds: it is not looked at.
//
// Calls are slower meanwhile, for they go through the storage.
func Guard(t testing.TB, ropes ...*ring.Rope) {
	t.Helper()
	for _, r := range targets(t, ropes) {
		w := &watch{rope: r.rope.Config().Name, of: map[string][]watched{}}
		remove := standin.Ropes.Put(r.rope, standin.Layer{Watch: w.over})
		t.Cleanup(func() {
			remove()
			w.check(t)
		})
	}
}

// watch holds the values that a rope has stored.
type watch struct {
	rope string

	mu   sync.Mutex
	of   map[string][]watched // by key
	keys []string             // in the order of the first store
}

// watched is a value and what it was when it was stored.
type watched struct {
	value any
	was   *node
}

func (w *watch) stored(key string, value any) {
	entry := watched{value, snapshot(value)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.of[key]; !known {
		w.keys = append(w.keys, key)
	}
	w.of[key] = append(w.of[key], entry)
}

func (w *watch) deleted(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of[key] != nil {
		w.of[key] = []watched{}
	}
}

func (w *watch) cleared(prefix string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.of {
		if strings.HasPrefix(key, prefix) {
			w.of[key] = []watched{}
		}
	}
}

// maxReports is how many changed values a rope reports.
const maxReports = 10

func (w *watch) check(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	reports := 0
	for _, key := range w.keys {
		for _, entry := range w.of[key] {
			changes := differences(entry.was, snapshot(entry.value))
			if len(changes) == 0 {
				continue
			}
			if reports++; reports > maxReports {
				t.Errorf("ringtest: %s: more cached values were changed", w.rope)
				return
			}
			t.Errorf("ringtest: %s %q: a cached value was changed by a caller, for all who get it; copy it before changing it:%s", w.rope, key, changes)
		}
	}
}

// over returns a storage that watches what is written to one that keeps the values themselves.
func (w *watch) over(under standin.Storage) standin.Storage {
	if s, ok := under.(ring.InMemory); !ok || !s.InMemoryStorage() {
		return nil
	}
	return &guarded{under, w}
}

// guarded is a storage whose values are watched.
type guarded struct {
	under standin.Storage
	watch *watch
}

func (g *guarded) InMemoryStorage() bool { return true }

func (g *guarded) GetValue(ctx context.Context, key string) (any, error) {
	return g.under.GetValue(ctx, key)
}

// SetValue takes the snapshot first: once the value is stored, others can have it.
func (g *guarded) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	g.watch.stored(key, value)
	return g.under.SetValue(ctx, key, value, expire)
}

func (g *guarded) DeleteValue(ctx context.Context, key string) error {
	g.watch.deleted(key)
	return g.under.DeleteValue(ctx, key)
}

func (g *guarded) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	g.watch.cleared(prefix)
	return clearPrefix(ctx, g.under, prefix)
}

func (g *guarded) HasValue(ctx context.Context, key string) (bool, error) {
	return hasValue(ctx, g.under, key)
}

func (g *guarded) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	return touchValue(ctx, g.under, key, expire)
}

func (g *guarded) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	return ttlValue(ctx, g.under, key)
}

func (g *guarded) ShortenValue(ctx context.Context, key string, left time.Duration) error {
	return shortenValue(ctx, g.under, key, left)
}

func (g *guarded) Size() (limit, current int) { return sizeOf(g.under) }

// What a storage is asked for that it may not be able to do.

func hasValue(ctx context.Context, s standin.Storage, key string) (bool, error) {
	if has, ok := s.(ring.HasStorage); ok {
		return has.HasValue(ctx, key)
	}
	_, err := s.GetValue(ctx, key)
	if errors.Is(err, ring.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func touchValue(ctx context.Context, s standin.Storage, key string, expire time.Duration) error {
	if touch, ok := s.(ring.TouchStorage); ok {
		return touch.TouchValue(ctx, key, expire)
	}
	return fmt.Errorf("%w: %T cannot touch", errors.ErrUnsupported, s)
}

func clearPrefix(ctx context.Context, s standin.Storage, prefix string) (int, error) {
	if c, ok := s.(ring.ClearStorage); ok {
		return c.ClearPrefix(ctx, prefix)
	}
	return 0, fmt.Errorf("%w: %T cannot tell its keys", errors.ErrUnsupported, s)
}

func ttlValue(ctx context.Context, s standin.Storage, key string) (time.Duration, error) {
	if ttl, ok := s.(ring.TTLStorage); ok {
		return ttl.TTLValue(ctx, key)
	}
	return 0, fmt.Errorf("%w: %T does not know the time left", errors.ErrUnsupported, s)
}

func shortenValue(ctx context.Context, s standin.Storage, key string, left time.Duration) error {
	if shorten, ok := s.(ring.ShortenStorage); ok {
		return shorten.ShortenValue(ctx, key, left)
	}
	return fmt.Errorf("%w: %T cannot shorten the life of a value", errors.ErrUnsupported, s)
}

func sizeOf(s standin.Storage) (limit, current int) {
	if sized, ok := s.(ring.SizedStorage); ok {
		return sized.Size()
	}
	return ring.Unbounded, -1
}
