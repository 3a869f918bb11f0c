package ring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fleetKinds are the storages that have a Lock.
var fleetKinds = []string{"redis", "hash", "cluster", "memcached", "disk", "shelf"}

// leeway is how long the others may take to go on.
const leeway = 50 * time.Millisecond

// soon tries until what it measures has not taken longer than the limit. A busy machine needs
// more than one try, and the race detector makes it busy: four times the limit will do then. What
// a quiet one needs is in docs/howto.md.
func soon(t *testing.T, limit time.Duration, measure func(try int) time.Duration) {
	const tries = 8
	if racing > 0 {
		limit *= 4
	}
	var took []time.Duration
	for try := range tries {
		took = append(took, measure(try))
		if took[try] <= limit {
			return
		}
	}
	t.Errorf("it took %v each time, instead of %v", took, limit)
}

// atFleets runs a test with the processes of a fleet at each kind of storage.
func atFleets(t *testing.T, n int, lease, run time.Duration, test func(t *testing.T, kind, where string, fleet []*fleetChild)) {
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			where, _ := fleetPlace(t, kind)
			source := t.TempDir()
			fleet := make([]*fleetChild, n)
			for i := range fleet {
				fleet[i] = startFleetChild(t, kind, where, source, lease, run, nil)
			}
			test(t, kind, where, fleet)
		})
	}
}

// TestFleetRunsOnce: of the callers of all processes one runs the function, and the others get
// its value soon after it has ended, although it takes longer than several leases.
func TestFleetRunsOnce(t *testing.T) {
	atFleets(t, 4, 300*time.Millisecond, time.Second, func(t *testing.T, kind, _ string, fleet []*fleetChild) {
		soon(t, leeway, func(try int) time.Duration {
			took := runOnce(t, fleet, fmt.Sprint("a", try))
			t.Logf("%s: the last answer came %v after the run", kind, took)
			return took
		})
	})
}

// runOnce returns how long after the run the last answer came.
func runOnce(t *testing.T, fleet []*fleetChild, key string) time.Duration {
	for _, c := range fleet {
		c.tell("call", key, 50)
	}
	var ended, answered time.Time
	runs, got := 0, 0
	for _, c := range fleet {
		before, line := c.hear("answered")
		if when := at(line[2]); when.After(answered) {
			answered = when
		}
		for _, line := range before {
			switch line[0] {
			case "run":
				runs++
				ended = at(line[4])
			case "got":
				got++
				assert.Equal(t, []string{key, "0"}, line[1:3])
			}
		}
	}
	assert.Equal(t, 1, runs)
	assert.Equal(t, 200, got)
	return answered.Sub(ended)
}

// TestFleetHolderDies: the next process runs when the lease is over, or at once where the
// system knows that the holder has gone.
func TestFleetHolderDies(t *testing.T) {
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			where, _ := fleetPlace(t, kind)
			source := t.TempDir()
			limit := dyingLease + leeway
			if kind == "disk" || kind == "shelf" {
				limit = 10 * time.Millisecond
			}
			soon(t, limit, func(try int) time.Duration {
				var fleet [2]*fleetChild
				for i := range fleet {
					fleet[i] = startFleetChild(t, kind, where, source, dyingLease, 300*time.Millisecond, nil)
				}
				took := holderDies(t, fleet[0], fleet[1], fmt.Sprint("a", try))
				t.Logf("%s: the next run began %v after the holder was killed", kind, took)
				return took
			})
		})
	}
}

const dyingLease = 600 * time.Millisecond

// holderDies returns how long after the death of the holder the next run began.
func holderDies(t *testing.T, holder, next *fleetChild, key string) time.Duration {
	holder.tell("call", key, 1)
	holder.hear("begins")
	next.tell("call", key, 1)
	select {
	case line := <-next.lines:
		t.Fatal("it runs as well: ", line)
	case <-time.After(100 * time.Millisecond):
	}
	killed := time.Now()
	holder.kill()
	_, line := next.hear("begins")
	next.hear("answered")
	return at(line[2]).Sub(killed)
}

// TestFleetDelete: what another process deletes during a run is not there after it.
func TestFleetDelete(t *testing.T) {
	atFleets(t, 3, 300*time.Millisecond, 400*time.Millisecond, func(t *testing.T, kind, where string, fleet []*fleetChild) {
		fleet[0].tell("call", "a", 1)
		fleet[0].hear("begins")
		fleet[1].tell("delete", "a")
		fleet[1].hear("deleted")
		fleet[2].tell("call", "a", 1)
		_, line := fleet[2].hear("got")
		assert.Equal(t, []string{"a", "1"}, line[1:3], "a new run")
		_, line = fleet[0].hear("got")
		assert.Equal(t, []string{"a", "0"}, line[1:3])
		fleet[1].tell("call", "a", 1)
		before, line := fleet[1].hear("got")
		assert.Equal(t, []string{"a", "1"}, line[1:3])
		assert.Empty(t, before, "it is cached")
	})
}

// TestFleetUnsubscribed: who is not told of the end of a run looks for it.
func TestFleetUnsubscribed(t *testing.T) {
	where, server := fleetPlace(t, "redis")
	source, client := t.TempDir(), redisClient(t, server)
	const lease = 300 * time.Millisecond
	holder := startFleetChild(t, "redis", where, source, lease, time.Second, nil)
	waiter := startFleetChild(t, "redis", where, source, lease, time.Second, nil)
	holder.tell("call", "a", 1)
	holder.hear("begins")
	waiter.tell("call", "a", 50)
	var ended time.Time
	for ended.IsZero() {
		select {
		case line := <-holder.lines:
			if line[0] == "run" {
				ended = at(line[4])
			}
		case <-time.After(5 * time.Millisecond):
			require.NoError(t, client.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err())
		}
	}
	before, line := waiter.hear("answered")
	for _, line := range before {
		assert.Equal(t, "got", line[0])
	}
	took := at(line[2]).Sub(ended)
	t.Logf("the last answer came %v after the run", took)
	assert.Less(t, took, lease+500*time.Millisecond)
}
