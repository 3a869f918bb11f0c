package lrucache

// root is the link that closes the order to a ring: its next is the most recently used
// entry, its prev the least recently used one.
const root = 0

// link is an entry's place in the order of use.
type link struct{ prev, next uint32 }

// order is the order in which entries were used, as a ring of their indices. It is
// separate from the slots, and six times smaller: a hit only reads its slot, and the
// links that it writes are close together.
type order struct {
	links slab[link]
}

// last returns the least recently used entry, or root if there is none.
func (o *order) last() uint32 { return o.links.at(root).prev }

// pushFront makes entry i, which is in no order, the most recently used one.
func (o *order) pushFront(i uint32) {
	r := o.links.at(root)
	*o.links.at(i) = link{root, r.next}
	o.links.at(r.next).prev = i
	r.next = i
}

// takeOut removes entry i from the order.
func (o *order) takeOut(i uint32) {
	l := o.links.at(i)
	o.links.at(l.prev).next, o.links.at(l.next).prev = l.next, l.prev
}

// moveToFront makes entry i the most recently used one.
func (o *order) moveToFront(i uint32) {
	if o.links.at(root).next != i {
		o.takeOut(i)
		o.pushFront(i)
	}
}

// add makes room for one more entry, which is not in the order yet.
func (o *order) add() {
	if o.links.len == 0 {
		o.links.push() // the root
	}
	o.links.push()
}

// drop removes entry i, which is not in the order. The last entry takes its index.
func (o *order) drop(i uint32) {
	if last := o.links.len - 1; i != last {
		l := *o.links.at(last)
		*o.links.at(i) = l
		o.links.at(l.prev).next, o.links.at(l.next).prev = i, i
	}
	o.links.pop()
}
