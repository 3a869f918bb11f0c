package lrucache

// batch is how many keys GetMany names before it locks, and so the most keys for which
// it holds a lock.
const batch = 64

// GetMany is GetBytes for several keys. It holds a lock for up to 64 consecutive keys in
// the same shard. The keys are in text, one after the other, and ends contains the end
// of each key. GetMany stores the value of key i in values[i]. If there is none it
// leaves values[i] unchanged, so a caller that fills values with a mark sees which are
// missing. It returns how many are missing.
//
// It panics if ends decrease or exceed text, or if there are fewer values than keys.
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

// getBatch is GetMany for keys that have their names, at least one.
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
