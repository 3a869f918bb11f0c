package redisio

import (
	"runtime"
	"time"

	"github.com/redis/go-redis/v9"
)

// Answers that came together wake their callers at the same moment, who often ask again at
// the same moment. Where callers are many, whoever asks first gives way to the goroutines that
// are ready to run, and takes along those of them that look something up. That costs a fraction
// of a microsecond where none is ready.

const (
	// wayTime is how long giving way may take for each look-up that goes together.
	wayTime = 10 * time.Microsecond

	// wayPause is for how long no caller gives way after that took longer, as a multiple of
	// what it took. The processors are busy with something else then.
	wayPause = 32
)

// hasRoom reports whether one more ask may begin now, for those that wait.
func (b *Batcher) hasRoom() bool { return !b.gathers && b.busy < b.room() }

// lead asks for l, and for those that come meanwhile. It unlocks the mutex.
func (b *Batcher) lead(l *lookup, now time.Duration) (*redis.StringCmd, time.Duration) {
	now = b.giveWay(now)
	if len(b.waiting) == 1 {
		b.waiting = nil
		return b.askFor(l, now)
	}
	l.answer = b.answerChannel()
	batch, on := b.begin(now)
	b.watch()
	b.mu.Unlock()
	if l.ctx.Done() == nil {
		b.askAll(batch, false, on)
	} else {
		go b.askAll(batch, false, on) // the caller may leave before there is an answer
	}
	return b.await(l)
}

// fill has the waiting callers' questions sent, if there is room for an ask. At least one
// caller waits.
func (b *Batcher) fill() {
	if b.hasRoom() {
		b.gathers = true
		go b.gather()
	}
}

// gather asks for those that wait.
func (b *Batcher) gather() {
	runtime.Gosched()
	b.mu.Lock()
	b.gathers = false
	if len(b.waiting) == 0 { // they have left
		b.mu.Unlock()
		return
	}
	batch, on := b.begin(clock())
	b.mu.Unlock()
	b.askAll(batch, false, on)
}

// giveWay lets others come, and returns the time then. It unlocks the mutex for as long.
func (b *Batcher) giveWay(now time.Duration) time.Duration {
	b.gathers = true
	b.mu.Unlock()
	runtime.Gosched()
	b.mu.Lock()
	b.gathers = false
	began, now := now, clock()
	if took := now - began; took > wayTime*time.Duration(len(b.waiting)) {
		b.atOnce = now + wayPause*took
	}
	return now
}

// begin takes a lane for those that wait longest.
func (b *Batcher) begin(now time.Duration) (batch []*lookup, on *lane) {
	n := min(len(b.waiting), maxBatch)
	batch, b.waiting = b.waiting[:n:n], b.waiting[n:]
	on = b.occupyFor(batch, now)
	if len(b.waiting) == 0 {
		b.waiting = nil
	} else {
		b.fill()
	}
	return batch, on
}
