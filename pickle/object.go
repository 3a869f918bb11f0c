package pickle

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// An object of a registered class is a container. It holds the class, how the object
// was made, the arguments for that, and then the names and values of its attributes,
// alternating and in the order in which BUILD set them. In a state without names,
// byPosition takes the place of a name.

// byPosition is a node that data cannot make.
var byPosition = node{kind: kindType, side: true}

// How an object was made.
const (
	formArguments uint64 = iota // from a tuple of arguments
	formName                    // a member of an enum, by its name
	formOr                      // a flag, from a tuple of two other flags
)

// objectHead is the number of items before the attributes.
const objectHead = 3

func (d *decoder) classOf(n node) *class { return d.classes.list[d.items(n)[0].payload] }

// newMember makes an object from a class and a tuple of arguments.
func (d *decoder) newMember(class, args node) (node, error) {
	return d.newContainer(kindObject, []node{class, {kind: kindInt, payload: formArguments}, args}), nil
}

// instantiate makes an object of any class without its state.
func (d *decoder) instantiate(class, args node) (node, error) {
	switch class.kind {
	case kindType:
		return d.newMember(class, args)
	case kindUnknown:
		return node{}, d.refuse(class)
	case kindClass:
	default:
		return node{}, d.errorf("an object of something that is not a class")
	}
	if len(d.items(args)) == 0 {
		switch class.class().call {
		case callUUID:
			return d.newContainer(kindUUID, nil), nil
		case callTzLocal, callTzUTC:
			return d.call(class, args)
		case callTzOffset:
			return d.newOffset(), nil
		case callTzInfo:
			return d.newOpaque(timeTypeInfo{}), nil
		}
	}
	return node{}, d.classError(class)
}

// newObject makes an object without state, as protocols from 2 on do.
func (d *decoder) newObject() error {
	class, args, err := d.popCall()
	if err != nil {
		return err
	}
	n, err := d.instantiate(class, args)
	if err == nil {
		d.push(n)
	}
	return err
}

// callNewObj is newObject as a call.
func (d *decoder) callNewObj(args []node) (node, error) {
	if len(args) == 0 {
		return d.errArguments("copyreg.__newobj__")
	}
	if err := d.spend(len(args)); err != nil {
		return node{}, err
	}
	return d.instantiate(args[0], d.newContainer(kindTuple, args[1:]))
}

// newObjectEx makes an object from a class, arguments and keyword arguments.
func (d *decoder) newObjectEx() error {
	at := len(d.stack) - 3
	if at < d.floor {
		return d.errUnderflow()
	}
	n, err := d.callNewObjEx(d.stack[at:])
	d.stack = d.stack[:at]
	if err == nil {
		d.push(n)
	}
	return err
}

func (d *decoder) callNewObjEx(args []node) (node, error) {
	if len(args) != 3 || args[1].kind != kindTuple || args[2].kind != kindDict {
		return d.errArguments("copyreg.__newobj_ex__")
	}
	switch args[0].kind {
	case kindType:
	case kindClass, kindUnknown:
		return node{}, d.refuse(args[0])
	default:
		return d.errArguments("copyreg.__newobj_ex__")
	}
	d.give(args[1])
	object, err := d.newMember(args[0], args[1])
	if err != nil {
		return node{}, err
	}
	return object, d.setAttributes(object, args[2])
}

// callReconstructor makes an object without state, for protocols 0 and 1. A subclass of
// a built-in class other than object has the value of that class.
func (d *decoder) callReconstructor(args []node) (node, error) {
	if len(args) != 3 {
		return d.errArguments("copyreg._reconstructor")
	}
	class, base, value := args[0], args[1], args[2]
	switch {
	case class.kind == kindUnknown:
		return node{}, d.refuse(class)
	case base.is(callObject) && value.kind == kindNone, base.is(callTzBase):
		return d.instantiate(class, d.newContainer(kindTuple, nil))
	case class.kind != kindType || base.kind != kindClass:
		return d.errArguments("copyreg._reconstructor")
	case base.class().name.Name == "tuple" && value.kind == kindTuple:
		d.give(value)
		return d.newMember(class, value)
	case value.kind == kindDict, value.kind == kindList:
		return node{}, errItems(d.classes.list[class.payload], base.class().name.Name)
	}
	return d.newMember(class, d.newContainer(kindTuple, []node{value}))
}

// instance makes an object of a class of Python 2 from everything down to the mark.
func (d *decoder) instance(module, name string) error {
	at, err := d.unmark()
	if err != nil {
		return err
	}
	return d.pushInstance(d.classNode(module, name), at, at)
}

// markedObject is instance with the class on the stack.
func (d *decoder) markedObject() error {
	at, err := d.unmark()
	if err != nil {
		return err
	}
	if at >= len(d.stack) {
		return d.errorf("an object without a class")
	}
	return d.pushInstance(d.stack[at], at, at+1)
}

func (d *decoder) pushInstance(class node, at, args int) error {
	n, err := d.instantiate(class, d.newContainer(kindTuple, d.stack[args:]))
	if err != nil {
		return err
	}
	d.stack = append(d.stack[:at], n)
	return nil
}

// build sets the state of an object.
func (d *decoder) build() error {
	state, err := d.pop()
	if err != nil {
		return err
	}
	object, err := d.top()
	if err != nil {
		return err
	}
	switch object.kind {
	case kindObject:
		return d.setState(*object, state)
	case kindUUID:
		return d.buildUUID(*object, state)
	case kindOrderedDict:
		return fmt.Errorf("pickle: byte %d: an OrderedDict with attributes, have Python delete those: %w", d.pos, errors.ErrUnsupported)
	case kindOpaque:
		return d.leaves[object.payload].value.(opaque).setState(d, state)
	case kindValue:
		if isZone(d.value(*object)) {
			return d.setZoneState(*object, state)
		}
	case kindClass, kindType, kindUnknown:
		return d.refuse(*object)
	}
	return d.errorf("BUILD on something that has no state")
}

// setState sets the attributes of the state of BUILD: a dict of them, a pair of such a
// dict and one of slots, or values in the order of the fields.
func (d *decoder) setState(object, state node) error {
	items := []node{}
	if state.kind == kindTuple {
		items = d.items(state)
	}
	isPart := func(n node) bool { return n.kind == kindNone || n.kind == kindDict }
	switch {
	case state.kind == kindNone:
		return nil
	case state.kind == kindDict:
		return d.setAttributes(object, state)
	case len(items) == 2 && isPart(items[0]) && isPart(items[1]):
		for _, part := range []node{items[0], items[1]} {
			if part.kind == kindNone {
				continue
			}
			if err := d.setAttributes(object, part); err != nil {
				return err
			}
		}
		return nil
	case state.kind == kindList || state.kind == kindTuple:
		values := d.give(state)
		if err := d.spend(len(values)); err != nil {
			return err
		}
		d.extend(object, []node{byPosition, d.newContainer(kindTuple, values)})
		return nil
	}
	return &TypeError{Value: d.describe(state), Type: d.classOf(object).elem, Reason: "the state of an object of " + d.classOf(object).label() + " is not a dict, a list or a tuple"}
}

// errItems is the error for an object that is a list, dict or set as well.
func errItems(c *class, base string) error {
	return &TypeError{
		Value: "an object of " + c.label(), Type: c.elem,
		Reason: fmt.Sprintf("it has items, as it is a %s: have Python store it as a %s", base, base),
	}
}

// setAttributes copies the attributes of a dict, as Python does; an entry that is added
// to the dict later does not belong to the object. In some classes, such as pydantic's
// models, the dict of the object is one attribute among others.
func (d *decoder) setAttributes(object, dict node) error {
	items := d.give(dict)
	if err := d.spend(len(items)); err != nil {
		return err
	}
	d.extend(object, items)
	for i := 0; i < len(items); i += 2 {
		key, value := d.raw(items[i]), items[i+1]
		if value.kind != kindDict || !d.isText(key) || string(d.bytes(key)) != "__dict__" {
			continue
		}
		attributes := d.give(value)
		if err := d.spend(len(attributes)); err != nil {
			return err
		}
		d.extend(object, attributes)
		return nil
	}
	return nil
}

func (d *decoder) buildUUID(object, state node) error {
	if state.kind != kindDict || len(d.items(object)) != 0 {
		return d.errorf("BUILD on something that has no state")
	}
	items := d.items(state)
	for i := 0; i < len(items); i += 2 {
		if key := d.raw(items[i]); d.isText(key) && string(d.bytes(key)) == "int" {
			number := d.raw(items[i+1])
			if !d.isUUID(number) {
				return d.errorf("a UUID that is not an int of 128 bits")
			}
			d.extend(object, []node{number})
			return nil
		}
	}
	return d.errorf("a UUID without its number")
}

// object returns an object as the type that is registered for its class.
func (d *decoder) object(n node) (any, error) {
	key := madeKey{n.payload, false}
	if v, ok := d.made[key]; ok {
		return v, nil
	}
	v, err := d.makeObject(n)
	if err == nil && d.containers[n.payload].shared {
		if d.made == nil {
			d.made = map[madeKey]any{}
		}
		d.made[key] = v
	}
	return v, err
}

func (d *decoder) makeObject(n node) (any, error) {
	t := d.classOf(n).typ
	if err := d.spendType(t); err != nil {
		return nil, err
	}
	v := reflect.New(t).Elem()
	if err := d.decode(codecOf(t), n, v); err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// spendType limits the memory of objects that are large in Go and short in the data.
func (d *decoder) spendType(t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	d.grown += int(t.Size())
	if d.grown > 256*len(d.data)+baseGrowth {
		return d.errorf("the objects take much more memory than the data: %v is too large a type", t)
	}
	return nil
}

// baseGrowth is the memory that the objects of the smallest data may take.
const baseGrowth = 1 << 20

// decodeObject stores an object in v. plain decodes the type otherwise.
func (d *decoder) decodeObject(plain func(*decoder, node, reflect.Value) error, n node, v reflect.Value) error {
	c, t := d.classOf(n), v.Type()
	if t != c.elem && (t.Kind() != reflect.Struct || d.classes.byType[t] != nil || isText(t)) {
		return d.typeError(n, t)
	}
	if t == c.elem && c.isEnum() {
		return d.decodeMember(plain, n, v)
	}
	a, err := attributesOf(t)
	if err != nil {
		return &TypeError{Value: d.describe(n), Type: t, Reason: err.Error()}
	}
	items := d.items(n)
	args, state := items[2], items[objectHead:]
	if given := len(d.items(args)); given > 0 {
		open := ""
		if t == c.elem {
			open = a.openField(d, state)
		}
		switch {
		case len(state) == 0, a.form == stateTuple, open != "" && given == len(a.fields):
			if err := a.decodePositions(d, args, v, "arguments"); err != nil {
				return err
			}
		case open != "":
			return &TypeError{
				Value: fmt.Sprintf("%s with %d arguments and a state", d.describe(n), given), Type: t,
				Reason: fmt.Sprintf("nothing tells whether the field %s is among them: tag it \"-\", or have Python give all attributes in the state", open),
			}
		}
	}
	// A list first: attributes with names override it.
	for i := 0; i < len(state); i += 2 {
		if state[i] == byPosition {
			if err := a.decodePositions(d, state[i+1], v, "values"); err != nil {
				return err
			}
		}
	}
	return a.decodeItems(d, state, v)
}

// decodePositions stores the items of a list or tuple in the fields, in their order.
func (a *attributes) decodePositions(d *decoder, n node, v reflect.Value, what string) error {
	items := d.items(n)
	if len(items) != len(a.fields) {
		return &TypeError{
			Value: fmt.Sprintf("%d %s", len(items), what), Type: v.Type(),
			Reason: fmt.Sprintf("the class gives its attributes by their order, and the struct has %d fields", len(a.fields)),
		}
	}
	for i, item := range items {
		f := &a.fields[i]
		if err := d.decode(f.codec, item, f.place(v)); err != nil {
			return inField(err, f.name)
		}
	}
	return nil
}

// openField returns the first field that a state leaves unset, or "".
func (a *attributes) openField(d *decoder, state []node) string {
	named := make([]bool, len(a.fields))
	for i := 0; i < len(state); i += 2 {
		if state[i] == byPosition { // these set all fields
			return ""
		}
		if key := d.raw(state[i]); d.isText(key) {
			if at, _ := a.find(d.bytes(key), len(a.fields)); at >= 0 {
				named[at] = true
			}
		}
	}
	if at := slices.Index(named, false); at >= 0 {
		return a.fields[at].name
	}
	return ""
}
