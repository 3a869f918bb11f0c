package diskcache

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pool lends connections, the most recently used one first. There is a pool of readers,
// and a pool of the one writer, in which the goroutines of the process queue instead of
// polling SQLite's lock.
type pool struct {
	open    func(context.Context) (*conn, error)
	timeout time.Duration   // negative: wait without limit
	closing <-chan struct{} // closed before close is called
	slots   chan struct{}   // holds one element for each lent connection

	mu   sync.Mutex // guards idle
	idle []*conn
}

func newPool(size int, timeout time.Duration, closing <-chan struct{}, open func(context.Context) (*conn, error)) *pool {
	return &pool{open: open, timeout: timeout, closing: closing, slots: make(chan struct{}, size)}
}

// acquire lends a connection. The caller returns it with release.
func (p *pool) acquire(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
	default:
		if err := p.wait(ctx); err != nil {
			return nil, err
		}
	}
	select {
	case <-p.closing:
		<-p.slots
		return nil, ErrClosed
	default:
	}
	cn, err := p.take(ctx)
	if err != nil {
		<-p.slots
	}
	return cn, err
}

// wait takes a slot as soon as one is free.
func (p *pool) wait(ctx context.Context) error {
	var expired <-chan time.Time
	if p.timeout >= 0 {
		timer := time.NewTimer(p.timeout)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-p.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-expired:
		return fmt.Errorf("%w: one of this process", ErrTimeout)
	}
}

func (p *pool) take(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	if last := len(p.idle) - 1; last >= 0 {
		cn := p.idle[last]
		p.idle = p.idle[:last]
		p.mu.Unlock()
		return cn, nil
	}
	p.mu.Unlock()
	return p.open(ctx)
}

func (p *pool) put(cn *conn) {
	p.mu.Lock()
	p.idle = append(p.idle, cn)
	p.mu.Unlock()
}

func (p *pool) release(cn *conn) {
	if cn.broken {
		_ = cn.close() // the caller already has the error that broke it
	} else {
		p.put(cn)
	}
	<-p.slots
}

// close waits for the connections that are lent and closes all.
func (p *pool) close() error {
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	var first error
	for _, cn := range p.idle {
		if err := cn.close(); first == nil {
			first = err
		}
	}
	p.idle = nil
	return first
}
