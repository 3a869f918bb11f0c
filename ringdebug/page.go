package ringdebug

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// page is an answer in all its forms.
type page struct {
	Title  string
	Name   string // of its template
	Events string // the address of its updates; "": it has none
	Status int    // 0: 200
	Body   interface {
		WriteText(w io.Writer)
		JSON() any
	}

	Keys, Writes bool // what the visitor may do
}

//go:embed pages/*.html
var pageFiles embed.FS

var templates = parsePages()

// parsePages returns the template of each page: the layout, with the page in it.
func parsePages() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"css": func() *asset { return css }, "script": func() *asset { return script }, "icon": func() *asset { return icon },
		"query": url.QueryEscape,
	}).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html"))
	all := map[string]*template.Template{}
	for _, name := range []string{"overview", "rope", "explain", "doctor"} {
		all[name] = template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, "pages/"+name+".html"))
	}
	return all
}

// render writes the page, or one part of it: "main".
func (p *page) render(part string) ([]byte, error) {
	var b bytes.Buffer
	err := templates[p.Name].ExecuteTemplate(&b, part, p)
	return b.Bytes(), err
}

// showing answers with what build returns, in the form that the request asks for.
func showing(build func(*visit) (*page, *failure)) func(*visit) {
	return func(v *visit) {
		p, fail := build(v)
		if fail != nil {
			refuse(v.w, fail.status, fail.text)
			return
		}
		v.answer(p)
	}
}

// answer writes a page in the form that the request asks for.
func (v *visit) answer(p *page) {
	p.Keys, p.Writes = v.keys, v.keys && v.options.Writes
	typ, body, err := p.form(v.form())
	if err != nil {
		refuse(v.w, http.StatusInternalServerError, "the page cannot be written")
		return
	}
	v.w.Header().Set("Content-Type", typ)
	if p.Status != 0 {
		v.w.WriteHeader(p.Status)
	}
	_, _ = v.w.Write(body)
}

// form returns the page in a form, and its type.
func (p *page) form(form string) (typ string, body []byte, err error) {
	switch form {
	case "json":
		body, err = json.MarshalIndent(p.Body.JSON(), "", "  ")
		return "application/json", append(body, '\n'), err
	case "html":
		body, err = p.render("layout.html")
		return "text/html; charset=utf-8", body, err
	}
	var b bytes.Buffer
	p.Body.WriteText(&b)
	return "text/plain; charset=utf-8", bytes.Map(forTerminal, b.Bytes()), nil
}

// forTerminal replaces what would change a terminal, such as a sequence of keys or values that
// moves the cursor, or text that runs from right to left.
func forTerminal(r rune) rune {
	if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
		return '?'
	}
	return r
}

// form returns "html", "json" or "text". What the address says goes before what the client
// accepts; curl accepts everything and gets text.
func (v *visit) form() string {
	switch f := v.r.FormValue("format"); f {
	case "html", "json", "text":
		return f
	}
	accepts := strings.Join(v.r.Header.Values("Accept"), ",")
	switch {
	case strings.Contains(accepts, "text/html"):
		return "html"
	case strings.Contains(accepts, "application/json"):
		return "json"
	}
	return "text"
}
