package lrucache

import (
	"math/bits"

	"github.com/ring-go/ring/internal/keyhash"
)

// slot is one cached value with its place in the table. Places are indices, not
// pointers: they take half the memory, and the garbage collector does not follow them.
type slot struct {
	key      string // the name's text
	value    any
	deadline int64  // a reading of the clock, or never
	hash     uint32 // the name's
	chain    uint32 // the next slot of the same bucket; 0: none
}

// table is a hash table that finds slots by name. Its entries are the slots from 1 on,
// without gaps; slot 0 is unused, so that 0 can mean no entry.
//
// It grows and shrinks by single buckets (linear hashing), so no call has to wait for a
// rehash. A Go map would make a hit slower, whether by hash or by key, and would keep
// its memory after the entries are gone.
type table struct {
	slots slab[slot]
	heads slab[uint32] // the first slot of every bucket; 0: none
	mask  uint32       // the first 2^n-1 that is not below the last bucket's number
}

// bucketsPerEntry keeps chains short: eight of nine look-ups find their slot first.
const bucketsPerEntry = 4

// maxBuckets is the number of buckets that a hash can tell apart.
const maxBuckets = digested

// bucketsFor returns the number of buckets for that many entries.
func bucketsFor(entries uint32) uint32 {
	return min(entries, maxBuckets/bucketsPerEntry) * bucketsPerEntry
}

// entries returns the number of slots in use, without slot 0.
func (t *table) entries() uint32 {
	return max(t.slots.len, 1) - 1
}

// bucket returns the bucket of a hash: its last n bits or, if that bucket does not exist
// yet, the last n-1, the bucket that it will be split off. It has no branch, which would
// be mispredicted every other time.
func (t *table) bucket(hash uint32) uint32 {
	b := uint64(hash & t.mask)
	_, exists := bits.Sub64(b, uint64(t.heads.len), 0)
	return uint32(b & (uint64(t.mask>>1) | -exists))
}

// find returns the slot of a name; 0, nil: there is none.
func (t *table) find(n name) (uint32, *slot) {
	if t.heads.len == 0 {
		return 0, nil
	}
	for i := *t.heads.at(t.bucket(n.hash)); i != 0; {
		s := t.slots.at(i)
		if s.hash == n.hash && keyhash.Equal(s.key, n.text) {
			return i, s
		}
		i = s.chain
	}
	return 0, nil
}

// fewEntries is the number of keys that can be compared faster than one can be hashed.
const fewEntries = 4

// scan is find by the key itself, among the first few entries. It does not find a key
// that is stored as a digest.
func (t *table) scan(key string) (uint32, *slot) {
	for i := uint32(1); i <= min(t.entries(), fewEntries); i++ {
		if s := t.slots.at(i); s.key == key && s.hash&digested == 0 {
			return i, s
		}
	}
	return 0, nil
}

// add returns a new slot, which is not linked. It may move the other slots.
func (t *table) add() uint32 {
	if t.slots.len == 0 {
		t.slots.push() // the unused slot 0
	}
	i := t.slots.push()
	for t.heads.len < bucketsFor(i) {
		t.split()
	}
	return i
}

// drop removes a slot that is not linked. The last slot takes its index.
func (t *table) drop(i uint32) {
	if last := t.entries(); i != last {
		*t.linkTo(last) = i
		*t.slots.at(i) = *t.slots.at(last)
	}
	t.slots.pop()
	for t.heads.len > bucketsFor(t.entries()) {
		t.merge()
	}
}

// link makes slot i findable by its key and hash.
func (t *table) link(i uint32) {
	s := t.slots.at(i)
	head := t.heads.at(t.bucket(s.hash))
	s.chain, *head = *head, i
}

// unlink undoes link.
func (t *table) unlink(i uint32) {
	*t.linkTo(i) = t.slots.at(i).chain
}

// linkTo returns the pointer to slot i: the head of its bucket or the chain of another
// slot.
func (t *table) linkTo(i uint32) *uint32 {
	link := t.heads.at(t.bucket(t.slots.at(i).hash))
	for *link != i {
		link = &t.slots.at(*link).chain
	}
	return link
}

// split adds a bucket. It moves to it the slots that belong there, out of the bucket
// whose number lacks the first bit.
func (t *table) split() {
	b := t.heads.push()
	if b > t.mask {
		t.mask = 2*t.mask + 1
	}
	if b == 0 {
		return
	}
	from, to := t.heads.at(b&(t.mask>>1)), t.heads.at(b)
	for *from != 0 {
		i := *from
		s := t.slots.at(i)
		if s.hash&t.mask == b {
			*from, s.chain, *to = s.chain, *to, i
		} else {
			from = &s.chain
		}
	}
}

// merge undoes split.
func (t *table) merge() {
	b := t.heads.len - 1
	end := t.heads.at(b & (t.mask >> 1))
	for *end != 0 {
		end = &t.slots.at(*end).chain
	}
	*end = *t.heads.at(b)
	t.heads.pop()
	if b == t.mask>>1+1 {
		t.mask >>= 1
	}
}
