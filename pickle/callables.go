package pickle

import "strings"

// callable is a class or function that is known by name. The decoder never runs it, but
// makes the Go value of its result.
type callable uint8

const (
	callRefused callable = iota // known, so it can be passed on, but calling it is refused
	callEncode
	callBytes
	callByteArray
	callSet
	callFrozenSet
	callComplex
	callObject
	callReconstructor
	callNewObj
	callNewObjEx
	callGetattr
	callOr
	callGetitem
	callDatetime
	callDate
	callTime
	callTimedelta
	callTimezone
	callZone
	callPytz
	callPytzUTC
	callPytzOffset
	callTzUTC
	callTzOffset
	callTzLocal
	callTzFile
	callTzUnpickle
	callTzInfo
	callTzBase
	callDecimal
	callFraction
	callUUID
	callSafeUUID
	callOrderedDict
	callCounter
	callDefaultDict
	callDeque
	callRange
	callPosixPath
	callWindowsPath
	callDtype
	callScalar
)

// knownClass is a name in the data and what it stands for.
type knownClass struct {
	name ClassError
	call callable
}

// knownClasses lists every known name. Protocols 0 to 2 use the modules of Python 2.
var knownClasses, knownByName = listKnown()

func listKnown() (all []knownClass, byName map[ClassError]int) {
	byName = map[ClassError]int{}
	add := func(call callable, name string, modules ...string) {
		for _, module := range modules {
			byName[ClassError{module, name}] = len(all)
			all = append(all, knownClass{ClassError{module, name}, call})
		}
	}
	builtin := func(call callable, names ...string) {
		for _, name := range names {
			add(call, name, "builtins", "__builtin__")
		}
	}
	builtin(callBytes, "bytes")
	builtin(callByteArray, "bytearray")
	builtin(callSet, "set")
	builtin(callFrozenSet, "frozenset")
	builtin(callComplex, "complex")
	builtin(callObject, "object")
	builtin(callGetattr, "getattr")
	builtin(callRange, "range", "xrange")
	builtin(callRefused, "list", "dict", "tuple", "int", "float", "str", "bool", "unicode", "long")
	add(callEncode, "encode", "_codecs")
	add(callReconstructor, "_reconstructor", "copyreg", "copy_reg")
	add(callNewObj, "__newobj__", "copyreg", "copy_reg")
	add(callNewObjEx, "__newobj_ex__", "copyreg", "copy_reg")
	add(callOr, "or_", "_operator", "operator")
	add(callGetitem, "getitem", "_operator", "operator")
	add(callDatetime, "datetime", "datetime")
	add(callDate, "date", "datetime")
	add(callTime, "time", "datetime")
	add(callTimedelta, "timedelta", "datetime")
	add(callTimezone, "timezone", "datetime")
	add(callRefused, "ZoneInfo", "zoneinfo")
	addZones(add)
	add(callDecimal, "Decimal", "decimal", "_decimal", "_pydecimal")
	add(callFraction, "Fraction", "fractions")
	add(callUUID, "UUID", "uuid")
	add(callSafeUUID, "SafeUUID", "uuid")
	add(callOrderedDict, "OrderedDict", "collections")
	add(callCounter, "Counter", "collections")
	add(callDefaultDict, "defaultdict", "collections")
	add(callDeque, "deque", "collections")
	for _, name := range []string{"PurePosixPath", "PosixPath", "PurePath", "Path"} {
		add(callPosixPath, name, "pathlib", "pathlib._local")
	}
	for _, name := range []string{"PureWindowsPath", "WindowsPath"} {
		add(callWindowsPath, name, "pathlib", "pathlib._local")
	}
	add(callDtype, "dtype", "numpy")
	add(callScalar, "scalar", "numpy.core.multiarray", "numpy._core.multiarray")
	return all, byName
}

// addZones adds the timezones that are not a datetime.timezone.
func addZones(add func(call callable, name string, modules ...string)) {
	add(callZone, "ZoneInfo._unpickle", "zoneinfo")
	add(callPytz, "_p", "pytz")
	add(callPytzUTC, "_UTC", "pytz")
	add(callPytzOffset, "FixedOffset", "pytz")
	const dateutil = "dateutil.tz.tz"
	add(callTzUTC, "tzutc", dateutil, "dateutil.tz")
	add(callTzOffset, "tzoffset", dateutil, "dateutil.tz")
	add(callTzLocal, "tzlocal", dateutil, "dateutil.tz")
	add(callTzFile, "tzfile", dateutil, "dateutil.tz", "dateutil.tz._tzfile")
	add(callTzUnpickle, "_unpickle", "dateutil.tz._tzfile")
	add(callTzInfo, "_ttinfo", dateutil, "dateutil.tz")
	add(callTzBase, "tzinfo", "datetime")
}

// modernModules are the modules with another name in Python 2.
var modernModules = map[string]string{"__builtin__": "builtins", "exceptions": "builtins", "copy_reg": "copyreg"}

// class returns what a node of kindClass stands for.
func (n node) class() *knownClass { return &knownClasses[n.payload] }

func (n node) is(c callable) bool { return n.kind == kindClass && n.class().call == c }

// classError is the error for a use of an unknown class, by its name.
func (d *decoder) classError(n node) error {
	found := ClassError{}
	switch n.kind {
	case kindClass:
		found = n.class().name
	case kindType:
		found = d.classes.list[n.payload].name
	case kindUnknown:
		found = d.unknown[n.payload].name
	case kindOpaque:
		found = d.leaves[n.payload].value.(opaque).name()
	}
	if module, ok := modernModules[found.Module]; ok {
		found.Module = module
	}
	return &found
}

// unknownClass is a name without a known meaning. It may still lead to a known class:
// protocols below 4 look up a nested class in the outer one.
type unknownClass struct {
	name  ClassError
	outer int  // 1 + the place of the class in which it was looked up
	met   bool // it led to a known class, or to the class that it stands for
}

// meant maps functions that make objects to the classes of these objects.
var meant = map[ClassError]ClassError{
	{"numpy.core.numeric", "_frombuffer"}:                     {"numpy", "ndarray"},
	{"numpy._core.numeric", "_frombuffer"}:                    {"numpy", "ndarray"},
	{"pandas._libs.tslibs.timestamps", "_unpickle_timestamp"}: {"pandas", "Timestamp"},
	{"pandas._libs.tslibs.nattype", "_nat_unpickle"}:          {"pandas", "NaT"},
	{"django.db.models.base", "model_unpickle"}:               {"django.db.models", "Model"},
	{"django.utils.functional", "_lazy_proxy_unpickle"}:       {"django.utils.functional", "lazy"},
	{"cloudpickle.cloudpickle", "_make_skeleton_class"}:       {"cloudpickle", "class"},
	{"cloudpickle.cloudpickle", "_make_function"}:             {"cloudpickle", "function"},
}

func (d *decoder) global(module, name string) error {
	d.push(d.classNode(module, name))
	return nil
}

// classNode returns the node for a name.
func (d *decoder) classNode(module, name string) node {
	if at, ok := knownByName[ClassError{module, name}]; ok {
		return node{kind: kindClass, payload: uint64(at)}
	}
	if c := d.classes.find(module, name); c != nil {
		return node{kind: kindType, payload: uint64(c.id)}
	}
	if modern, ok := modernModules[module]; ok {
		return d.classNode(modern, name)
	}
	d.unknown = append(d.unknown, unknownClass{name: ClassError{module, name}})
	return node{kind: kindUnknown, payload: uint64(len(d.unknown) - 1)}
}

// unmet returns the error for the first unknown class in the data, or nil. A class that
// is named and never used is unknown as well: Python would import its module.
func (d *decoder) unmet() error {
	for i, u := range d.unknown {
		// A name that was looked up in a class, and is not used as a class, is a member
		// of that class.
		if !u.met && u.outer == 0 {
			return d.classError(node{kind: kindUnknown, payload: uint64(i)})
		}
	}
	return nil
}

// refuse returns the error for the use of an unknown class. If the class was looked up
// in another one, the error does not name that one.
func (d *decoder) refuse(n node) error {
	if n.kind == kindUnknown {
		u := &d.unknown[n.payload]
		for outer := u.outer; outer > 0; outer = d.unknown[outer-1].outer {
			d.unknown[outer-1].met = true
		}
		u.outer = 0
	}
	return d.classError(n)
}

func (d *decoder) stackGlobal() error {
	name, err := d.popName()
	if err != nil {
		return err
	}
	module, err := d.popName()
	if err != nil {
		return err
	}
	return d.global(module, name)
}

// popName takes the text of a name off the stack.
func (d *decoder) popName() (string, error) {
	n, err := d.pop()
	if err != nil {
		return "", err
	}
	name, ok := d.name(n)
	if !ok {
		return "", d.errorf("the name of a class is not a str of at most %d bytes", maxName)
	}
	return name, nil
}

// maxName is the longest name of a class or attribute that is copied.
const maxName = 1000

// name returns the text of a short str.
func (d *decoder) name(n node) (string, bool) {
	n = d.raw(n)
	if !d.isText(n) || n.len > maxName {
		return "", false
	}
	return string(d.bytes(n)), true
}

// isText reports whether a leaf is text: a str, or a str of Python 2 that is ASCII.
func (d *decoder) isText(n node) bool {
	switch n.kind {
	case kindStr:
		return true
	case kindOldStr:
		for _, c := range d.bytes(n) {
			if c >= 0x80 {
				return false
			}
		}
		return true
	}
	return false
}

// popCall takes a tuple of arguments and the class below it off the stack.
func (d *decoder) popCall() (class, args node, err error) {
	if args, err = d.pop(); err != nil {
		return class, args, err
	}
	if class, err = d.pop(); err != nil {
		return class, args, err
	}
	switch class.kind {
	case kindClass, kindType, kindUnknown:
	default:
		return class, args, d.errorf("a call of something that is not a class")
	}
	if args.kind != kindTuple {
		return class, args, d.errorf("a call without a tuple of arguments")
	}
	d.give(args)
	return class, args, nil
}

func (d *decoder) reduce() error {
	class, args, err := d.popCall()
	if err != nil {
		return err
	}
	var n node
	switch class.kind {
	case kindType:
		n, err = d.newMember(class, args)
	case kindUnknown:
		err = d.unknownCall(class, args)
	default:
		n, err = d.call(class, args)
	}
	if err == nil {
		d.push(n)
	}
	return err
}

// unknownCall returns the error for calling something unknown. Private helpers such as
// numpy's _reconstruct have the actual class as their first argument.
func (d *decoder) unknownCall(class, args node) error {
	u := &d.unknown[class.payload]
	if name, ok := meant[u.name]; ok {
		u.name = name
		return d.refuse(class)
	}
	if items := d.items(args); len(items) > 0 && items[0].kind == kindUnknown && strings.HasPrefix(u.name.Name, "_") {
		u.met = true
		return d.refuse(items[0])
	}
	return d.refuse(class)
}

// getattr looks up a name in a class: a nested class, a known method, or a member of an
// enum.
func (d *decoder) getattr(args []node) (node, error) {
	if len(args) != 2 {
		return d.errArguments("getattr")
	}
	attribute, ok := d.name(args[1])
	if !ok {
		return d.errArguments("getattr")
	}
	class := args[0]
	switch class.kind {
	case kindClass:
		if class.is(callSafeUUID) {
			return d.newOpaque(safeUUID{}), nil
		}
		name := class.class().name
		return d.classNode(name.Module, name.Name+"."+attribute), nil
	case kindUnknown:
		u := &d.unknown[class.payload]
		if len(u.name.Name)+len(attribute) > maxName {
			return node{}, d.errorf("the name of a class is longer than %d bytes", maxName)
		}
		n := d.classNode(u.name.Module, u.name.Name+"."+attribute)
		if n.kind == kindUnknown {
			d.unknown[n.payload].outer = int(class.payload) + 1
		} else {
			d.unknown[class.payload].met = true
		}
		return n, nil
	case kindType:
		name := d.classes.list[class.payload].name
		if nested := d.classes.find(name.Module, name.Name+"."+attribute); nested != nil {
			return node{kind: kindType, payload: uint64(nested.id)}, nil
		}
		if d.classes.list[class.payload].isEnum() {
			return d.newContainer(kindObject, []node{class, {kind: kindInt, payload: formName}, args[1]}), nil
		}
		return node{}, &ClassError{name.Module, name.Name + "." + attribute}
	}
	return node{}, &ClassError{"builtins", "getattr"}
}
