package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/flight"
)

// lock takes the locks of the elements that are about to run. It leaves those that other processes
// hold for later: a call that holds a lock does not wait for another one, so that two calls
// cannot block each other. Only if there is nothing else to do it waits, until it has some.
//
// It keeps no flight of a key that it does not run: the run may need it.
func (c *chunk) lock() {
	c.blocked, c.mine = c.mine, nil
	c.blocked = slices.DeleteFunc(c.blocked, func(e element) bool {
		failed := c.outcomes[e.place].Failed // the storage would not accept the value
		if failed {
			c.mine = append(c.mine, e)
		}
		return failed
	})
	slices.SortFunc(c.blocked, func(a, b element) int { return cmp.Compare(a.flight.Key, b.flight.Key) })
	if c.queue == nil {
		c.bulkRun.queue = c.s.newQueue(c.ctx)
	}
	for len(c.blocked) > 0 {
		left := c.tryLocks()
		if len(c.blocked) == 0 || len(c.mine) > 0 || !c.last {
			break
		}
		keys := keysOfElements(c.blocked)
		if c.queue.listen(c.ctx, left, keys...) {
			continue
		}
		over, err := c.queue.wait(c.ctx, left, keys...)
		if over || err != nil {
			c.giveUp(err)
			break
		}
		c.findBlocked()
	}
	for len(c.blocked) > 0 {
		e := c.unblock(0)
		c.locked = append(c.locked, e.place)
		c.s.Flights.Land(e.flight, &flight.Outcome{Abandoned: true})
	}
	slices.SortFunc(c.mine, func(a, b element) int { return cmp.Compare(a.place, b.place) })
}

// tryLocks tries to take the locks once. It returns how long the first of those lives that others
// hold.
func (c *chunk) tryLocks() (left time.Duration) {
	tries := acquireAll(c.ctx, c.queue.locker, keysOfElements(c.blocked), c.s.Lock.Span)
	for n, t := range tries {
		f := c.blocked[n].flight
		if t.Lease != nil { // before anything can panic
			c.s.hold(c.ctx, f, t.Lease)
		}
		if t.Found != nil && t.Found.Hit { // its turn comes after those of others
			c.s.Flights.Retire(f)
		}
	}
	left = latestTry
	n := 0
	for _, t := range tries {
		var o flight.Outcome
		f := c.blocked[n].flight
		run := false
		switch {
		case t.Err != nil:
			run = c.s.lockFailed(c.ctx, f, t.Err, &o)
		case t.Lease != nil:
			run = c.s.runsUnder(c.ctx, f, t.Found, &o)
		case t.Found == nil || !c.s.isStored(c.ctx, f.Key, t.Found, &o):
			left = min(left, t.Left)
			n++
			continue
		}
		e := c.unblock(n)
		if !run {
			c.land(e, &o)
			continue
		}
		c.outcomes[e.place].Failed = f.Unanswered
		c.mine = append(c.mine, e)
	}
	return left
}

// findBlocked ends the wait for those locks whose values others have stored, unless the locker
// tells of them: it would take a lock only to release it.
func (c *chunk) findBlocked() {
	if _, tells := c.s.Lock.Locker.(Poller); tells {
		return
	}
	found := c.s.lookForMany(c.bulkRun.ctx, keysOfElements(c.blocked))
	n := 0
	for i := range found {
		if e := c.blocked[n]; c.settle(e, &found[i]) {
			c.unblock(n)
		} else {
			n++
		}
	}
}

// unblock takes an element out of those without a lock.
func (c *chunk) unblock(n int) element {
	e := c.blocked[n]
	if n == 0 {
		c.blocked = c.blocked[1:]
	} else {
		c.blocked = slices.Delete(c.blocked, n, n+1)
	}
	return e
}

// giveUp ends the wait for locks: by an error, or by a run without them.
func (c *chunk) giveUp(err error) {
	for len(c.blocked) > 0 {
		e := c.unblock(0)
		if err != nil {
			c.land(e, &flight.Outcome{Err: err, Abandoned: true})
			continue
		}
		e.flight.Base = &flight.Age{Absent: true}
		c.mine = append(c.mine, e)
	}
}

func keysOfElements(all []element) []string {
	keys := make([]string, len(all))
	for n, e := range all {
		keys[n] = e.flight.Key
	}
	return keys
}

// acquireAll tries to take the locks of keys.
func acquireAll(ctx context.Context, l Locker, keys []string, span time.Duration) []Try {
	if many, ok := l.(ManyLocker); ok {
		return many.AcquireMany(ctx, keys, span)
	}
	tries := make([]Try, len(keys))
	for n, key := range keys {
		t := &tries[n]
		t.Lease, t.Found, t.Left, t.Err = l.Acquire(ctx, key, span)
	}
	return tries
}

func (b *bulkRun) unqueue() {
	if b.queue != nil {
		b.queue.close()
	}
}

// storeLocked is setMany for runs that hold locks, or that have waited for them too long.
func (s *Values) storeLocked(ctx context.Context, led []element, set *encodedValues) []error {
	many, _ := s.Lock.Locker.(ManyStorer)
	var together []Storing
	var places []int
	for n, i := range set.places {
		f := led[i].flight
		if many == nil || f.Lease == nil {
			set.errs[i] = s.setFresh(ctx, f, set.data[n])
			continue
		}
		life, keep, err := s.lifeOf(f)
		if set.errs[i] = err; err == nil && keep {
			s.Flights.Retire(f) // as in setFresh
			together = append(together, Storing{f.Lease.(Lease), set.data[n], life, f.Base})
			places = append(places, i)
		}
	}
	if len(together) == 0 {
		return set.errs
	}
	stored, errs := many.StoreMany(ctx, together)
	for n, i := range places {
		set.errs[i] = errs[n]
		_ = s.note(ctx, led[i].flight.Key, errs[n])
		s.voids(ctx, led[i].flight, !stored[n] && errs[n] == nil)
	}
	return set.errs
}

// leave ends a flight whose value has been stored.
func (s *Values) leave(f *flight.Flight) {
	if s.Lock.Locker == nil {
		s.Flights.Leave(f)
		return
	}
	o := s.Flights.OutcomeOf(f)
	o.Abandoned = f.Voided // others may have come after the write
	s.Flights.Land(f, &o)
}
