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
	if s.Apart {
		*l = Lead{s, flight.NewApart(ctx, key, s)}
		return true
	}
	for {
		f, leader := s.Flights.Join(ctx, key, s, who)
		if leader {
			*l = Lead{s, f}
			if s.isPlain() && s.LRU.Now == nil && !s.ages() {
				return l.lookPlain(o)
			}
			return l.look(nil, false, o)
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

// lookPlain is look in an LruCache. Where that has nothing, it does without a defer: up to
// there nothing can panic.
func (l *Lead) lookPlain(o *flight.Outcome) (missing bool) {
	data, ok := l.values.LRU.Get(l.flight.Key)
	return !ok || l.look(data, true, o)
}

// look is the look-up of the flight, which may panic or end the goroutine. data is what the
// LruCache has, if that is known. look returns true if the value is missing; otherwise the
// flight has ended.
func (l *Lead) look(data any, found bool, o *flight.Outcome) (missing bool) {
	looking := *l
	defer looking.Crash()
	s, f := l.values, l.flight
	switch {
	case found:
		s.takePlain(f.Context, f, data, o)
	case s.isInstant(f.Context): // lookFor comes to the same, step by step
		value, err := s.Texts.Get(f.Context, f.Key)
		if o.Value, o.Hit = value, err == nil; !o.Hit {
			s.looked(f.Context, f, nil, s.note(f.Context, f.Key, err), o)
		}
	default:
		s.lookFor(f.Context, f, o)
	}
	looking.flight = nil
	if !o.Hit && o.Err == nil {
		f.Unanswered = o.Failed
		return true
	}
	s.Flights.Land(f, o) // nothing was stored
	o.MakeOwn()
	return false
}

// Begin counts the run, which the caller is about to begin.
func (l *Lead) Begin() { l.flight.Begin(l.values.Meter) }

// End counts how the run has ended.
func (l *Lead) End(err error) { l.flight.End(l.values.Meter, err) }

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
	l.flight.Leave(l.values.Meter)
	if l.flight.IsApart() {
		return
	}
	// Goexit is not a panic: recover returns nil.
	if r := recover(); r != nil {
		l.values.Flights.Land(l.flight, &flight.Outcome{Err: &flight.Panicked{Value: r}})
		panic(r)
	}
	l.values.Flights.Land(l.flight, &flight.Outcome{Abandoned: true})
}
