package pickle

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrSyntax is wrapped by every error about broken data: truncated, with an unknown
// opcode, with impossible arguments, or nested too deeply.
var ErrSyntax = errors.New("pickle: invalid data")

// ClassError reports a class or function in the data that this package does not know and
// nobody has registered. It names the actual class, such as the class of an object, not
// the Python function that makes such objects. The class was neither looked up nor run.
// The error wraps errors.ErrUnsupported, as do the errors about persistent ids,
// extension codes and out-of-band buffers.
type ClassError struct {
	Module string // such as "posix"
	Name   string // such as "system"
}

func (e *ClassError) Error() string {
	if _, known := knownByName[*e]; known { // and so cannot be registered
		return fmt.Sprintf("pickle: %s.%s is used in a way that is not plain data: have Python store an object of it as pickle.dumps does, or its name", e.Module, e.Name)
	}
	return fmt.Sprintf("pickle: %.100s.%.100s is not plain data: register a Go type for the class, or have Python store built-in types", e.Module, e.Name)
}

func (e *ClassError) Unwrap() error { return errors.ErrUnsupported }

// TypeError reports a value that does not fit a Go type, or a Go type that cannot be
// pickled.
type TypeError struct {
	Value  string       // the value, such as "int 300"; "" if the type itself is at fault
	Type   reflect.Type // the Go type of the target, or of the value to encode
	Field  string       // the path of struct fields to it, such as "Home.Zip"; "" at top level
	Reason string       // why, and what to do about it

	cause error // the error of a method of the type
}

// Unwrap returns the error of the MarshalText or UnmarshalText method, if it caused e.
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
