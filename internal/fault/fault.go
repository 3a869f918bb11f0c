// Package fault defines the causes of errors. Package ring exports them, and lower
// packages use them as well.
package fault

import (
	"errors"
	"fmt"
)

// The causes; see the variables of package ring.
var (
	ErrNotFound  = errors.New("not found")
	ErrArguments = errors.New("wrong arguments")
	ErrKey       = errors.New("no key")
	ErrCoder     = errors.New("coder")
	ErrRecursion = errors.New("recursive call with the same key")
)

// Unanswered is the error of an element for which a function for many has returned nothing
// that can be used. It is none of the function's own.
type Unanswered struct{ Err error }

func (e *Unanswered) Error() string { return e.Err.Error() }

func (e *Unanswered) Unwrap() error { return e.Err }

// IsUnanswered tells whether err is an Unanswered as it is.
func IsUnanswered(err error) bool {
	_, ok := err.(*Unanswered)
	return ok
}

// Argumentf returns an error with the cause ErrArguments.
func Argumentf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrArguments, fmt.Sprintf(format, args...))
}

// Plural returns the ending of a word for n things in a message.
func Plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
