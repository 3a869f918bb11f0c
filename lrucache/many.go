package lrucache

// batch is how many keys GetMany names before it locks, and so for how many at most it
// holds a lock.
const batch = 64

// GetMany is GetBytes for many keys at once, under one lock for up to 64 of them that
// follow one another in the same shard. The keys lie in text, one behind the other, and
// ends says where each of them ends. The value of key i goes to values[i]. Where there is
// none, values[i] stays as it is: a caller who has filled values with a mark of its own
// sees which those are. GetMany returns how many there are.
//
// It panics when ends go down or beyond text, and when there are fewer values than keys.
func (h *Counter) GetMany(text []byte, ends []int, values []any) (missing int) {
	values = values[:len(ends)]
	var names [batch]name
	start := 0
	for len(ends) > 0 {
		size := min(len(ends), batch)
		for i, end := range ends[:size] {
			names[i] = h.cache.name(textOf(text[start:end]))
			start = end
		}
		missing += h.getBatch(names[:size], values[:size])
		ends, values = ends[size:], values[size:]
	}
	return missing
}

// getBatch is GetMany for keys that have their names, of which there is one at least.
func (h *Counter) getBatch(names []name, values []any) (missing int) {
	s := h.cache.shardOf(names[0])
	s.mu.Lock()
	for i := range names {
		n := names[i]
		if next := h.cache.shardOf(n); next != s {
			s.mu.Unlock()
			s = next
			s.mu.Lock()
		}
		value, ok := s.hit(s.lru.find(n))
		if !ok {
			missing++
			continue
		}
		values[i] = value
		h.hits[s.number].n++
	}
	s.mu.Unlock()
	return missing
}
