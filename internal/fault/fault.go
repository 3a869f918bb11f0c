// Package fault has the causes of errors, which package ring names: the lower packages
// make errors of them as well.
package fault

import (
	"errors"
	"fmt"
)

// The causes; see the variables of package ring.
var (
	NotFound  = errors.New("not found")
	Arguments = errors.New("wrong arguments")
	Key       = errors.New("no key")
	Coder     = errors.New("coder")
	Recursion = errors.New("recursive call with the same key")
)

// Argumentf is an error of the cause Arguments.
func Argumentf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", Arguments, fmt.Sprintf(format, args...))
}
