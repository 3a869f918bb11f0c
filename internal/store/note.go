package store

import (
	"context"
	"errors"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// Event is something that happened beside the results of calls: the numbers of
// ring.EventKind.
type Event uint8

const (
	RefreshDropped Event = iota
	RefreshFailed
	RunLate
	LockLost
	StorageFailed
	Undecodable
	Differed
)

// note counts an error of the storage or the coder, tells of it, and returns it. Neither a
// miss nor the end of the caller's context is one.
func (s *Values) note(ctx context.Context, key string, err error) error {
	if err != nil && err != fault.ErrNotFound {
		s.noteError(ctx, key, err)
	}
	return err
}

func (s *Values) noteError(ctx context.Context, key string, err error) {
	switch {
	case errors.Is(err, fault.ErrCoder):
		s.Meter.DecodeErrors.Add(1)
		s.Note(ctx, Undecodable, key, err)
	case IsMiss(err), ended(ctx) != nil, isCallers(err):
	default:
		s.Meter.StorageErrors.Add(1)
		s.Note(ctx, StorageFailed, key, err)
	}
}

// noting is a look-up of several keys that notes what failed for one of them.
func (s *Values) noting(ctx context.Context, keys []string, take func(i int, f found)) func(i int, f found) {
	return func(i int, f found) {
		if f.err != nil {
			_ = s.note(ctx, keys[i], f.err)
		}
		take(i, f)
	}
}

// voids records that the value of a run was not stored, because its lock did not hold, if that is
// so.
func (s *Values) voids(ctx context.Context, f *flight.Flight, lost bool) {
	if f.Voided = lost; lost {
		s.Meter.LocksLost.Add(1)
		s.Note(ctx, LockLost, f.Key, nil)
	}
}

// isCallers tells whether an error is due to the call, and not to the storage.
func isCallers(err error) bool {
	for _, target := range []error{fault.ErrArguments, fault.ErrKey, fault.ErrRecursion, errors.ErrUnsupported} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
