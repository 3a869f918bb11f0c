package ring

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Compose makes one user interface of several parts: of each sub-function, the
// first part that has it counts. A part is a struct with any of the methods of
// UserInterface and BulkUserInterface, or with SubFunctions() map[string]SubFunction
// for additional ones. A sub-function that no part has is errors.ErrUnsupported.
// Python: factory(user_interface).
//
// A part that has none of these makes New fail. A method whose name or signature is
// not quite right cannot be noticed: let the compiler check it, by
//
//	var _ ring.UserInterface = myInterface{}
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
	c.standard = len(c.parts) == 2 && c.parts[0] == any(CacheUserInterface{}) && c.parts[1] == any(BulkInterfaceMixin{})
	return c
}

// standardInterface is what factories have without a UserInterface.
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

// composed is a user interface of parts, in which every method was found once.
type composed struct {
	parts    []any
	standard bool // no more than what factories have by default
	err      error
	extra    map[string]SubFunction

	key                               func(*Wire, ArgPack) (string, error)
	execute, get, update, getOrUpdate func(*Wire, ArgPack) (any, error)
	set                               func(*Wire, any, ArgPack) error
	delete, touch                     func(*Wire, ArgPack) error
	has                               func(*Wire, ArgPack) (bool, error)

	keyMany                                           func(*Wire, []ArgPack) ([]string, error)
	executeMany, getMany, updateMany, getOrUpdateMany func(*Wire, []ArgPack) ([]any, error)
	setMany                                           func(*Wire, []ArgPack, []any) error
	deleteMany, touchMany                             func(*Wire, []ArgPack) error
	hasMany                                           func(*Wire, []ArgPack) ([]bool, error)
}

// The interfaces of one method each, by which a part says what it has.
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

// take puts the method of part into place, unless an earlier part has filled it. It
// reports whether part has the method.
func take[I, F any](part any, place *F, method func(I) F) bool {
	p, ok := part.(I)
	if ok && reflect.ValueOf(*place).IsNil() {
		*place = method(p)
	}
	return ok
}

// add takes from part what no earlier part has. It reports whether part has
// anything.
func (c *composed) add(part any) bool {
	if v := reflect.ValueOf(part); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	found := 0
	for _, ok := range []bool{
		take(part, &c.key, func(p hasKey) func(*Wire, ArgPack) (string, error) { return p.Key }),
		take(part, &c.execute, func(p hasExecute) func(*Wire, ArgPack) (any, error) { return p.Execute }),
		take(part, &c.get, func(p hasGet) func(*Wire, ArgPack) (any, error) { return p.Get }),
		take(part, &c.update, func(p hasUpdate) func(*Wire, ArgPack) (any, error) { return p.Update }),
		take(part, &c.getOrUpdate, func(p hasGetOrUpdate) func(*Wire, ArgPack) (any, error) { return p.GetOrUpdate }),
		take(part, &c.set, func(p hasSet) func(*Wire, any, ArgPack) error { return p.Set }),
		take(part, &c.delete, func(p hasDelete) func(*Wire, ArgPack) error { return p.Delete }),
		take(part, &c.touch, func(p hasTouch) func(*Wire, ArgPack) error { return p.Touch }),
		take(part, &c.has, func(p hasHas) func(*Wire, ArgPack) (bool, error) { return p.Has }),
		take(part, &c.keyMany, func(p hasKeyMany) func(*Wire, []ArgPack) ([]string, error) { return p.KeyMany }),
		take(part, &c.executeMany, func(p hasExecuteMany) func(*Wire, []ArgPack) ([]any, error) { return p.ExecuteMany }),
		take(part, &c.getMany, func(p hasGetMany) func(*Wire, []ArgPack) ([]any, error) { return p.GetMany }),
		take(part, &c.updateMany, func(p hasUpdateMany) func(*Wire, []ArgPack) ([]any, error) { return p.UpdateMany }),
		take(part, &c.getOrUpdateMany, func(p hasGetOrUpdateMany) func(*Wire, []ArgPack) ([]any, error) { return p.GetOrUpdateMany }),
		take(part, &c.setMany, func(p hasSetMany) func(*Wire, []ArgPack, []any) error { return p.SetMany }),
		take(part, &c.deleteMany, func(p hasDeleteMany) func(*Wire, []ArgPack) error { return p.DeleteMany }),
		take(part, &c.touchMany, func(p hasTouchMany) func(*Wire, []ArgPack) error { return p.TouchMany }),
		take(part, &c.hasMany, func(p hasHasMany) func(*Wire, []ArgPack) ([]bool, error) { return p.HasMany }),
	} {
		if ok {
			found++
		}
	}
	if p, ok := part.(hasSubFunctions); ok {
		found++
		for name, f := range p.SubFunctions() {
			if _, taken := c.extra[name]; !taken && f != nil {
				c.extra[name] = f
			}
		}
	}
	return found > 0
}

func (w *Wire) unsupported(action string) error {
	remedy := "CacheUserInterface"
	if strings.HasSuffix(action, "_many") {
		remedy = "BulkInterfaceMixin"
	}
	return w.fail(action, "", fmt.Errorf("%w: the user interface has no %s: embed %s, or Compose with it", errors.ErrUnsupported, action, remedy))
}

var (
	_ UserInterface     = (*composed)(nil)
	_ BulkUserInterface = (*composed)(nil)
)

func (c *composed) Key(w *Wire, p ArgPack) (string, error) {
	if c.key == nil {
		return "", w.unsupported("key")
	}
	return c.key(w, p)
}

// value runs a sub-function that returns a value, if there is one.
func (w *Wire) value(action string, f func(*Wire, ArgPack) (any, error), p ArgPack) (any, error) {
	if f == nil {
		return nil, w.unsupported(action)
	}
	return f(w, p)
}

func (c *composed) Execute(w *Wire, p ArgPack) (any, error) { return w.value("execute", c.execute, p) }
func (c *composed) Get(w *Wire, p ArgPack) (any, error)     { return w.value("get", c.get, p) }
func (c *composed) Update(w *Wire, p ArgPack) (any, error)  { return w.value("update", c.update, p) }

func (c *composed) GetOrUpdate(w *Wire, p ArgPack) (any, error) {
	return w.value("get_or_update", c.getOrUpdate, p)
}

func (c *composed) Set(w *Wire, value any, p ArgPack) error {
	if c.set == nil {
		return w.unsupported("set")
	}
	return c.set(w, value, p)
}

// do runs a sub-function that returns nothing, if there is one.
func (w *Wire) do(action string, f func(*Wire, ArgPack) error, p ArgPack) error {
	if f == nil {
		return w.unsupported(action)
	}
	return f(w, p)
}

func (c *composed) Delete(w *Wire, p ArgPack) error { return w.do("delete", c.delete, p) }
func (c *composed) Touch(w *Wire, p ArgPack) error  { return w.do("touch", c.touch, p) }

func (c *composed) Has(w *Wire, p ArgPack) (bool, error) {
	if c.has == nil {
		return false, w.unsupported("has")
	}
	return c.has(w, p)
}

func (c *composed) KeyMany(w *Wire, ps []ArgPack) ([]string, error) {
	if c.keyMany == nil {
		return nil, w.unsupported("key_many")
	}
	return c.keyMany(w, ps)
}

// values runs a bulk sub-function that returns values, if there is one.
func (w *Wire) values(action string, f func(*Wire, []ArgPack) ([]any, error), ps []ArgPack) ([]any, error) {
	if f == nil {
		return nil, w.unsupported(action)
	}
	return f(w, ps)
}

func (c *composed) ExecuteMany(w *Wire, ps []ArgPack) ([]any, error) {
	return w.values("execute_many", c.executeMany, ps)
}

func (c *composed) GetMany(w *Wire, ps []ArgPack) ([]any, error) {
	return w.values("get_many", c.getMany, ps)
}

func (c *composed) UpdateMany(w *Wire, ps []ArgPack) ([]any, error) {
	return w.values("update_many", c.updateMany, ps)
}

func (c *composed) GetOrUpdateMany(w *Wire, ps []ArgPack) ([]any, error) {
	return w.values("get_or_update_many", c.getOrUpdateMany, ps)
}

func (c *composed) SetMany(w *Wire, ps []ArgPack, values []any) error {
	if c.setMany == nil {
		return w.unsupported("set_many")
	}
	return c.setMany(w, ps, values)
}

// doMany runs a bulk sub-function that returns nothing, if there is one.
func (w *Wire) doMany(action string, f func(*Wire, []ArgPack) error, ps []ArgPack) error {
	if f == nil {
		return w.unsupported(action)
	}
	return f(w, ps)
}

func (c *composed) DeleteMany(w *Wire, ps []ArgPack) error {
	return w.doMany("delete_many", c.deleteMany, ps)
}

func (c *composed) TouchMany(w *Wire, ps []ArgPack) error {
	return w.doMany("touch_many", c.touchMany, ps)
}

func (c *composed) HasMany(w *Wire, ps []ArgPack) ([]bool, error) {
	if c.hasMany == nil {
		return nil, w.unsupported("has_many")
	}
	return c.hasMany(w, ps)
}

// SubFunctions are the additional ones.
func (c *composed) SubFunctions() map[string]SubFunction { return c.extra }
