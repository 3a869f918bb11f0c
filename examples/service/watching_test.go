package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

const page = "../../docs/watching.md"

var (
	promQL = regexp.MustCompile("(?ms)^```promql\n(.*?)^```$")
	rules  = regexp.MustCompile("(?ms)^```yaml\n(groups:.*?)^```$")
	named  = regexp.MustCompile(`\bring_[a-z_]+`)
)

// sample is an element of an instant vector.
type sample struct {
	Metric map[string]string
	Value  [2]any // the time, and the number as a text
}

// ask asks a Prometheus. result is a pointer.
func ask(s *testserver.Server, path string, result any) error {
	r, err := http.Get("http://" + s.Addr + path)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(r.Body)
		return fmt.Errorf("%s: %s: %s", path, r.Status, text)
	}
	return json.NewDecoder(r.Body).Decode(&struct{ Data any }{result})
}

// query returns the numbers by function.
func query(s *testserver.Server, text string) (map[string][]float64, error) {
	var vector struct{ Result []sample }
	if err := ask(s, "/api/v1/query?query="+url.QueryEscape(text), &vector); err != nil {
		return nil, err
	}
	numbers := map[string][]float64{}
	for _, r := range vector.Result {
		number, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			return nil, err
		}
		numbers[r.Metric["function"]] = append(numbers[r.Metric["function"]], number)
	}
	return numbers, nil
}

// answered waits until a query is answered with numbers of at least n functions. A scrape can
// fail where the machine has much to do.
func answered(t *testing.T, s *testserver.Server, text string, n int) map[string][]float64 {
	t.Helper()
	var numbers map[string][]float64
	var err error
	require.Eventually(t, func() bool {
		numbers, err = query(s, text)
		return err == nil && len(numbers) >= n
	}, 60*time.Second, 50*time.Millisecond, text)
	return numbers
}

// TestWatching: a Prometheus that scrapes the service answers each query of the page, and takes
// its alerts.
func TestWatching(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	queries, alerts := promQL.FindAllStringSubmatch(string(text), -1), rules.FindStringSubmatch(string(text))
	require.NotEmpty(t, queries)
	require.NotNil(t, alerts)

	redis, dir := testserver.Redis(t), t.TempDir()
	addr := start(t, config{load: 400, redis: redis.Addr})
	start(t, config{load: 400, redis: redis.Addr}) // of the two, one waits for the other's prices
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts.yml"), []byte(alerts[1]), 0o600))
	prometheus := testserver.Prometheus(t, dir, fmt.Sprintf(`
global: {scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}
rule_files: [alerts.yml]
scrape_configs: [{job_name: service, static_configs: [{targets: [%q]}]}]
`, addr))
	answered(t, prometheus, `rate(ring_calls_total{outcome="hit"}[1m]) > 0`, 3)
	answered(t, prometheus, `rate(ring_lock_waits_total[1m]) > 0`, 1)

	t.Run("queries", func(t *testing.T) {
		for _, q := range queries {
			t.Logf("%s%v", q[1], answered(t, prometheus, q[1], 1))
		}
	})
	t.Run("hit ratio", func(t *testing.T) {
		ratio := answered(t, prometheus, queries[0][1], 3)["shop.price"][0]
		assert.Greater(t, ratio, 0.0)
		assert.Less(t, ratio, 1.0)
	})
	t.Run("p95", func(t *testing.T) {
		p95 := answered(t, prometheus, `histogram_quantile(0.95, rate(ring_run_duration_seconds_bucket{function="shop.price"}[5m])) > 0`, 1)
		assert.Greater(t, p95["shop.price"][0], 0.02, "a price takes that many seconds at least")
		assert.Less(t, p95["shop.price"][0], 10.0)
	})
	t.Run("alerts", func(t *testing.T) { takesAlerts(t, prometheus, strings.Count(alerts[1], "alert:")) })
	t.Run("names", func(t *testing.T) {
		_, metrics := get(t, "http://"+addr+"/metrics")
		for _, name := range named.FindAllString(string(text), -1) {
			assert.Contains(t, metrics, "\n"+name)
		}
	})
}

// takesAlerts demands that all rules can be evaluated.
func takesAlerts(t *testing.T, s *testserver.Server, n int) {
	t.Helper()
	type rule struct{ Name, Health, LastError string }
	var found struct{ Groups []struct{ Rules []rule } }
	require.Eventually(t, func() bool {
		found.Groups = nil
		if err := ask(s, "/api/v1/rules", &found); err != nil {
			return false
		}
		for _, g := range found.Groups {
			for _, r := range g.Rules {
				if r.Health != "ok" {
					return false
				}
			}
		}
		return len(found.Groups) == 1
	}, 30*time.Second, 50*time.Millisecond, "%+v", found)
	assert.Len(t, found.Groups[0].Rules, n)
}
