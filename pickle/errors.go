package pickle

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrSyntax is what every error about broken data wraps: cut off, with an unknown opcode,
// with arguments that make no sense, or nested too deeply.
var ErrSyntax = errors.New("pickle: invalid data")

// ClassError reports a class or function in the data that this package does not know and
// nobody has registered: the one that is meant, such as the class of an object and not the
// function of Python's that makes objects.
// Nothing of that name was looked up or run. It wraps errors.ErrUnsupported, as do the
// errors about persistent ids, extension codes and out-of-band buffers.
type ClassError struct {
	Module string // such as "posix"
	Name   string // such as "system"
}

func (e *ClassError) Error() string {
	if _, known := knownByName[*e]; known { // and cannot be registered
		return fmt.Sprintf("pickle: %s.%s is used in a way that is not plain data: have Python store an object of it as pickle.dumps does, or its name", e.Module, e.Name)
	}
	return fmt.Sprintf("pickle: %.100s.%.100s is not plain data: register a Go type for the class, or have Python store built-in types", e.Module, e.Name)
}

func (e *ClassError) Unwrap() error { return errors.ErrUnsupported }

// TypeError reports a value that does not fit a Go type, or a Go type that has no place in
// a pickle.
type TypeError struct {
	Value  string       // what was found, such as "int 300"; "" when the type itself is at fault
	Type   reflect.Type // the Go type it should have become, or that should have been encoded
	Field  string       // path of struct fields to it, such as "Home.Zip"; "" at top level
	Reason string       // why, and what to do about it

	cause error // of a method that the type has
}

// Unwrap returns the error of a MarshalText or UnmarshalText method, if it was one.
func (e *TypeError) Unwrap() error { return e.cause }

func (e *TypeError) Error() string {
	text := "pickle: "
	if e.Field != "" {
		text += "field " + e.Field + ": "
	}
	if e.Value != "" {
		text += e.Value + " as "
	}
	name := "nil"
	if e.Type != nil {
		name = e.Type.String()
	}
	return text + name + ": " + e.Reason
}

// inField adds the name of a field around an error on its way up.
func inField(err error, name string) error {
	te, ok := err.(*TypeError)
	if !ok {
		return err
	}
	const longEnough = 200
	outer := *te
	switch {
	case te.Field == "":
		outer.Field = name
	case len(te.Field) < longEnough:
		outer.Field = name + "." + te.Field
	}
	return &outer
}
