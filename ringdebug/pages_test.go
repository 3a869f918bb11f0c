package ringdebug

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// hostile is a name that breaks out of what is not escaped, and turns what follows around.
const hostile = "x/\"'><script>alert(1)</script><!--\u202e%2e%\x00&amp;{{.}}.F\n"

// hostileRope has a hostile name and prefix, and hostile events.
func hostileRope(t *testing.T) *ring.Rope {
	t.Helper()
	r := ring.Wrap(func(s string) (string, error) { return s, fmt.Errorf("<xss>%s</xss>", s) }, ring.Lru{KeyPrefix: "<xss>'\"" + hostile}, ring.Name(hostile))
	_, err := r.Call("<xss>")
	require.Error(t, err)
	kept = append(kept, r)
	return r
}

// everyPage returns the addresses of all kinds of pages, with a hostile rope and with others.
func everyPage(t *testing.T) []string {
	t.Helper()
	hostileRope(t)
	name := url.QueryEscape(hostile)
	return []string{"/", "/?sort=-entries", "/doctor", "/rope?name=" + name, "/explain", "/explain?args=" + url.QueryEscape(`["<xss>"]`) + "&name=" + name,
		"/explain?args=" + url.QueryEscape(`<"'>`) + "&name=" + name}
}

// TestWellFormed: every element that begins ends, in order, and no attribute or id is there
// twice.
func TestWellFormed(t *testing.T) {
	for _, writes := range []bool{false, true} {
		h := Handler(Options{Authorize: everything, Writes: writes})
		for _, path := range everyPage(t) {
			w := ask(h, http.MethodGet, path, asBrowser)
			require.Contains(t, []int{200, 422}, w.Code, path) // some arguments are none
			assert.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
			checkElements(t, path, w.Body.String())
		}
	}
}

// checkElements reads HTML by the rules of XML, but for what HTML leaves out.
func checkElements(t *testing.T, path, page string) {
	t.Helper()
	require.True(t, strings.HasPrefix(page, "<!DOCTYPE html>\n<html"), page[:40])
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var open []string
	ids := map[string]bool{}
	for {
		token, err := d.RawToken()
		if token == nil {
			require.EqualError(t, err, "EOF", path)
			break
		}
		switch e := token.(type) {
		case xml.StartElement:
			seen := map[string]bool{}
			for _, a := range e.Attr {
				assert.False(t, seen[a.Name.Local], "%s: %s twice in %s", path, a.Name.Local, e.Name.Local)
				assert.NotEqual(t, "style", a.Name.Local, "the policy forbids it")
				assert.False(t, strings.HasPrefix(a.Name.Local, "on"), "the policy forbids it: %s", a.Name.Local)
				if seen[a.Name.Local] = true; a.Name.Local == "id" {
					assert.False(t, ids[a.Value], "%s: the id %s twice", path, a.Value)
					ids[a.Value] = true
				}
			}
			if !slices.Contains([]string{"meta", "link", "img", "input"}, e.Name.Local) {
				open = append(open, e.Name.Local)
			}
		case xml.EndElement:
			if slices.Contains([]string{"input"}, e.Name.Local) {
				continue
			}
			require.NotEmpty(t, open, path)
			require.Equal(t, open[len(open)-1], e.Name.Local, "%s at %d", path, d.InputOffset())
			open = open[:len(open)-1]
		}
	}
	assert.Empty(t, open, path)
}

// TestHostileNames: nothing of a name becomes an element, an attribute or another address.
func TestHostileNames(t *testing.T) {
	h := Handler(Options{Authorize: everything, Writes: true})
	for _, path := range everyPage(t) {
		page := ask(h, http.MethodGet, path, asBrowser).Body.String()
		assert.False(t, strings.Contains(page, "<script>alert"), path)
		assert.False(t, strings.Contains(page, "<xss>"), path)
	}
	page := ask(h, http.MethodGet, "/", asBrowser).Body.String()
	assert.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.Contains(t, page, `href="rope?name=x%2f%22%27%3e%3cscript%3ealert`)
	text := ask(h, http.MethodGet, "/").Body.String()
	assert.NotContains(t, text, "\x00", "nor what changes a terminal")
	assert.Equal(t, strings.Count(text, "\n"), len(ring.Ropes())+1, "one line for each rope")
}

// TestForms: what the address says goes before what the client accepts.
func TestForms(t *testing.T) {
	h := Handler(Options{Authorize: everything})
	const html, program, text = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"
	for _, c := range []struct{ query, accept, want string }{
		{"", "text/html,application/xhtml+xml,*/*;q=0.8", html},
		{"", "*/*", text},
		{"", "", text},
		{"", "application/json", program},
		{"?format=json", "text/html", program},
		{"?format=text", "text/html", text},
		{"?format=html", "*/*", html},
		{"?format=other", "*/*", text},
	} {
		for _, path := range []string{"/", "/doctor", "/explain"} {
			w := ask(h, http.MethodGet, path+c.query, header("Accept", c.accept))
			assert.Equal(t, c.want, w.Header().Get("Content-Type"), c)
			assert.Equal(t, c.want == program, json.Valid(w.Body.Bytes()), c)
		}
	}
}

// TestSchema: the JSON of the pages has these fields, which programs rely on.
func TestSchema(t *testing.T) {
	name := own("schema")
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{MaxSize: 5, Expire: time.Hour}, ring.Name(name))
	_, err := r.Call(1)
	require.NoError(t, err)
	_, err = r.Call(1)
	require.NoError(t, err)
	h := Handler(Options{Authorize: everything})
	const rope = "batch_elements batches calls.bypassed calls.error calls.hit calls.miss calls.negative calls.shared calls.stale calls_per_second " +
		"decode_errors differed entries evictions flights hit_ratio id lock_wait_seconds lock_waits locks_lost max_entries name place prefix " +
		"refreshes.dropped refreshes.errors refreshes.now refreshes.total " +
		"runs.buckets.most_seconds runs.buckets.runs runs.errors runs.mean_seconds runs.p50_seconds runs.p95_seconds runs.panics runs.timeouts runs.total " +
		"storage storage_errors time_saved_seconds verified"
	for path, want := range map[string]string{
		"/":                              "ropes." + strings.ReplaceAll(rope, " ", " ropes.") + " time",
		"/rope?name=" + name:             "config.a_call_is config.coder config.expire config.key_prefix config.key_style config.storage events flights func rope." + strings.ReplaceAll(rope, " ", " rope."),
		"/explain?args=[1]&name=" + name: "cached details.a_call_is details.cached details.coder details.expire details.key details.key_style details.prefix details.pythons_key details.storage func key name parts.parameter parts.rule parts.text parts.type time_left_seconds",
		"/doctor":                        "findings ropes",
	} {
		var got any
		require.NoError(t, json.Unmarshal(ask(h, http.MethodGet, path, asProgram).Body.Bytes(), &got))
		names := map[string]bool{}
		fieldsOf(got, "", names)
		var fields []string
		for name := range names {
			if path != "/doctor" || !strings.HasPrefix(name, "findings.") {
				fields = append(fields, name)
			}
		}
		if path == "/doctor" && names["findings.kind"] {
			fields = append(fields, "findings")
		}
		slices.Sort(fields)
		assert.Equal(t, strings.TrimSpace(want), strings.Join(fields, " "), path)
	}
	var all overviewJSON
	require.NoError(t, json.Unmarshal(ask(h, http.MethodGet, "/", asProgram).Body.Bytes(), &all))
	i := slices.IndexFunc(all.Ropes, func(r ropeJSON) bool { return r.ID == name })
	got := all.Ropes[i]
	assert.Equal(t, callsJSON{Hit: 1, Miss: 1}, got.Calls)
	assert.EqualValues(t, 1, *got.Entries)
	assert.EqualValues(t, 5, *got.MaxEntries)
	assert.InDelta(t, 0.5, got.HitRatio, 1e-9)
	kept = append(kept, r)
}

// fieldsOf collects the paths of the values in JSON.
func fieldsOf(value any, path string, to map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, in := range v {
			fieldsOf(in, strings.TrimPrefix(path+"."+name, "."), to)
		}
	case []any:
		for _, in := range v {
			fieldsOf(in, path, to)
		}
		if len(v) == 0 {
			to[path] = true
		}
	default:
		to[path] = true
	}
}

// TestTextForCurl: what accepts everything gets a table for a terminal.
func TestTextForCurl(t *testing.T) {
	name := own("example.com/curl.F")
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name(name))
	_, err := r.Call(1)
	require.NoError(t, err)
	lines := strings.Split(ask(Handler(Options{}), http.MethodGet, "/", header("Accept", "*/*")).Body.String(), "\n")
	assert.Regexp(t, `^FUNCTION +STORAGE +CALLS/S +FROM CACHE +P50 +P95 +SAVED +ERRORS +RENEWING +ENTRIES$`, lines[0])
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+" ") })
	require.GreaterOrEqual(t, i, 0)
	assert.Regexp(t, `F\d+ +lru +– +0% +\S.* 0 +0 +1/128$`, lines[i])
	page := ask(Handler(Options{}), http.MethodGet, "/rope?name="+name).Body.String()
	assert.Contains(t, page, "func(int) int\n")
	assert.Regexp(t, `(?m)^misses +1$`, page)
	assert.Regexp(t, `(?m)^fresh +from the store on +a call is a hit`, page)
	kept = append(kept, r)
}

// TestSameName: ropes of one name are kept apart, in the order in which they were seen.
func TestSameName(t *testing.T) {
	name := own("same")
	a := ring.Wrap(func(n int) int { return n }, ring.Lru{KeyPrefix: "same1"}, ring.Name(name))
	b := ring.Wrap(func(n int) int { return n }, ring.Lru{KeyPrefix: "same2"}, ring.Name(name))
	h := Handler(Options{Authorize: everything})
	for range 2 {
		assert.Contains(t, ask(h, http.MethodGet, "/rope?name="+name).Body.String(), `"same1"`)
		assert.Contains(t, ask(h, http.MethodGet, "/rope?name="+name+"~2").Body.String(), `"same2"`)
	}
	kept = append(kept, a, b)
}

// TestGone: a rope that was collected is no longer there, its name is not given again, and
// nothing is kept of it.
func TestGone(t *testing.T) {
	name, d := own("gone"), newDirectory()
	count := func() (n int) {
		ropes, entries := d.list()
		for _, e := range entries {
			if e.Local == name {
				n++
			}
		}
		runtime.KeepAlive(ropes)
		return n
	}
	func() {
		r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name(name))
		require.Equal(t, 1, count())
		runtime.KeepAlive(r)
	}()
	for i := 0; count() > 0; i++ {
		require.Less(t, i, 1000, "it is not collected")
		runtime.GC()
	}
	require.False(t, d.used[name])
	again := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name(name))
	require.Equal(t, 1, count())
	assert.True(t, d.used[name+"~2"])
	runtime.KeepAlive(again)

	w := ask(Handler(Options{}), http.MethodGet, "/rope?name=never+was", asBrowser)
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.NotContains(t, w.Body.String(), "never")
}

// TestSort: the rows come in the order of every column, both ways, and equal ones by name.
func TestSort(t *testing.T) {
	rows := []row{
		{entry: &entry{ID: "b", Local: "b", Storage: "redis"}, Rates: []float64{5}, Share: share{Hit: 0.1}, P50: 3, P95: 1, Saved: 2, Stats: ring.Stats{Errors: 7, Refreshing: 1, Entries: 3}},
		{entry: &entry{ID: "a", Local: "a", Storage: "lru"}, Rates: []float64{9}, Share: share{Stale: 0.9}, P50: 1, P95: 2, Saved: 3, Stats: ring.Stats{Errors: 0, Refreshing: 2, Entries: 9}},
		{entry: &entry{ID: "c", Local: "c", Storage: "dict"}, Share: share{Hit: 0.5}, P50: 2, P95: 3, Saved: 1, Stats: ring.Stats{Errors: 7, Refreshing: 3, Entries: -1}},
	}
	for text, want := range map[string]string{
		"function": "abc", "-function": "cba", "storage": "cab", "-storage": "bac", "rate": "cba", "-rate": "abc", "share": "bca", "-share": "acb",
		"p50": "acb", "-p50": "bca", "p95": "bac", "-p95": "cab", "saved": "cba", "-saved": "abc", "errors": "abc", "-errors": "bca",
		"refreshing": "bac", "-refreshing": "cab", "entries": "cba", "-entries": "abc", "": "abc", "nonsense": "abc", "-": "abc",
	} {
		sorted := slices.Clone(rows)
		orderOf(text).sort(sorted)
		got := ""
		for _, r := range sorted {
			got += r.ID
		}
		assert.Equal(t, want, got, text)
	}
}

// TestSortLinks: the head of a column tells how the table is sorted, and leads to the other
// order; numbers begin with the largest.
func TestSortLinks(t *testing.T) {
	h := Handler(Options{})
	for path, want := range map[string][]string{
		"/":           {`aria-sort="ascending" class="function"><a href="?sort=-function"`, `aria-sort="none" class="rate"><a href="?sort=-rate"`},
		"/?sort=-p95": {`aria-sort="descending" class="p95"><a href="?sort=p95"`, `aria-sort="none" class="function"><a href="?sort=function"`, `data-events="events?sort=-p95"`},
	} {
		page := ask(h, http.MethodGet, path, asBrowser).Body.String()
		for _, text := range want {
			assert.Contains(t, page, text)
		}
		assert.Equal(t, len(columns), strings.Count(page, "aria-sort="))
	}
}

// TestStream: a stream sends the page again when it has changed, and else keeps the connection;
// it ends when the visitor may no longer see it.
func TestStream(t *testing.T) {
	name := own("streamed")
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name(name))
	asked := 0
	h := Handler(Options{Authorize: func(*http.Request) (view, keys bool) {
		asked++
		if asked == 2 {
			_, _ = r.Call(1)
		}
		return asked < 5, false
	}}).(*handler)
	h.first, h.every = time.Nanosecond, time.Nanosecond
	w := ask(h, http.MethodGet, "/events?name="+name)
	assert.Equal(t, "text/event-stream", w.Header().Get("Content-Type"))
	events := bytes.Split(w.Body.Bytes(), []byte("\n\n"))
	require.Len(t, events, 4, "three ticks, and what is after the last")
	assert.True(t, bytes.HasPrefix(events[0], []byte(`data: <main id="main"`)))
	assert.Contains(t, string(events[0]), "<dt>misses</dt><dd><bdi>1</bdi>")
	for _, line := range strings.Split(string(events[0]), "\n") {
		assert.True(t, strings.HasPrefix(line, "data: "), line)
	}
	assert.Equal(t, ":", string(events[2]))

	assert.Equal(t, 404, ask(Handler(Options{}), http.MethodGet, "/events?name=never+was").Code)
	assert.Equal(t, 405, ask(Handler(Options{}), http.MethodPost, "/events").Code)
	assert.Equal(t, 200, ask(Handler(Options{}), http.MethodHead, "/events").Code)
	kept = append(kept, r)
}

// TestStreamOfHostileNames: nothing in a name ends a line of an event, or the event.
func TestStreamOfHostileNames(t *testing.T) {
	name := own("hostile\r\revent: other\r\nid: 1\n")
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name(name))
	asked := 0
	h := Handler(Options{Authorize: func(*http.Request) (view, keys bool) { asked++; return asked < 3, false }}).(*handler)
	h.first, h.every = time.Nanosecond, time.Nanosecond
	body := ask(h, http.MethodGet, "/events?name="+url.QueryEscape(name)).Body.String()
	assert.NotContains(t, body, "\r")
	for _, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		assert.True(t, strings.HasPrefix(line, "data: "), line)
	}
	kept = append(kept, r)
}

// TestStreamOutlivesReadTimeout: the time for reading a request does not end a stream.
func TestStreamOutlivesReadTimeout(t *testing.T) {
	var seen atomic.Int64
	h := Handler(Options{Authorize: func(*http.Request) (view, keys bool) { seen.Add(1); return true, false }}).(*handler)
	h.first, h.every = time.Millisecond, 20*time.Millisecond
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	got, err := server.Client().Get(server.URL + "/events")
	require.NoError(t, err)
	defer got.Body.Close()
	for buffer := make([]byte, 4096); seen.Load() < 12; {
		_, err := got.Body.Read(buffer)
		require.NoError(t, err, "after %d looks", seen.Load())
	}
}

// TestShutdown: the streams of a server end when it shuts down, so that it need not wait.
func TestShutdown(t *testing.T) {
	h := Handler(Options{}).(*handler)
	h.first, h.every = time.Millisecond, time.Hour
	server := httptest.NewServer(h)
	defer server.Close()
	got, err := server.Client().Get(server.URL + "/events")
	require.NoError(t, err)
	defer got.Body.Close()
	require.Equal(t, 200, got.StatusCode)
	require.NoError(t, server.Config.Shutdown(t.Context()))
	require.NoError(t, server.Config.Shutdown(t.Context()), "twice is fine")
}
