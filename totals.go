package ring

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"weak"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// Total is the sum of the Stats of all ropes with one name and one kind of storage. What belongs
// to a cache and not to a rope, which is Evictions, Entries and MaxEntries, counts once for each
// cache, however many of the ropes share it. MaxEntries is the sum of those that have a limit.
type Total struct {
	Function string // Config.Name
	Storage  string // Config.Storage
	Ropes    int    // those that are alive
	Stats
}

// Totals returns the sums of the Stats of all ropes that the program has ever made, by function
// and storage, for programs that collect metrics. Its counters never go back: a rope that has
// been collected as garbage still counts with what the last call of Totals saw of it, and so
// does a cache. What is there at the moment, like Entries and Flights, is that of the ropes
// that are alive.
// Python has no counterpart.
func Totals() []Total { return sums.read(living.all()) }

// sums are those of the program.
var sums = ledger{last: map[weak.Pointer[Rope]]entry{}, gone: map[heading]Stats{}, evicted: map[evictor]uint64{}}

// ledger adds up Stats, and remembers those of ropes that are gone.
type ledger struct {
	mu      sync.Mutex
	last    map[weak.Pointer[Rope]]entry // of ropes that were alive the last time
	gone    map[heading]Stats
	evicted map[evictor]uint64
}

// heading is what Stats are summed by.
type heading struct{ function, storage string }

// entry is what a rope had done the last time.
type entry struct {
	heading
	Stats
}

// evictor is a cache, under each heading that has ropes over it.
type evictor struct {
	heading
	cache weak.Pointer[lrucache.LruCache]
}

// read brings the ledger up to date, given all ropes that are alive, and returns its sums in
// order.
func (l *ledger) read(alive []*Rope) []Total {
	l.mu.Lock()
	defer l.mu.Unlock()
	sums := map[heading]*Total{}
	sum := func(h heading) *Total {
		if sums[h] == nil {
			sums[h] = &Total{Function: h.function, Storage: h.storage, Stats: Stats{Entries: -1, MaxEntries: -1}}
		}
		return sums[h]
	}
	seen := map[sharer]bool{}
	for _, r := range alive {
		h := heading{r.fn.Name, r.config.Storage}
		s := r.Stats()
		l.note(h, r, s)
		t, table := sum(h), sharer{h, r.values().Flights}
		t.Ropes++
		t.addNow(s, !seen[table])
		seen[table] = true
	}
	l.close()
	for _, e := range l.last {
		sum(e.heading).addCounts(e.Stats)
	}
	for h, s := range l.gone {
		sum(h).addCounts(s)
	}
	for e, n := range l.evicted {
		sum(e.heading).Evictions += n
	}
	return inHeadings(sums)
}

// sharer is what ropes share that lie over one cache. Each backend has one table.
type sharer struct {
	heading
	table *flight.Table
}

// note remembers what a rope has done. The evictions belong to its cache.
func (l *ledger) note(h heading, r *Rope, s Stats) {
	if cache := r.values().LRU; cache != nil {
		l.evicted[evictor{h, weak.Make(cache)}] = s.Evictions
	}
	s.Evictions = 0
	l.last[weak.Make(r)] = entry{h, s}
}

// close moves what is gone to the sums of what is gone.
func (l *ledger) close() {
	for w, e := range l.last {
		if w.Value() == nil {
			before := l.gone[e.heading]
			before.addCounts(e.Stats)
			l.gone[e.heading] = before
			delete(l.last, w)
		}
	}
	for e, n := range l.evicted {
		if e.cache.Value() == nil {
			before := l.gone[e.heading]
			before.Evictions += n
			l.gone[e.heading] = before
			delete(l.evicted, e)
		}
	}
}

func inHeadings(sums map[heading]*Total) []Total {
	all := make([]Total, 0, len(sums))
	for _, h := range slices.SortedFunc(maps.Keys(sums), func(a, b heading) int {
		return cmp.Or(cmp.Compare(a.function, b.function), cmp.Compare(a.storage, b.storage))
	}) {
		all = append(all, *sums[h])
	}
	return all
}

// addCounts adds what only grows.
func (s *Stats) addCounts(o Stats) {
	s.Hits += o.Hits
	s.Stale += o.Stale
	s.Shared += o.Shared
	s.Misses += o.Misses
	s.Negative += o.Negative
	s.Bypassed += o.Bypassed
	s.Errors += o.Errors
	s.Runs += o.Runs
	s.RunErrors += o.RunErrors
	s.RunPanics += o.RunPanics
	s.RunTimeouts += o.RunTimeouts
	s.RunTime += o.RunTime
	for i, n := range o.RunBuckets {
		s.RunBuckets[i] += n
	}
	s.Refreshes += o.Refreshes
	s.RefreshErrors += o.RefreshErrors
	s.RefreshesDropped += o.RefreshesDropped
	s.Verified += o.Verified
	s.Differed += o.Differed
	s.StorageErrors += o.StorageErrors
	s.DecodeErrors += o.DecodeErrors
	s.Evictions += o.Evictions
	s.LockWaits += o.LockWaits
	s.LockWait += o.LockWait
	s.LocksLost += o.LocksLost
	s.Batches += o.Batches
	s.BatchElements += o.BatchElements
}

// addNow adds what is there at the moment. The cache counts if it is another one.
func (s *Stats) addNow(o Stats, another bool) {
	s.Flights += o.Flights
	s.Refreshing += o.Refreshing
	if another {
		s.Entries = addKnown(s.Entries, o.Entries)
		s.MaxEntries = addKnown(s.MaxEntries, o.MaxEntries)
	}
}

// addKnown adds numbers of which those below 0 are not known.
func addKnown(sum, n int64) int64 {
	switch {
	case n < 0:
		return sum
	case sum < 0:
		return n
	}
	return sum + n
}
