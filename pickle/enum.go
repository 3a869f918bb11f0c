package pickle

import (
	"encoding"
	"fmt"
	"reflect"
)

// Members of an enum: objects of a class whose Go type is not a struct, or that has
// names.

// decodeMember stores a member of an enum.
func (d *decoder) decodeMember(plain func(*decoder, node, reflect.Value) error, n node, v reflect.Value) error {
	items := d.items(n)
	c, form, arg := d.classOf(n), items[1].payload, items[2]
	switch form {
	case formName:
		return d.decodeName(c, arg, v)
	case formOr:
		return d.decodeOr(plain, n, v)
	}
	args := d.items(arg)
	if len(args) != 1 {
		return &TypeError{Value: fmt.Sprintf("%d arguments", len(args)), Type: c.elem, Reason: "a member of " + c.label() + " has one value"}
	}
	if c.elem.Kind() == reflect.Struct {
		return &TypeError{Value: d.describe(n), Type: c.elem, Reason: "it is given by its value, and only names are registered"}
	}
	return plain(d, args[0], v)
}

// decodeName stores a member that is given by its name.
func (d *decoder) decodeName(c *class, n node, v reflect.Value) error {
	name, ok := d.name(n)
	if !ok {
		return d.errorf("the name of a member is not a short str")
	}
	if member, ok := c.members[name]; ok {
		v.Set(member)
		return nil
	}
	reason := fmt.Sprintf("%s has no member of that name: it is not in the map that is registered", c.label())
	if c.members == nil {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if err := unmarshalText(u, []byte(name)); err != nil {
				return &TypeError{Value: "member " + name, Type: c.elem, Reason: "UnmarshalText: " + err.Error(), cause: err}
			}
			return nil
		}
		if c.elem.Kind() == reflect.String {
			v.SetString(name)
			return nil
		}
		reason = fmt.Sprintf("a member of %s is given by its name: register a map from the names to values, or give the type UnmarshalText", c.label())
	}
	return &TypeError{Value: "member " + name, Type: c.elem, Reason: reason}
}

// callOr joins two flags, or a flag and an int.
func (d *decoder) callOr(args node) (node, error) {
	items := d.items(args)
	if len(items) != 2 {
		return d.errArguments("operator.or_")
	}
	for _, item := range items {
		if item.kind == kindObject {
			if c := d.classOf(item); !c.isFlag() {
				return node{}, &TypeError{Value: "flags of " + c.label(), Type: c.elem, Reason: "only whole numbers can be joined"}
			}
			return d.newContainer(kindObject, []node{d.items(item)[0], {kind: kindInt, payload: formOr}, args}), nil
		}
	}
	return node{}, &ClassError{"operator", "or_"}
}

// isFlag reports whether the values are whole numbers.
func (c *class) isFlag() bool { return reflect.Int <= c.elem.Kind() && c.elem.Kind() <= reflect.Uint64 }

// decodeOr stores the bits of both parts. It computes a combined part only once,
// however often it is used.
func (d *decoder) decodeOr(plain func(*decoder, node, reflect.Value) error, n node, v reflect.Value) error {
	sum := reflect.New(v.Type()).Elem()
	for _, item := range d.items(d.items(n)[2]) {
		part := reflect.New(v.Type()).Elem()
		var err error
		if item.kind == kindObject {
			err = d.decode(codecOf(v.Type()), item, part)
		} else {
			err = plain(d, item, part)
		}
		if err != nil {
			return err
		}
		if sum.CanInt() {
			sum.SetInt(sum.Int() | part.Int())
		} else {
			sum.SetUint(sum.Uint() | part.Uint())
		}
	}
	v.Set(sum)
	return nil
}

// member identifies a member for onceOf.
type member struct {
	class *class
	value any
}

// encodeMember writes a member of an enum, of which Python has only one object.
func (c *class) encodeMember(e *encoder, v reflect.Value) error {
	if !v.Comparable() { // as no registered member is
		return c.errMember(v)
	}
	return e.onceOf(member{c, v.Interface()}, func() error { return c.freshMember(e, v) })
}

// freshMember writes a member by its name if it has one, else by its value.
func (c *class) freshMember(e *encoder, v reflect.Value) error {
	if name, ok := c.names[v.Interface()]; ok {
		e.global(globalGetattr)
		e.class(c)
		if err := e.attribute(name); err != nil {
			return err
		}
		e.buf = append(e.buf, opTuple2, opReduce)
		return nil
	}
	if c.elem.Kind() == reflect.Struct || c.elem.Kind() == reflect.String && c.members != nil {
		return c.errMember(v)
	}
	e.class(c)
	if err := e.scalar(v); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple1, opReduce)
	return nil
}

func (c *class) errMember(v reflect.Value) error {
	return &TypeError{Value: brief(v), Type: c.elem, Reason: "it is not one of the members that are registered for " + c.label()}
}

// scalar writes a value by its kind.
func (e *encoder) scalar(v reflect.Value) error {
	switch k := v.Kind(); {
	case k == reflect.Bool:
		e.bool(v.Bool())
	case k == reflect.String:
		return e.str(v.String())
	case v.CanInt():
		e.int(v.Int())
	case v.CanUint():
		return e.uint(v.Uint())
	default:
		e.float(v.Float())
	}
	return nil
}

// hasMember reports whether there is an object among the keys.
func hasMember(items []node, step int) bool {
	for i := 0; i < len(items); i += step {
		if items[i].kind == kindObject {
			return true
		}
	}
	return false
}

// checkMembers refuses keys of a dict or set that are one key in a Dict but not in
// Python: a member of an Enum and its bare value, or two objects with equal attributes.
// Every step-th item is a key.
func (d *decoder) checkMembers(items []node, step int) error {
	type found struct {
		typ reflect.Type
		n   node
	}
	known := map[any]found{}
	for i := 0; i < len(items); i += step {
		key, err := d.natural(items[i])
		if err != nil {
			return err
		}
		form, err := d.form(items[i], key)
		if err != nil {
			return err
		}
		t := reflect.TypeOf(key)
		if other, ok := known[form]; ok && other.typ != t {
			return &TypeError{
				Value: fmt.Sprintf("a key %s of type %v and one of type %v", brief(key), other.typ, t), Type: dictType,
				Reason: "they are one key in it: decode into a map",
			}
		} else if ok && d.differ(items[i], other.n) {
			return d.errEqual(items[i])
		}
		known[form] = found{t, items[i]}
	}
	return nil
}

// checkObjects is checkMembers for the keys of a Go map.
func (d *decoder) checkObjects(key *codec, items []node, step int) error {
	known := map[any]node{}
	for i := 0; i < len(items); i += step {
		n := items[i]
		if n.kind != kindObject {
			continue
		}
		k := reflect.New(key.typ).Elem()
		if err := d.decode(key, n, k); err != nil {
			return err
		}
		if other, ok := known[k.Interface()]; ok && d.differ(n, other) {
			return d.errEqual(n)
		}
		known[k.Interface()] = n
	}
	return nil
}

// differ reports whether two keys that are equal in Go are different in Python, which
// otherwise would not have both. An enum has only one object for each member.
func (d *decoder) differ(a, b node) bool {
	return a.kind == kindObject && b.kind == kindObject && a.payload != b.payload && !d.classOf(a).isEnum()
}

func (d *decoder) errEqual(n node) error {
	return &TypeError{
		Value: "two keys that are objects of " + d.classOf(n).label(), Type: d.classOf(n).elem,
		Reason: "they have equal attributes and are one key in Go: give the class __eq__ and __hash__ in Python, or the struct what tells them apart",
	}
}

// brief shows a value in an error.
func brief(v any) string {
	text := fmt.Sprint(v)
	if len(text) > 100 {
		text = text[:100] + "..."
	}
	return text
}
