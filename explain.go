package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/store"
)

// Explanation is the result of Explain.
type Explanation struct {
	Rope   string // the function's name
	Action string // what Call runs: the default action

	// The key is Prefix and the texts of Parts, joined by colons, and then changed by
	// Steps.
	Prefix  string
	Parts   []ExplainedPart // of the parameters in the key, in order; none if your own function makes the key
	Ignored []string        // the parameters that Options.IgnorableKeys leaves out
	Style   KeyStyle
	Steps   []KeyStep
	Key     string // what Key returns

	// Python is the key that the call has with PythonKeys and the same prefix.
	Python    string
	PythonErr error // why there is no Python key

	Storage string        // which storage, on what, and how full it is if it knows that
	Coder   string        // what encodes values, or why nothing does
	Expire  time.Duration // of values stored from now on; 0: none

	// Cached reports whether the storage holds a value under Key now. The coder may
	// still be unable to decode it.
	Cached    bool
	CachedErr error // why Cached is unknown: errors.ErrUnsupported if the storage would have to read the value

	TimeLeft    time.Duration // until the cached value expires; 0: it does not expire
	TimeLeftErr error         // why TimeLeft is unknown: errors.ErrUnsupported if the storage cannot tell

	// States are the states of the cached value by the rope's Freshness, from now on; none
	// without RefreshAhead, StaleWhileRevalidate and StaleIfError. See Freshness.
	States []ExplainedState

	// Err is the error of Key: why the call has no key. If one part has no text, Parts
	// ends with it.
	Err error
}

// ExplainedPart is what a parameter contributes to a key.
//
// Its Rule is one of these: the method that was called, such as "RingKey()" or
// "MarshalText()"; "hash tag" or "hash" for a value that was hashed because of the tags
// of its fields or of HashKeys; or Python's name for the kind of value: "str", "int",
// "list", "dataclass". Before it stands "pointer to" for a pointer, and "its type and"
// if the text tells the type of a value in a parameter of an interface type. Rule is for
// people to read; its wording may change.
type ExplainedPart struct {
	Parameter string       // its name in the Signature, with its stars, or else its number, from 1
	Type      reflect.Type // of the value, as the function gets it; nil for nil
	Rule      string       // what made the text, see above
	Text      string       // as it is in the key
	Escaped   bool         // backslashes in Text tell it from the text of another call

	failed bool // the part has no text
}

// ExplainedState is a state of a cached value and when it begins.
type ExplainedState struct {
	State string        // "fresh", "due", "stale", "spare" or, at the end, "gone"
	In    time.Duration // from now; 0: it is so now
}

// KeyStep is a change that was made to a key after its text was complete.
type KeyStep struct {
	Name          string // "KeyEncoding …", "KeyRefactor …", or another one
	Before, After string
}

// Explain tells how the key of a call is made, part by part, and what is cached under
// it. Use it when you expected a hit: print the result, and compare it with that of the
// call that stored the value.
//
// It does not call the function, counts no hit or miss and does not affect the LRU
// order. What the storage could tell only by reading the value stays unknown. Your own
// key function or user interface runs, as for Key. Python has no counterpart.
func (w *Wire) Explain(args ...any) Explanation {
	e := w.rope.explanation()
	w, p, err := w.prepare("explain", args)
	if err == nil {
		err = e.explainKey(w, p)
	}
	if err != nil {
		e.Err = w.fail("explain", "", err)
		return e
	}
	e.lookUp(w)
	return e
}

// explanation returns the part of an Explanation that is the same for every call.
func (r *Rope) explanation() Explanation {
	s := &r.base
	at := s.place()
	e := Explanation{
		Rope: r.fn.Name, Action: r.config.DefaultAction, Prefix: r.plan.Prefix, Style: r.config.KeyStyle,
		Ignored: slices.Clone(r.config.IgnorableKeys), Expire: r.config.Expire,
		Storage: fmt.Sprintf("%T on %s", s.Storage(), at.text), Coder: coderText(r.values()),
	}
	if e.Action == NoDefaultAction {
		e.Action = "nothing"
	}
	if sized, ok := s.Storage().(SizedStorage); ok {
		e.Storage += sizeText(sized.Size())
	}
	return e
}

func sizeText(limit, current int) string {
	switch {
	case current >= 0 && limit >= 0:
		return fmt.Sprintf(", with %d of at most %d values", current, limit)
	case current >= 0:
		return fmt.Sprintf(", with %d values", current)
	case limit >= 0:
		return fmt.Sprintf(", with at most %d values", limit)
	}
	return ""
}

// coderText says what encodes values.
func coderText(s *store.Values) string {
	switch coder := (*s.Coder.Load()).(type) {
	case nil:
		if s.Typed != nil {
			return "none: the storage has its own way"
		}
		if s.Memory {
			return "none: the values themselves"
		}
		return "none: the storage gets the values"
	case codec.Bytes:
		return "none: text, bytes and numbers as bytes"
	case codec.JSON:
		return "json"
	case codec.Pickle:
		return "pickle"
	case codec.Dataclass:
		return "dataclass"
	case funcCoder:
		return "two functions"
	default:
		return fmt.Sprintf("%T", coder)
	}
}

// explainKey fills in how the key is made.
func (e *Explanation) explainKey(w *Wire, p ArgPack) error {
	r := w.rope
	text, err := e.explainText(w, p)
	if err == nil {
		text, err = e.finish(r.plan, text)
	}
	// The key of the user interface decides. Usually it is the same.
	if e.Key, e.Err = r.ui.Key(w, p); e.Err != nil {
		return e.Err
	}
	if err != nil || text != e.Key {
		e.step("UserInterface.Key", text, e.Key)
	}
	if _, ok := r.base.Storage().(*MemcacheStorage); ok && MemcacheKey(e.Key) != e.Key {
		e.step("MemcacheKey, by the storage", e.Key, MemcacheKey(e.Key))
	}
	return nil
}

func (e *Explanation) step(name, before, after string) {
	e.Steps = append(e.Steps, KeyStep{name, before, after})
}

// explainText makes the text of the key as Rope.key does.
func (e *Explanation) explainText(w *Wire, p ArgPack) (string, error) {
	r := w.rope
	values, ctx, err := r.fn.Bind(p.pack(), w.isBound)
	if err != nil {
		return "", err
	}
	if m := r.makeFn.Load(); m != nil {
		e.PythonErr = errors.New("a function given to Ring().Key makes the keys")
		text, err := m.call(w.runContext(ctx), values)
		e.step("Ring().Key", "", text)
		return text, err
	}
	if r.makesOwnKeys() {
		e.PythonErr = errors.New("a user interface of your own makes the keys")
	} else {
		e.Python, e.PythonErr = r.pythonKey(values)
	}
	text, parts, err := r.plan.Explain(values)
	for _, p := range parts {
		e.Parts = append(e.Parts, ExplainedPart{
			Parameter: r.fn.Params[p.At].Called(p.At), Rule: p.Rule, Type: p.Type, Text: p.Text, Escaped: p.Escaped, failed: p.Failed,
		})
	}
	return text, err
}

// finish changes the text of a key as Plan.Finish does, and records the steps.
func (e *Explanation) finish(k *keytext.Plan, text string) (string, error) {
	if k.Encoding != nil {
		encoded, err := k.Encoding(text)
		if err != nil {
			return "", err
		}
		e.step("KeyEncoding", text, encoded)
		text = encoded
	}
	if k.Refactor != nil {
		refactored := k.Refactor(text)
		e.step("KeyRefactor "+funcName(k.Refactor), text, refactored)
		text = refactored
	}
	return text, nil
}

func funcName(f any) string {
	_, local := callable.SplitPackage(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name())
	return local
}

// lookUp asks the storage about the key and does not affect the order of eviction.
func (e *Explanation) lookUp(w *Wire) {
	s, ctx := w.rope.values(), w.Context()
	storage := w.rope.base.Storage()
	has, ok := storage.(HasStorage)
	if !ok {
		e.CachedErr = fmt.Errorf("%w: a %T can only read the value", errors.ErrUnsupported, storage)
		e.TimeLeftErr = e.CachedErr
		return
	}
	e.Cached, e.CachedErr = store.Ask(ctx, s, func(ctx context.Context) (bool, error) { return has.HasValue(ctx, e.Key) })
	if e.TimeLeftErr = e.CachedErr; !e.Cached {
		return
	}
	ttl, ok := storage.(TTLStorage)
	if !ok {
		e.TimeLeftErr = fmt.Errorf("%w: a %T does not know the time left", errors.ErrUnsupported, storage)
		return
	}
	e.TimeLeft, e.TimeLeftErr = store.Ask(ctx, s, func(ctx context.Context) (time.Duration, error) { return ttl.TTLValue(ctx, e.Key) })
	if store.IsMiss(e.TimeLeftErr) { // it has expired or was deleted meanwhile
		e.Cached, e.TimeLeftErr = false, nil
	}
	if e.Cached && e.TimeLeftErr == nil && s.Policy != nil && s.Policy.Ages() {
		for _, next := range s.Policy.Changes(e.TimeLeft) {
			e.States = append(e.States, ExplainedState{next.State.String(), next.In})
		}
	}
}

// String returns a table of what is known.
func (e Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ring: explain %s\n", e.Rope)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "  "+name+"\t"+format+"\n", args...) }
	if e.Err != nil {
		row("error", "%v", cause(e.Err))
	} else {
		row("key", "%s", quote(e.Key))
	}
	row("prefix", "%s", quote(e.Prefix))
	for _, p := range e.Parts {
		row("part", "%s", p.row())
	}
	if len(e.Ignored) > 0 {
		row("ignored", "%s", strings.Join(e.Ignored, ", "))
	}
	row("style", "%v", e.Style)
	for _, s := range e.Steps {
		row("step", "%s\t%s\tto %s", s.Name, quote(s.Before), quote(s.After))
	}
	if e.Err == nil {
		row("Python", "%s", e.pythonText())
	}
	row("call", "%s", e.Action)
	row("storage", "%s", e.Storage)
	row("coder", "%s", e.Coder)
	row("expire", "%s", expireText(e.Expire))
	if e.Err == nil {
		row("cached", "%s", e.cachedText())
	}
	if len(e.States) > 0 {
		row("freshness", "%s", e.statesText())
	}
	t.Flush()
	return b.String()
}

func (p ExplainedPart) row() string {
	typ, text, escaped := "nil", quote(p.Text), ""
	if p.Type != nil {
		typ = p.Type.String()
	}
	if p.failed {
		text = "no text"
	}
	if p.Escaped {
		escaped = ", escaped"
	}
	return fmt.Sprintf("%s\t%s\tby %s\t%s%s", p.Parameter, typ, p.Rule, text, escaped)
}

func (e Explanation) pythonText() string {
	switch {
	case e.PythonErr != nil:
		return "none: " + e.PythonErr.Error()
	case e.Python == e.Key:
		return "the same key"
	}
	return quote(e.Python)
}

// quote is strconv.Quote, but it does not double backslashes.
func quote(s string) string {
	if strings.Contains(s, `\`) && strconv.CanBackquote(s) && !strings.Contains(s, "\t") {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

func expireText(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	return d.String() + " after the store"
}

func (e Explanation) statesText() string {
	var b strings.Builder
	for i, s := range e.States {
		if i > 0 {
			fmt.Fprintf(&b, ", %s in %v", s.State, s.In)
			continue
		}
		b.WriteString(s.State)
	}
	return b.String()
}

func (e Explanation) cachedText() string {
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
	return "yes, for another " + e.TimeLeft.String()
}
