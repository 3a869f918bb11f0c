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

// Snapshots returns the flights and updates that are under way, in any order.
func (s *Table) Snapshots() (all []Snapshot) {
	for i := range s.parts {
		p := &s.parts[i]
		p.mu.Lock()
		for _, st := range p.states.buckets {
			for ; st != nil; st = st.chain {
				all = st.snapshots(all)
			}
		}
		p.mu.Unlock()
	}
	return all
}

// snapshots adds those of one key. The part's lock is held.
func (st *keyState) snapshots(all []Snapshot) []Snapshot {
	if st.flight != nil && !st.flight.ended {
		all = append(all, st.flight.snapshot(st.flight.phase))
	}
	for f := st.updates; f != nil; f = f.next {
		all = append(all, f.snapshot(running)) // an update looks for nothing
	}
	return all
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
