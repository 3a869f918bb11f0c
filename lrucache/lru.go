package lrucache

import (
	"math"
	"time"
)

// never is the deadline of an entry that does not expire.
const never = math.MaxInt64

// maxEntries is the number of indices beside 0.
const maxEntries = math.MaxUint32 - 1

// lru is the algorithm without the lock. An entry has the same index in the table and in
// the order.
type lru struct {
	table
	order
	limit   uint32 // the number of entries that fit
	mortal  uint32 // entries with a deadline
	evicted uint64 // entries that made room for others
	now     func() int64
}

func (l *lru) clear() {
	l.table, l.order = table{}, order{}
	l.slots.max, l.links.max, l.heads.max = l.limit+1, l.limit+1, bucketsFor(l.limit)
	l.mortal = 0
}

// dead reports whether s is past its deadline. It reads the clock only for an entry with
// a deadline.
func (l *lru) dead(s *slot) bool {
	return s.deadline != never && l.now() >= s.deadline
}

// isFresh reports whether more time is left to s than margin.
func (l *lru) isFresh(s *slot, margin time.Duration) bool {
	return s.deadline == never || s.deadline-l.now() > int64(margin)
}

// use makes s, which is slot i, the most recently used entry, or removes it if it is
// dead.
func (l *lru) use(i uint32, s *slot) bool {
	if s.deadline != never && l.expire(i, s) {
		return false
	}
	links := l.links.first
	if len(l.links.rest) > 0 {
		l.takeOut(i)
		l.pushFront(i)
		return true
	}
	// This is takeOut and pushFront, inlined for links that are all in the first chunk.
	if r := &links[root]; r.next != i {
		at := &links[i]
		links[at.prev].next, links[at.next].prev = at.next, at.prev
		links[r.next].prev = i
		at.prev, at.next, r.next = root, r.next, i
	}
	return true
}

// expire removes s, which is slot i, if it is dead.
func (l *lru) expire(i uint32, s *slot) bool {
	if !l.dead(s) {
		return false
	}
	l.remove(i, s)
	return true
}

// set stores a value. An overwritten entry keeps its place in the order, as in Python.
func (l *lru) set(n name, value any, deadline int64) {
	_, s := l.find(n)
	if s == nil {
		s = l.enter(n)
	}
	s.value = value
	l.setDeadline(s, deadline)
}

// enter returns an entry for a name that has none. If the cache is full, it reuses the
// least recently used entry.
func (l *lru) enter(n name) *slot {
	var i uint32
	if l.entries() == l.limit {
		i = l.last()
		l.detach(i, l.slots.at(i))
		l.evicted++
	} else {
		i = l.table.add()
		l.order.add()
	}
	s := l.slots.at(i)
	s.key, s.hash, s.deadline = n.text, n.hash, never
	l.link(i)
	l.pushFront(i)
	return s
}

func (l *lru) setDeadline(s *slot, deadline int64) {
	if s.deadline != never {
		l.mortal--
	}
	if deadline != never {
		l.mortal++
	}
	s.deadline = deadline
}

func (l *lru) remove(i uint32, s *slot) {
	l.detach(i, s)
	l.table.drop(i)
	l.order.drop(i)
}

// detach removes s, which is slot i, from the order and from its bucket.
func (l *lru) detach(i uint32, s *slot) {
	l.setDeadline(s, never)
	l.unlink(i)
	l.takeOut(i)
}

// alive counts the entries that are not past their deadline.
func (l *lru) alive() int {
	n := int(l.entries())
	if l.mortal == 0 {
		return n
	}
	now := l.now()
	for i := uint32(1); i < l.slots.len; i++ {
		if l.slots.at(i).deadline <= now {
			n--
		}
	}
	return n
}
