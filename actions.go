package ring

import (
	"strings"

	"github.com/ring-go/ring/internal/fault"
)

// action is a sub-function that every rope has, for one call and for several, as Run does
// it.
type action struct {
	name          string // Python's; with manySuffix that of the one for several calls
	one, many     func(w *Wire, args ...any) (any, error)
	returnsResult bool // one returns what the function does
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

// answering is a method for the table whose answer has a type of its own.
func answering[T any](method func(*Wire, ...any) (T, error)) func(*Wire, ...any) (any, error) {
	return func(w *Wire, args ...any) (any, error) { return method(w, args...) }
}

// silent is a method for the table that has no answer.
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

// findAction returns the sub-function of that name, also by the name of its form for
// several calls; nil: there is none.
func findAction(name string) (a *action, isMany bool) {
	name, isMany = strings.CutSuffix(name, manySuffix)
	for i := range actions {
		if actions[i].name == name {
			return &actions[i], isMany
		}
	}
	return nil, false
}

// findSingle is findAction for those that can be the default action.
func findSingle(name string) *action {
	if a, isMany := findAction(name); !isMany {
		return a
	}
	return nil
}

// actionNames are those of the sub-functions for one call.
func actionNames() []string {
	names := make([]string, len(actions))
	for i := range actions {
		names[i] = actions[i].name
	}
	return names
}
