package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// errGone: a storage has called Goexit.
var errGone = errors.New("the storage ended the goroutine")

// await calls do, which asks a server, and returns when do has returned or ctx is done.
// The client may ignore contexts: do then goes on in the background, until the client
// gives up. after is called when do has ended, in any case.
func await[T any](ctx context.Context, do func(context.Context) (T, error), after func()) (T, error) {
	if ctx.Done() == nil {
		defer after()
		return do(ctx)
	}
	var none T
	if err := ctx.Err(); err != nil {
		after()
		return none, err
	}
	type outcome struct {
		result   T
		err      error
		panicked any
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{err: errGone}
		defer func() { done <- o }()
		defer after()
		defer func() { o.panicked = recover() }()
		o.result, o.err = do(ctx)
	}()
	select {
	case o := <-done:
		if o.panicked != nil {
			panic(o.panicked)
		}
		return o.result, inTime(ctx, o.err)
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// ended returns ctx.Err(), also in the moment between a deadline and the end of its
// context: a client that obeys the deadline has then given up already.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// inTime returns the error of a storage, joined with that of a context that has ended.
func inTime(ctx context.Context, err error) error {
	if err == nil || IsMiss(err) {
		return err
	}
	if over := ended(ctx); over != nil && !errors.Is(err, over) {
		return fmt.Errorf("%w: %w", over, err)
	}
	return err
}

// slowError says that a storage took longer than its limit.
type slowError struct {
	place string // of the storage
	limit time.Duration
}

func (e *slowError) Error() string {
	return fmt.Sprintf("%s did not answer within %v: see Options.StorageTimeout", e.place, e.limit.Round(time.Microsecond))
}

func (e *slowError) Timeout() bool { return true }
func (e *slowError) Unwrap() error { return os.ErrDeadlineExceeded }

func isSlow(err error) bool {
	_, ok := err.(*slowError)
	return ok
}

// openLimit is how long a rope that can work without its storage waits for it.
const openLimit = time.Second

// isBounded reports whether the rope waits for its storage for a limited time.
func (s *Values) isBounded() bool { return !s.Memory && (s.Timeout > 0 || s.Open) }

// limit returns how long a call waits for the storage each time; 0: as long as ctx
// lasts. If the function can run instead, it leaves time for that.
func (s *Values) limit(ctx context.Context) time.Duration {
	switch {
	case !s.isBounded():
		return 0
	case s.Timeout > 0:
		return s.Timeout
	}
	limit := openLimit
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	return max(limit, 1)
}

// Ask is await for a look-up. With a storage in memory there is nothing to wait for.
func Ask[T any](ctx context.Context, s *Values, do func(context.Context) (T, error)) (T, error) {
	if s.Memory {
		return do(ctx)
	}
	return awaitFor(ctx, s, s.limit(ctx), do, func() {})
}

// awaitFor is await with its own limit; 0 is none.
func awaitFor[T any](ctx context.Context, s *Values, limit time.Duration, do func(context.Context) (T, error), after func()) (T, error) {
	if limit == 0 {
		return await(ctx, do, after)
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	result, err := await(bounded, do, after)
	return result, s.tooSlow(ctx, bounded, limit, err)
}

// tooSlow makes an error caused by the limit a slowError. bounded is ctx with the limit,
// if there is one.
func (s *Values) tooSlow(ctx, bounded context.Context, limit time.Duration, err error) error {
	if err != nil && !IsMiss(err) && ended(ctx) == nil && ended(bounded) != nil {
		return &slowError{s.Place, limit}
	}
	return err
}

// getValue is Ask for the most frequent question. It costs nothing more if there is
// nothing to wait for.
func (s *Values) getValue(ctx context.Context, key string, coder Coder) (any, error) {
	if s.Memory || ctx.Done() == nil && !s.isBounded() {
		return s.getNow(ctx, key, coder)
	}
	return s.askValue(ctx, key, coder)
}

func (s *Values) askValue(ctx context.Context, key string, coder Coder) (any, error) {
	return Ask(ctx, s, func(ctx context.Context) (any, error) { return s.getNow(ctx, key, coder) })
}

func (s *Values) getNow(ctx context.Context, key string, coder Coder) (any, error) {
	if s.IsText(coder) {
		return s.Texts.Get(ctx, key)
	}
	return s.Storage.GetValue(ctx, key)
}

// write is await for a change of a key. No other call changes the key until it has
// ended, however long ctx lasts: a late write must not undo a later one.
func (s *Values) write(ctx context.Context, key string, do func(context.Context) error) error {
	short, cancel := s.bounded(ctx)
	defer cancel()
	err := s.Flights.Lock(short, key)
	if err == nil {
		err = s.locked(short, do, func() { s.Flights.Unlock(key) })
	}
	return s.note(ctx, key, s.tooSlow(ctx, short, s.Timeout, err))
}

// writeAll is write for several keys.
func (s *Values) writeAll(ctx context.Context, keys []string, do func(context.Context) error) error {
	short, cancel := s.bounded(ctx)
	defer cancel()
	locked, err := s.Flights.LockAll(short, keys)
	if err == nil {
		err = s.locked(short, do, func() { s.Flights.UnlockAll(locked) })
	}
	return s.note(ctx, "", s.tooSlow(ctx, short, s.Timeout, err))
}

// touching is write for a change that keeps the value.
func (s *Values) touching(ctx context.Context, do func(context.Context) error) error {
	short, cancel := s.bounded(ctx)
	defer cancel()
	return s.note(ctx, "", s.tooSlow(ctx, short, s.Timeout, s.locked(short, do, func() {})))
}

func (s *Values) locked(ctx context.Context, do func(context.Context) error, unlock func()) error {
	if s.Memory {
		defer unlock()
		return do(ctx)
	}
	_, err := await(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) }, unlock)
	return err
}

// bounded returns ctx with the StorageTimeout, which limits the wait of a write for its
// turn and the write itself.
func (s *Values) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.Memory || s.Timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.Timeout)
}

// behindLimit is how long a write goes on after its caller has gone.
const behindLimit = 10 * time.Second

// storesBehind reports whether a call may return before its value is stored.
func (s *Values) storesBehind(ctx context.Context) bool {
	return !s.Memory && (ctx.Done() != nil || s.isBounded())
}

// storing calls do, which stores the value of a run, to its end; see behind.
func (s *Values) storing(ctx context.Context, key string, do func(context.Context) error, left func()) error {
	if !s.storesBehind(ctx) {
		return do(ctx)
	}
	return s.behind(ctx, key, do, left)
}

// behind calls do, which stores the value of a run. If the caller's time is over it
// returns, and do goes on in the background, so that the function need not run again. In
// that case left is called, and errors are reported.
func (s *Values) behind(ctx context.Context, key string, do func(context.Context) error, left func()) error {
	on, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var settled atomic.Bool // by the first of the two: the caller or do
	done := make(chan storeResult, 1)
	go func() {
		defer cancel()
		r := storeResult{err: errGone}
		defer func() {
			if settled.CompareAndSwap(false, true) {
				done <- r
			} else if r.err != nil {
				s.OnError(on, key, r.err)
			}
		}()
		defer r.recover()
		r.err = do(on)
	}()
	limit := s.limit(ctx)
	var slow <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		slow = timer.C
	}
	select {
	case r := <-done:
		return r.get()
	case <-ctx.Done():
	case <-slow:
	}
	if !settled.CompareAndSwap(false, true) {
		r := <-done
		return r.get()
	}
	timer := time.AfterFunc(behindLimit, cancel)
	context.AfterFunc(on, func() { timer.Stop() })
	left()
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.note(ctx, key, &slowError{s.Place, limit})
	if s.Open {
		return nil
	}
	return err
}

// storeResult is how a store ended.
type storeResult struct {
	err      error
	panicked any
}

func (r *storeResult) recover() {
	if p := recover(); p != nil {
		*r = storeResult{fmt.Errorf("the storage panicked: %v", p), p}
	}
}

func (r *storeResult) get() error {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}
