package lrucache

import "math"

// never is the deadline of an entry that does not expire.
const never = math.MaxInt64

// entry is one cached value and its place in the order of use.
type entry struct {
	key        string
	value      any
	deadline   int64 // a reading of the clock, or never
	prev, next *entry
}

// lru is the algorithm without the lock: a map for the look-up and a ring of
// entries, most recently used first, for the order.
type lru struct {
	entries map[string]*entry
	root    entry // root.next is the most recently used, root.prev the next to go
	mortal  int   // entries with a deadline
	now     func() int64
}

func (l *lru) clear() {
	l.entries = make(map[string]*entry)
	l.root.next, l.root.prev = &l.root, &l.root
	l.mortal = 0
}

// dead tells whether e is past its deadline. The clock is read only for an entry
// that has one.
func (l *lru) dead(e *entry) bool {
	return e.deadline != never && l.now() >= e.deadline
}

// use makes e the most recently used, or removes it when it is dead.
func (l *lru) use(e *entry) bool {
	if l.dead(e) {
		l.remove(e)
		return false
	}
	if l.root.next != e {
		l.unlink(e)
		l.pushFront(e)
	}
	return true
}

// set stores a value. An entry that is overwritten keeps its place in the order,
// as in Python.
func (l *lru) set(key string, value any, deadline int64) {
	if e := l.entries[key]; e != nil {
		e.value = value
		l.setDeadline(e, deadline)
		return
	}
	e := &entry{key: key, value: value, deadline: never}
	l.setDeadline(e, deadline)
	l.entries[key] = e
	l.pushFront(e)
}

func (l *lru) setDeadline(e *entry, deadline int64) {
	if e.deadline != never {
		l.mortal--
	}
	if deadline != never {
		l.mortal++
	}
	e.deadline = deadline
}

func (l *lru) remove(e *entry) {
	delete(l.entries, e.key)
	l.unlink(e)
	l.setDeadline(e, never)
}

// shrink removes the least recently used entries, dead or alive, until no more
// than size are left.
func (l *lru) shrink(size int) {
	for len(l.entries) > size {
		l.remove(l.root.prev)
	}
}

// alive counts the entries that are not past their deadline.
func (l *lru) alive() int {
	n := len(l.entries)
	if l.mortal == 0 {
		return n
	}
	now := l.now()
	for e := l.root.next; e != &l.root; e = e.next {
		if e.deadline <= now {
			n--
		}
	}
	return n
}

func (l *lru) pushFront(e *entry) {
	e.prev, e.next = &l.root, l.root.next
	e.prev.next, e.next.prev = e, e
}

func (l *lru) unlink(e *entry) {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}
