package redisio

import "time"

// lane is one of the concurrent asks.
type lane struct {
	busy  bool
	turn  uint64        // the number of its ask: an ask with another number was given up
	since time.Duration // when the ask began
	batch []*lookup     // what it asks for; nil: the caller asks alone
}

// size returns the number of look-ups that the lane asks for.
func (l *lane) size() int { return max(1, len(l.batch)) }

// freeLane returns the index of a free lane, -1 if there is none.
func (b *Batcher) freeLane() int {
	if b.lanes == nil {
		b.lanes = make([]lane, laneCount)
	}
	for i := range b.lanes {
		if !b.lanes[i].busy {
			return i
		}
	}
	return -1
}

// occupy takes a free lane for an ask.
func (b *Batcher) occupy(i int, batch []*lookup, now time.Duration) (turn uint64) {
	l := &b.lanes[i]
	l.busy, l.since, l.batch = true, now, batch
	l.turn++
	b.busy++
	if batch != nil {
		b.batches++
	}
	b.asked += l.size()
	b.load = max(b.asked, b.load-(b.load+7)/8)
	return l.turn
}

func (b *Batcher) release(i int) {
	l := &b.lanes[i]
	b.asked -= l.size()
	if l.batch != nil {
		b.batches--
	}
	b.busy--
	l.busy, l.batch = false, nil
}

// isQuiet reports whether the callers are few, with a lane for each. Between two rounds
// of many callers there is hardly one for a moment; load still shows them then.
func (b *Batcher) isQuiet() bool {
	return b.asked == 0 || b.asked < laneCount && b.load <= laneCount
}

// isCalm reports whether a caller may ask alone, because such an ask cannot be given
// up.
func (b *Batcher) isCalm(now time.Duration) bool {
	return b.lost == 0 && (b.trouble == 0 || now-b.trouble > wariness)
}

// end frees the lane of an ask that has ended, for the waiting callers. The caller
// holds b.mu.
func (b *Batcher) end(q Question, i int, turn uint64, since time.Duration, answered bool) {
	isLost := b.lanes[i].turn != turn
	if answered && (isLost || isSample(turn)) {
		took := clock() - since
		b.learn(took)
		if isLost && took <= 2*b.patience() {
			b.trouble = 0 // it was only late
		}
	}
	if isLost {
		b.lost--
		return
	}
	b.release(i)
	if len(b.waiting) > 0 {
		b.fill(q, clock())
	}
}
