package ringdebug

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ring-go/ring"
)

// explainPage tells what is cached for arguments, and has the forms that change that.
type explainPage struct {
	Name   string // the rope's; "": none is chosen
	Args   string // as they were typed
	Ropes  []*entry
	Func   string
	Answer *ring.Explanation
	Wrong  string // why there is no Answer
	Notice notice // what an action did
}

func (v *visit) explain() (*page, *failure) {
	if fail := v.needsKeys(); fail != nil {
		return nil, fail
	}
	if v.r.FormValue("name") == "" {
		return &page{Title: "Explain", Name: "explain", Body: &explainPage{Ropes: choices()}}, nil
	}
	e, r, fail := v.named()
	if fail != nil {
		return nil, fail
	}
	return v.explained(e, r, notice{}), nil
}

// choices returns what the ropes are called, in an order that stays.
func choices() []*entry {
	_, entries := known.list()
	slices.SortFunc(entries, func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Local, b.Local), cmp.Compare(a.Number, b.Number))
	})
	return entries
}

// needsKeys refuses those who may not see keys.
func (v *visit) needsKeys() *failure {
	if v.keys {
		return nil
	}
	if v.options.Authorize == nil {
		return &failure{http.StatusForbidden, "this needs the right to see keys, which nobody has: give a ringdebug.Options.Authorize"}
	}
	return &failure{http.StatusForbidden, "ringdebug.Options.Authorize of the program does not give you the right to see keys"}
}

// explained returns the page that explains the arguments of the request. Nothing runs.
func (v *visit) explained(e *entry, r *ring.Rope, n notice) *page {
	p := &explainPage{Name: e.ID, Args: v.r.FormValue("args"), Ropes: choices(), Func: typeOf(r), Notice: n}
	status := 0
	if v.r.Form.Has("args") {
		args, err := argumentsOf(r, p.Args)
		if err != nil {
			p.Wrong, status = err.Error(), http.StatusUnprocessableEntity
		} else {
			answer := r.WithContext(v.r.Context()).Explain(args...)
			if p.Answer = &answer; answer.Err != nil {
				status = http.StatusUnprocessableEntity
			}
		}
	}
	return &page{Title: "Explain " + e.Local, Name: "explain", Status: status, Body: p}
}

// Example is what to type.
func (p *explainPage) Example() string {
	if strings.HasPrefix(p.Func, "func()") {
		return "[]"
	}
	return `["a", 1]`
}

// Rows lists what Explain found, but for the parts of the key.
func (p *explainPage) Rows() []setting {
	e := p.Answer
	var rows []setting
	add := func(name, value string) { rows = append(rows, setting{name, value}) }
	if e.Err != nil {
		add("error", e.Err.Error())
	} else {
		add("key", e.Key)
		add("cached", cachedText(e))
	}
	for _, s := range e.States {
		in := "now"
		if s.In > 0 {
			in = "in " + durationText(s.In)
		}
		add(s.State, in)
	}
	for _, s := range e.Steps {
		add(s.Name, s.Before+" → "+s.After)
	}
	add("prefix", fmt.Sprintf("%q", e.Prefix))
	if len(e.Ignored) > 0 {
		add("ignored parameters", strings.Join(e.Ignored, ", "))
	}
	add("key style", e.Style.String())
	switch {
	case e.Err != nil:
	case e.PythonErr != nil:
		add("Python's key", "none: "+e.PythonErr.Error())
	case e.Python == e.Key:
		add("Python's key", "the same")
	default:
		add("Python's key", e.Python)
	}
	add("a call is", e.Action)
	add("storage", e.Storage)
	add("coder", e.Coder)
	add("expire", expireText(e.Expire))
	return rows
}

func cachedText(e *ring.Explanation) string {
	switch {
	case e.CachedErr != nil:
		return "unknown: " + e.CachedErr.Error()
	case !e.Cached:
		return "no"
	case e.TimeLeftErr != nil:
		return "yes; the time left is unknown: " + e.TimeLeftErr.Error()
	case e.TimeLeft == 0:
		return "yes, for good"
	}
	return "yes, for another " + durationText(e.TimeLeft)
}

// WriteText writes the page for a terminal.
func (p *explainPage) WriteText(w io.Writer) {
	p.Notice.WriteText(w)
	switch {
	case p.Wrong != "":
		fmt.Fprintf(w, "ring: %s\n\nthe function is %s\n", p.Wrong, p.Func)
	case p.Answer != nil:
		fmt.Fprint(w, p.Answer.String())
		if p.Answer.Err != nil {
			fmt.Fprintf(w, "\nthe function is %s\n", p.Func)
		}
	default:
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "explain?name=…&args=[…], with one of these names:")
		for _, e := range p.Ropes {
			fmt.Fprintln(t, plain(e.ID))
		}
		_ = t.Flush()
	}
}

// explanationJSON is the page for programs.
type explanationJSON struct {
	Name     string         `json:"name"`
	Func     string         `json:"func,omitempty"`
	Key      string         `json:"key,omitempty"`
	Parts    []partJSON     `json:"parts,omitempty"`
	Cached   *bool          `json:"cached,omitempty"` // not there: unknown
	TimeLeft float64        `json:"time_left_seconds,omitempty"`
	Details  map[string]any `json:"details,omitempty"`
	Error    string         `json:"error,omitempty"`
	Action   *actionJSON    `json:"action,omitempty"`
}

type partJSON struct {
	Parameter string `json:"parameter"`
	Type      string `json:"type"`
	Rule      string `json:"rule"`
	Text      string `json:"text"`
}

// JSON returns the page for programs.
func (p *explainPage) JSON() any {
	j := explanationJSON{Name: p.Name, Func: p.Func, Error: p.Wrong, Action: p.Notice.json()}
	e := p.Answer
	if e == nil {
		return j
	}
	if e.Err != nil {
		j.Error = e.Err.Error()
	} else if j.Key = e.Key; e.CachedErr == nil {
		j.Cached, j.TimeLeft = &e.Cached, e.TimeLeft.Seconds()
	}
	for _, part := range e.Parts {
		j.Parts = append(j.Parts, partJSON{part.Parameter, fmt.Sprint(part.Type), part.Rule, part.Text})
	}
	j.Details = map[string]any{}
	for _, s := range p.Rows() {
		j.Details[s.field()] = s.Value
	}
	return j
}
