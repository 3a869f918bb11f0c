package lrucache

import "math"

// never is the deadline of an entry that does not expire.
const never = math.MaxInt64

// root is the slot that closes the order of use to a ring: its next is the most
// recently used one, its prev the next to go.
const root = 0

// maxEntries is as many as there are indices beside the root's.
const maxEntries = math.MaxUint32 - 1

// lru is the algorithm without the lock: a table for the look-up and, through its
// slots, a ring for the order.
type lru struct {
	table
	limit  uint32 // entries that there is room for
	mortal uint32 // entries with a deadline
	now    func() int64
}

func (l *lru) clear() {
	l.table = table{}
	l.slots.max, l.heads.max = l.limit+1, bucketsFor(l.limit)
	l.mortal = 0
}

// dead tells whether s is past its deadline. The clock is read only for an entry
// that has one.
func (l *lru) dead(s *slot) bool {
	return s.deadline != never && l.now() >= s.deadline
}

// use makes s, which is slot i, the most recently used one, or removes it when it is
// dead.
func (l *lru) use(i uint32, s *slot) bool {
	if l.dead(s) {
		l.remove(i, s)
		return false
	}
	if r := l.slots.at(root); r.next != i { // takeOut and pushFront, without their calls
		l.slots.at(s.prev).next, l.slots.at(s.next).prev = s.next, s.prev
		l.slots.at(r.next).prev = i
		s.prev, s.next, r.next = root, r.next, i
	}
	return true
}

// set stores a value. An entry that is overwritten keeps its place in the order,
// as in Python.
func (l *lru) set(n name, value any, deadline int64) {
	_, s := l.find(n)
	if s == nil {
		s = l.enter(n)
	}
	s.value = value
	l.setDeadline(s, deadline)
}

// enter returns an entry for a name that has none: when there is no room, the least
// recently used one.
func (l *lru) enter(n name) *slot {
	var i uint32
	if l.entries() == l.limit {
		i = l.slots.at(root).prev
		l.detach(i, l.slots.at(i))
	} else {
		i = l.add()
	}
	s := l.slots.at(i)
	s.key, s.hash, s.deadline = n.text, n.hash, never
	l.link(i)
	l.pushFront(i, s)
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
	l.drop(i)
}

// detach leaves s, which is slot i, in no order and not to be found.
func (l *lru) detach(i uint32, s *slot) {
	l.setDeadline(s, never)
	l.unlink(i)
	l.takeOut(s)
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

func (l *lru) pushFront(i uint32, s *slot) {
	r := l.slots.at(root)
	s.prev, s.next = root, r.next
	l.slots.at(r.next).prev = i
	r.next = i
}

func (l *lru) takeOut(s *slot) {
	l.slots.at(s.prev).next, l.slots.at(s.next).prev = s.next, s.prev
}
