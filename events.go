package ring

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ring-go/ring/internal/store"
)

// EventKind is what happened.
type EventKind uint8

const (
	RefreshDropped EventKind = iota // a renewal did not begin: MaxRefreshes run already, or another process renews the value
	RefreshFailed                   // the function failed for a key that has an old value
	RunLate                         // a run took longer than Freshness.RunTimeout
	LockLost                        // the value of a run was not stored: somebody had written meanwhile, or the lock was lost
	StorageFailed                   // the storage failed
	Undecodable                     // a value could not be decoded or encoded
	Differed                        // a cached value is not what the function returns: see Freshness.Verify
)

var eventKinds = [...]string{"refresh dropped", "refresh failed", "run late", "lock lost", "storage failed", "undecodable", "differed"}

// String returns the name of the kind in lower case.
func (k EventKind) String() string { return nameOf(eventKinds[:], uint8(k), "EventKind") }

// Event is something that happened beside the results of calls.
type Event struct {
	Kind EventKind
	Rope *Rope
	Time time.Time
	Key  string // "" if it is about several
	Err  error  // why; nil if the kind says it all
}

// happened keeps an event of the storage, and tells the trace of it.
func (r *Rope) happened(ctx context.Context, kind store.Event, key string, err error) {
	e := Event{Kind: EventKind(kind), Rope: r, Time: time.Now(), Key: key, Err: err}
	r.events.add(e)
	if r.trace.Event != nil {
		defer r.surviveHook(ctx, key)
		r.trace.Event(ctx, e)
	}
}

// Events returns the last 32 events of the rope, the newest first. When one kind comes all the
// time, the last ones of other kinds stay. Events hold keys and errors, which may hold
// arguments.
// Python has no counterpart.
func (r *Rope) Events() []Event { return r.events.newest() }

// maxEvents is how many events a rope keeps.
const maxEvents = 32

// eventLog keeps the last events of a rope.
type eventLog struct {
	mu   sync.Mutex
	last []Event // the oldest first
}

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == maxEvents {
		l.makeRoom()
	}
	l.last = append(l.last, e)
}

// makeRoom removes the oldest event of the kind that has the most.
func (l *eventLog) makeRoom() {
	var of [len(eventKinds)]int
	most := l.last[0].Kind
	for _, e := range l.last {
		if of[e.Kind]++; of[e.Kind] > of[most] {
			most = e.Kind
		}
	}
	i := slices.IndexFunc(l.last, func(e Event) bool { return e.Kind == most })
	l.last = slices.Delete(l.last, i, i+1)
}

func (l *eventLog) newest() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Clone(l.last)
	slices.Reverse(all)
	return all
}
