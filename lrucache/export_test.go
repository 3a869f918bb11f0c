package lrucache

import "fmt"

// LongKey is the length of the longest key that is stored itself.
const LongKey = longKey

// Collide gives all keys the same hash. Call it before the first use.
func (c *LruCache) Collide() { c.bits = 0 }

// Kept returns the form in which c stores key.
func (c *LruCache) Kept(key string) string { return c.name(key).text }

// Room returns the number of entries that the memory of c can hold.
func (c *LruCache) Room() int {
	room := 0
	for i := range c.all() {
		room += c.all()[i].lru.slots.room()
	}
	return room
}

// ShardOf returns the number of the shard that key belongs to.
func (c *LruCache) ShardOf(key string) int { return c.shardOf(c.name(key)).number }

// Limit returns the number of entries that fit into a shard.
func (c *LruCache) Limit() int { return int(c.all()[0].lru.limit) }

func (s *slab[T]) room() int { return len(s.first) + len(s.rest)*chunkSize }

// lean reports whether s keeps no more memory than its contract says.
func (s *slab[T]) lean() bool {
	return len(s.first) <= max(4*int(s.len), 2*minFirst-1) && len(s.rest) <= chunks(s.len)+1
}

// LongestChain returns the number of keys in the fullest bucket.
func (c *LruCache) LongestChain() int {
	longest := 0
	for i := range c.all() {
		l := &c.all()[i].lru
		for b := range l.heads.len {
			length := 0
			for e := *l.heads.at(b); e != 0; e = l.slots.at(e).chain {
				length++
			}
			longest = max(longest, length)
		}
	}
	return longest
}

// Keys returns the stored forms of the keys, also of expired ones, shard by shard, and
// within a shard the least recently used first. It returns an error if c is not
// consistent.
func (c *LruCache) Keys() ([]string, error) {
	var all []string
	for i := range c.all() {
		s := &c.all()[i]
		keys, err := s.keys()
		if err != nil {
			return nil, fmt.Errorf("shard %d: %w", i, err)
		}
		all = append(all, keys...)
	}
	return all, nil
}

func (s *shard) keys() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lru
	keys := make([]string, 0, l.entries())
	if l.entries() == 0 {
		return keys, l.check(0, 0)
	}
	mortal := uint32(0)
	for i, after := l.last(), uint32(root); i != root; {
		e, place := l.slots.at(i), l.links.at(i)
		if place.next != after {
			return nil, fmt.Errorf("slot %d goes on to %d, not to %d", i, place.next, after)
		}
		if len(keys) == cap(keys) {
			return nil, fmt.Errorf("the order has more than %d entries", cap(keys))
		}
		n := name{e.key, e.hash}
		if _, found := l.find(n); found != e {
			return nil, fmt.Errorf("slot %d is not found", i)
		}
		if s.cache.shardOf(n) != s {
			return nil, fmt.Errorf("slot %d belongs to another shard", i)
		}
		if e.deadline != never {
			mortal++
		}
		keys = append(keys, e.key)
		i, after = place.prev, i
	}
	return keys, l.check(uint32(len(keys)), mortal)
}

func (l *lru) check(ordered, mortal uint32) error {
	if ordered != l.entries() || mortal != l.mortal || ordered > l.limit {
		return fmt.Errorf("%d entries, %d mortal: the order has %d and %d", l.entries(), l.mortal, ordered, mortal)
	}
	if buckets := l.heads.len; buckets != bucketsFor(ordered) || buckets > 0 && (buckets > l.mask+1 || buckets <= (l.mask+1)/2) {
		return fmt.Errorf("%d entries have %d buckets, under the mask %x", ordered, buckets, l.mask)
	}
	linked := uint32(0)
	for b := range l.heads.len {
		for i := *l.heads.at(b); i != 0; i = l.slots.at(i).chain {
			if linked++; linked > ordered {
				return fmt.Errorf("more than %d slots are linked", ordered)
			}
		}
	}
	if linked != ordered {
		return fmt.Errorf("%d of %d slots are linked", linked, ordered)
	}
	if l.links.len != l.slots.len {
		return fmt.Errorf("%d slots have %d links", l.slots.len, l.links.len)
	}
	if !l.slots.lean() || !l.links.lean() || !l.heads.lean() {
		return fmt.Errorf("room for %d entries is kept for %d", l.slots.room(), ordered)
	}
	for i := l.slots.len; i < uint32(len(l.slots.first)); i++ {
		if *l.slots.at(i) != (slot{}) || *l.links.at(i) != (link{}) {
			return fmt.Errorf("slot %d, which is free, holds %v and %v", i, *l.slots.at(i), *l.links.at(i))
		}
	}
	return nil
}
