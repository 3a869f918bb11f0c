package main

import (
	"slices"
	"strconv"
	"sync"
)

// handLRU is a strict LRU cache that a careful user writes for one function: a map, a
// list in the entries, a lock, and values of the function's own type.
type handLRU[V any] struct {
	mu      sync.Mutex
	entries map[string]*handEntry[V]
	root    handEntry[V] // root.next is the most recently used
	size    int
}

type handEntry[V any] struct {
	key        string
	value      V
	prev, next *handEntry[V]
}

func newHandLRU[V any](size int) *handLRU[V] {
	l := &handLRU[V]{entries: make(map[string]*handEntry[V]), size: size}
	l.root.prev, l.root.next = &l.root, &l.root
	return l
}

func (l *handLRU[V]) get(key []byte) (value V, ok bool) {
	l.mu.Lock()
	e := l.entries[string(key)]
	if e == nil {
		l.mu.Unlock()
		return value, false
	}
	if l.root.next != e {
		e.unlink()
		l.pushFront(e)
	}
	value = e.value
	l.mu.Unlock()
	return value, true
}

func (l *handLRU[V]) set(key string, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[key]; e != nil {
		e.value = value
		return
	}
	e := &handEntry[V]{key: key, value: value}
	l.entries[key] = e
	l.pushFront(e)
	if len(l.entries) > l.size {
		last := l.root.prev
		last.unlink()
		delete(l.entries, last.key)
	}
}

func (e *handEntry[V]) unlink() { e.prev.next, e.next.prev = e.next, e.prev }

func (l *handLRU[V]) pushFront(e *handEntry[V]) {
	e.prev, e.next = &l.root, l.root.next
	e.prev.next, e.next.prev = e, e
}

// prefix begins all keys, by hand and in the ropes.
const prefix = "f"

// These closures cache a function by hand: they write the text of the arguments to a
// buffer on the stack, which is the key of the map.

func handInt(size int, f func(int) int) func(int) int {
	cache := newHandLRU[int](size)
	return func(n int) int {
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

func handString(size int, f func(string) int) func(string) int {
	cache := newHandLRU[int](size)
	return func(s string) int {
		var buf [64]byte
		key := append(append(buf[:0], prefix+":"...), s...)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(s)
		cache.set(string(key), v)
		return v
	}
}

func handBool(size int, f func(bool) int) func(bool) int {
	cache := newHandLRU[int](size)
	return func(b bool) int {
		var buf [64]byte
		key := strconv.AppendBool(append(buf[:0], prefix+":"...), b)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(b)
		cache.set(string(key), v)
		return v
	}
}

func handFloat(size int, f func(float64) int) func(float64) int {
	cache := newHandLRU[int](size)
	return func(x float64) int {
		var buf [64]byte
		key := strconv.AppendFloat(append(buf[:0], prefix+":"...), x, 'g', -1, 64)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(x)
		cache.set(string(key), v)
		return v
	}
}

// handSeveral has the string last, where its end needs no mark.
func handSeveral(size int, f func(n int, s string, b bool, x float64) int) func(int, string, bool, float64) int {
	cache := newHandLRU[int](size)
	return func(n int, s string, b bool, x float64) int {
		var buf [128]byte
		key := strconv.AppendInt(append(buf[:0], prefix+":"...), int64(n), 10)
		key = strconv.AppendBool(append(key, ':'), b)
		key = strconv.AppendFloat(append(key, ':'), x, 'g', -1, 64)
		key = append(append(key, ':'), s...)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(n, s, b, x)
		cache.set(string(key), v)
		return v
	}
}

func handStruct(size int, f func(point) int) func(point) int {
	cache := newHandLRU[int](size)
	return func(p point) int {
		var buf [128]byte
		key := appendPoint(append(buf[:0], prefix+":"...), &p)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(p)
		cache.set(string(key), v)
		return v
	}
}

func handSlice(size int, f func([]int) int) func([]int) int {
	cache := newHandLRU[int](size)
	return func(list []int) int {
		var buf [1024]byte
		key := appendInts(append(buf[:0], prefix+":"...), list)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(list)
		cache.set(string(key), v)
		return v
	}
}

func handMap(size int, f func(map[string]int) int) func(map[string]int) int {
	cache := newHandLRU[int](size)
	return func(m map[string]int) int {
		var buf [1024]byte
		key := appendMap(append(buf[:0], prefix+":"...), m)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(m)
		cache.set(string(key), v)
		return v
	}
}

// The appenders write what tells two values apart, and no more: a string has its length
// before it.

func appendString(dst []byte, s string) []byte {
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	return append(append(dst, ':'), s...)
}

func appendPoint(dst []byte, p *point) []byte {
	dst = strconv.AppendInt(dst, int64(p.X), 10)
	dst = strconv.AppendInt(append(dst, ','), int64(p.Y), 10)
	dst = appendString(append(dst, ','), p.Name)
	dst = strconv.AppendFloat(append(dst, ','), p.Scale, 'g', -1, 64)
	return strconv.AppendBool(append(dst, ','), p.On)
}

func appendInts(dst []byte, list []int) []byte {
	for _, n := range list {
		dst = append(strconv.AppendInt(dst, int64(n), 10), ',')
	}
	return dst
}

func appendMap(dst []byte, m map[string]int) []byte {
	var room [32]string
	keys := room[:0]
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		dst = appendString(dst, key)
		dst = append(strconv.AppendInt(append(dst, '='), int64(m[key]), 10), ',')
	}
	return dst
}
