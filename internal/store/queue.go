package store

import (
	"context"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/flight"
)

// queue is the wait of a call for locks that other processes hold.
type queue struct {
	s        *Values
	locker   Locker        // for its tries
	patience time.Duration // for its further waits
	limited  bool          // there is such a limit
	bells    map[string]Bell
	waits    bool          // it has waited
	waited   time.Duration // for so long
}

const (
	soonestTry = 5 * time.Millisecond  // a lock is not asked for more often
	latestTry  = time.Second           // nor less often, whatever happens to the news of its release
	unheardTry = 50 * time.Millisecond // how often locks are asked for beyond the mostBells
	mostBells  = 32                    // on a Cluster each of them takes a connection
)

func (s *Values) newQueue(ctx context.Context) *queue {
	q := &queue{s: s, locker: s.Lock.Locker, bells: map[string]Bell{}}
	q.patience, q.limited = s.lockPatience(ctx)
	if p, ok := q.locker.(Poller); ok {
		q.locker = p.Poll()
	}
	return q
}

// lockPatience returns how long a call waits for a lock, if that is limited. Within a run that
// holds a lock it does not wait longer than a lease: the holder may wait for that run.
func (s *Values) lockPatience(ctx context.Context) (patience time.Duration, limited bool) {
	patience, limited = s.Lock.Wait, s.Lock.Wait > 0
	if flight.FlightIn(ctx).HasLease() && (!limited || s.Lock.Span < patience) {
		return s.Lock.Span, true
	}
	return patience, limited
}

// listen hangs bells for locks, of which one lives for left. It reports true if one of them was
// not hung yet: the lock may have been released before.
func (q *queue) listen(ctx context.Context, left time.Duration, keys ...string) (hung bool) {
	var quiet []Bell
	for _, key := range keys {
		if q.bells[key] != nil || len(q.bells) == mostBells {
			continue
		}
		if bell := q.locker.Listen(key); bell != nil {
			q.bells[key] = bell
			quiet = append(quiet, bell)
		}
	}
	if len(quiet) == 0 {
		return false
	}
	began := time.Now()
	defer func() { q.add(time.Since(began)) }()
	pause := min(max(left, soonestTry), latestTry) // not longer than the lock may live
	if q.limited {
		pause = min(pause, q.patience)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for _, bell := range quiet {
		select {
		case <-bell.Ready():
		case <-timer.C:
			return true
		case <-ctx.Done():
			return true
		}
	}
	return true
}

// wait waits before the next try to take one of some locks, of which one lives for left. It
// reports true if the call has waited long enough.
func (q *queue) wait(ctx context.Context, left time.Duration, keys ...string) (over bool, err error) {
	pause := q.pause(left, len(keys))
	if q.limited {
		if pause = min(pause, q.patience); pause <= 0 {
			return true, nil
		}
	}
	began := time.Now()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	err = waitAny(ctx, timer.C, q.rung(keys))
	q.add(time.Since(began))
	if err != nil {
		return false, err
	}
	q.takeDown(keys)
	return false, nil
}

// add records a wait.
func (q *queue) add(took time.Duration) {
	q.waits, q.waited = true, q.waited+took
	q.patience -= took
}

// pause returns how long to wait at most for one of n locks.
func (q *queue) pause(left time.Duration, n int) time.Duration {
	pause := min(left+soonestTry, latestTry)
	if p, ok := q.s.Lock.Locker.(Poller); ok {
		return min(pause, p.Pause())
	}
	if n > mostBells {
		return min(pause, unheardTry)
	}
	return pause
}

// rung returns what the bells of keys close.
func (q *queue) rung(keys []string) (all []<-chan struct{}) {
	for _, key := range keys {
		if bell := q.bells[key]; bell != nil {
			all = append(all, bell.Rung())
		}
	}
	return all
}

// waitAny waits until the time is over or one of the channels is closed.
func waitAny(ctx context.Context, over <-chan time.Time, rung []<-chan struct{}) error {
	var first <-chan struct{}
	switch len(rung) {
	case 0:
	case 1:
		first = rung[0]
	default:
		return waitForMany(ctx, over, rung)
	}
	select {
	case <-first:
	case <-over:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func waitForMany(ctx context.Context, over <-chan time.Time, rung []<-chan struct{}) error {
	cases := make([]reflect.SelectCase, 0, len(rung)+2)
	receive := func(c any) {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
	}
	receive(ctx.Done())
	receive(over)
	for _, c := range rung {
		receive(c)
	}
	if chosen, _, _ := reflect.Select(cases); chosen == 0 {
		return ctx.Err()
	}
	return nil
}

// takeDown closes the bells that have rung. A bell rings once.
func (q *queue) takeDown(keys []string) {
	for _, key := range keys {
		if bell := q.bells[key]; bell != nil && isClosed(bell.Rung()) {
			bell.Close()
			delete(q.bells, key)
		}
	}
}

func (q *queue) close() {
	if q.waits {
		q.s.Meter.Waited(q.waited)
	}
	for _, bell := range q.bells {
		bell.Close()
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
