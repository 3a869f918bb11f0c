package lrucache

// DeleteFunc removes the entries whose keys del reports, and returns how many of them had
// not expired. The cache does not know a key of more than 4 KiB, but only its digest: it
// calls del with "" for it. del is called while a lock of the cache is held and must not
// use the cache. Entries that are stored meanwhile may stay.
func (c *LruCache) DeleteFunc(del func(key string) bool) int {
	n := 0
	shards := c.all()
	for i := range shards {
		n += shards[i].deleteFunc(c, del)
	}
	return n
}

// deleteFunc looks at the last slot first: that of a removed entry is taken by the last one,
// which has been looked at.
func (s *shard) deleteFunc(c *LruCache, del func(key string) bool) (n int) {
	s.mu.Lock()
	var now int64
	if s.lru.mortal > 0 {
		now = s.tick() // releases the lock if it panics
	}
	defer s.mu.Unlock()
	for i := s.lru.entries(); i > 0; i-- {
		e := s.lru.slots.at(i)
		key := e.key
		if e.hash&digested != 0 {
			key = ""
		}
		if !del(key) {
			continue
		}
		if e.deadline == never || e.deadline > now {
			n++
		}
		removed := name{e.key, e.hash}
		s.lru.remove(i, e)
		s.log.write(removed, &c.writes)
	}
	return n
}
