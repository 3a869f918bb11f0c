package main

import "strconv"

// What else can be done with a cache by hand, besides calling the function.

func (l *handLRU[V]) has(key []byte) bool {
	l.mu.Lock()
	_, ok := l.entries[string(key)]
	l.mu.Unlock()
	return ok
}

func (l *handLRU[V]) delete(key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[string(key)]; e != nil {
		e.unlink()
		delete(l.entries, e.key)
	}
}

// handInts is the cache of a function of an integer, by its argument.
type handInts struct{ cache *handLRU[int] }

func newHandInts(size int) handInts { return handInts{newHandLRU[int](size)} }

func (h handInts) key(buf []byte, n int) []byte {
	return strconv.AppendInt(append(buf, prefix+":"...), int64(n), 10)
}

func (h handInts) get(n int) (int, bool) {
	var buf [64]byte
	return h.cache.get(h.key(buf[:0], n))
}

func (h handInts) has(n int) bool {
	var buf [64]byte
	return h.cache.has(h.key(buf[:0], n))
}

func (h handInts) set(n, value int) {
	var buf [64]byte
	h.cache.set(string(h.key(buf[:0], n)), value)
}

func (h handInts) delete(n int) {
	var buf [64]byte
	h.cache.delete(h.key(buf[:0], n))
}

// getOrRun calls f for a value that is not cached.
func (h handInts) getOrRun(n int, f func(int) int) int {
	var buf [64]byte
	key := h.key(buf[:0], n)
	if v, ok := h.cache.get(key); ok {
		return v
	}
	v := f(n)
	h.cache.set(string(key), v)
	return v
}

// handStrings is the cache of a function of a string, by its argument.
type handStrings struct{ cache *handLRU[int] }

func newHandStrings(size int) handStrings { return handStrings{newHandLRU[int](size)} }

func (h handStrings) key(buf []byte, s string) []byte {
	return append(append(buf, prefix+":"...), s...)
}

func (h handStrings) set(s string, value int) {
	var buf [64]byte
	h.cache.set(string(h.key(buf[:0], s)), value)
}

func (h handStrings) delete(s string) {
	var buf [64]byte
	h.cache.delete(h.key(buf[:0], s))
}

// handRate caches a function of another type.
func handRate(size int, f func(int) float64) func(int) float64 {
	cache := newHandLRU[float64](size)
	return func(n int) float64 {
		var buf [64]byte
		key := strconv.AppendInt(append(buf[:0], prefix+":"...), int64(n), 10)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(n)
		cache.set(string(key), v)
		return v
	}
}
