package ring

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// The causes of errors, for errors.Is. A sub-function that does not exist, or that a
// storage cannot do, is errors.ErrUnsupported.
var (
	// ErrNotFound: the storage holds no value for the key. A Storage returns it for a
	// miss; the methods of a rope do not, but those of its Storage() do.
	// Python: ring.func.base.NotFound.
	ErrNotFound = fault.ErrNotFound

	// ErrArguments: the call does not fit the function. Python: TypeError.
	ErrArguments = fault.ErrArguments

	// ErrKey: an argument cannot be part of a key. Python: TypeError.
	ErrKey = fault.ErrKey

	// ErrCoder: a value cannot be encoded, or stored data cannot be decoded into the
	// function's result type.
	ErrCoder = fault.ErrCoder

	// ErrRecursion: the function called itself with the same key through its context, so
	// that the call would wait for itself. A goroutine that the function starts with its
	// context gets this error as well until the run has ended, even if the function does
	// not wait for it: ring cannot tell. Give such a goroutine another context.
	ErrRecursion = fault.ErrRecursion
)

// Error is the type of every error of a rope. Only the function's own error is returned
// unchanged.
type Error struct {
	Action string // the sub-function by its Python name: "get_or_update", "wrap", …
	Rope   string // the function's name
	Key    string // "" if there is no key yet, or several
	Err    error  // the cause

	made bool // the function returned a value, but it could not be stored
}

// Error formats e as: ring: action rope "key": cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("ring: ")
	b.WriteString(e.Action)
	b.WriteByte(' ')
	b.WriteString(e.Rope)
	if e.Key != "" {
		b.WriteByte(' ')
		b.WriteString(strconv.Quote(e.Key))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// BulkErrors is the error of a BulkStorage method that failed for some of its keys. It
// has one element for each key: its error, or nil.
type BulkErrors []error

func (e BulkErrors) Error() string {
	var b strings.Builder
	for i, err := range e {
		if err != nil {
			fmt.Fprintf(&b, "element %d: %v\n", i, err)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Unwrap returns the errors that are not nil, for errors.Is.
func (e BulkErrors) Unwrap() []error {
	var errs []error
	for _, err := range e {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// bulkErrors returns errs as an error, or nil if all of them are nil.
func bulkErrors(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return BulkErrors(errs)
		}
	}
	return nil
}

// elementsOf returns the errors of the elements, of which there are that many, if err is
// a BulkErrors.
func elementsOf(err error, of int) ([]error, bool) {
	var each BulkErrors
	if errors.As(err, &each) && len(each) == of {
		return each, true
	}
	return nil, false
}

// Hints: what an error about arguments adds about what the caller probably meant, and
// how to write it. They are computed only after a call has failed.

// functionHint is for an argument of Wrap that is not a function.
func functionHint(fn any) error {
	v := reflect.ValueOf(fn)
	switch fn.(type) {
	case *Rope, *Wire:
		return fmt.Errorf("a %T is a cached function already: its Func() has the type of the function", fn)
	}
	if v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Func {
		return fmt.Errorf("%T is a pointer to a function: give the function itself, as in Wrap(f, …), or use Decorate(&f, …), which puts the cached one in its place", fn)
	}
	return nil
}

// inspectFunc reads a function by reflection.
func inspectFunc(fn any, signature *string) (*callable.Callable, error) {
	if err := functionHint(fn); err != nil {
		return nil, err
	}
	return callable.Inspect(fn, signature)
}

// restoreHint is for a result that a coder cannot restore and whose type may come from
// another package.
func restoreHint(coder Coder, t reflect.Type) string {
	switch coder.(type) {
	case codec.Bytes, codec.Dataclass:
		if (codec.JSON{}).CheckType(t) == nil {
			return "" // another coder can restore it
		}
	}
	return foreignHint
}

const foreignHint = "; if the type is not yours, return one of your own that has what you need of it, " +
	"or give the factory a Coder of your own for it, such as a ring.CoderTuple, or keep the values in memory without a Coder"

// storedHint is for stored data that is no result of the function.
const storedHint = `another function or an older version stored it, give this one a KeyPrefix of its own, such as "users:v2"`

// cause removes the part of an error that only repeats the rope's name.
func cause(err error) error {
	if e, ok := err.(*Error); ok {
		return e.Err
	}
	return err
}

// fail turns err into an *Error of this rope. It leaves nil and the function's own
// error unchanged.
func (w *Wire) fail(action, key string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *flight.FunctionError:
		return e.Err
	case *Error:
		if e.Rope == w.rope.fn.Name {
			named := *e
			named.Action = action
			if named.Key == "" {
				named.Key = key
			}
			return &named
		}
	}
	return &Error{Action: action, Rope: w.rope.fn.Name, Key: key, Err: err}
}

// failStore is fail for a value that was computed but could not be stored.
func (w *Wire) failStore(action, key string, err error) error {
	return &Error{Action: action, Rope: w.rope.fn.Name, Key: key, Err: err, made: true}
}

func (w *Wire) failOutcome(action, key string, o *flight.Outcome) error {
	if o.Err != nil && o.Ran {
		return w.failStore(action, key, o.Err)
	}
	return w.fail(action, key, o.Err)
}
