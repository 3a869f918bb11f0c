package ringdebug

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var serial atomic.Int64

// own returns a name that no other rope has, also if the test runs twice.
func own(name string) string { return fmt.Sprintf("%s%d", name, serial.Add(1)) }

// These are what an Authorize can say.
func everything(*http.Request) (view, keys bool) { return true, true }
func pagesOnly(*http.Request) (view, keys bool)  { return true, false }
func nothing(*http.Request) (view, keys bool)    { return false, true }

// asBrowser accepts what a browser does.
func asBrowser(r *http.Request) { r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8") }

// asProgram accepts JSON.
func asProgram(r *http.Request) { r.Header.Set("Accept", "application/json") }

// with sends a form.
func with(form url.Values) func(*http.Request) {
	return func(r *http.Request) {
		body := strings.NewReader(form.Encode())
		sent := httptest.NewRequestWithContext(context.Background(), r.Method, r.URL.String(), body)
		r.Body, r.ContentLength = sent.Body, sent.ContentLength
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
}

// ask sends a request, from this machine unless change says otherwise.
func ask(h http.Handler, method, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:41234", "localhost:8080"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
