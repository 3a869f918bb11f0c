package ringdebug

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// from is a request from an address.
func from(addr string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = addr }
}

// to is a request to a name.
func to(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }

// header is a request with a header.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// TestLoopbackAlone: without Authorize only this machine sees the pages, under a name of its
// own, and not through a proxy.
func TestLoopbackAlone(t *testing.T) {
	h := Handler(Options{Writes: true})
	for _, c := range []struct {
		name    string
		request []func(*http.Request)
		status  int
	}{
		{"IPv4", nil, 200},
		{"IPv6", []func(*http.Request){from("[::1]:5"), to("[::1]:8080")}, 200},
		{"IPv4 in IPv6", []func(*http.Request){from("[::ffff:127.0.0.1]:5"), to("127.9.9.9")}, 200},
		{"a name below localhost", []func(*http.Request){to("shop.localhost:80")}, 200},
		{"the name in capitals, with a dot", []func(*http.Request){to("LocalHost.:80")}, 200},
		{"the address alone", []func(*http.Request){to("::1")}, 200},
		{"another machine", []func(*http.Request){from("192.0.2.7:5")}, 403},
		{"another machine by IPv6", []func(*http.Request){from("[2001:db8::1]:5")}, 403},
		{"a name that was rebound", []func(*http.Request){to("evil.example:8080")}, 403},
		{"a name that ends alike", []func(*http.Request){to("notlocalhost")}, 403},
		{"no name", []func(*http.Request){to("")}, 403},
		{"no address", []func(*http.Request){from("@")}, 403},
		{"a proxy", []func(*http.Request){header("X-Forwarded-For", "192.0.2.7")}, 403},
		{"a proxy of the standard", []func(*http.Request){header("Forwarded", "for=192.0.2.7")}, 403},
		{"a proxy that says its name", []func(*http.Request){header("Via", "1.1 proxy")}, 403},
		{"a proxy behind an empty header", []func(*http.Request){func(r *http.Request) { r.Header["X-Forwarded-For"] = []string{"", "192.0.2.7"} }}, 403},
		{"a proxy of another kind", []func(*http.Request){header("X-Real-Ip", "127.0.0.1")}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.status, ask(h, http.MethodGet, "/", c.request...).Code)
		})
	}
}

// TestRefusalsSayWhy: who is refused learns who may see the page, and how that is changed.
func TestRefusalsSayWhy(t *testing.T) {
	for _, c := range []struct {
		name, path, text string
		authorize        func(*http.Request) (view, keys bool)
		change           func(*http.Request)
	}{
		{"another machine", "/", "only for this machine, by the name localhost and without a proxy, unless ringdebug.Options.Authorize", nil, from("192.0.2.7:5")},
		{"no view", "/", "ringdebug.Options.Authorize of the program does not let you see this page", nothing, asBrowser},
		{"no keys, and no Authorize", "/explain", "give a ringdebug.Options.Authorize", nil, asBrowser},
		{"no keys", "/explain", "ringdebug.Options.Authorize of the program does not give you the right to see keys", pagesOnly, asBrowser},
		{"no page", "/debug/ring", "the path of the handler ends in a slash", everything, asBrowser},
		{"no rope", "/rope?name=nothing", "the first page lists those there are", everything, asBrowser},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Contains(t, ask(Handler(Options{Authorize: c.authorize}), http.MethodGet, c.path, c.change).Body.String(), c.text)
		})
	}
}

// kept keeps the ropes of the tests alive.
var kept []*ring.Rope

// paths are what a visitor can ask for, and the methods that there are.
var paths = []struct {
	name  string
	get   int // the status for those who may see keys
	post  int
	keys  bool // needs the right to see keys
	write bool // needs Writes
}{
	{"", 200, 405, false, false},
	{"rope", 200, 405, false, false},
	{"doctor", 200, 405, false, false},
	{"explain", 200, 200, true, false},
	{"delete", 405, 200, true, true},
	{"update", 405, 200, true, true},
	{"stale", 405, 422, true, true}, // the rope has no Freshness
	{"clear", 405, 200, true, true},
	{"nothing", 404, 404, false, false},
	{css.Name, 200, 405, false, false},
	{script.Name, 200, 405, false, false},
	{icon.Name, 200, 405, false, false},
}

// TestEveryPathAndMethod: who may not view gets nothing, and who may not see keys nothing that
// needs that, whatever the path and the method.
func TestEveryPathAndMethod(t *testing.T) {
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name("paths"))
	form := url.Values{"name": {"paths"}, "args": {"[1]"}, "confirm": {"yes"}}
	for _, who := range []struct {
		name       string
		authorize  func(*http.Request) (view, keys bool)
		view, keys bool
	}{{"nobody", nothing, false, false}, {"pages", pagesOnly, true, false}, {"keys", everything, true, true}} {
		for _, writes := range []bool{false, true} {
			h := Handler(Options{Authorize: who.authorize, Writes: writes})
			for _, p := range paths {
				for method, status := range map[string]int{"GET": p.get, "HEAD": p.get, "POST": p.post, "PUT": 405, "DELETE": 405, "OPTIONS": 405, "get": 405} {
					if p.get == 404 {
						status = 404
					}
					if refused := p.keys && !who.keys || p.write && !writes; refused && status != 405 {
						status = 403
					}
					if !who.view {
						status = 403
					}
					change := []func(*http.Request){asBrowser}
					path := "/" + p.name + "?" + form.Encode()
					if method == "POST" {
						path, change = "/"+p.name, append(change, with(form))
					}
					w := ask(h, method, path, change...)
					assert.Equal(t, status, w.Code, "%s %s for %s, writes %v: %s", method, p.name, who.name, writes, w.Body)
					if w.Code == 405 {
						assert.NotEmpty(t, w.Header().Get("Allow"))
					}
				}
			}
		}
	}
	kept = append(kept, r)
}

// TestOtherOrigins: a page from elsewhere can make a browser send a form, which is refused.
func TestOtherOrigins(t *testing.T) {
	runs := 0
	name := own("origins")
	r := ring.Wrap(func(n int) int { runs++; return n }, ring.Lru{}, ring.Name(name))
	h := Handler(Options{Authorize: everything, Writes: true})
	form := with(url.Values{"name": {name}, "args": {"[1]"}})
	for _, path := range []string{"/update", "/delete", "/explain", "/stale", "/clear"} {
		assert.Equal(t, 403, ask(h, "POST", path, form, header("Sec-Fetch-Site", "cross-site")).Code)
		assert.Equal(t, 403, ask(h, "POST", path, form, header("Sec-Fetch-Site", "same-site")).Code)
		assert.Equal(t, 403, ask(h, "POST", path, form, header("Origin", "https://evil.example")).Code)
	}
	assert.Zero(t, runs)
	assert.Equal(t, 200, ask(h, "POST", "/update", form, header("Sec-Fetch-Site", "same-origin")).Code)
	assert.Equal(t, 200, ask(h, "POST", "/update", form, header("Origin", "http://localhost:8080")).Code)
	assert.Equal(t, 2, runs)
	kept = append(kept, r)
}

// TestHeaders: every answer forbids scripts from elsewhere, sniffing, frames, caches and
// referrers, also a refusal.
func TestHeaders(t *testing.T) {
	h := Handler(Options{Authorize: everything})
	for _, path := range []string{"/", "/doctor", "/nothing", "/" + css.Name, "/update"} {
		got := ask(h, http.MethodGet, path, asBrowser).Header()
		policy := got.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'; script-src 'self';")
		assert.Contains(t, policy, "frame-ancestors 'none'")
		assert.NotContains(t, policy, "unsafe")
		assert.Equal(t, "nosniff", got.Get("X-Content-Type-Options"))
		assert.Equal(t, "no-store", got.Get("Cache-Control"))
		assert.Equal(t, "no-referrer", got.Get("Referrer-Policy"))
	}
}

// TestAnyMount: the handler works at any path that ends in a slash, with StripPrefix or without.
func TestAnyMount(t *testing.T) {
	h := Handler(Options{})
	mux := http.NewServeMux()
	mux.Handle("/debug/ring/", http.StripPrefix("/debug/ring", h))
	mux.Handle("/cut/", http.StripPrefix("/cut/", h))
	mux.Handle("/deep/er/", h)
	for _, root := range []string{"/debug/ring/", "/cut/", "/deep/er/"} {
		w := ask(mux, http.MethodGet, root, asBrowser)
		assert.Equal(t, 200, w.Code)
		assert.Contains(t, w.Body.String(), `href="`+css.Name+`"`)
		assert.NotContains(t, w.Body.String(), `href="/`)
		assert.Equal(t, 200, ask(mux, http.MethodGet, root+"doctor").Code)
		assert.Equal(t, "text/css; charset=utf-8", ask(mux, http.MethodGet, root+css.Name).Header().Get("Content-Type"))
	}
}

// TestMountWithoutSlash: a router that also sends the path without its last slash to the handler
// gets a redirect, since the links of the page would lead elsewhere.
func TestMountWithoutSlash(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/debug/ring", http.StripPrefix("/debug/ring", Handler(Options{})))
	mux.Handle("/odd:name", http.StripPrefix("/odd:name", Handler(Options{})))
	for path, to := range map[string]string{
		"/debug/ring": "./ring/", "/debug/ring?sort=-rate": "./ring/?sort=-rate", "/odd:name": "./odd:name/",
	} {
		w := ask(mux, http.MethodGet, path, asBrowser)
		assert.Equal(t, http.StatusTemporaryRedirect, w.Code, path)
		assert.Equal(t, to, w.Header().Get("Location"))
	}
	assert.Equal(t, http.StatusForbidden, ask(mux, http.MethodGet, "/debug/ring", from("192.0.2.7:5")).Code)
}
