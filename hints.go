package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/ring-go/ring/lrucache"
)

// What is said beside an error about arguments: what was probably meant, and how that is
// written. It is looked for only when the call has failed.

// errNilContext is what a wire or a call has in the place of a context that is nil.
var errNilContext = argumentError("nil is no context: give context.Background(), or leave it out")

// errContextPlace is a context where any value could stand.
var errContextPlace = errors.New("a context has no place here")

// isNilContext tells whether there is nothing in a context, or a nil pointer.
func isNilContext(ctx context.Context) bool { return dataOf(ctx) == nil }

func isContext(v any) bool {
	switch v.(type) {
	case nil, string, int, int64, float64, bool:
		return false // most are one of these, and known at once
	}
	_, ok := v.(context.Context)
	return ok
}

// holdsContext tells whether the values of *args or **kw could be confused with the context
// of the call.
func holdsContext(v any) bool {
	switch v := v.(type) {
	case Tuple:
		return slices.ContainsFunc(v, isContext)
	case Kwargs:
		for _, value := range v {
			if isContext(value) {
				return true
			}
		}
	}
	return false
}

// isAny tells the types that take any value.
func isAny(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() == 0 }

// isStray tells whether v is a context that no parameter can take.
func (c *callable) isStray(v any) bool {
	return isContext(v) && !slices.ContainsFunc(c.params, func(p parameter) bool {
		return !isAny(p.typ) && reflect.TypeOf(v).AssignableTo(p.typ)
	})
}

// contextHint says where a context is given.
func (c *callable) contextHint() string {
	if c.ctx < 0 {
		return ": use WithContext(ctx), since the function itself takes none"
	}
	return ": give one as the first argument, as in Call(ctx, …), or use WithContext(ctx)"
}

// bindHint is for arguments that are too many, too few or have the wrong names.
func (c *callable) bindHint(own []any, kwargs Kwargs, bound bool) string {
	switch {
	case slices.ContainsFunc(own, c.isStray):
		return "; a context has no place there" + c.contextHint()
	case holdsContext(kwargs):
		return "; a context is no keyword argument" + c.contextHint()
	case c.nilFirst(own, bound):
		return "; " + nilContextHint
	case len(own) == 1 && len(kwargs) == 0 && isList(own[0]):
		return "; a list is one argument: spread it, as in Call(args...), where args is an []any"
	case slices.ContainsFunc(own, isKwargs):
		return "; keyword arguments go last"
	case len(own) > 0 && len(kwargs) == 0 && reflect.ValueOf(own[len(own)-1]).Kind() == reflect.Map:
		return "; a map is one argument: arguments by name are a ring.Kwargs"
	case c.receiver && !bound:
		return "; it is a method: Bind it to a receiver, or give that as the first argument"
	}
	return ""
}

const nilContextHint = "nil is no context: give context.Background(), or leave it out"

// own are the arguments without a bound receiver.
func (c *callable) own(args []any, bound bool) []any {
	if bound {
		return args[1:]
	}
	return args
}

// nilFirst tells whether nil stands where a context could.
func (c *callable) nilFirst(own []any, bound bool) bool {
	switch {
	case c.ctx < 0 || len(own) == 0:
		return false
	case own[0] == nil:
		return true
	}
	return c.receiver && !bound && len(own) > 1 && own[1] == nil
}

func isKwargs(v any) bool { _, ok := v.(Kwargs); return ok }

func isList(v any) bool {
	k := reflect.ValueOf(v).Kind()
	return k == reflect.Slice || k == reflect.Array
}

// valueHint is for parameter i, whose type v does not fit. nilFirst: see there.
func (c *callable) valueHint(i int, v any, nilFirst bool) string {
	p := &c.params[i]
	tuple, isTuple := v.(Tuple)
	switch v.(type) {
	case Args:
		return ": spread it, as in Call(args...)"
	case Kwargs:
		if p.kind != varKeyword {
			return ": keyword arguments go last"
		}
		if holdsContext(v) {
			return "; a context is no keyword argument" + c.contextHint()
		}
	case nil:
		if nilFirst {
			return "; " + nilContextHint
		}
	case context.Context:
		return "; a context has no place there" + c.contextHint()
	}
	if p.kind != varPositional || !isTuple {
		return ""
	}
	switch {
	case slices.ContainsFunc(tuple, isContext):
		return "; a context has no place there" + c.contextHint()
	case nilFirst:
		return "; " + nilContextHint
	case slices.ContainsFunc(tuple, func(v any) bool { _, ok := v.(Args); return ok }):
		return ": spread it, as in Call(args...)"
	case slices.ContainsFunc(tuple, func(v any) bool { return isList(v) && fits(v, p.typ) }):
		return fmt.Sprintf(": its elements are arguments of their own, as in Call(1, 2) or, with an []any, Call(list...), not a %v", p.typ)
	}
	return ""
}

func fits(v any, t reflect.Type) bool {
	_, err := convert(v, t)
	return err == nil
}

// pointerHint is for a pointer in the place of what it points to, and the reverse.
func pointerHint(from, to reflect.Type) string {
	switch {
	case from.Kind() == reflect.Pointer && from.Elem() == to:
		return ", but a pointer to one: give what it points to, *x"
	case to.Kind() == reflect.Pointer && to.Elem() == from:
		return ", which is a pointer to one: give its address, &x"
	case to.Kind() == reflect.Interface && reflect.PointerTo(from).Implements(to):
		return ", but a pointer to one is: give its address, &x"
	case from.Kind() == reflect.Pointer && isNumeric(from.Elem()) && isNumeric(to):
		return ", but a pointer to a number: give what it points to, *x"
	case to.Kind() == reflect.Pointer && isNumeric(to.Elem()) && isNumeric(from):
		return fmt.Sprintf(", which is a pointer: give the address of a variable of type %v, &x", to.Elem())
	}
	return ""
}

func isNumeric(t reflect.Type) bool {
	return reflect.Int <= t.Kind() && t.Kind() <= reflect.Complex128
}

// setHint is for a Set that has failed: the value comes first, which it is easy to forget.
func (w *Wire) setHint(value any, args []any) string {
	if _, misfit := w.rope.fn.fit(value); isContext(value) && (misfit != nil || isAny(w.rope.fn.result)) {
		return "; the value comes first, and then a context: Set(value, ctx, …)"
	}
	args, _ = w.rope.fn.takeContext(args, w.isBound)
	n := len(args) - 1
	if n < 0 {
		return ""
	}
	_, _, err := w.rope.fn.bind(w.argPack(append([]any{value}, args[:n]...)), w.isBound)
	if _, misfit := w.rope.fn.fit(args[n]); err != nil || misfit != nil {
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
	return fmt.Errorf("%T is not a function: hand over a func", fn)
}

// restoreHint is for a result that a coder cannot restore, and that may be of somebody
// else's type.
func restoreHint(coder Coder, t reflect.Type) string {
	switch coder.(type) {
	case bytesCoder, dataclassCoder:
		if (jsonCoder{}).CheckType(t) == nil {
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
	return fmt.Sprintf("; they are %q, the same with _many, and those of the user interface", singleActions)
}

// clearHint says how the rope's own kind of storage is cleared.
func (r *Rope) clearHint() string {
	switch r.storage.backend.(type) {
	case *lrucache.LruCache:
		return ", by the Clear of a cache of your own: ring.Lru{Lru: cache}"
	case interface{ Clear() error }, interface {
		Clear(context.Context) (int, error)
	}:
		return fmt.Sprintf(", by the Clear of the %T", r.storage.backend)
	}
	return ""
}

// actions are the names of all sub-functions.
func (r *Rope) actions() []string {
	var names []string
	for _, action := range singleActions {
		names = append(names, action, action+"_many")
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
