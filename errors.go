package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// The causes of errors, for errors.Is. A sub-function that does not exist, or that a
// storage cannot do, is errors.ErrUnsupported.
var (
	// ErrNotFound: the storage holds no value for the key. A Storage returns it for a
	// miss; the methods of a rope do not, but those of its Storage() do.
	// Python: ring.func.base.NotFound.
	ErrNotFound = fault.ErrNotFound

	// ErrArguments: the call does not fit the function. Python: TypeError.
	ErrArguments = fault.ErrArguments

	// ErrKey: an argument cannot be part of a key. Python: TypeError.
	ErrKey = fault.ErrKey

	// ErrCoder: a value cannot be encoded, or stored data cannot be decoded into the
	// function's result type.
	ErrCoder = fault.ErrCoder

	// ErrRecursion: the function called itself with the same key through its context, so
	// that the call would wait for itself. A goroutine that the function starts with its
	// context gets this error as well until the run has ended, even if the function does
	// not wait for it: ring cannot tell. Give such a goroutine another context.
	ErrRecursion = fault.ErrRecursion
)

// Error is the type of every error of a rope. Only the function's own error is returned
// unchanged.
type Error struct {
	Action string // the sub-function by its Python name: "get_or_update", "wrap", …
	Rope   string // the function's name
	Key    string // "" if there is no key yet, or several
	Err    error  // the cause

	made bool // the function returned a value, but it could not be stored
}

// Error formats e as: ring: action rope "key": cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("ring: ")
	b.WriteString(e.Action)
	b.WriteByte(' ')
	b.WriteString(e.Rope)
	if e.Key != "" {
		b.WriteByte(' ')
		b.WriteString(strconv.Quote(e.Key))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// BulkErrors is the error of a BulkStorage method that failed for some of its keys. It
// has one element for each key: its error, or nil.
type BulkErrors []error

func (e BulkErrors) Error() string {
	var b strings.Builder
	for i, err := range e {
		if err != nil {
			fmt.Fprintf(&b, "element %d: %v\n", i, err)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Unwrap returns the errors that are not nil, for errors.Is.
func (e BulkErrors) Unwrap() []error {
	var errs []error
	for _, err := range e {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// bulkErrors returns errs as an error, or nil if all of them are nil.
func bulkErrors(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return BulkErrors(errs)
		}
	}
	return nil
}

// elementsOf returns the errors of the elements, of which there are that many, if err is
// a BulkErrors.
func elementsOf(err error, of int) ([]error, bool) {
	var each BulkErrors
	if errors.As(err, &each) && len(each) == of {
		return each, true
	}
	return nil, false
}

// Hints: what an error about arguments adds about what the caller probably meant, and
// how to write it. They are computed only after a call has failed.

// setHint is for a failed Set: it is easy to forget that the value comes first.
func (w *Wire) setHint(value any, args []any) string {
	if _, misfit := w.rope.fn.Fit(value); callable.IsContext(value) && (misfit != nil || callable.IsAny(w.rope.fn.Result)) {
		return "; the value comes first, and then a context: Set(value, ctx, …)"
	}
	args, _ = w.rope.fn.TakeContext(args, w.isBound)
	n := len(args) - 1
	if n < 0 {
		return ""
	}
	_, _, err := w.rope.fn.Bind(w.argPack(append([]any{value}, args[:n]...)).pack(), w.isBound)
	if _, misfit := w.rope.fn.Fit(args[n]); err != nil || misfit != nil {
		return ""
	}
	return "; the value comes first, and then the arguments: Set(value, args...)"
}

// elementHint is for an element of a bulk call that is neither Args nor Kwargs.
func elementHint(element any) string {
	switch e := element.(type) {
	case context.Context:
		return "a context: give one for all calls by WithContext(ctx), or that of one call first in its ring.Args"
	case []any:
		if len(e) > 0 && isElement(e[0]) {
			return "a list of calls: spread it, as in GetMany(list...)"
		}
		return "an []any: make it ring.Args(list)"
	case []Args, []Kwargs:
		return fmt.Sprintf("a %T: give every call as an element of its own, or spread an []any of them", element)
	case map[string]any:
		return "a map[string]any: make it ring.Kwargs(m)"
	}
	return fmt.Sprintf("a %T: give ring.Args or ring.Kwargs, one for each call", element)
}

func isElement(v any) bool {
	switch v.(type) {
	case Args, Kwargs:
		return true
	}
	return false
}

// functionHint is for an argument of Wrap that is not a function.
func functionHint(fn any) error {
	v := reflect.ValueOf(fn)
	switch fn.(type) {
	case *Rope, *Wire:
		return fmt.Errorf("a %T is a cached function already: its Func() has the type of the function", fn)
	}
	if v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Func {
		return fmt.Errorf("%T is a pointer to a function: give the function itself, as in Wrap(f, …), or use Decorate(&f, …), which puts the cached one in its place", fn)
	}
	return nil
}

// inspectFunc reads a function by reflection.
func inspectFunc(fn any, signature *string) (*callable.Callable, error) {
	if err := functionHint(fn); err != nil {
		return nil, err
	}
	return callable.Inspect(fn, signature)
}

// restoreHint is for a result that a coder cannot restore and whose type may come from
// another package.
func restoreHint(coder Coder, t reflect.Type) string {
	switch coder.(type) {
	case codec.Bytes, codec.Dataclass:
		if (codec.JSON{}).CheckType(t) == nil {
			return "" // another coder can restore it
		}
	}
	return foreignHint
}

const foreignHint = "; if the type is not yours, return one of your own that has what you need of it, " +
	"or give the factory a Coder of your own for it, such as a ring.CoderTuple, or keep the values in memory without a Coder"

// storedHint is for stored data that is no result of the function: another function may
// have stored it, or an older version of this one.
const storedHint = "; a KeyPrefix of its own, with a version in it, keeps a function apart from others, and from what it returned once"

// goOnly lists the methods of a Wire that are not sub-functions.
var goOnly = []string{"Call", "Lookup", "CacheInfo", "Explain", "Encode", "Decode", "Storage", "Config", "Func", "Ring", "Bind", "Scalars", "Context", "WithContext"}

// actionHint is for an unknown sub-function: it says which one was probably meant.
func (r *Rope) actionHint(action string) string {
	name := bareName(action)
	for _, known := range r.actions() {
		if bareName(known) == name {
			return fmt.Sprintf("; sub-functions go by their Python names: %q", known)
		}
	}
	switch name {
	case "clear", "clearmany", "cacheclear", "clearcache", "clearall":
		return "; a rope does not know all of its keys: delete calls by \"delete\" or \"delete_many\", or clear what is behind the storage" + r.clearHint()
	}
	for _, method := range goOnly {
		if bareName(method) == name {
			return fmt.Sprintf("; call the method %s, which is no sub-function", method)
		}
	}
	return fmt.Sprintf("; they are %q, the same with _many, and those of the user interface", actionNames())
}

// clearHint says how to clear the rope's kind of storage.
func (r *Rope) clearHint() string {
	switch r.base.backend.(type) {
	case *lrucache.LruCache:
		return ", by the Clear of a cache of your own: ring.Lru{Lru: cache}"
	case interface{ Clear() error }, interface {
		Clear(context.Context) (int, error)
	}:
		return fmt.Sprintf(", by the Clear of the %T", r.base.backend)
	}
	return ""
}

// actions returns the names of all sub-functions.
func (r *Rope) actions() []string {
	var names []string
	for _, action := range actionNames() {
		names = append(names, action, action+manySuffix)
	}
	for name := range r.ui.extra {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// bareName returns a name without what Go and Python spell differently.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// fail turns err into an *Error of this rope. It leaves nil and the function's own
// error unchanged.
func (w *Wire) fail(action, key string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *flight.FunctionError:
		return e.Err
	case *Error:
		if e.Rope == w.rope.fn.Name {
			named := *e
			named.Action = action
			if named.Key == "" {
				named.Key = key
			}
			return &named
		}
	}
	return &Error{Action: action, Rope: w.rope.fn.Name, Key: key, Err: err}
}

// failStore is fail for a value that was computed but could not be stored.
func (w *Wire) failStore(action, key string, err error) error {
	return &Error{Action: action, Rope: w.rope.fn.Name, Key: key, Err: err, made: true}
}

func (w *Wire) failOutcome(action, key string, o *flight.Outcome) error {
	if o.Err != nil && o.Ran {
		return w.failStore(action, key, o.Err)
	}
	return w.fail(action, key, o.Err)
}

// cause removes the part of an error that only repeats the rope's name.
func cause(err error) error {
	if e, ok := err.(*Error); ok {
		return e.Err
	}
	return err
}

// hintSet adds to an error of Set what the caller may have meant.
func (w *Wire) hintSet(err error, value any, args []any) error {
	e, ok := err.(*Error)
	if !ok || !errors.Is(e, ErrArguments) {
		return err
	}
	hinted := *e
	hinted.Err = fmt.Errorf("%w%s", e.Err, w.setHint(value, args))
	return &hinted
}
