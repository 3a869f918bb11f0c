package ringdebug

import (
	"strconv"
	"strings"
	"sync"
	"weak"

	"github.com/ring-go/ring"
)

// known holds the ropes that have been seen, under names that stay the same.
var known = newDirectory()

// directory gives each rope a name of its own, and keeps none alive.
type directory struct {
	mu      sync.Mutex
	entries map[weak.Pointer[ring.Rope]]*entry
	used    map[string]bool // the IDs of the entries
	last    map[string]int  // the last number that a name was given
}

func newDirectory() *directory {
	return &directory{entries: map[weak.Pointer[ring.Rope]]*entry{}, used: map[string]bool{}, last: map[string]int{}}
}

// entry is what the pages call a rope. It holds text alone, because a Config could keep the
// rope alive.
type entry struct {
	ID             string // its name, or the name and a number if ropes before it have the name
	Package, Local string // the two parts of the name
	Number         int    // 1 for the first rope of a name
	Prefix         string
	Storage, Place string
}

// list returns all ropes that are alive, and what they are called.
func (d *directory) list() ([]*ring.Rope, []*entry) {
	ropes := ring.Ropes()
	entries := make([]*entry, len(ropes))
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, r := range ropes {
		at := weak.Make(r)
		e, ok := d.entries[at]
		if !ok {
			e = d.newEntry(r)
			d.entries[at] = e
		}
		entries[i] = e
	}
	if len(d.entries) > len(ropes) {
		d.forgetDead()
	}
	return ropes, entries
}

// forgetDead removes the ropes that have been collected.
func (d *directory) forgetDead() {
	for at, e := range d.entries {
		if at.Value() == nil {
			delete(d.entries, at)
			delete(d.used, e.ID)
		}
	}
}

// newEntry describes a rope. Needs the lock.
func (d *directory) newEntry(r *ring.Rope) *entry {
	c := r.Config()
	e := &entry{Prefix: c.KeyPrefix, Storage: c.Storage, Place: c.Place}
	for e.ID == "" || d.used[e.ID] {
		d.last[c.Name]++
		e.Number = d.last[c.Name]
		if e.ID = c.Name; e.Number > 1 {
			e.ID += "~" + strconv.Itoa(e.Number)
		}
	}
	d.used[e.ID] = true
	e.Package, e.Local = splitName(c.Name)
	return e
}

// find returns the rope with a name; nil: there is none.
func (d *directory) find(id string) (*entry, *ring.Rope) {
	ropes, entries := d.list()
	for i, e := range entries {
		if e.ID == id {
			return e, ropes[i]
		}
	}
	return nil, nil
}

// splitName separates the package path from the rest of a function's name.
func splitName(name string) (pkg, local string) {
	from := strings.LastIndexByte(name, '/') + 1
	if i := strings.IndexByte(name[from:], '.'); i > 0 && from+i+1 < len(name) {
		return name[:from+i], name[from+i+1:]
	}
	return "", name
}
