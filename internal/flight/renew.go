package flight

import "context"

// Renew is Join for a call that has a value of the key, of which others need not know. If
// join is false it returns no flight of others.
func (s *Table) Renew(ctx context.Context, key string, by any, who Goroutine, join bool) (f *Flight, leader bool) {
	outer := FlightIn(ctx)
	p, hash := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	st := p.states.hold(key, hash)
	if f = st.flight; f == nil || s.overwritten(f) {
		f = s.lead(ctx, p, st, outer, by, who)
		f.Renewal, f.Trigger = true, Refresh
		return f, true
	}
	st.refs-- // the flight has its own reference
	if !join {
		return nil, false
	}
	f.await()
	return f, false
}

// Running returns the key's flight, to wait for it; nil: there is none.
func (s *Table) Running(key string) *Flight {
	p, hash := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	st := p.states.find(key, hash)
	if st == nil || st.flight == nil {
		return nil
	}
	st.flight.await()
	return st.flight
}

// Outdated tells whether something was written since the run began.
func (s *Table) Outdated(f *Flight) bool {
	if f.part == nil { // it is not in a table
		return false
	}
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	return f.stale
}
