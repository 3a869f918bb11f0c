package store

import (
	"context"

	"github.com/ring-go/ring/internal/flight"
)

// Lead is a flight whose caller has to run the function: between Seek, which has found no
// value, and Land. Meanwhile Crash is deferred. Recursive functions hold one in each level.
type Lead struct {
	values *Values
	flight *flight.Flight // nil: it has ended
	ctx    context.Context
	failed bool // the look-up
}

// Seek looks for the value of a key, together with concurrent callers. It returns true if the
// caller has to run the function, in the flight that l leads. Otherwise o is the outcome.
func (s *Values) Seek(ctx context.Context, key string, who flight.Goroutine, l *Lead, o *flight.Outcome) (leads bool) {
	for {
		f, leader := s.Flights.Join(ctx, key, s, who)
		if leader {
			*l = Lead{values: s, flight: f, ctx: ctx}
			return l.look(o)
		}
		if apart, ok := s.follow(ctx, f, o); ok {
			*l = Lead{values: s, flight: apart, ctx: ctx}
			return apart != nil
		}
	}
}

// look is the look-up of the flight. It returns true if the value is missing.
func (l *Lead) look(o *flight.Outcome) bool {
	looking := *l
	defer looking.Crash()
	l.values.lookFor(l.ctx, l.flight, o)
	looking.flight = nil
	if !o.Hit && o.Err == nil {
		l.failed = o.Failed
		return true
	}
	l.values.landed(l.ctx, l.flight, o)
	return false
}

// Key returns the key of the flight.
func (l *Lead) Key() string { return l.flight.Key }

// Context returns that of the call.
func (l *Lead) Context() context.Context { return l.ctx }

// Within returns the context of the run.
func (l *Lead) Within() context.Context { return flight.Within(l.ctx, l.flight) }

// Land ends the flight by what the function has returned, which o holds. It stores the value.
func (l *Lead) Land(o *flight.Outcome) {
	s, f := l.values, l.flight
	o.Failed = l.failed
	switch {
	case f.IsApart():
		ranApart(o)
	case o.Err != nil || !s.landNow(f, o):
		s.ran(l.ctx, f, o)
		l.flight = nil // however landed ends, the flight ends
		s.landed(l.ctx, f, o)
	}
	l.flight = nil
}

// ranApart completes the outcome of a run beside the flight of its key. It is not stored.
func ranApart(o *flight.Outcome) {
	if o.Ran = o.Err == nil; !o.Ran {
		o.Err = &flight.FunctionError{Err: o.Err}
	}
}

// Crash ends the flight of a caller that panics or ends its goroutine.
func (l *Lead) Crash() {
	if l.flight == nil {
		return
	}
	r := recover()
	switch { // Goexit is not a panic: recover returns nil
	case l.flight.IsApart():
	case r != nil:
		l.values.Flights.Land(l.flight, &flight.Outcome{Err: &flight.Panicked{Value: r}})
	default:
		l.values.Flights.Land(l.flight, &flight.Outcome{Abandoned: true})
	}
	if r != nil {
		panic(r)
	}
}
