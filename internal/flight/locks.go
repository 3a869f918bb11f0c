package flight

import (
	"context"
	"slices"
)

// Lock waits until nobody else writes to key.
func (s *Table) Lock(ctx context.Context, key string) error {
	p := s.part(key)
	p.mu.Lock()
	st := p.state(key)
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
			p.release(key, st)
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
		f.part.unlock(f.Key, f.state)
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
	p := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.detach(key)
}

// detach is Unlock with p.mu held.
func (p *part) detach(key string) {
	st := p.keys[key]
	if f := st.flight; f != nil && st.outdates(f) {
		f.stale = true
		st.flight = nil
	}
	st.outdateUpdates()
	p.unlock(key, st)
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
	p := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unlock(key, p.keys[key])
}

// unlock lets the next writer in. p.mu is held.
func (p *part) unlock(key string, st *keyState) {
	st.writing = false
	if st.unlocked != nil {
		close(st.unlocked)
		st.unlocked = nil
	}
	p.release(key, st)
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
	s.each(keys, func(p *part, key string) bool {
		st := p.state(key)
		if all = !st.writing; !all {
			p.release(key, st)
			return false
		}
		st.writing, st.author = true, 0
		i++
		return true
	})
	if !all {
		s.each(keys[:i], func(p *part, key string) bool {
			p.unlock(key, p.keys[key])
			return true
		})
	}
	return all
}

// UnlockAll unlocks what LockAll has locked.
func (s *Table) UnlockAll(locked []string) {
	s.writes.Add(1)
	s.each(locked, func(p *part, key string) bool {
		p.detach(key)
		return true
	})
}

// each calls do for one key after the other, with the lock of its part held, until do
// returns false.
func (s *Table) each(keys []string, do func(p *part, key string) bool) {
	var held *part
	for _, key := range keys {
		if p := s.part(key); p != held {
			if held != nil {
				held.mu.Unlock()
			}
			p.mu.Lock()
			held = p
		}
		if !do(held, key) {
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
