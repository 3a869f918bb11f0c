package flight

import "context"

// Outdate makes the runs outdated whose keys owns reports, as a write to each of these keys
// would, also to keys that nothing is known of. It returns when no value of them is being
// stored, or with the error of ctx. owns is called with locks held.
func (s *Table) Outdate(ctx context.Context, owns func(key string) bool) error {
	s.writes.Add(1)
	var written []string
	for i := range s.parts {
		written = s.parts[i].outdate(owns, written)
	}
	for _, key := range written {
		if err := s.Lock(ctx, key); err != nil {
			return err
		}
		s.unlockUnused(key)
	}
	return nil
}

// outdate is Outdate for a part. It appends the keys that somebody writes to.
func (p *part) outdate(owns func(key string) bool, written []string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, st := range p.states.buckets {
		for ; st != nil; st = st.chain {
			if !owns(st.key) {
				continue
			}
			st.outdateAll()
			if st.writing {
				written = append(written, st.key)
			}
		}
	}
	return written
}

// outdateAll detaches the flight and marks the updates. The part's lock is held.
func (st *keyState) outdateAll() {
	if f := st.flight; f != nil {
		f.stale = true
		st.flight = nil
	}
	for f := st.updates; f != nil; f = f.next {
		f.stale = true
	}
}
