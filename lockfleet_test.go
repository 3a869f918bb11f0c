package ring_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fleetKinds are the storages that have a Lock, and how long their waiters may sleep between
// two tries.
var fleetKinds = map[string]time.Duration{
	"redis": 0, "hash": 0, "cluster": 0, "memcached": 200 * time.Millisecond, "disk": 0, "shelf": 0,
}

// leeway is for a busy machine. What a quiet one needs is in docs/howto.md.
const leeway = 500 * time.Millisecond

// atFleets runs a test with the processes of a fleet at each kind of storage.
func atFleets(t *testing.T, n int, lease, run time.Duration, test func(t *testing.T, kind, where string, fleet []*fleetChild)) {
	for kind := range fleetKinds {
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
		for _, c := range fleet {
			c.tell("call", "a", 50)
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
					assert.Equal(t, []string{"a", "0"}, line[1:3])
				}
			}
		}
		assert.Equal(t, 1, runs)
		assert.Equal(t, 200, got)
		t.Logf("%s: the last answer came %v after the run", kind, answered.Sub(ended))
		assert.Less(t, answered.Sub(ended), fleetKinds[kind]+leeway)
	})
}

// TestFleetHolderDies: the next process runs when the lease is over, or at once where the
// system knows that the holder has gone.
func TestFleetHolderDies(t *testing.T) {
	const lease = 600 * time.Millisecond
	atFleets(t, 2, lease, 300*time.Millisecond, func(t *testing.T, kind, _ string, fleet []*fleetChild) {
		fleet[0].tell("call", "a", 1)
		fleet[0].hear("begins")
		fleet[1].tell("call", "a", 1)
		select {
		case line := <-fleet[1].lines:
			t.Fatal("it runs as well: ", line)
		case <-time.After(100 * time.Millisecond):
		}
		killed := time.Now()
		fleet[0].kill()
		_, line := fleet[1].hear("begins")
		took := at(line[2]).Sub(killed)
		t.Logf("%s: the next run began %v after the holder was killed", kind, took)
		limit := lease
		switch kind {
		case "disk", "shelf":
			limit = 0
		case "memcached": // in seconds, rounded up, and up to one more
			limit = 2 * time.Second
		}
		assert.Less(t, took, limit+fleetKinds[kind]+leeway)
		fleet[1].hear("answered")
	})
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
	assert.Less(t, took, lease+leeway)
}
