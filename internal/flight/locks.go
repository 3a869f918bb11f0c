package flight

import (
	"context"
	"slices"
)

// Lock waits until nobody else writes to key.
func (s *Table) Lock(ctx context.Context, key string) error {
	s.Mu.Lock()
	st := s.state(key)
	for st.writing {
		if st.free == nil {
			st.free = make(chan struct{})
		}
		free := st.free
		s.Mu.Unlock()
		select {
		case <-free:
			s.Mu.Lock()
		case <-ctx.Done():
			s.Mu.Lock()
			s.release(key, st)
			s.Mu.Unlock()
			return ctx.Err()
		}
	}
	st.writing, st.author = true, 0
	s.Mu.Unlock()
	return nil
}

// LockFresh locks the key of a run, to write its value, unless something was written
// since the run began.
func (s *Table) LockFresh(ctx context.Context, f *Flight) (fresh bool, err error) {
	s.Mu.Lock()
	if st := f.state; !st.writing {
		if fresh = !f.stale && !s.overwritten(f); fresh {
			st.writing, st.author = true, f.began
			st.refs++
		}
		s.Mu.Unlock()
		return fresh, nil
	}
	s.Mu.Unlock()
	if err := s.Lock(ctx, f.Key); err != nil {
		return false, err
	}
	return s.Claim(f), nil
}

// Claim makes f the author of what is written under its key, which is locked. If
// something was written since f began, it unlocks the key instead.
func (s *Table) Claim(f *Flight) (fresh bool) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if f.stale || s.overwritten(f) {
		s.free(f.Key, f.state)
		return false
	}
	f.state.author = f.began
	return true
}

// WritesEnded returns the number of writes that have ended.
func (s *Table) WritesEnded() uint64 {
	n := s.writes.Load()
	if s.cache != nil {
		n += s.cache.Writes()
	}
	return n
}

// Unlock ends a write and detaches the running flight.
func (s *Table) Unlock(key string) {
	s.writes.Add(1)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.detach(key)
}

// detach is Unlock for a caller that holds s.Mu.
func (s *Table) detach(key string) {
	st := s.Keys[key]
	if f := st.flight; f != nil && st.outdates(f) {
		f.stale = true
		st.flight = nil
	}
	for f := st.updates; f != nil; f = f.next {
		if st.outdates(f) {
			f.stale = true
		}
	}
	s.free(key, st)
}

// outdates reports whether what is being written is newer than what a run has read.
func (st *keyState) outdates(f *Flight) bool {
	return st.author == 0 || f.began < st.author
}

// unlockUnused unlocks a key to which nothing was written.
func (s *Table) unlockUnused(key string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.free(key, s.Keys[key])
}

// free lets the next writer in. The caller holds s.Mu.
func (s *Table) free(key string, st *keyState) {
	st.writing = false
	if st.free != nil {
		close(st.free)
		st.free = nil
	}
	s.release(key, st)
}

// LockAll locks each key once. It returns the keys that it has locked.
func (s *Table) LockAll(ctx context.Context, keys []string) ([]string, error) {
	if s.tryLockAll(keys) {
		return keys, nil
	}
	order := Distinct(keys) // an order in which two callers cannot block each other
	for i, key := range order {
		if err := s.Lock(ctx, key); err != nil {
			for _, key := range order[:i] {
				s.unlockUnused(key)
			}
			return nil, err
		}
	}
	return order, nil
}

// tryLockAll locks all keys at once. It does not if any of them has a writer; a repeated
// key counts as one.
func (s *Table) tryLockAll(keys []string) bool {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for i, key := range keys {
		st := s.state(key)
		if st.writing {
			s.release(key, st)
			for _, key := range keys[:i] {
				s.free(key, s.Keys[key])
			}
			return false
		}
		st.writing, st.author = true, 0
	}
	return true
}

// UnlockAll unlocks the keys that LockAll has locked.
func (s *Table) UnlockAll(locked []string) {
	s.writes.Add(1)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, key := range locked {
		s.detach(key)
	}
}

func Distinct(keys []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}
