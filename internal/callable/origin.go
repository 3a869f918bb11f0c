package callable

import (
	"fmt"
	"reflect"
	"strings"
)

// origin says what kind of function it is, which decides about its name.
type origin uint8

const (
	declared    origin = iota // a function or a method expression
	literal                   // with captured variables
	MethodValue               // x.M, or the result of Func of a bound wire
	instance                  // of a generic function
	localMethod               // of a type declared within a function
	reflected                 // made by reflect.MakeFunc
)

// HasOwnCode reports whether the address of its code tells a function from all others but
// closures of the same text. It does not for what ropes and reflection have made.
func HasOwnCode(fn reflect.Value) bool {
	_, made := Decorated.find(fn)
	return !made && Identify(fn).Origin != reflected
}

// Nameless says why the name of a function may belong to others as well, and what to do
// about it on a storage that others reach.
func (id Identity) Nameless() error {
	const give = ": give it a KeyPrefix, or a name with ring.Name"
	var why string
	switch id.Origin {
	case MethodValue:
		why = "it is a method value, and its receiver is not in the key, whatever the KeyPrefix or the name, " +
			"so that two receivers get each other's results: " + id.BindRemedy()
	case instance:
		why = "it is an instance of a generic function, and all instances have this name" + give + ", that tells the type arguments"
	case localMethod:
		why = "its type is declared within a function, and another function can have a type of that name" + give
	case reflected:
		why = "it was made by reflection, as others are" + give
	default:
		why = "it is a function literal, and this code gives all that it makes one name, whatever they have captured" +
			give + ", that is different where the results are"
	}
	return fmt.Errorf("the storage is shared, and the name %q does not identify the function: %s", id.Name, why)
}

// BindRemedy says what to use instead of a method value.
func (id Identity) BindRemedy() string {
	expression := "(*T).M"
	if local, ok := strings.CutSuffix(id.Short, "-fm"); ok {
		expression = local
	}
	method := expression[strings.LastIndexByte(expression, '.')+1:]
	return fmt.Sprintf("wrap the method expression, ring.Wrap(%s, …).Bind(x), and give the type a method RingKey() string that tells apart the receivers whose results differ; "+
		"or make a rope for each instance, in its constructor, with an Lru or a Dict of its own: ring.Wrap(x.%s, ring.Lru{})", expression, method)
}
