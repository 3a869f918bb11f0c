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
}

// Seek looks for the value of a key, together with concurrent callers. It returns true if the
// caller has to run the function, in the flight that l leads. Otherwise o is the outcome.
func (s *Values) Seek(ctx context.Context, key string, who flight.Goroutine, l *Lead, o *flight.Outcome) (leads bool) {
	for {
		f, leader := s.Flights.Join(ctx, key, s, who)
		if leader {
			*l = Lead{s, f}
			return l.look(o)
		}
		if f.Renewal { // of another rope, by its Freshness: the value is there meanwhile
			if s.lookAlone(ctx, key, o); o.Hit || o.Err != nil {
				return false
			}
		}
		if apart, ok := s.follow(ctx, f, o); ok {
			*l = Lead{s, apart}
			return apart != nil
		}
	}
}

// look is the look-up of the flight. It returns true if the value is missing.
func (l *Lead) look(o *flight.Outcome) bool {
	if s := l.values; s.isPlain() && s.LRU.Now == nil && !s.ages() {
		data, ok := s.LRU.Get(l.flight.Key)
		if !ok {
			return true // up to here nothing can panic
		}
		l.guard(data, true, o)
	} else {
		l.guard(nil, false, o)
	}
	return l.looked(o)
}

// guard is the part of a look-up that may panic or end the goroutine. data is what the
// LruCache has, if that was looked up.
func (l *Lead) guard(data any, found bool, o *flight.Outcome) {
	looking := *l
	defer looking.Crash()
	if s, f := l.values, l.flight; found {
		s.takePlain(f.Context, f, data, o)
	} else {
		s.lookFor(f.Context, f, o)
	}
	looking.flight = nil
}

// looked ends the flight if the look-up has an outcome.
func (l *Lead) looked(o *flight.Outcome) (missing bool) {
	if !o.Hit && o.Err == nil {
		l.flight.Unanswered = o.Failed
		return true
	}
	l.values.landed(l.flight.Context, l.flight, o)
	return false
}

// Key returns the key of the flight.
func (l *Lead) Key() string { return l.flight.Key }

// Context returns that of the call.
func (l *Lead) Context() context.Context { return l.flight.Context }

// Within returns the context of the run.
func (l *Lead) Within() context.Context { return flight.Within(l.flight.Context, l.flight) }

// Land ends the flight by what the function has returned, which o holds. It stores the value.
func (l *Lead) Land(o *flight.Outcome) {
	s, f := l.values, l.flight
	o.Failed = f.Unanswered
	switch {
	case f.IsApart():
		ranApart(o)
	case o.Err != nil || !s.landNow(f, o):
		s.ran(f.Context, f, o)
		l.flight = nil // however landed ends, the flight ends
		s.landed(f.Context, f, o)
	}
	l.flight = nil
}

// ranApart completes the outcome of a run beside the flight of its key. It is not stored.
func ranApart(o *flight.Outcome) {
	if o.Ran = o.Err == nil; !o.Ran {
		o.Err = ofFunction(o.Err)
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
