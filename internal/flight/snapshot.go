package flight

import "github.com/ring-go/ring/internal/meter"

// Snapshot is a flight at one moment.
type Snapshot struct {
	Key     string
	Owner   any
	Trigger Trigger
	Phase   Phase
	Began   meter.Moment // the run; 0: it has not begun, or nobody has noted when
	Waiting int          // the calls that wait for it
}

// Snapshots returns the flights and updates that are under way of those owners for which owns
// returns true, in any order.
func (s *Table) Snapshots(owns func(owner any) bool) (all []Snapshot) {
	s.walk(owns, func(f *Flight, p Phase) { all = append(all, f.snapshot(p)) })
	return all
}

// Count returns how many Snapshots there are.
func (s *Table) Count(owns func(owner any) bool) (n int) {
	s.walk(owns, func(*Flight, Phase) { n++ })
	return n
}

// walk visits the flights and updates of some owners, with the lock of their part held.
func (s *Table) walk(owns func(owner any) bool, visit func(*Flight, Phase)) {
	for i := range s.parts {
		p := &s.parts[i]
		p.mu.Lock()
		for _, st := range p.states.buckets {
			for ; st != nil; st = st.chain {
				if f := st.flight; f != nil && !f.ended && owns(f.Owner) {
					visit(f, f.phase)
				}
				for f := st.updates; f != nil; f = f.next {
					if owns(f.Owner) {
						visit(f, running) // an update looks for nothing
					}
				}
			}
		}
		p.mu.Unlock()
	}
}

func (f *Flight) snapshot(p Phase) Snapshot {
	began := meter.Moment(f.ran.Load())
	if began != 0 && p == looking { // a storage in memory does not tell
		p = running
	}
	return Snapshot{f.Key, f.Owner, f.Trigger, p, began, f.Waiting()}
}

// String returns the name of the phase.
func (p Phase) String() string { return [...]string{"looking", "running", "storing"}[p] }
