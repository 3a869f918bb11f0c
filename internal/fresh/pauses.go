package fresh

import "time"

// pause is why a key is not to be renewed for a while.
type pause struct {
	until  time.Time     // the end of the pause
	length time.Duration // of the pause after a failure; 0: there was none
	err    error         // the failure
}

// Failed records that a run failed whose key has an old value. The function does not run
// again for a while, each time twice as long as the time before, up to the life of a value.
func (p *Policy) Failed(key string, err error) {
	now := time.Now()
	p.pauses.change(key, func(old pause) pause {
		length := p.Retry
		if old.length > 0 {
			length = 2 * old.length
		}
		if p.Expire > 0 {
			length = min(length, max(p.Expire, p.Retry))
		}
		return pause{now.Add(length), length, err}
	})
}

// Succeeded records that a run succeeded.
func (p *Policy) Succeeded(key string) {
	p.pauses.forget(key)
	p.errors.forget(key)
}

// Paused returns the failure after which a key still has its pause; nil: there is none.
func (p *Policy) Paused(key string) error {
	old, ok := p.pauses.get(key)
	if !ok || old.length == 0 || !time.Now().Before(old.until) {
		return nil
	}
	return old.err
}

// Short records that a value is fresh for the duration life only. If it would be due from
// the beginning, it is not so before half of its life.
func (p *Policy) Short(key string, life time.Duration) {
	if p.Ahead == 0 || life == 0 || life > p.Ahead {
		return
	}
	half := time.Now().Add(life / 2)
	p.pauses.change(key, func(pause) pause { return pause{until: half} })
}

// isShort tells whether a value has less than half of its short life behind it.
func (p *Policy) isShort(key string) bool {
	old, ok := p.pauses.get(key)
	return ok && old.length == 0 && time.Now().Before(old.until)
}

// LastFailure returns the failure because of which the function does not run for a key that
// has an old value: it has its pause, or its error is remembered. nil: it may run.
func (p *Policy) LastFailure(key string) error {
	if r := p.Recall(key); r != nil {
		return r.Err
	}
	return p.Paused(key)
}
