package pickle

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Registry knows the Go types of Python classes. It is safe for concurrent use. The zero
// value knows none; a nil *Registry is the default registry, which the function Register
// fills. Register affects the calls that begin after it.
type Registry struct {
	mu    sync.Mutex
	table atomic.Pointer[classes]
}

// NewRegistry returns a registry without classes: it does not contain those of the
// default registry.
func NewRegistry() *Registry { return new(Registry) }

// defaultRegistry is the registry of the functions Register, Marshal and Unmarshal.
var defaultRegistry Registry

// Register is [Registry.Register] of the default registry. Marshal and Unmarshal use it,
// and with them packages shelve and diskcache, ring's storages on disk and its coder
// "pickle".
//
//	func init() {
//		err := pickle.Register("app.models.Point", Point{})
//		...
//	}
func Register(class string, value any) error { return defaultRegistry.Register(class, value) }

// Register makes the objects of a Python class values of a Go type, and back. class is
// its full name, "app.models.Point"; a class within a class has a colon after the
// module, "app.models:Shape.Point". value gives the type and is not kept:
//
//   - A struct: objects are decoded into it attribute by attribute. With Point{}, an empty
//     interface gets Points, which can be keys if Go can compare them. With &Point{} it gets
//     *Points, which can contain themselves. Marshal writes both as objects of the class.
//   - A value of your own string, number or bool type, such as Color(0): members of an enum
//     by their values.
//   - A map from names to values, map[string]Color{"RED": Red}: members of an enum by their
//     names.
//
// The package documentation says how attributes and members are found. Several classes
// may have the same type; Marshal then writes the first one registered. A class that is
// registered again has the new type from then on. Register returns an error for an
// unnamed type, for a type with its own meaning such as time.Time, for an invalid name,
// and for a name that the package itself knows.
func (r *Registry) Register(class string, value any) error {
	c, err := newClass(class, value)
	if err != nil {
		return fmt.Errorf("pickle: register %q: %w", class, err)
	}
	r.orDefault().add(c)
	return nil
}

// Marshal is the function Marshal with the classes of r.
func (r *Registry) Marshal(v any, protocol int) ([]byte, error) {
	protocol, err := writable(protocol)
	if err != nil {
		return nil, err
	}
	return marshal(r.orDefault().table.Load(), protocol, func(e *encoder) error { return e.value(v) })
}

// Unmarshal is the function Unmarshal with the classes of r.
func (r *Registry) Unmarshal(data []byte, v any) error {
	return unmarshal(r.orDefault().table.Load(), data, v)
}

func (r *Registry) orDefault() *Registry {
	if r == nil {
		return &defaultRegistry
	}
	return r
}

// classes are the classes of a registry at one moment. It does not change; a nil
// *classes has none.
type classes struct {
	list   []*class
	byName map[ClassError]*class
	byType map[reflect.Type]*class // by class.elem; the first that has the type
}

// class is a registered class.
type class struct {
	id   int        // its place in classes.list
	name ClassError // the module and the name within it
	typ  reflect.Type
	elem reflect.Type // typ, or what it points to

	members map[string]reflect.Value // of an enum, by name
	names   map[any]string           // the first name of each value
}

func (c *class) label() string { return c.name.Module + "." + c.name.Name }

// isEnum reports whether the class has members rather than attributes.
func (c *class) isEnum() bool { return c.members != nil || c.elem.Kind() != reflect.Struct }

// find returns the class with that name, or nil. It does not matter where the module
// ends.
func (c *classes) find(module, name string) *class {
	if c == nil {
		return nil
	}
	return c.byName[fullName(module, name)]
}

// fullName is a name with everything but its last part as the module.
func fullName(module, name string) ClassError {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return ClassError{module, name}
	}
	return ClassError{module + "." + name[:at], name[at+1:]}
}

// add publishes a table with c in it, in place of the class that had its name.
func (r *Registry) add(c *class) {
	r.mu.Lock()
	defer r.mu.Unlock()
	table := &classes{byName: map[ClassError]*class{}, byType: map[reflect.Type]*class{}}
	old := r.table.Load()
	if old != nil {
		table.list = slices.Clone(old.list)
	}
	if known := old.find(c.name.Module, c.name.Name); known != nil {
		c.id = known.id
		table.list[c.id] = c
	} else {
		c.id = len(table.list)
		table.list = append(table.list, c)
	}
	for _, c := range table.list {
		table.byName[fullName(c.name.Module, c.name.Name)] = c
		if table.byType[c.elem] == nil {
			table.byType[c.elem] = c
		}
	}
	registeredFlag(c.elem).Store(true)
	r.table.Store(table)
}

// newClass checks the arguments of Register.
func newClass(name string, value any) (*class, error) {
	module, within, err := splitName(name)
	if err != nil {
		return nil, err
	}
	if _, known := knownByName[ClassError{module, within}]; known {
		return nil, errors.New("the package decodes that class by itself")
	}
	c := &class{name: ClassError{module, within}, typ: reflect.TypeOf(value)}
	if c.typ == nil {
		return nil, errors.New("there is no type: give a value of it, such as Point{}")
	}
	if c.typ.Kind() == reflect.Map && c.typ.Name() == "" && c.typ.Key() == stringType {
		if err := c.setMembers(reflect.ValueOf(value)); err != nil {
			return nil, err
		}
	}
	c.elem = c.typ
	if c.typ.Kind() == reflect.Pointer {
		c.elem = c.typ.Elem()
	}
	return c, c.check()
}

// setMembers takes the names and values of an enum.
func (c *class) setMembers(members reflect.Value) error {
	c.typ = c.typ.Elem()
	if members.Len() == 0 {
		return errors.New("the map of members is empty")
	}
	if !c.typ.Comparable() || c.typ.Kind() == reflect.Interface || c.typ.Kind() == reflect.Pointer {
		return fmt.Errorf("members cannot be %v: use a string, a number or a struct that can be compared", c.typ)
	}
	c.members, c.names = map[string]reflect.Value{}, map[any]string{}
	keys := members.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !isName(key.String()) {
			return fmt.Errorf("%q is not the name of a member", key.String())
		}
		member := members.MapIndex(key)
		if member.Kind() == reflect.Struct && !member.Comparable() {
			return fmt.Errorf("member %s cannot be compared", key.String())
		}
		c.members[key.String()] = member
		if _, ok := c.names[member.Interface()]; !ok {
			c.names[member.Interface()] = key.String()
		}
	}
	return nil
}

// check refuses types that cannot represent objects.
func (c *class) check() error {
	if c.elem.Name() == "" || c.elem.PkgPath() == "" {
		return fmt.Errorf("%v has no name of its own: declare a type", c.typ)
	}
	if isKnown(c.elem) || isKnown(reflect.PointerTo(c.elem)) {
		return fmt.Errorf("%v stands for another class: declare a type of your own", c.elem)
	}
	switch k := c.elem.Kind(); {
	case k == reflect.Struct:
		_, err := attributesOf(c.elem)
		return err
	case c.typ != c.elem:
		return fmt.Errorf("%v is a pointer to a %v: register the %v itself", c.typ, k, k)
	case k == reflect.String, k == reflect.Bool, reflect.Int <= k && k <= reflect.Float64 && k != reflect.Uintptr:
		return nil
	}
	return fmt.Errorf("objects cannot become a %v: use a struct, or a string or number for an enum", c.elem.Kind())
}

// splitName takes "module.Class" or "module:Outer.Class" apart.
func splitName(name string) (module, within string, err error) {
	at := strings.IndexByte(name, ':')
	if at < 0 {
		at = strings.LastIndexByte(name, '.')
	}
	if at < 0 || len(name) > maxName {
		return "", "", errors.New(`give the full name of the class, such as "app.models.Point"`)
	}
	module, within = name[:at], name[at+1:]
	for _, part := range append(strings.Split(module, "."), strings.Split(within, ".")...) {
		if !isName(part) {
			return "", "", fmt.Errorf(`%q is not a name of Python: give the full name of the class, such as "app.models.Point"`, part)
		}
	}
	return module, within, nil
}

// isName reports whether Python could have used that name.
func isName(s string) bool {
	return s != "" && validText([]byte(s)) && !strings.ContainsAny(s, " \t\r\n\x00.:()[]{}'\",/\\") && (s[0] < '0' || s[0] > '9')
}

// registered holds for every type that was asked for whether any registry has it, so
// that all other types are written without looking into a registry.
var registered sync.Map // reflect.Type → *atomic.Bool

func registeredFlag(t reflect.Type) *atomic.Bool {
	if flag, ok := registered.Load(t); ok {
		return flag.(*atomic.Bool)
	}
	flag, _ := registered.LoadOrStore(t, new(atomic.Bool))
	return flag.(*atomic.Bool)
}

// compileRegistered lets values of a named type be objects of a class.
func compileRegistered(c *codec) {
	t := c.typ
	if t.Name() == "" && t.Kind() != reflect.Struct {
		return
	}
	decode := c.decode
	c.decode = func(d *decoder, n node, v reflect.Value) error {
		if n.kind == kindObject {
			return d.decodeObject(decode, n, v)
		}
		return decode(d, n, v)
	}
	if t.Name() == "" || t.PkgPath() == "" {
		return
	}
	encode, encodeKey, flag := c.encode, c.encodeKey, registeredFlag(t)
	withClass := func(encode func(*encoder, reflect.Value) error) func(*encoder, reflect.Value) error {
		return func(e *encoder, v reflect.Value) error {
			if flag.Load() && e.classes != nil {
				if class := e.classes.byType[t]; class != nil {
					return class.encode(e, v)
				}
			}
			return encode(e, v)
		}
	}
	c.encode, c.encodeKey = withClass(encode), withClass(encodeKey)
}
