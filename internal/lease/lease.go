// Package lease keeps what ends by itself from ending, as long as its holder lives.
package lease

import (
	"context"
	"sync"
	"time"
)

// Renewal renews a lease at each third of its span.
type Renewal struct {
	span  time.Duration
	renew func(ctx context.Context) (held bool, err error)

	mu    sync.Mutex // guards what follows
	timer *time.Timer
	ended bool
}

// Start begins with the renewals. They end with End, or when renew tells that the lease is not
// held any more. After an error the next one comes at its time.
func Start(span time.Duration, renew func(ctx context.Context) (held bool, err error)) *Renewal {
	r := &Renewal{span: span, renew: renew}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = time.AfterFunc(span/3, r.run)
	return r
}

func (r *Renewal) run() {
	ctx, cancel := context.WithTimeout(context.Background(), r.span/3)
	defer cancel()
	if held, err := r.renew(ctx); err == nil && !held {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.timer.Reset(r.span / 3)
	}
}

// End ends the renewals. It reports false if that was done already.
func (r *Renewal) End() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return false
	}
	r.ended = true
	r.timer.Stop()
	return true
}
