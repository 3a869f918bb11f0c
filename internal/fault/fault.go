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
