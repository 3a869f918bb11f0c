package ring_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// memcacheModel is a Memcached in memory, for the clock of a bubble.
type memcacheModel struct {
	mu     sync.Mutex
	items  map[string]memcache.Item
	casID  uint64
	looked int // requests that read
}

func (m *memcacheModel) live(key string) (memcache.Item, bool) {
	item, ok := m.items[key]
	if ok && item.Expiration != 0 && time.Now().Unix() >= int64(item.Expiration) {
		delete(m.items, key)
		ok = false
	}
	return item, ok
}

// put stores an item if there is one, or none, or either, as the condition says of the one there.
func (m *memcacheModel) put(item *memcache.Item, may func(there memcache.Item, ok bool) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := may(m.live(item.Key)); err != nil {
		return err
	}
	stored := *item
	m.casID++
	stored.CasID, stored.Value = m.casID, []byte(string(item.Value))
	if stored.Expiration != 0 {
		stored.Expiration += int32(time.Now().Unix())
	}
	m.items[item.Key] = stored
	return nil
}

func (m *memcacheModel) Set(item *memcache.Item) error {
	return m.put(item, func(memcache.Item, bool) error { return nil })
}

func (m *memcacheModel) Add(item *memcache.Item) error {
	return m.put(item, func(_ memcache.Item, ok bool) error {
		if ok {
			return memcache.ErrNotStored
		}
		return nil
	})
}

func (m *memcacheModel) CompareAndSwap(item *memcache.Item) error {
	return m.put(item, func(there memcache.Item, ok bool) error {
		switch {
		case !ok:
			return memcache.ErrCacheMiss
		case there.CasID != item.CasID:
			return memcache.ErrCASConflict
		}
		return nil
	})
}

func (m *memcacheModel) Get(key string) (*memcache.Item, error) {
	items, _ := m.GetMulti([]string{key})
	if items[key] == nil {
		return nil, memcache.ErrCacheMiss
	}
	return items[key], nil
}

func (m *memcacheModel) GetMulti(keys []string) (map[string]*memcache.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looked++
	found := map[string]*memcache.Item{}
	for _, key := range keys {
		if item, ok := m.live(key); ok {
			found[key] = &item
		}
	}
	return found, nil
}

func (m *memcacheModel) Delete(key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.items, key)
	return nil
}

func (m *memcacheModel) Touch(string, int32) error { return nil }

// leased is a rope over a model, under a lease. It has a client of its own, as another process.
func leased(m *memcacheModel, lease time.Duration, fn any) *ring.Rope {
	return ring.Wrap(fn, ring.Memcache{Client: &struct{ *memcacheModel }{m}, KeyPrefix: "f", Expire: time.Hour, Options: ring.Options{Lock: ring.Lock{Lease: lease}}})
}

// ownLock is one that a dead process has left, in the words of a living one.
func ownLock(token string, lease time.Duration) []byte {
	return fmt.Appendf(nil, "%s %d 1", token, lease.Milliseconds())
}

// TestMemcacheLockOfTheDead: a lock that nobody renews is taken when the waiting call has seen it
// unchanged for the lease that it names, although the server counts in seconds.
func TestMemcacheLockOfTheDead(t *testing.T) {
	for name, lock := range map[string]string{"with its lease": string(ownLock("dead", 300*time.Millisecond)), "of another version": "dead"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memcacheModel{items: map[string]memcache.Item{}}
				require.NoError(t, m.Add(&memcache.Item{Key: "ring-lock:f:a", Value: []byte(lock), Expiration: 1000}))
				f := leased(m, 300*time.Millisecond, func(string) string { return "new" })
				began := time.Now()
				value, err := f.Call("a")
				require.NoError(t, err)
				assert.Equal(t, "new", value)
				took := time.Since(began)
				assert.GreaterOrEqual(t, took, 300*time.Millisecond)
				assert.LessOrEqual(t, took, 335*time.Millisecond)
				_, err = m.Get("ring-lock:f:a")
				assert.ErrorIs(t, err, memcache.ErrCacheMiss, "it is released")
			})
		})
	}
}

// TestMemcacheLockIsRenewed: nobody takes the lock of a run that lives, however long that lasts,
// and the others ask for its end at a steady pace.
func TestMemcacheLockIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memcacheModel{items: map[string]memcache.Item{}}
		runs := 0
		fn := func(string) string {
			runs++
			time.Sleep(10 * time.Second)
			return "value"
		}
		ended := make(chan time.Duration, 4)
		began := time.Now()
		for range 4 {
			f := leased(m, 300*time.Millisecond, fn)
			go func() {
				value, err := f.Call("a")
				assert.NoError(t, err)
				assert.Equal(t, "value", value)
				ended <- time.Since(began)
			}()
			synctest.Wait()
		}
		for range 4 {
			assert.LessOrEqual(t, <-ended, 10*time.Second+25*time.Millisecond)
		}
		assert.Equal(t, 1, runs)
		assert.Less(t, m.looked, 3*10_000/10+200, "three that wait, and the renewals")
	})
}

// TestMemcacheLockTaken: a process that lost its lock, because it stood still for longer than a
// lease, stores nothing, and neither releases nor renews the lock of the next one.
func TestMemcacheLockTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memcacheModel{items: map[string]memcache.Item{}}
		still := &standstill{m, make(chan struct{}, 1)}
		still.moves <- struct{}{}
		version := "old"
		gate := make(chan struct{})
		stopped := ring.Wrap(func(string) string {
			was := version
			<-gate
			return was
		}, ring.Memcache{Client: still, KeyPrefix: "f", Options: ring.Options{Lock: ring.Lock{Lease: 300 * time.Millisecond}}})
		first := make(chan any, 1)
		go func() { first <- must(stopped.Call("a")) }()
		synctest.Wait()
		<-still.moves
		version = "new"
		var lock *memcache.Item
		next := leased(m, 300*time.Millisecond, func(string) string {
			still.moves <- struct{}{}
			time.Sleep(time.Second) // the other one tries to renew
			close(gate)
			assert.Equal(t, "old", <-first)
			lock, _ = m.Get("ring-lock:f:a")
			return version
		})
		value, err := next.Call("a")
		require.NoError(t, err)
		assert.Equal(t, "new", value)
		assert.NotNil(t, lock)
		item, err := m.Get("f:a")
		require.NoError(t, err)
		assert.Equal(t, "new", string(item.Value))
	})
}

// standstill is the client of a process that can stand still.
type standstill struct {
	*memcacheModel
	moves chan struct{} // holds a token, unless the process stands still
}

func (s *standstill) move() {
	<-s.moves
	s.moves <- struct{}{}
}

func (s *standstill) GetMulti(keys []string) (map[string]*memcache.Item, error) {
	s.move()
	return s.memcacheModel.GetMulti(keys)
}

func (s *standstill) Get(key string) (*memcache.Item, error) {
	s.move()
	return s.memcacheModel.Get(key)
}

// TestMemcacheLockWhileStoring: the lock of a process that is about to store is not taken, since
// a Delete has to wait for that store.
func TestMemcacheLockWhileStoring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memcacheModel{items: map[string]memcache.Item{}}
		lock := "storing " + string(ownLock("slow", 100*time.Millisecond))
		require.NoError(t, m.Add(&memcache.Item{Key: "ring-lock:f:a", Value: []byte(lock), Expiration: 4}))
		f := leased(m, 100*time.Millisecond, func(string) string { return "new" })
		began := time.Now()
		_, err := f.Call("a")
		require.NoError(t, err)
		assert.Greater(t, time.Since(began), 2*time.Second)
	})
}

// TestMemcacheLockFindsTheValue: who waits takes what was stored meanwhile, also if it is asked
// for its age, and writes no lock for that.
func TestMemcacheLockFindsTheValue(t *testing.T) {
	for name, freshness := range map[string]ring.Freshness{"plain": {}, "aged": {StaleWhileRevalidate: time.Minute}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memcacheModel{items: map[string]memcache.Item{}}
				o := ring.Options{Freshness: freshness, Lock: ring.Lock{Lease: time.Hour}}
				f := ring.Wrap(func(context.Context, string) string { panic("it runs") }, ring.Memcache{Client: m, KeyPrefix: "f", Expire: time.Hour, Options: o})
				other := ring.Wrap(func(context.Context, string) string { return "" }, ring.Memcache{Client: m, KeyPrefix: "f", Expire: time.Hour, Options: ring.Options{Freshness: freshness}})
				require.NoError(t, m.Add(&memcache.Item{Key: "ring-lock:f:a", Value: ownLock("other", time.Hour)}))
				go func() {
					time.Sleep(time.Second)
					assert.NoError(t, other.Set("theirs", "a"))
				}()
				value, err := f.Call("a")
				require.NoError(t, err)
				assert.Equal(t, "theirs", value)
				item, err := m.Get("ring-lock:f:a")
				require.NoError(t, err)
				assert.True(t, strings.HasPrefix(string(item.Value), "other"))
			})
		})
	}
}
