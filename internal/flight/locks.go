package flight

import (
	"context"
	"slices"
)

// Lock waits until nobody else writes to key.
func (s *Table) Lock(ctx context.Context, key string) error {
	p, hash := s.part(key)
	p.mu.Lock()
	st := p.states.hold(key, hash)
	for st.writing {
		if st.unlocked == nil {
			st.unlocked = make(chan struct{})
		}
		unlocked := st.unlocked
		p.mu.Unlock()
		select {
		case <-unlocked:
			p.mu.Lock()
		case <-ctx.Done():
			p.mu.Lock()
			p.states.release(st)
			p.mu.Unlock()
			return ctx.Err()
		}
	}
	st.writing, st.author = true, 0
	p.mu.Unlock()
	return nil
}

// LockFresh is Lock for the key of a run, to write its value, unless something was
// written since it began.
func (s *Table) LockFresh(ctx context.Context, f *Flight) (fresh bool, err error) {
	p := f.part
	p.mu.Lock()
	if st := f.state; !st.writing {
		if fresh = !f.stale && !s.overwritten(f); fresh {
			st.writing, st.author = true, f.began
			st.refs++
		}
		p.mu.Unlock()
		return fresh, nil
	}
	p.mu.Unlock()
	if err := s.Lock(ctx, f.Key); err != nil {
		return false, err
	}
	return s.Claim(f), nil
}

// Claim makes f the author of what is written under its key, which is locked. If
// something was written since f began, it unlocks the key instead.
func (s *Table) Claim(f *Flight) (fresh bool) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if f.stale || s.overwritten(f) {
		f.part.unlock(f.state)
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
	p, hash := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.detach(p.states.find(key, hash))
}

// detach is Unlock with p.mu held.
func (p *part) detach(st *keyState) {
	if f := st.flight; f != nil && st.outdates(f) {
		f.stale = true
		st.flight = nil
	}
	st.outdateUpdates()
	p.unlock(st)
}

// outdateUpdates marks the updates that have read something older than what is being
// written.
func (st *keyState) outdateUpdates() {
	for f := st.updates; f != nil; f = f.next {
		if st.outdates(f) {
			f.stale = true
		}
	}
}

// outdates reports whether what is being written is newer than what a run has read.
func (st *keyState) outdates(f *Flight) bool {
	return st.author == 0 || f.began < st.author
}

// unlockUnused is Unlock for a key that nothing was written to.
func (s *Table) unlockUnused(key string) {
	p, hash := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unlock(p.states.find(key, hash))
}

// unlock lets the next writer in. p.mu is held.
func (p *part) unlock(st *keyState) {
	st.writing = false
	if st.unlocked != nil {
		close(st.unlocked)
		st.unlocked = nil
	}
	p.states.release(st)
}

// LockAll locks each key once. It returns the keys that it has locked.
func (s *Table) LockAll(ctx context.Context, keys []string) ([]string, error) {
	if s.tryLockAll(keys) {
		return keys, nil
	}
	order := distinct(keys) // in which two callers cannot block each other
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

// tryLockAll locks all keys without waiting for any. It locks none if somebody writes to one
// of them; a repetition is such a writer, too.
func (s *Table) tryLockAll(keys []string) bool {
	all := true
	i := 0
	s.each(keys, func(p *part, key string, hash uint32) bool {
		st := p.states.hold(key, hash)
		if all = !st.writing; !all {
			p.states.release(st)
			return false
		}
		st.writing, st.author = true, 0
		i++
		return true
	})
	if !all {
		s.each(keys[:i], func(p *part, key string, hash uint32) bool {
			p.unlock(p.states.find(key, hash))
			return true
		})
	}
	return all
}

// UnlockAll unlocks what LockAll has locked.
func (s *Table) UnlockAll(locked []string) {
	s.writes.Add(1)
	s.each(locked, func(p *part, key string, hash uint32) bool {
		p.detach(p.states.find(key, hash))
		return true
	})
}

// each calls do for one key after the other, with the lock of its part held, until do
// returns false.
func (s *Table) each(keys []string, do func(p *part, key string, hash uint32) bool) {
	var held *part
	for _, key := range keys {
		p, hash := s.part(key)
		if p != held {
			if held != nil {
				held.mu.Unlock()
			}
			p.mu.Lock()
			held = p
		}
		if !do(held, key, hash) {
			break
		}
	}
	if held != nil {
		held.mu.Unlock()
	}
}

func distinct(keys []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}
