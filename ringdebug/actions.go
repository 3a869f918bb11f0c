package ringdebug

import (
	"fmt"
	"io"
	"net/http"

	"github.com/ring-go/ring"
)

// action changes what is cached for arguments, and tells what it did.
type action func(w *ring.Wire, args []any) (done string, err error)

var actions = map[string]action{
	"delete": func(w *ring.Wire, args []any) (string, error) {
		return "The value is deleted.", w.Delete(args...)
	},
	"stale": func(w *ring.Wire, args []any) (string, error) {
		return "If there is a value, it is stale now: the next call renews it.", w.MarkStale(args...)
	},
	"update": func(w *ring.Wire, args []any) (string, error) {
		value, err := w.Update(args...)
		return "The function ran, and its value is stored: " + valueText(value), err
	},
}

// survive does the action. A panic of the user's function is an error, which the page can show.
func (do action) survive(w *ring.Wire, args []any) (done string, err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = "", fmt.Errorf("panic: %v", p)
		}
	}()
	return do(w, args)
}

// notice tells what an action did. The zero value is none.
type notice struct {
	Action string
	Text   string
	Failed bool
}

func noticeOf(name, done string, err error) notice {
	if err != nil {
		return notice{name, shorten(fmt.Sprint(err)), true}
	}
	return notice{name, done, false}
}

func (n notice) WriteText(w io.Writer) {
	if n.Action != "" {
		fmt.Fprintf(w, "%s\n\n", n.Text)
	}
}

type actionJSON struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

func (n notice) json() *actionJSON {
	if n.Action == "" {
		return nil
	}
	return &actionJSON{n.Action, !n.Failed, n.Text}
}

// mayWrite refuses those who may not change anything.
func (v *visit) mayWrite() *failure {
	if !v.options.Writes {
		return &failure{http.StatusForbidden, "nothing can be changed here: see ringdebug.Options.Writes"}
	}
	return v.needsKeys()
}

// act does an action with the arguments of the request, and explains what is cached then.
func (v *visit) act(name string, do action) {
	showing(func(v *visit) (*page, *failure) {
		if fail := v.mayWrite(); fail != nil {
			return nil, fail
		}
		e, r, fail := v.named()
		if fail != nil {
			return nil, fail
		}
		args, err := argumentsOf(r, v.r.FormValue("args"))
		done := ""
		if err == nil {
			done, err = do.survive(r.WithContext(v.r.Context()), args)
		}
		n := noticeOf(name, done, err)
		p := v.explained(e, r, n)
		if n.Failed {
			p.Status = http.StatusUnprocessableEntity
		}
		return p, nil
	})(v)
}

// clear removes all values of a rope. The form has a box that has to be ticked.
func (v *visit) clear() {
	showing(func(v *visit) (*page, *failure) {
		if fail := v.mayWrite(); fail != nil {
			return nil, fail
		}
		e, r, fail := v.named()
		if fail != nil {
			return nil, fail
		}
		if v.r.FormValue("confirm") != "yes" {
			return nil, &failure{http.StatusBadRequest, "a clear needs confirm=yes"}
		}
		removed, err := r.Clear(v.r.Context())
		n := noticeOf("clear", "Removed "+counted(removed, "value")+".", err)
		p := v.ropePage(e, r, n)
		if n.Failed {
			p.Status = http.StatusUnprocessableEntity
		}
		return p, nil
	})(v)
}
