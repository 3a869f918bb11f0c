package fresh

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Remembered is an error of the function that it returned some time ago.
type Remembered struct {
	Err   error
	since time.Time
	until time.Time
}

func (r *Remembered) Error() string {
	now := time.Now()
	return fmt.Sprintf("%v (an error remembered %v ago, for another %v)", r.Err,
		now.Sub(r.since).Round(time.Millisecond), max(r.until.Sub(now), 0).Round(time.Millisecond))
}

func (r *Remembered) Unwrap() error { return r.Err }

// Remember remembers an error of a run, if that is wanted. The end of a context is none of
// the function's.
func (p *Policy) Remember(ctx context.Context, key string, err error) {
	if p.Config.Remember == nil || ctx.Err() != nil ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return
	}
	span := p.Config.Remember(err)
	if span <= 0 {
		return
	}
	now := time.Now()
	p.errors.change(key, func(Remembered) Remembered { return Remembered{err, now, now.Add(span)} })
}

// Recall returns the error that is remembered of a key, or nil.
func (p *Policy) Recall(key string) *Remembered {
	r, ok := p.errors.get(key)
	if !ok {
		return nil
	}
	if !time.Now().Before(r.until) {
		p.errors.forget(key)
		return nil
	}
	return &r
}

// Forget forgets what is known of the failures of a key, because somebody wrote to it.
func (p *Policy) Forget(key string) {
	p.pauses.forget(key)
	p.errors.forget(key)
}

// ForgetAll is Forget for all keys.
func (p *Policy) ForgetAll() {
	p.pauses.clear()
	p.errors.clear()
}
