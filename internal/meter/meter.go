// Package meter counts what a rope does: its calls by what they got, its runs and how long
// they took, and what is done behind. Counting is cheap, so that it is always on.
package meter

import (
	"sync/atomic"
	"time"
)

// Meter is that of one rope. New makes one. It is safe for concurrent use.
type Meter struct {
	calls stripes

	Runs
	Refreshes        atomic.Uint64 // runs behind that have begun
	RefreshErrors    atomic.Uint64 // those that failed
	RefreshesDropped atomic.Uint64 // those that were not begun
	Verified         atomic.Uint64 // hits that were checked
	Differed         atomic.Uint64 // those whose value was not that of a run
	StorageErrors    atomic.Uint64
	DecodeErrors     atomic.Uint64
	LockWaits        atomic.Uint64 // calls that had to wait for a lock
	LocksLost        atomic.Uint64 // runs whose value was not stored, because their lock was void
	lockWait         atomic.Int64
	Batches          atomic.Uint64 // runs for several elements
	BatchElements    atomic.Uint64 // their elements
}

// New returns the meter of a rope.
func New() *Meter { return &Meter{calls: newStripes()} }

// Waited adds a wait for a lock.
func (m *Meter) Waited(d time.Duration) {
	m.LockWaits.Add(1)
	m.lockWait.Add(int64(d))
}

// LockWait returns how long calls have waited for locks.
func (m *Meter) LockWait() time.Duration { return time.Duration(m.lockWait.Load()) }
