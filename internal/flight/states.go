package flight

// states holds the state of each key that somebody is busy with. It is a hash table of
// linked lists: states come and go with every miss, and a Go map takes four times as many
// instructions for that. The part's lock guards it.
type states struct {
	buckets []*keyState // a power of 2; nil: there is none yet
	len     int
	spare   spares[keyState]
}

// minBuckets is enough for most parts at any time.
const minBuckets = 8

// keyState is there while somebody is busy with a key. The part's lock guards it.
type keyState struct {
	key      string
	hash     uint32
	chain    *keyState // the next one in the bucket
	refs     int       // the flight, the updates, the writer and those who wait to write
	flight   *Flight
	updates  *Flight // the first of those that run
	writing  bool
	author   uint64        // the run whose value is being written; 0: it was given
	unlocked chan struct{} // closed when writing ends; nil while nobody waits
}

// find returns the state of a key; nil: nobody is busy with it.
func (t *states) find(key string, hash uint32) *keyState {
	if t.len == 0 {
		return nil
	}
	st := t.buckets[t.bucket(hash)]
	for st != nil && (st.hash != hash || st.key != key) {
		st = st.chain
	}
	return st
}

// hold returns the state of a key. The caller has a share in it until release.
func (t *states) hold(key string, hash uint32) *keyState {
	st := t.find(key, hash)
	if st == nil {
		st = t.spare.take()
		st.key, st.hash = key, hash
		if t.len == len(t.buckets) {
			t.grow()
		}
		at := &t.buckets[t.bucket(hash)]
		st.chain, *at = *at, st
		t.len++
	}
	st.refs++
	return st
}

// release ends the caller's share.
func (t *states) release(st *keyState) {
	if st.refs--; st.refs > 0 {
		return
	}
	at := &t.buckets[t.bucket(st.hash)]
	for *at != st {
		at = &(*at).chain
	}
	*at = st.chain
	if t.len--; t.len == 0 && len(t.buckets) > minBuckets {
		t.buckets = nil // a bulk call has ended
	}
	t.spare.give(st)
}

func (t *states) grow() {
	old := t.buckets
	t.buckets = make([]*keyState, max(minBuckets, 2*len(old)))
	for _, st := range old {
		for st != nil {
			next := st.chain
			at := &t.buckets[t.bucket(st.hash)]
			st.chain, *at = *at, st
			st = next
		}
	}
}

// bucket goes by the last bits of a hash. Which part a key belongs to goes by the first.
func (t *states) bucket(hash uint32) uint32 { return hash & uint32(len(t.buckets)-1) }
