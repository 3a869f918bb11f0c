package fresh

import (
	"sync"
	"sync/atomic"
)

// maxKeys is how many keys a table remembers something of.
const maxKeys = 1024

// table remembers something of the keys that it got last. The zero table is empty. It
// costs nothing while it is.
type table[T any] struct {
	count atomic.Int64 // the keys, for a look without the lock
	mu    sync.Mutex   // guards what follows
	known map[string]*node[T]
	first *node[T] // the oldest
	last  *node[T]
}

// node is an element of the list of the keys in their order.
type node[T any] struct {
	key        string
	value      T
	prev, next *node[T]
}

func (t *table[T]) len() int64 { return t.count.Load() }

// get returns what is remembered of a key.
func (t *table[T]) get(key string) (value T, ok bool) {
	if t.len() == 0 {
		return value, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.known[key]
	if n == nil {
		return value, false
	}
	return n.value, true
}

// change replaces what is remembered of a key, which is the zero value if that is nothing.
// The key becomes the last one. If there are too many, the oldest one is forgotten.
func (t *table[T]) change(key string, to func(old T) T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.known[key]
	if n == nil {
		n = &node[T]{key: key}
		if t.known == nil {
			t.known = map[string]*node[T]{}
		}
		if len(t.known) == maxKeys {
			t.drop(t.first)
		}
		t.known[key] = n
	} else {
		t.unlink(n)
	}
	n.value = to(n.value)
	t.link(n)
	t.count.Store(int64(len(t.known)))
}

// forget forgets a key.
func (t *table[T]) forget(key string) {
	if t.len() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.known[key]; n != nil {
		t.drop(n)
	}
}

// clear forgets all keys.
func (t *table[T]) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known, t.first, t.last = nil, nil, nil
	t.count.Store(0)
}

func (t *table[T]) drop(n *node[T]) {
	t.unlink(n)
	delete(t.known, n.key)
	t.count.Store(int64(len(t.known)))
}

func (t *table[T]) link(n *node[T]) {
	n.prev, n.next = t.last, nil
	if t.last == nil {
		t.first = n
	} else {
		t.last.next = n
	}
	t.last = n
}

func (t *table[T]) unlink(n *node[T]) {
	if n.prev == nil {
		t.first = n.next
	} else {
		n.prev.next = n.next
	}
	if n.next == nil {
		t.last = n.prev
	} else {
		n.next.prev = n.prev
	}
}
