package flight

import (
	"time"
	"unsafe"
)

// What comes now is done in one go, with the lock of the key's part held: writes to an
// LruCache that nobody else is busy with the key of, so that there is neither a writer to
// wait for nor a flight to detach. Each of them reports false when it has done nothing and
// the long way has to be taken. The cache's clock, if it is the user's, might panic here:
// where it decides, that is so.

// SetNow stores a value.
func (s *Table) SetNow(key string, value any, expire time.Duration) bool {
	if s.cache.Now != nil {
		return false
	}
	p, hash := s.part(key)
	p.mu.Lock()
	free := p.states.find(key, hash) == nil
	if free {
		s.cache.Set(key, value, expire)
	}
	p.mu.Unlock()
	return free
}

// DeleteNow removes the value of a key.
func (s *Table) DeleteNow(key []byte) bool {
	if s.cache.Now != nil {
		return false
	}
	text := unsafe.String(unsafe.SliceData(key), len(key)) // nobody keeps it
	p, hash := s.part(text)
	p.mu.Lock()
	free := p.states.find(text, hash) == nil
	if free {
		s.cache.DeleteBytes(key)
	}
	p.mu.Unlock()
	return free
}

// LandNow stores the value of a run and lands it with its outcome. What was written since
// the run began wins, as everywhere.
func (s *Table) LandNow(f *Flight, o *Outcome, value any, expire time.Duration) bool {
	if s.cache.Now != nil {
		return false
	}
	p := f.part
	p.mu.Lock()
	st := f.state
	free := !st.writing && !f.stale
	if free {
		if s.cache.SetSince(f.Key, value, expire, f.Written) && st.updates != nil {
			st.author = f.began
			st.outdateUpdates()
		}
		s.writes.Add(1) // not before the value can be seen: who looks between the two looks again
		p.land(f, o)
	}
	p.mu.Unlock()
	return free
}
