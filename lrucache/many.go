package lrucache

// batch is the number of keys whose names GetMany makes before it locks, and so the
// most look-ups under one lock.
const batch = 64

// GetMany is GetBytes for many keys at once. It locks once for up to 64 keys that
// follow one another in the same shard. text contains the keys, one after the other,
// and ends says where each of them ends. The value of key i goes to values[i]. If there
// is none, values[i] stays unchanged: a caller that has filled values with its own mark
// can find the missing ones. GetMany returns their number.
//
// It panics if ends decrease or exceed text, and if there are fewer values than keys.
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

// getBatch is GetMany for keys with their names, of which there is at least one.
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
