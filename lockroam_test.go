package ring_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// roamVariable says how long the fleets of TestFleetRoams roam.
const roamVariable = "RING_FLEET_TIME"

// TestFleetRoams: processes call and delete for some time. Some of them are killed, connections
// are cut, and another program deletes what it likes. Nobody gets a wrong value or one that is
// older than a delete which had ended before the call began, and no two processes run at a time.
func TestFleetRoams(t *testing.T) {
	span := 2 * time.Second
	if text := os.Getenv(roamVariable); text != "" {
		span = must(time.ParseDuration(text))
	}
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			where, server := fleetPlace(t, kind)
			log := roam(t, kind, where, server, span)
			calls, deletes, runs, errs := log.check(t)
			t.Logf("%s, %v: %d calls, %d deletes, %d runs, %d kills, %d errors of cut connections", kind, span, calls, deletes, runs, log.kills, errs)
			assert.Positive(t, deletes)
			assert.Greater(t, calls, runs)
		})
	}
}

// roam returns what the processes say.
func roam(t *testing.T, kind, where string, server *testserver.Server, span time.Duration) (log fleetLog) {
	source, lines, done := t.TempDir(), make(chan []string, 10_000), make(chan struct{})
	go func() {
		defer close(done)
		for line := range lines {
			log.lines = append(log.lines, line)
		}
	}()
	start := func() *fleetChild {
		c := startFleetChild(t, kind, where, source, time.Second, 2*time.Millisecond, lines)
		c.tell("roam", "a", "b", "c", undeleted+"1", undeleted+"2")
		return c
	}
	fleet := make([]*fleetChild, 8)
	for i := range fleet {
		fleet[i] = start()
	}
	other := ring.Wrap(func(string) string { panic("it only deletes") }, fleetFactory(kind, where, ring.Options{}))
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for _, key := range []string{"a", undeleted + "1", undeleted + "2"} {
			if err := other.Delete(key); err != nil {
				require.Regexp(t, cut, err.Error())
			}
		}
		switch rand.IntN(100) {
		case 0:
			i := rand.IntN(len(fleet))
			fleet[i].kill()
			fleet[i] = start()
			log.kills++
		case 1, 2:
			log.cut(t, server)
		}
	}
	for _, c := range fleet {
		c.kill()
	}
	close(lines)
	<-done
	return log
}

// cut matches the errors of a connection that was cut.
var cut = regexp.MustCompile(`EOF|reset|broken pipe|closed`)

// fleetLog is what the processes of a fleet have said.
type fleetLog struct {
	lines [][]string
	kills int
	cuts  int
}

func (l *fleetLog) cut(t *testing.T, server *testserver.Server) {
	if server == nil {
		return
	}
	l.cuts++
	kind := []string{"pubsub", "normal"}[rand.IntN(2)]
	assert.NoError(t, redisClient(t, server).ClientKillByFilter(t.Context(), "TYPE", kind, "SKIPME", "yes").Err())
}

// span is a call, a run or a delete that has ended.
type span struct {
	version      int
	began, ended time.Time
}

// check returns how many calls, deletes, runs and errors there were.
func (l *fleetLog) check(t *testing.T) (calls, deletes, runs, errs int) {
	got, deleted, run := map[string][]span{}, map[string][]span{}, map[string][]span{}
	for _, line := range l.lines {
		switch {
		case line[0] == "error":
			errs++
			require.Positive(t, l.cuts, line)
			require.Regexp(t, cut, strings.Join(line, " "))
		case len(line) < 5: // of one that was killed
		case line[0] == "got":
			calls++
			add(got, line)
		case line[0] == "deleted":
			deletes++
			add(deleted, line)
		case line[0] == "run":
			runs++
			add(run, line)
		}
	}
	for key, all := range got {
		checkFresh(t, key, all, deleted[key])
	}
	for key, all := range run {
		if strings.HasPrefix(key, undeleted) {
			checkAlone(t, key, all)
		}
	}
	return calls, deletes, runs, errs
}

func add(to map[string][]span, line []string) {
	version, err := strconv.Atoi(line[2])
	if err != nil || len(line[4]) != len(line[3]) { // of one that was killed
		return
	}
	to[line[1]] = append(to[line[1]], span{version, at(line[3]), at(line[4])})
}

// checkFresh checks that no call got a version older than a delete that had ended before.
func checkFresh(t *testing.T, key string, calls, deletes []span) {
	slices.SortFunc(calls, func(a, b span) int { return a.began.Compare(b.began) })
	slices.SortFunc(deletes, func(a, b span) int { return a.ended.Compare(b.ended) })
	least := 0
	for _, call := range calls {
		for len(deletes) > 0 && deletes[0].ended.Before(call.began) {
			least = max(least, deletes[0].version)
			deletes = deletes[1:]
		}
		if !assert.GreaterOrEqual(t, call.version, least, "%s: a call that began at %v", key, call.began) {
			return
		}
	}
}

// checkAlone checks that no two runs were at a time.
func checkAlone(t *testing.T, key string, runs []span) {
	slices.SortFunc(runs, func(a, b span) int { return a.began.Compare(b.began) })
	for i, run := range runs[1:] {
		if !assert.False(t, run.began.Before(runs[i].ended), "%s: %v and %v", key, runs[i], run) {
			return
		}
	}
}
