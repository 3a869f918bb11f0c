package ring

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/fault"
)

// The causes that a caller may want to tell apart, for errors.Is. What a storage
// cannot do, and an action that does not exist, is errors.ErrUnsupported.
var (
	// ErrNotFound: the storage holds no value for the key. A Storage returns it
	// for a miss; of a rope's methods only those of Storage() do.
	// Python: ring.func.base.NotFound.
	ErrNotFound = fault.NotFound

	// ErrArguments: the call does not fit the function. Python: TypeError.
	ErrArguments = fault.Arguments

	// ErrKey: an argument cannot be part of a key. Python: TypeError.
	ErrKey = fault.Key

	// ErrCoder: a value cannot be encoded, or what is stored cannot be decoded
	// into the function's result type.
	ErrCoder = fault.Coder

	// ErrRecursion: the function called itself with the same key through its
	// context, so that the call would wait for itself. Until the run has ended, so does
	// a goroutine that it has started with its context and does not wait for, which
	// nobody can tell: give that a context of its own.
	ErrRecursion = fault.Recursion
)

// Error is every error of a rope but the function's own, which comes as it is.
type Error struct {
	Action string // what was asked for, by its Python name: "get_or_update", "wrap", …
	Rope   string // the function's name
	Key    string // "" when the error came before the key or for several keys
	Err    error  // the cause

	made bool // the value was made, but could not be stored
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

// BulkErrors is what a method of BulkStorage returns when it failed for some of its
// keys: an error for each of these in its place, nil for the others.
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

// Unwrap returns the errors, for errors.Is.
func (e BulkErrors) Unwrap() []error {
	var errs []error
	for _, err := range e {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// bulkErrors returns errs as an error, nil when there is none in it.
func bulkErrors(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return BulkErrors(errs)
		}
	}
	return nil
}

// elementsOf returns the errors of the elements in the error of a bulk method that says
// which of so many failed.
func elementsOf(err error, of int) ([]error, bool) {
	var each BulkErrors
	if errors.As(err, &each) && len(each) == of {
		return each, true
	}
	return nil, false
}
