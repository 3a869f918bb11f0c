package redisio

import (
	"context"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// bells tell when locks are released: by one subscription for all that somebody waits for, as
// long as somebody does. Where a subscription does not reach all servers, each bell has its own.
type bells struct {
	client redis.UniversalClient

	mu    sync.Mutex // guards what follows
	hung  map[string]*Bell
	all   *line // nil: nobody waits, or each bell has a line of its own
	alone bool  // each has
}

// Bell rings once, when a lock is released.
type Bell struct {
	bells *bells
	name  string
	line  *line

	ears  int           // the callers who listen; the lock of the bells guards it
	ready chan struct{} // closed when the server has confirmed the subscription; the lock guards the closing
	rung  chan struct{} // closed when the lock is released; the lock guards the closing
	isSet bool          // ready is closed
	isOff bool          // rung is closed
}

// newBells returns the bells of a client. Only a client of one server has one subscription for
// all channels.
func newBells(client redis.UniversalClient) *bells {
	return &bells{client: client, hung: map[string]*Bell{}, alone: IsSharded(client)}
}

// listen returns the bell of a lock.
func (b *bells) listen(name string) *Bell {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bell := b.hung[name]; bell != nil {
		bell.ears++
		return bell
	}
	bell := &Bell{bells: b, name: name, ears: 1, ready: make(chan struct{}), rung: make(chan struct{})}
	b.hung[name] = bell
	switch {
	case b.alone:
		bell.line = newLine(b)
	case b.all == nil:
		b.all = newLine(b)
		fallthrough
	default:
		bell.line = b.all
	}
	bell.line.change(change{name: name, listens: true})
	return bell
}

// confirmed records that the server tells what happens to a lock.
func (b *bells) confirmed(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bell := b.hung[name]; bell != nil && !bell.isSet {
		bell.isSet = true
		close(bell.ready)
	}
}

// ring wakes those who listen. Who listens later gets another bell.
func (b *bells) ring(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bell := b.hung[name]; bell != nil && !bell.isOff {
		bell.isOff = true
		close(bell.rung)
		delete(b.hung, name)
	}
}

// Ready is closed when the server has confirmed that it will tell.
func (b *Bell) Ready() <-chan struct{} { return b.ready }

// Rung is closed when the lock was released.
func (b *Bell) Rung() <-chan struct{} { return b.rung }

// Close ends the listening of one caller.
func (b *Bell) Close() {
	all := b.bells
	all.mu.Lock()
	defer all.mu.Unlock()
	if b.ears--; b.ears > 0 {
		return
	}
	if next := all.hung[b.name]; next == b || next == nil { // nil: it has rung
		delete(all.hung, b.name)
		b.line.change(change{name: b.name})
	}
	switch {
	case all.alone:
		b.line.close()
	case len(all.hung) == 0 && all.all == b.line:
		all.all = nil
		b.line.close()
	}
}

// line is a subscription, which one goroutine changes, in order, and another one reads.
type line struct {
	mu      sync.Mutex // guards what follows
	changes []change
	closed  bool
	woken   chan struct{} // holds one token when there is something to do
}

// change is a channel to listen to, or no more.
type change struct {
	name    string
	listens bool
}

func newLine(b *bells) *line {
	l := &line{woken: make(chan struct{}, 1)}
	go l.run(b)
	return l
}

func (l *line) change(c change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = append(l.changes, c)
	l.wake()
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
}

func (l *line) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// take returns what is to be changed.
func (l *line) take() (changes []change, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes, l.changes = l.changes, nil
	return changes, l.closed
}

// run makes the changes until the line is closed. The client reconnects by itself, and
// subscribes again.
func (l *line) run(b *bells) {
	var sub *redis.PubSub
	defer func() {
		if sub != nil {
			_ = sub.Close()
		}
	}()
	for range l.woken {
		changes, closed := l.take()
		if closed {
			return
		}
		for _, listens := range []bool{true, false} {
			names := namesOf(changes, listens)
			switch {
			case len(names) == 0:
			case sub == nil:
				sub = b.subscribe(names)
				go b.hear(sub)
			case listens:
				_ = sub.Subscribe(context.Background(), names...)
			default:
				_ = sub.Unsubscribe(context.Background(), names...)
			}
		}
	}
}

// namesOf returns the channels to listen to at the end of the changes, or those to leave.
func namesOf(changes []change, listens bool) (names []string) {
	for i, c := range changes {
		later := slices.ContainsFunc(changes[i+1:], func(o change) bool { return o.name == c.name })
		if c.listens == listens && !later {
			names = append(names, c.name)
		}
	}
	return names
}

func (b *bells) subscribe(names []string) *redis.PubSub {
	if isCluster(b.client) {
		return b.client.SSubscribe(context.Background(), names...)
	}
	return b.client.Subscribe(context.Background(), names...)
}

// hear passes on what the server tells until the subscription is closed.
func (b *bells) hear(sub *redis.PubSub) {
	for message := range sub.ChannelWithSubscriptions() {
		switch m := message.(type) {
		case *redis.Subscription:
			if m.Kind == "subscribe" || m.Kind == "ssubscribe" {
				b.confirmed(m.Channel)
			}
		case *redis.Message:
			b.ring(m.Channel)
		}
	}
}

func isCluster(client redis.UniversalClient) bool {
	_, ok := client.(*redis.ClusterClient)
	return ok
}
