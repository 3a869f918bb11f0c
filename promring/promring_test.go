package promring

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// only shows the functions with a prefix.
func only(prefix string) Options {
	return Options{Only: func(function string) bool { return strings.HasPrefix(function, prefix) }}
}

// registry checks what it gets strictly.
func registry(t *testing.T, o Options) prometheus.Gatherer {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(New(o)))
	return r
}

var errNegative = errors.New("negative")

var made atomic.Int64

// unique returns another name each time: what ropes with one name do counts together.
func unique(name string) string { return fmt.Sprintf("%s.%d", name, made.Add(1)) }

func root(n int) (int, error) {
	if n < 0 {
		return 0, errNegative
	}
	return n / 2, nil
}

func TestMetrics(t *testing.T) {
	name := unique("metrics.root")
	first := ring.Wrap(root, ring.Lru{MaxSize: 2}, ring.Name(name))
	second := ring.Wrap(root, ring.Lru{MaxSize: 2}, ring.Name(name))
	for _, n := range []int{1, 1, 2, 3} {
		_, err := first.Call(n)
		require.NoError(t, err)
	}
	_, err := second.Call(-1)
	require.ErrorIs(t, err, errNegative)

	expected := `
# HELP ring_calls_total Calls of the cached function, by what they got.
# TYPE ring_calls_total counter
ring_calls_total{function="metrics.root",outcome="bypassed",storage="lru"} 0
ring_calls_total{function="metrics.root",outcome="error",storage="lru"} 1
ring_calls_total{function="metrics.root",outcome="hit",storage="lru"} 1
ring_calls_total{function="metrics.root",outcome="miss",storage="lru"} 3
ring_calls_total{function="metrics.root",outcome="negative",storage="lru"} 0
ring_calls_total{function="metrics.root",outcome="shared",storage="lru"} 0
ring_calls_total{function="metrics.root",outcome="stale",storage="lru"} 0
# HELP ring_entries Entries in the cache.
# TYPE ring_entries gauge
ring_entries{function="metrics.root",storage="lru"} 2
# HELP ring_evictions_total Entries that the cache removed for others.
# TYPE ring_evictions_total counter
ring_evictions_total{function="metrics.root",storage="lru"} 1
# HELP ring_max_entries Entries that the cache has room for, if it is limited.
# TYPE ring_max_entries gauge
ring_max_entries{function="metrics.root",storage="lru"} 4
# HELP ring_ropes Cached functions with that name.
# TYPE ring_ropes gauge
ring_ropes{function="metrics.root",storage="lru"} 2
# HELP ring_run_errors_total Runs that returned an error.
# TYPE ring_run_errors_total counter
ring_run_errors_total{function="metrics.root",storage="lru"} 1
# HELP ring_runs_total Runs of the function, for calls and behind.
# TYPE ring_runs_total counter
ring_runs_total{function="metrics.root",storage="lru"} 4
`
	assert.NoError(t, testutil.GatherAndCompare(registry(t, only(name)), strings.NewReader(strings.ReplaceAll(expected, "metrics.root", name)),
		"ring_calls_total", "ring_runs_total", "ring_run_errors_total", "ring_entries", "ring_max_entries", "ring_evictions_total", "ring_ropes"))
	runtime.KeepAlive(first)
	runtime.KeepAlive(second)
}

// TestHistogram: buckets are cumulative, in seconds, and the last one is in the count alone.
func TestHistogram(t *testing.T) {
	total := ring.Total{Function: "f", Storage: "lru"}
	total.RunTime = 90 * time.Second
	total.RunBuckets[0], total.RunBuckets[4], total.RunBuckets[len(total.RunBuckets)-1] = 3, 2, 1
	var m dto.Metric
	require.NoError(t, histogram(&total, "f", "lru").Write(&m))
	h := m.GetHistogram()
	assert.Equal(t, uint64(6), h.GetSampleCount())
	assert.InDelta(t, 90, h.GetSampleSum(), 1e-9)
	buckets := h.GetBucket()
	require.Len(t, buckets, len(ring.RunBounds()))
	assert.InDelta(t, 1e-5, buckets[0].GetUpperBound(), 1e-12)
	assert.Equal(t, uint64(3), buckets[0].GetCumulativeCount())
	assert.InDelta(t, 1e-3, buckets[4].GetUpperBound(), 1e-12)
	assert.Equal(t, uint64(5), buckets[4].GetCumulativeCount())
	assert.Equal(t, uint64(5), buckets[len(buckets)-1].GetCumulativeCount())
}

func TestLint(t *testing.T) {
	r := ring.Wrap(root, ring.Lru{}, ring.Name("lint.root"))
	problems, err := testutil.GatherAndLint(registry(t, Options{}))
	require.NoError(t, err)
	assert.Empty(t, problems)
	families, err := registry(t, only("lint.root")).Gather()
	require.NoError(t, err)
	runtime.KeepAlive(r)
	assert.Len(t, families, 2+len(metrics), "each metric was there to be examined")
}

// TestEachFieldIsAMetric: each field of Stats changes what is collected, also one that is new.
func TestEachFieldIsAMetric(t *testing.T) {
	zero := textOf(t, ring.Total{Function: "f"})
	names := reflect.TypeFor[ring.Stats]()
	for i := range names.NumField() {
		total := ring.Total{Function: "f"}
		field := reflect.ValueOf(&total.Stats).Elem().Field(i)
		if field.Kind() == reflect.Array {
			field = field.Index(0)
		}
		switch {
		case field.CanUint():
			field.SetUint(7)
		default:
			field.SetInt(7)
		}
		assert.NotEqual(t, zero, textOf(t, total), names.Field(i).Name)
	}
}

func textOf(t *testing.T, total ring.Total) string {
	t.Helper()
	to := make(chan prometheus.Metric, 100)
	collect(to, &total)
	close(to)
	var text strings.Builder
	for m := range to {
		var out dto.Metric
		require.NoError(t, m.Write(&out))
		text.WriteString(m.Desc().String() + out.String() + "\n")
	}
	return text.String()
}

// TestNotKnown: a storage that does not know its size has no series for it.
func TestNotKnown(t *testing.T) {
	text := textOf(t, ring.Total{Stats: ring.Stats{Entries: -1, MaxEntries: -1}})
	assert.NotContains(t, text, "entries\"")
}

// TestNoKeys: nothing of a call is in any byte.
func TestNoKeys(t *testing.T) {
	name := unique("nokeys")
	r := ring.Wrap(func(secret string) (string, error) {
		if secret == "bad-secret" {
			return "", errors.New(secret)
		}
		return secret + "-result", nil
	}, ring.Lru{KeyPrefix: "prefix-secret"}, ring.Name(name))
	for _, secret := range []string{"good-secret", "good-secret", "bad-secret"} {
		_, _ = r.Call(secret)
	}
	families, err := registry(t, only(name)).Gather()
	require.NoError(t, err)
	runtime.KeepAlive(r)
	var text bytes.Buffer
	for _, f := range families {
		_, err := expfmt.MetricFamilyToText(&text, f)
		require.NoError(t, err)
	}
	assert.Contains(t, text.String(), `outcome="error",storage="lru"} 1`)
	assert.NotContains(t, text.String(), "secret")
}

// TestNames: labels are UTF-8, and names that differ are never one series.
func TestNames(t *testing.T) {
	prefix := unique("names")
	ropes := []*ring.Rope{
		ring.Wrap(root, ring.Lru{}, ring.Name(prefix+"\xff")),
		ring.Wrap(root, ring.Lru{}, ring.Name(prefix+"\xfe")),
		ring.Wrap(root, ring.Lru{}, ring.Name(prefix+"\"<é>\n")),
	}
	n, err := testutil.GatherAndCount(registry(t, only(prefix)), "ring_ropes")
	require.NoError(t, err)
	assert.Len(t, ropes, n)
	runtime.KeepAlive(ropes)
}
