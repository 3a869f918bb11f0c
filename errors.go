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

// The causes that a caller may want to tell apart, for errors.Is. What a storage
// cannot do, and an action that does not exist, is errors.ErrUnsupported.
var (
	// ErrNotFound: the storage holds no value for the key. A Storage returns it
	// for a miss; of a rope's methods only those of Storage() do.
	// Python: ring.func.base.NotFound.
	ErrNotFound = fault.ErrNotFound

	// ErrArguments: the call does not fit the function. Python: TypeError.
	ErrArguments = fault.ErrArguments

	// ErrKey: an argument cannot be part of a key. Python: TypeError.
	ErrKey = fault.ErrKey

	// ErrCoder: a value cannot be encoded, or what is stored cannot be decoded
	// into the function's result type.
	ErrCoder = fault.ErrCoder

	// ErrRecursion: the function called itself with the same key through its
	// context, so that the call would wait for itself. Until the run has ended, so does
	// a goroutine that it has started with its context and does not wait for, which
	// nobody can tell: give that a context of its own.
	ErrRecursion = fault.ErrRecursion
)

// Error is every error of a rope but the function's own, which comes as it is.
type Error struct {
	Action string // what was asked for, by its Python name: "get_or_update", "wrap", …
	Rope   string // the function's name
	Key    string // "" when the error came before the key or for several keys
	Err    error  // the cause

	made bool // the value was made, but could not be stored
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

// BulkErrors is what a method of BulkStorage returns when it failed for some of its
// keys: an error for each of these in its place, nil for the others.
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

// Unwrap returns the errors, for errors.Is.
func (e BulkErrors) Unwrap() []error {
	var errs []error
	for _, err := range e {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// bulkErrors returns errs as an error, nil when there is none in it.
func bulkErrors(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return BulkErrors(errs)
		}
	}
	return nil
}

// elementsOf returns the errors of the elements in the error of a bulk method that says
// which of so many failed.
func elementsOf(err error, of int) ([]error, bool) {
	var each BulkErrors
	if errors.As(err, &each) && len(each) == of {
		return each, true
	}
	return nil, false
}

// What is said beside an error about arguments: what was probably meant, and how that is
// written. It is looked for only when the call has failed.

// setHint is for a Set that has failed: the value comes first, which it is easy to forget.
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

// functionHint is for what was to be wrapped and is no function.
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

// inspectFunc reads a function.
func inspectFunc(fn any, signature *string) (*callable.Callable, error) {
	if err := functionHint(fn); err != nil {
		return nil, err
	}
	return callable.Inspect(fn, signature)
}

// restoreHint is for a result that a coder cannot restore, and that may be of somebody
// else's type.
func restoreHint(coder Coder, t reflect.Type) string {
	switch coder.(type) {
	case codec.Bytes, codec.Dataclass:
		if (codec.JSON{}).CheckType(t) == nil {
			return "" // another coder will do
		}
	}
	return foreignHint
}

const foreignHint = "; if the type is not yours, return one of your own that has what you need of it, " +
	"or give the factory a Coder of your own for it, such as a ring.CoderTuple, or keep the values in memory without a Coder"

// storedHint is for what is stored and no result of the function: it may be that of another
// one, or of what the function was once.
const storedHint = "; a KeyPrefix of its own, with a version in it, keeps a function apart from others, and from what it returned once"

// goOnly are the methods of a Wire that are no sub-functions.
var goOnly = []string{"Call", "Lookup", "CacheInfo", "Explain", "Encode", "Decode", "Storage", "Config", "Func", "Ring", "Bind", "Scalars", "Context", "WithContext"}

// actionHint is for the name of a sub-function that there is not: it says what was meant.
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

// clearHint says how the rope's own kind of storage is cleared.
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

// actions are the names of all sub-functions.
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

// bareName is a name without what Go and Python write differently.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// fail makes err an *Error of this rope. It keeps nil, and the function's own error.
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

// failStore is fail for a value that was made but could not be stored.
func (w *Wire) failStore(action, key string, err error) error {
	return &Error{Action: action, Rope: w.rope.fn.Name, Key: key, Err: err, made: true}
}

func (w *Wire) failOutcome(action, key string, o *flight.Outcome) error {
	if o.Err != nil && o.Ran {
		return w.failStore(action, key, o.Err)
	}
	return w.fail(action, key, o.Err)
}

// cause strips what only repeats the rope's name.
func cause(err error) error {
	if e, ok := err.(*Error); ok {
		return e.Err
	}
	return err
}

// hintSet adds to an error of Set what may have been meant.
func (w *Wire) hintSet(err error, value any, args []any) error {
	e, ok := err.(*Error)
	if !ok || !errors.Is(e, ErrArguments) {
		return err
	}
	hinted := *e
	hinted.Err = fmt.Errorf("%w%s", e.Err, w.setHint(value, args))
	return &hinted
}
