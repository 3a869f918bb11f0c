// Package fresh decides how fresh a value is by the time left to it, and when its function
// runs again.
//
// A value is stored for its life and a grace. It is fresh as long as more than the grace is
// left. So nothing has to be stored beside the value, and whoever wrote it, the storage tells
// its age.
package fresh

import (
	"context"
	"hash/fnv"
	"time"
)

// Config is the Freshness of a rope; zero values are off.
type Config struct {
	Expire     time.Duration // how long a value is fresh; 0: for good
	Ahead      time.Duration // renew behind when less than this is left of Expire
	Revalidate time.Duration // after Expire: serve, and renew behind
	OnError    time.Duration // after Expire: serve when the function fails
	Soft       time.Duration // how long a call waits for a run if there is an old value; 0: not at all
	Run        time.Duration // the longest run; 0: none in front, BehindLimit behind
	Retry      time.Duration // the pause after a failed run that had an old value; 0: a second
	Max        int           // renewals at a time; 0: 16
	Jitter     float64       // the part of Expire by which some keys live shorter
	Verify     float64       // the part of the hits that are checked behind

	Context  func(context.Context) context.Context // what a renewal behind gets; nil: the caller's values
	Remember func(error) time.Duration             // how long an error is remembered; nil: not at all
}

// Policy decides for the values of one rope. It is safe for concurrent use.
type Policy struct {
	Config
	Grace time.Duration // how long a value is kept after its life

	renewals renewals
	pauses   table[pause]
	errors   table[Remembered]
}

// BehindLimit is the longest run of a renewal behind, unless Config.Run is set.
const BehindLimit = time.Minute

const (
	defaultRetry = time.Second
	defaultMax   = 16
)

// New returns a policy.
func New(c Config) *Policy {
	if c.Retry == 0 {
		c.Retry = defaultRetry
	}
	if c.Max == 0 {
		c.Max = defaultMax
	}
	p := &Policy{Config: c, Grace: max(c.Revalidate, c.OnError)}
	p.renewals.max = int64(c.Max)
	return p
}

// Ages tells whether the age of a value matters.
func (p *Policy) Ages() bool { return p.Grace > 0 || p.Ahead > 0 }

// State is how fresh a value is.
type State uint8

const (
	Missing State = iota // there is no value
	Fresh                // as if it had been stored just now
	Due                  // fresh, but to be renewed behind
	Stale                // past its life: to be served while it is renewed
	Spare                // past its life: to be served only if the function fails
)

// State returns the state of a value with so much time left; 0: it does not expire.
func (p *Policy) State(left time.Duration) State {
	switch life := left - p.Grace; {
	case left == 0 || life > p.Ahead:
		return Fresh
	case life > 0:
		return Due
	case life > -p.Revalidate:
		return Stale
	}
	return Spare
}

var stateNames = [...]string{"gone", "fresh", "due", "stale", "spare"}

func (s State) String() string { return stateNames[s] }

// Change is a state and when it begins.
type Change struct {
	State State
	In    time.Duration // from now
}

// Changes returns the state of a value with so much time left, and those that follow.
func (p *Policy) Changes(left time.Duration) []Change {
	changes := []Change{{State: p.State(left)}}
	if left == 0 {
		return changes
	}
	for _, end := range []time.Duration{p.Grace + p.Ahead, p.Grace, p.Grace - p.Revalidate, 0} {
		next := Missing
		if end > 0 {
			next = p.State(end)
		}
		if last := changes[len(changes)-1].State; left > end && next != last && last != Missing {
			changes = append(changes, Change{next, left - end})
		}
	}
	return changes
}

// Of returns the state of the value of a key. A value that is due too soon after it was
// stored, because its life is shorter than usual, is fresh until half of that.
func (p *Policy) Of(key string, left time.Duration) State {
	state := p.State(left)
	if state == Due && p.pauses.len() > 0 && p.isShort(key) {
		return Fresh
	}
	return state
}

// Life returns how long a value of key is stored that is to be fresh for the duration
// expire: by Jitter shorter, and by the grace longer. 0 is for good.
func (p *Policy) Life(key string, expire time.Duration) time.Duration {
	if expire == 0 {
		return 0
	}
	if p.Jitter > 0 {
		expire = max(expire-time.Duration(float64(expire)*p.Jitter*share(key)), 1)
	}
	if life := expire + p.Grace; life > 0 {
		return life
	}
	return expire
}

// share returns a number from 0 to 1, the same for a key at any time and in any process.
func share(key string) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	x := h.Sum64()
	x ^= x >> 33 // the last bytes of a key reach the high bits of FNV late
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
