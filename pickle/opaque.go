package pickle

// opaque is a value that only other values use.
type opaque interface {
	name() ClassError
	setState(d *decoder, state node) error
}

func (d *decoder) newOpaque(o opaque) node {
	d.leaves = append(d.leaves, leaf{raw: node{kind: kindOpaque}, value: o})
	return node{kind: kindOpaque, payload: uint64(len(d.leaves) - 1)}
}

// stateless is an opaque value whose state is ignored.
type stateless struct{}

func (stateless) setState(*decoder, node) error { return nil }

// genericAlias is a generic class with types, Gen[int], which is an attribute of its
// objects.
type genericAlias struct {
	stateless
	class ClassError
}

func (a genericAlias) name() ClassError { return a.class }

func (d *decoder) callGetitem(args []node) (node, error) {
	if len(args) != 2 {
		return d.errArguments("operator.getitem")
	}
	switch class := args[0]; class.kind {
	case kindUnknown:
		return node{}, d.refuse(class)
	case kindType:
		return d.newOpaque(genericAlias{class: d.classes.list[class.payload].name}), nil
	}
	return node{}, &ClassError{"operator", "getitem"}
}

// safeUUID says whether a UUID is safely unique; it is dropped.
type safeUUID struct{ stateless }

func (safeUUID) name() ClassError { return ClassError{"uuid", "SafeUUID"} }

// tzinfo is the base of all timezones.
type tzinfo struct{ stateless }

func (tzinfo) name() ClassError { return ClassError{"datetime", "tzinfo"} }

// timeTypeInfo is part of a timezone of dateutil.
type timeTypeInfo struct{ stateless }

func (timeTypeInfo) name() ClassError { return ClassError{"dateutil.tz.tz", "_ttinfo"} }
