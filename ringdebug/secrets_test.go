package ringdebug

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// secretText is in keys, arguments, values, miss values and errors.
const secretText = "hunter2"

// secretive returns a rope with a secret everywhere: in a value, in events, and in a flight,
// which the caller ends.
func secretive(t *testing.T, name string) (end func()) {
	t.Helper()
	release, running := make(chan struct{}), make(chan struct{})
	var fails atomic.Bool
	r := ring.Wrap(func(ctx context.Context, arg string) (string, error) {
		if strings.HasSuffix(arg, "slow") {
			close(running)
			<-release
		}
		if fails.Load() {
			return "", errors.New("no " + secretText)
		}
		return "value " + secretText, nil
	}, ring.Lru{Expire: time.Hour, Options: ring.Options{MissValue: "miss " + secretText, OnError: func(context.Context, *ring.Error) {}, Freshness: ring.Freshness{StaleIfError: time.Hour, RetryAfter: time.Microsecond}}}, ring.Name(name))
	_, err := r.Call(secretText)
	require.NoError(t, err)
	fails.Store(true)
	require.NoError(t, r.MarkStale(secretText))
	_, err = r.Call(secretText) // gets the old value, and leaves an event with the error
	require.NoError(t, err)
	require.NotEmpty(t, r.Events())
	fails.Store(false)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = r.Call(secretText + "slow")
	}()
	<-running
	require.NotEmpty(t, r.Flights())
	return func() {
		close(release)
		<-ended
		kept = append(kept, r)
	}
}

// all returns every byte of what a visitor can get about a rope.
func allBytes(t *testing.T, h http.Handler, name string) string {
	t.Helper()
	var all strings.Builder
	for _, p := range append([]string{"/", "/doctor", "/rope?name=" + name, "/explain", "/explain?name=" + name}, "/nothing", "/rope?name=nothing") {
		for _, format := range []string{"html", "json", "text"} {
			join := "?"
			if strings.Contains(p, "?") {
				join = "&"
			}
			w := ask(h, http.MethodGet, p+join+"format="+format)
			require.NoError(t, w.Result().Header.Write(&all))
			all.Write(w.Body.Bytes())
		}
	}
	for _, p := range []string{"/explain", "/update", "/delete", "/stale"} { // as they would be asked
		all.Write(ask(h, http.MethodPost, p, with(url.Values{"name": {name}, "args": {`["h\u0075nter2"]`}})).Body.Bytes())
	}
	all.WriteString(firstEvent(t, h, "events"))
	all.WriteString(firstEvent(t, h, "events?name="+name))
	return all.String()
}

// firstEvent returns what a stream sends first.
func firstEvent(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	h.(*handler).first = time.Millisecond
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/"+path, nil)
	require.NoError(t, err)
	got, err := server.Client().Do(r)
	require.NoError(t, err)
	defer got.Body.Close()
	var all strings.Builder
	for buffer := make([]byte, 4096); !strings.Contains(all.String(), "\n\n"); {
		n, err := got.Body.Read(buffer)
		all.Write(buffer[:n])
		if err != nil {
			break
		}
	}
	return all.String()
}

// TestNoSecretInAnyByte: without the right to see keys, no byte of any answer has to do with a
// key, an argument, a value or an error; with it, they are there.
func TestNoSecretInAnyByte(t *testing.T) {
	hidden, open := own("secretive"), own("telling")
	defer secretive(t, hidden)()
	all := allBytes(t, Handler(Options{Authorize: pagesOnly, Writes: true}), hidden)
	assert.NotContains(t, all, secretText)
	assert.Contains(t, all, hidden)
	assert.Contains(t, all, "refresh failed", "the event is there")
	assert.Contains(t, all, "running", "the flight is there")

	defer secretive(t, open)()
	all = allBytes(t, Handler(Options{Authorize: everything, Writes: true}), open)
	for _, text := range []string{open + ":" + secretText, "value " + secretText, "miss " + secretText, "no " + secretText, secretText + "slow"} {
		assert.Contains(t, all, text)
	}
}

// TestVarsHaveNoSecret: nor have the variables.
func TestVarsHaveNoSecret(t *testing.T) {
	name := own("variable")
	defer secretive(t, name)()
	text := Vars().String()
	assert.Contains(t, text, name)
	assert.NotContains(t, text, secretText)
}

// TestDoctorHidesExamples: a finding with a key as its example has no message then.
func TestDoctorHidesExamples(t *testing.T) {
	shared := map[string]any{}
	a := ring.Wrap(func(n int) int { return n }, ring.Dict{Obj: shared, KeyPrefix: "meet"}, ring.Name("meetA"))
	b := ring.Wrap(func(n int64) int64 { return n }, ring.Dict{Obj: shared, KeyPrefix: "meet"}, ring.Name("meetB"))
	for _, format := range []string{"html", "json", "text"} {
		open := ask(Handler(Options{Authorize: everything}), "GET", "/doctor?format="+format).Body.String()
		closed := ask(Handler(Options{Authorize: pagesOnly}), "GET", "/doctor?format="+format).Body.String()
		assert.Contains(t, open, "can have the same key, such as")
		assert.NotContains(t, closed, "can have the same key")
		assert.NotContains(t, closed, "such as")
		assert.Contains(t, closed, "KeysMeet")
		assert.Contains(t, closed, "meetA")
	}
	kept = append(kept, a, b)
}
