package flight

import (
	"slices"
	"time"

	"github.com/ring-go/ring/internal/pyvalue"
)

// Outcome is how a flight ended.
type Outcome struct {
	Value     any
	Err       error
	Hit       bool
	Ran       bool // the function returned the value, whether it was stored or not
	Failed    bool // err is the storage's: the look-up failed
	Abandoned bool // the leader ended without a result: by its context, or Goexit
	Age       *Age // of a value that a look-up found; nil: it does not matter
}

// Age is how old a value is, and which one it is.
type Age struct {
	Left    time.Duration // until it expires; 0: it does not
	Version any           // see ring.CondStorage; nil: unknown
	Absent  bool          // there is no value
}

// FunctionError marks the function's own error while it passes through a flight.
type FunctionError struct{ Err error }

func (e *FunctionError) Error() string { return e.Err.Error() }

// Unmarked returns the function's own error without its mark, and any other error as it is.
func Unmarked(err error) error {
	if own, ok := err.(*FunctionError); ok {
		return own.Err
	}
	return err
}

// Panicked is the error of a flight whose function panicked.
type Panicked struct{ Value any }

func (*Panicked) Error() string { return "the function panicked" }

// Shared returns the outcome for a caller that waited. If there is a value it is a hit:
// the function did not run for that caller.
func (o Outcome) Shared() Outcome {
	if p, ok := o.Err.(*Panicked); ok {
		panic(p.Value)
	}
	o.Hit = o.Err == nil
	o.MakeOwn()
	return o
}

// MakeOwn makes the outcome one of several callers'. Each gets its own Tuple, which it may
// change.
func (o *Outcome) MakeOwn() {
	if tuple, ok := o.Value.(pyvalue.Tuple); ok {
		o.Value = slices.Clone(tuple)
	}
}
