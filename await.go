package ring

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// await runs do, which asks a server, and returns when it is done or ctx is. The
// client may know nothing of contexts: do then goes on by itself, until the client
// gives up. after runs when do has ended, in any case.
func await[T any](ctx context.Context, do func() (T, error), after func()) (T, error) {
	if ctx.Done() == nil {
		defer after()
		return do()
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
		o := outcome{err: errors.New("the storage ended the goroutine")}
		defer func() { done <- o }()
		defer after()
		defer func() { o.panicked = recover() }()
		o.result, o.err = do()
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

// ended is ctx.Err(), also in the moment between a deadline and the end of its context: a
// client that goes by the deadline has given up by then.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// inTime is the error of a storage, with that of a context that has ended.
func inTime(ctx context.Context, err error) error {
	if err == nil || isMiss(err) {
		return err
	}
	if over := ended(ctx); over != nil && !errors.Is(err, over) {
		return fmt.Errorf("%w: %w", over, err)
	}
	return err
}

// ask is await for a look-up. A storage in memory has nothing to wait for.
func ask[T any](ctx context.Context, s *BaseStorage, do func() (T, error)) (T, error) {
	if s.memory {
		return do()
	}
	return await(ctx, do, func() {})
}

// getValue is ask for the commonest question, which costs nothing more where there
// is nothing to wait for.
func (s *BaseStorage) getValue(ctx context.Context, key string, coder Coder) (any, error) {
	if s.memory || ctx.Done() == nil {
		return s.getNow(ctx, key, coder)
	}
	return s.awaitValue(ctx, key, coder)
}

func (s *BaseStorage) awaitValue(ctx context.Context, key string, coder Coder) (any, error) {
	return await(ctx, func() (any, error) { return s.getNow(ctx, key, coder) }, func() {})
}

func (s *BaseStorage) getNow(ctx context.Context, key string, coder Coder) (any, error) {
	if s.isText(coder) {
		return s.texts.getText(ctx, key)
	}
	return s.storage.GetValue(ctx, key)
}

// setLockedValue stores a value under a key that is locked, and unlocks it.
func (s *BaseStorage) setLockedValue(ctx context.Context, key string, data any, ttl time.Duration) error {
	if s.memory || ctx.Done() == nil {
		defer s.flights.unlock(key)
		return s.storage.SetValue(ctx, key, data, ttl)
	}
	return s.awaitSet(ctx, key, data, ttl)
}

func (s *BaseStorage) awaitSet(ctx context.Context, key string, data any, ttl time.Duration) error {
	return s.locked(ctx, func() error { return s.storage.SetValue(ctx, key, data, ttl) }, func() { s.flights.unlock(key) })
}

// write is await for a change of a key, which nobody else changes until it has ended,
// however long ctx lasts: what is written late must not undo what came after it.
func (s *BaseStorage) write(ctx context.Context, key string, do func() error) error {
	if err := s.flights.lock(ctx, key); err != nil {
		return err
	}
	return s.locked(ctx, do, func() { s.flights.unlock(key) })
}

// writeAll is write for several keys.
func (s *BaseStorage) writeAll(ctx context.Context, keys []string, do func() error) error {
	locked, err := s.flights.lockAll(ctx, keys)
	if err != nil {
		return err
	}
	return s.locked(ctx, do, func() { s.flights.unlockAll(locked) })
}

func (s *BaseStorage) locked(ctx context.Context, do func() error, unlock func()) error {
	if s.memory {
		defer unlock()
		return do()
	}
	_, err := await(ctx, func() (struct{}, error) { return struct{}{}, do() }, unlock)
	return err
}
