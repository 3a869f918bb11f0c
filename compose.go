package ring

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/ring-go/ring/internal/fault"
)

// Compose makes one user interface of several parts. Each sub-function is that of the
// first part that has it. A part is a struct with any of the methods of UserInterface
// and BulkUserInterface, or with SubFunctions() map[string]SubFunction for additional
// ones. A sub-function that no part has is errors.ErrUnsupported.
//
// New fails for a part that has none of these methods. It cannot notice a method whose
// name or signature is slightly wrong; let the compiler check that:
//
//	var _ ring.UserInterface = myInterface{}
//
// Python: factory(user_interface).
func Compose(parts ...any) UserInterface {
	c := &composed{extra: map[string]SubFunction{}}
	for _, part := range parts {
		if other, ok := part.(*composed); ok {
			c.parts = append(c.parts, other.parts...)
			continue
		}
		c.parts = append(c.parts, part)
	}
	for i, part := range c.parts {
		if !c.add(part) && c.err == nil {
			c.err = fmt.Errorf("part %d of the user interface, a %T, has no sub-function: their methods need the signatures of UserInterface", i+1, part)
		}
	}
	c.add(absent{})
	c.standard = len(c.parts) == 2 && c.parts[0] == any(CacheUserInterface{}) && c.parts[1] == any(BulkInterfaceMixin{})
	return c
}

// standardInterface is the user interface of a factory that names none.
var standardInterface = Compose(CacheUserInterface{}, BulkInterfaceMixin{})

func asComposed(ui UserInterface) *composed {
	if ui == nil {
		ui = standardInterface
	}
	if c, ok := ui.(*composed); ok {
		return c
	}
	return Compose(ui).(*composed)
}

// composed is a user interface made of parts: each method is that of the part that has
// it, or of absent.
type composed struct {
	parts    []any
	standard bool // it has only the default sub-functions
	err      error
	extra    map[string]SubFunction

	hasKey
	hasExecute
	hasGet
	hasUpdate
	hasGetOrUpdate
	hasSet
	hasDelete
	hasTouch
	hasHas
	hasKeyMany
	hasExecuteMany
	hasGetMany
	hasUpdateMany
	hasGetOrUpdateMany
	hasSetMany
	hasDeleteMany
	hasTouchMany
	hasHasMany
}

// One interface for each method, by which Compose learns what a part has.
type (
	hasKey interface {
		Key(*Wire, ArgPack) (string, error)
	}
	hasExecute interface {
		Execute(*Wire, ArgPack) (any, error)
	}
	hasGet interface {
		Get(*Wire, ArgPack) (any, error)
	}
	hasUpdate interface {
		Update(*Wire, ArgPack) (any, error)
	}
	hasGetOrUpdate interface {
		GetOrUpdate(*Wire, ArgPack) (any, error)
	}
	hasSet interface {
		Set(*Wire, any, ArgPack) error
	}
	hasDelete interface{ Delete(*Wire, ArgPack) error }
	hasTouch  interface{ Touch(*Wire, ArgPack) error }
	hasHas    interface {
		Has(*Wire, ArgPack) (bool, error)
	}
	hasKeyMany interface {
		KeyMany(*Wire, []ArgPack) ([]string, error)
	}
	hasExecuteMany interface {
		ExecuteMany(*Wire, []ArgPack) ([]any, error)
	}
	hasGetMany interface {
		GetMany(*Wire, []ArgPack) ([]any, error)
	}
	hasUpdateMany interface {
		UpdateMany(*Wire, []ArgPack) ([]any, error)
	}
	hasGetOrUpdateMany interface {
		GetOrUpdateMany(*Wire, []ArgPack) ([]any, error)
	}
	hasSetMany interface {
		SetMany(*Wire, []ArgPack, []any) error
	}
	hasDeleteMany interface{ DeleteMany(*Wire, []ArgPack) error }
	hasTouchMany  interface{ TouchMany(*Wire, []ArgPack) error }
	hasHasMany    interface {
		HasMany(*Wire, []ArgPack) ([]bool, error)
	}
	hasSubFunctions interface{ SubFunctions() map[string]SubFunction }
)

// take stores part in place if it has the methods of I and no earlier part has them. It
// reports whether part has them.
func take[I comparable](part any, place *I) bool {
	p, ok := part.(I)
	var none I
	if ok && *place == none {
		*place = p
	}
	return ok
}

// add takes the methods of part that no earlier part has. It reports whether part has
// any sub-function.
func (c *composed) add(part any) bool {
	if v := reflect.ValueOf(part); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	found := slices.Contains([]bool{
		take(part, &c.hasKey), take(part, &c.hasExecute), take(part, &c.hasGet), take(part, &c.hasUpdate),
		take(part, &c.hasGetOrUpdate), take(part, &c.hasSet), take(part, &c.hasDelete), take(part, &c.hasTouch),
		take(part, &c.hasHas), take(part, &c.hasKeyMany), take(part, &c.hasExecuteMany), take(part, &c.hasGetMany),
		take(part, &c.hasUpdateMany), take(part, &c.hasGetOrUpdateMany), take(part, &c.hasSetMany),
		take(part, &c.hasDeleteMany), take(part, &c.hasTouchMany), take(part, &c.hasHasMany),
	}, true)
	p, ok := part.(hasSubFunctions)
	if !ok {
		return found
	}
	for name, f := range p.SubFunctions() {
		if _, taken := c.extra[name]; !taken && f != nil {
			c.extra[name] = f
		}
	}
	return true
}

// SubFunctions returns the additional sub-functions.
func (c *composed) SubFunctions() map[string]SubFunction { return c.extra }

var (
	_ UserInterface     = (*composed)(nil)
	_ BulkUserInterface = (*composed)(nil)
)

// absent is the last part: each of its methods returns errors.ErrUnsupported.
type absent struct{}

func (absent) error(w *Wire, action string) error {
	remedy := "CacheUserInterface"
	if strings.HasSuffix(action, manySuffix) {
		remedy = "BulkInterfaceMixin"
	}
	return w.fail(action, "", fmt.Errorf("%w: the user interface has no %s: embed %s, or Compose with it", errors.ErrUnsupported, action, remedy))
}

func (a absent) Key(w *Wire, _ ArgPack) (string, error)  { return "", a.error(w, "key") }
func (a absent) Execute(w *Wire, _ ArgPack) (any, error) { return nil, a.error(w, "execute") }
func (a absent) Get(w *Wire, _ ArgPack) (any, error)     { return nil, a.error(w, "get") }
func (a absent) Update(w *Wire, _ ArgPack) (any, error)  { return nil, a.error(w, "update") }
func (a absent) GetOrUpdate(w *Wire, _ ArgPack) (any, error) {
	return nil, a.error(w, "get_or_update")
}
func (a absent) Set(w *Wire, _ any, _ ArgPack) error  { return a.error(w, "set") }
func (a absent) Delete(w *Wire, _ ArgPack) error      { return a.error(w, "delete") }
func (a absent) Touch(w *Wire, _ ArgPack) error       { return a.error(w, "touch") }
func (a absent) Has(w *Wire, _ ArgPack) (bool, error) { return false, a.error(w, "has") }

func (a absent) KeyMany(w *Wire, _ []ArgPack) ([]string, error) { return nil, a.error(w, "key_many") }
func (a absent) ExecuteMany(w *Wire, _ []ArgPack) ([]any, error) {
	return nil, a.error(w, "execute_many")
}
func (a absent) GetMany(w *Wire, _ []ArgPack) ([]any, error) { return nil, a.error(w, "get_many") }
func (a absent) UpdateMany(w *Wire, _ []ArgPack) ([]any, error) {
	return nil, a.error(w, "update_many")
}
func (a absent) GetOrUpdateMany(w *Wire, _ []ArgPack) ([]any, error) {
	return nil, a.error(w, "get_or_update_many")
}
func (a absent) SetMany(w *Wire, _ []ArgPack, _ []any) error  { return a.error(w, "set_many") }
func (a absent) DeleteMany(w *Wire, _ []ArgPack) error        { return a.error(w, "delete_many") }
func (a absent) TouchMany(w *Wire, _ []ArgPack) error         { return a.error(w, "touch_many") }
func (a absent) HasMany(w *Wire, _ []ArgPack) ([]bool, error) { return nil, a.error(w, "has_many") }

// action is a sub-function that every rope has, for one call and for several, in the
// form that Run calls.
type action struct {
	name          string // Python's name; with manySuffix the name of the form for several calls
	one, many     func(w *Wire, args ...any) (any, error)
	returnsResult bool // the form for one call returns the function's result
}

const manySuffix = "_many"

var actions = []action{
	{name: "key", one: answering((*Wire).Key), many: answering((*Wire).KeyMany)},
	{name: "execute", one: (*Wire).Execute, many: answering((*Wire).ExecuteMany), returnsResult: true},
	{name: "get", one: (*Wire).Get, many: answering((*Wire).GetMany), returnsResult: true},
	{name: "update", one: (*Wire).Update, many: answering((*Wire).UpdateMany), returnsResult: true},
	{name: "get_or_update", one: (*Wire).GetOrUpdate, many: answering((*Wire).GetOrUpdateMany), returnsResult: true},
	{name: "set", one: runSet, many: runSetMany},
	{name: "delete", one: silent((*Wire).Delete), many: silent((*Wire).DeleteMany)},
	{name: "has", one: answering((*Wire).Has), many: answering((*Wire).HasMany)},
	{name: "touch", one: silent((*Wire).Touch), many: silent((*Wire).TouchMany)},
}

// answering adapts a method whose answer has its own type to the table.
func answering[T any](method func(*Wire, ...any) (T, error)) func(*Wire, ...any) (any, error) {
	return func(w *Wire, args ...any) (any, error) { return method(w, args...) }
}

// silent adapts a method without an answer to the table.
func silent(method func(*Wire, ...any) error) func(*Wire, ...any) (any, error) {
	return func(w *Wire, args ...any) (any, error) { return nil, method(w, args...) }
}

func runSet(w *Wire, args ...any) (any, error) {
	if len(args) == 0 {
		return nil, w.fail("set", "", fault.Argumentf("set() missing the value"))
	}
	return nil, w.Set(args[0], args[1:]...)
}

func runSetMany(w *Wire, args ...any) (any, error) {
	if len(args) == 2 {
		list, isList := args[0].([]any)
		values, isValues := args[1].([]any)
		if isList && isValues {
			return nil, w.SetMany(list, values)
		}
	}
	return nil, w.fail("set_many", "", fault.Argumentf("set_many() takes two lists, []any each: the calls and the values"))
}

// findAction returns the sub-function of that name, or of the name of its form for
// several calls. It returns nil if there is none.
func findAction(name string) (a *action, isMany bool) {
	name, isMany = strings.CutSuffix(name, manySuffix)
	for i := range actions {
		if actions[i].name == name {
			return &actions[i], isMany
		}
	}
	return nil, false
}

// findSingle is findAction for the sub-functions that can be the default action.
func findSingle(name string) *action {
	if a, isMany := findAction(name); !isMany {
		return a
	}
	return nil
}

// actionNames returns the names of the sub-functions for one call.
func actionNames() []string {
	names := make([]string, len(actions))
	for i := range actions {
		names[i] = actions[i].name
	}
	return names
}

// goOnly lists the methods of a Wire that are not sub-functions.
var goOnly = []string{"Call", "Lookup", "CacheInfo", "Explain", "Encode", "Decode", "Storage", "Config", "Func", "Ring", "Bind", "Scalars", "Context", "WithContext", "Warm"}

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
		return "; call the method Clear of the rope, which is no sub-function"
	}
	for _, method := range goOnly {
		if bareName(method) == name {
			return fmt.Sprintf("; call the method %s, which is no sub-function", method)
		}
	}
	return fmt.Sprintf("; they are %q, the same with _many, and those of the user interface", actionNames())
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
