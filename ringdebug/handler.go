// Package ringdebug serves pages about the ropes of the program: how much each of them
// is called, how often it hits and how much time that saves, how long its runs take, what is
// under way now, and what went wrong. They update themselves, also have the forms JSON and
// text, and need nothing from elsewhere.
//
// Nothing is served until the program mounts Handler:
//
//	mux.Handle("/debug/ring/", http.StripPrefix("/debug/ring", ringdebug.Handler(ringdebug.Options{})))
package ringdebug

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// Options say who may see the pages, and what they may do. With the zero value, a browser on
// the same machine sees the pages, and nobody sees a key or changes anything.
type Options struct {
	// Authorize reports what the sender of a request may see: view is the pages, and keys is
	// what users bring in as well: keys, arguments, values and the texts of errors. Without
	// view, keys means nothing. It is called for every request, and again while a page
	// updates itself, so it should be quick.
	//
	// nil is view for requests from a loopback address to a loopback name, unless a proxy has
	// passed them on, and keys for none. A proxy that does not say so in a header
	// (Forwarded, Via, X-Forwarded-For, X-Real-Ip) cannot be recognized: behind it, give an
	// Authorize.
	Authorize func(*http.Request) (view, keys bool)

	// Writes allows those who may see keys to delete a value, mark it stale, run the function
	// for it again, and clear a rope. Requests from pages of other origins are refused.
	Writes bool
}

// Handler serves the pages. It works under any path that ends in a slash, with or without
// http.StripPrefix. It is safe for concurrent use. While nobody looks it costs nothing.
//
// Each page is HTML for a browser, JSON with ?format=json or for those who accept
// application/json, and else text.
func Handler(o Options) http.Handler {
	return &handler{
		options: o, origins: http.NewCrossOriginProtection(), samples: newSampler(time.Now),
		first: time.Second, every: 2 * time.Second,
	}
}

type handler struct {
	options Options
	origins *http.CrossOriginProtection
	samples *sampler
	streams streams

	first, every time.Duration // when a stream sends again
}

// visit is one request by somebody who may view.
type visit struct {
	*handler
	w    http.ResponseWriter
	r    *http.Request
	keys bool
}

// route is what there is under a name.
type route struct {
	get  func(*visit)
	post func(*visit)
}

// routes returns what is under the last element of a path.
func (h *handler) route(name string) (route, bool) {
	switch name {
	case "":
		return route{get: showing((*visit).overview)}, true
	case "rope":
		return route{get: showing((*visit).rope)}, true
	case "doctor":
		return route{get: showing((*visit).doctor)}, true
	case "explain":
		return route{get: showing((*visit).explain), post: showing((*visit).explain)}, true
	case "events":
		return route{get: (*visit).stream}, true
	case "clear":
		return route{post: (*visit).clear}, true
	}
	if act, ok := actions[name]; ok {
		return route{post: func(v *visit) { v.act(name, act) }}, true
	}
	if a, ok := assets[name]; ok {
		return route{get: a.serve}, true
	}
	return route{}, false
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	view, keys := h.access(r)
	if !view {
		refuse(w, http.StatusForbidden, h.whyNot())
		return
	}
	if err := h.origins.Check(r); err != nil {
		refuse(w, http.StatusForbidden, "a page of another origin must not ask for that")
		return
	}
	if to, ok := withSlash(r); ok {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	to, ok := h.route(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	if !ok {
		refuse(w, http.StatusNotFound, "there is no such page; the path of the handler ends in a slash, and its pages are directly below")
		return
	}
	v := &visit{h, w, r, keys}
	switch get := r.Method == http.MethodGet || r.Method == http.MethodHead; {
	case get && to.get != nil:
		to.get(v)
	case r.Method == http.MethodPost && to.post != nil:
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if fail := formOf(r); fail != nil {
			refuse(w, fail.status, fail.text)
			return
		}
		to.post(v)
	default:
		w.Header().Set("Allow", to.allowed())
		refuse(w, http.StatusMethodNotAllowed, "the method is not allowed here")
	}
}

// withSlash returns where the first page is, if it was asked for without the slash at the end of
// its path: the links of the page would lead elsewhere. Only http.StripPrefix and its like leave
// no path.
func withSlash(r *http.Request) (to string, ok bool) {
	asked, query, _ := strings.Cut(r.RequestURI, "?")
	if r.URL.Path != "" || asked == "" || strings.HasSuffix(asked, "/") {
		return "", false
	}
	to = "./" + asked[strings.LastIndexByte(asked, '/')+1:] + "/"
	if query != "" {
		to += "?" + query
	}
	return to, true
}

// maxForm is the most bytes of a form.
const maxForm = 1 << 20

// formOf reads the form of a request. What is none must not count as an empty one: a call
// without arguments is a call as well.
func formOf(r *http.Request) *failure {
	typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch {
	case typ == "multipart/form-data":
		err = r.ParseMultipartForm(maxForm)
	case typ == "application/x-www-form-urlencoded" || r.ContentLength == 0:
		err = r.ParseForm()
	default:
		return &failure{http.StatusUnsupportedMediaType, "the body is no form"}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &failure{http.StatusRequestEntityTooLarge, "the form is too large"}
	case err != nil:
		return &failure{http.StatusBadRequest, "the form cannot be read"}
	}
	return nil
}

func (to route) allowed() string {
	switch {
	case to.post == nil:
		return "GET, HEAD"
	case to.get == nil:
		return "POST"
	}
	return "GET, HEAD, POST"
}

// secure sets the headers that every answer has.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept")
}

// refuse answers with an error. The text holds nothing of the request.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "ring: "+text+"\n")
}

// named returns the rope that a request is about.
func (v *visit) named() (*entry, *ring.Rope, *failure) {
	id := v.r.FormValue("name")
	e, r := known.find(id)
	if r == nil {
		return nil, nil, &failure{http.StatusNotFound, "there is no such rope, or it has been collected as garbage: the first page lists those there are"}
	}
	return e, r, nil
}

// failure is why there is no page.
type failure struct {
	status int
	text   string
}
