package ring

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

func newLedger() *ledger {
	return &ledger{last: map[weak.Pointer[Rope]]entry{}, gone: map[heading]Stats{}, evicted: map[evictor]uint64{}}
}

// called returns a rope that has been called for each of the arguments.
func called(t *testing.T, f Factory, name string, args ...string) *Rope {
	t.Helper()
	r := Wrap(strings.ToUpper, f, Name(name))
	for _, arg := range args {
		_, err := r.Call(arg)
		require.NoError(t, err)
	}
	return r
}

func TestTotalsSumByFunctionAndStorage(t *testing.T) {
	ropes := []*Rope{
		called(t, Dict{}, "totals.b", "a"),
		called(t, Lru{MaxSize: 10}, "totals.b", "a", "a", "b"),
		called(t, Lru{MaxSize: 20}, "totals.b", "a"),
		called(t, Lru{MaxSize: 5}, "totals.a"),
	}
	all := newLedger().read(ropes)
	require.Len(t, all, 3)
	assert.Equal(t, Total{Function: "totals.a", Storage: "lru", Ropes: 1, Stats: Stats{MaxEntries: 5}}, all[0])
	assert.Equal(t, [2]string{"totals.b", "dict"}, [2]string{all[1].Function, all[1].Storage})
	both := all[2]
	assert.Equal(t, 2, both.Ropes)
	assert.Equal(t, [5]int64{1, 3, 3, 3, 30}, [5]int64{int64(both.Hits), int64(both.Misses), int64(both.Runs), both.Entries, both.MaxEntries})
}

func TestTotalsCountASharedCacheOnce(t *testing.T) {
	f := Lru{Lru: lrucache.New(2), KeyPrefix: "shared"}
	ropes := []*Rope{called(t, f, "totals.shared", "a", "b", "c"), called(t, f, "totals.shared", "d")}
	all := newLedger().read(ropes)
	require.Len(t, all, 1)
	assert.Equal(t, [4]int64{4, 2, 2, 2}, [4]int64{int64(all[0].Runs), int64(all[0].Evictions), all[0].Entries, all[0].MaxEntries})
}

func TestTotalsKeepWhatIsGone(t *testing.T) {
	l := newLedger()
	before := func() Total {
		r := called(t, Lru{MaxSize: 1}, "totals.gone", "a", "a", "b")
		return l.read([]*Rope{r})[0]
	}()
	require.Equal(t, [3]uint64{1, 2, 1}, [3]uint64{before.Hits, before.Misses, before.Evictions})
	require.Eventually(t, func() bool {
		runtime.GC()
		l.read(nil)
		return len(l.last)+len(l.evicted) == 0
	}, 30*time.Second, time.Millisecond)

	again := called(t, Lru{MaxSize: 1}, "totals.gone", "a", "b")
	after := l.read([]*Rope{again})[0]
	assert.Equal(t, [3]uint64{1, 4, 2}, [3]uint64{after.Hits, after.Misses, after.Evictions})
	assert.Equal(t, [2]int64{1, 1}, [2]int64{int64(after.Ropes), after.Entries}, "what is gone has no entries")
}

// TestTotalsNeverGoBack: while ropes come and go, and several readers read.
func TestTotalsNeverGoBack(t *testing.T) {
	const name, rounds = "totals.neverback", 200
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			var last Stats
			for range rounds {
				for _, total := range Totals() {
					if total.Function == name {
						assert.GreaterOrEqual(t, total.Hits, last.Hits)
						assert.GreaterOrEqual(t, total.Runs, last.Runs)
						assert.GreaterOrEqual(t, total.Evictions, last.Evictions)
						last = total.Stats
					}
				}
			}
		})
	}
	wg.Go(func() {
		for n := range rounds {
			called(t, Lru{MaxSize: 1}, name, "a", "a", "b")
			if n%20 == 0 {
				runtime.GC()
			}
		}
	})
	wg.Wait()
}

// TestStatsAddUp: each field of Stats is in the sums, also one that is new.
func TestStatsAddUp(t *testing.T) {
	var one Stats
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Uint64:
			v.SetUint(1)
		case reflect.Int64:
			v.SetInt(1)
		case reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		}
	}
	v := reflect.ValueOf(&one).Elem()
	for i := range v.NumField() {
		fill(v.Field(i))
	}
	var sum Stats
	sum.addCounts(one)
	sum.addNow(one, true)
	assert.Equal(t, one, sum)
	sum.addNow(one, false)
	assert.Equal(t, [3]int64{1, 2, 2}, [3]int64{sum.Entries, sum.Flights, sum.Refreshing})
}
