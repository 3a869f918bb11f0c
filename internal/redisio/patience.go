package redisio

import "time"

// epoch is before every time of a batcher, so that none of them is 0.
var epoch = time.Now().Add(-time.Hour)

// clock returns the time since epoch.
func clock() time.Duration { return time.Since(epoch) }

// How long a batcher waits for an answer, and what it does then.

// patience returns how long an ask may take. It grows with every ask that is late up:
// if there are many, the server is slow, not a connection.
func (b *Batcher) patience() time.Duration {
	least := b.least
	if least == 0 {
		least = leastPatience
	}
	return (least + 4*b.usual) * time.Duration(1+b.lost)
}

// learn updates the usual time by the time of an answer. A very late answer has little
// weight.
func (b *Batcher) learn(took time.Duration) {
	b.usual += (min(took, 8*leastPatience+4*b.usual, time.Second) - b.usual) / 8
}

// isSample tells whether the time of an ask is taken: of the first ones on a lane, and of
// one in eight afterwards. What is usual changes seldom, and the clock has its cost.
func (l *lane) isSample() bool { return l.asks&7 == 0 || l.asks <= 16 }

// watch sets a timer to check the lanes, if there is none.
func (b *Batcher) watch() {
	if b.watched {
		return
	}
	b.watched = true
	time.AfterFunc(b.patience(), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.watched = false
		b.giveUpOverdue(clock())
		if b.busy > 0 {
			b.watch()
		}
	})
}

// giveUpOverdue gives up the asks that take too long.
func (b *Batcher) giveUpOverdue(now time.Duration) {
	b.checked = now
	for i, l := range b.lanes {
		if !l.busy || now-l.since <= b.patience() {
			continue
		}
		if b.lost >= int(b.spare.Load()) {
			return
		}
		b.giveUp(i, now)
	}
}

// giveUp has a new lane take the place of one whose ask takes too long. It asks again for the callers of the batch,
// apart from others: one of their answers may be what takes long.
func (b *Batcher) giveUp(i int, now time.Duration) {
	var again []*lookup
	late := b.lanes[i]
	for _, l := range late.batch {
		if !l.settled && l.asks < maxAsks && l.ctx.Err() == nil {
			again = append(again, l)
		}
	}
	b.lost++
	b.trouble = now
	b.vacate(late)
	late.lost = true
	b.lanes[i] = new(lane)
	b.liberate(b.lanes[i])
	if len(again) > 0 {
		b.askAgain(again, now)
		return
	}
	if len(b.waiting) > 0 {
		b.fill()
	}
}
