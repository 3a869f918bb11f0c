package ring

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

// Memcached does not tell the time left to a value. So each value has markers beside it:
// keys that end earlier than the value does. Which of them are there tells how old it is.
// A marker holds a checksum of its value, so that it says nothing about another value,
// which somebody else has stored since or whose own markers could not be stored. If a
// marker is lost, the value looks older than it is, never younger.

// ages says when the markers of a value end: so long before the value itself.
type ages struct {
	stale, ahead time.Duration // G of Freshness, and its RefreshAhead
	revalidate   time.Duration // its StaleWhileRevalidate
	markers      []marker      // the one that ends first is the first; none: the storage keeps no ages
}

type marker struct {
	prefix string        // of its key
	before time.Duration // how long before the value it ends
	left   time.Duration // what is left to a value with this marker
}

// keepAges has every store write markers, for the options RefreshAhead,
// StaleWhileRevalidate and StaleIfError. It is called once, before the first use.
func (s *MemcacheStorage) keepAges(ahead, revalidate, onError time.Duration) {
	a := ages{stale: max(revalidate, onError), ahead: ahead, revalidate: revalidate}
	if ahead > 0 {
		a.markers = append(a.markers, marker{"ring-fresh:", a.stale + ahead, a.stale + ahead + 1})
	}
	if a.stale > 0 {
		a.markers = append(a.markers, marker{"ring-live:", a.stale, a.stale + max(ahead, 1)})
	}
	if 0 < revalidate && revalidate < onError {
		a.markers = append(a.markers, marker{"ring-usable:", a.stale - revalidate, a.stale})
	}
	s.ages = a
}

func (m marker) key(key string) string { return MemcacheKey(m.prefix + key) }

// life returns how long a marker lives if its value does so for expire; 0: for good. It
// returns false if it has ended already.
func (m marker) life(a *ages, expire time.Duration) (time.Duration, bool) {
	switch left := expire - m.before; {
	case expire == 0:
		return 0, true
	case left > 0:
		return left, true
	case m.before > a.stale && expire > a.stale: // a life shorter than RefreshAhead
		return time.Second, true
	}
	return 0, false
}

// keys returns the keys that are read for a value.
func (a *ages) keys(key string) []string {
	keys := make([]string, 0, 1+len(a.markers))
	keys = append(keys, MemcacheKey(key))
	for _, m := range a.markers {
		keys = append(keys, m.key(key))
	}
	return keys
}

// left returns the time left to a value by the markers that were found.
func (a *ages) left(key string, data []byte, items map[string]*memcache.Item) time.Duration {
	if m := a.found(key, data, items); m != nil {
		return m.left
	}
	return max(a.stale-a.revalidate, 1)
}

// found returns the marker that ends first of those that were found; nil: there is none.
func (a *ages) found(key string, data []byte, items map[string]*memcache.Item) *marker {
	sum := checksum(data)
	for i := range a.markers {
		m := &a.markers[i]
		if item := items[m.key(key)]; item != nil && string(item.Value) == sum {
			return m
		}
	}
	return nil
}

// castagnoli is the polynomial for which processors have an instruction.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is what the markers of a value hold.
func checksum(data []byte) string {
	return strconv.FormatUint(uint64(crc32.Checksum(data, castagnoli)), 16) + "/" + strconv.Itoa(len(data))
}

// mark stores the markers of a value that was just stored. A failure is none of the
// store: the value then looks older than it is.
func (s *MemcacheStorage) mark(key string, data []byte, expire time.Duration) {
	if len(s.ages.markers) == 0 {
		return
	}
	sum := []byte(checksum(data))
	for _, m := range s.ages.markers {
		if life, ok := m.life(&s.ages, expire); ok {
			item := &memcache.Item{Key: m.key(key), Value: sum, Expiration: memcacheExpiry(life, time.Now())}
			_ = s.write(func() error { return s.Client.Set(item) })
		} else {
			_ = s.unmark(m, key)
		}
	}
}

func (s *MemcacheStorage) unmark(m marker, key string) error {
	return ignoreMiss(s.write(func() error { return s.Client.Delete(m.key(key)) }))
}

// remark renews the markers of a value that was touched.
func (s *MemcacheStorage) remark(key string, expire time.Duration) error {
	if len(s.ages.markers) == 0 {
		return nil
	}
	item, err := s.item(key)
	if err == nil {
		s.mark(key, item.Value, expire)
	}
	return ignoreMiss(err)
}

func (s *MemcacheStorage) item(key string) (*memcache.Item, error) {
	return onLiveConnection(s, func() (*memcache.Item, error) { return s.Client.Get(MemcacheKey(key)) })
}

// shorten leaves a value at most so much time, which is not more than G. It does nothing
// if no marker tells that the value has more: a touch could lengthen its life.
func (s *MemcacheStorage) shorten(key string, left time.Duration) error {
	items, err := s.getMulti(s.ages.keys(key))
	item := items[MemcacheKey(key)]
	if item == nil {
		return err
	}
	if m := s.ages.found(key, item.Value, items); m == nil || m.before < left {
		return nil
	}
	for _, m := range s.ages.markers {
		if life, ok := m.life(&s.ages, left); ok {
			until := memcacheExpiry(life, time.Now())
			err = ignoreMiss(s.write(func() error { return s.Client.Touch(m.key(key), until) }))
		} else {
			err = s.unmark(m, key)
		}
		if err != nil {
			return fmt.Errorf("the marker %s: %w", m.prefix, err)
		}
	}
	until := memcacheExpiry(left, time.Now())
	return ignoreMiss(s.write(func() error { return s.Client.Touch(MemcacheKey(key), until) }))
}
