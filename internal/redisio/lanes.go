package redisio

import "time"

// lane is one of the concurrent asks. An ask that was given up keeps its lane, and a new one
// takes its place.
type lane struct {
	busy  bool
	lost  bool          // it was given up
	asks  uint          // how many it has begun
	since time.Duration // when the last of them began
	size  int           // how many look-ups it asks for
	batch []*lookup     // these; nil: the caller asks alone
	next  *lane         // the next free one
}

// occupy takes a free lane for an ask for so many look-ups.
func (b *Batcher) occupy(size int, now time.Duration) *lane {
	l := b.free
	if l == nil {
		l = new(lane)
		b.lanes = append(b.lanes, l)
	} else {
		b.free = l.next
	}
	l.busy, l.since, l.size = true, now, size
	l.asks++
	b.busy++
	b.asked += size
	if b.load > b.asked {
		b.load -= (b.load + 7) / 8
	}
	b.load = max(b.load, b.asked)
	return l
}

// occupyFor takes a free lane for a batch.
func (b *Batcher) occupyFor(batch []*lookup, now time.Duration) *lane {
	for _, l := range batch {
		l.asks++
		l.pending++
	}
	on := b.occupy(len(batch), now)
	on.batch = batch
	return on
}

// vacate ends the ask of a lane.
func (b *Batcher) vacate(l *lane) {
	b.asked -= l.size
	b.busy--
	l.busy, l.batch = false, nil
}

// liberate makes a lane the next to be taken.
func (b *Batcher) liberate(l *lane) { l.next, b.free = b.free, l }

// areFew reports whether there is room for each caller, now and lately, to ask by itself.
// Between two rounds of many callers hardly one asks for a moment; load still shows them then.
func (b *Batcher) areFew() bool {
	room := b.room()
	return b.asked < room && b.load <= room
}

// isCalm reports whether a caller may ask alone, because such an ask cannot be given
// up.
func (b *Batcher) isCalm(now time.Duration) bool {
	return b.lost == 0 && (b.trouble == 0 || now-b.trouble > wariness)
}

// end frees the lane of an ask that has ended, for the waiting callers. The caller
// holds b.mu.
func (b *Batcher) end(l *lane, answered bool) {
	if l.lost {
		b.endLost(l, answered)
		return
	}
	if answered && l.isSample() {
		took := clock() - l.since
		b.learn(took)
		b.learnRoom(took, l.size)
	}
	b.vacate(l)
	b.liberate(l)
	if len(b.waiting) > 0 {
		b.fill()
	}
}

// endLost ends an ask that was given up.
func (b *Batcher) endLost(l *lane, answered bool) {
	if answered {
		took := clock() - l.since
		b.learn(took)
		if took <= 2*b.patience() {
			b.trouble = 0 // it was only late
		}
	}
	b.lost--
}
