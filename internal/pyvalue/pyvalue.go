// Package pyvalue holds Python's values without a counterpart in Go. Package ring
// exports them.
package pyvalue

import "github.com/ring-go/ring/pickle"

// Tuple is Python's tuple.
type Tuple = pickle.Tuple

// FrozenSet is Python's frozenset.
type FrozenSet map[any]struct{}

// EllipsisType is the type of Ellipsis and of nothing else.
type EllipsisType struct{}

// String returns Python's repr.
func (EllipsisType) String() string { return "Ellipsis" }

// Ellipsis is Python's "...".
var Ellipsis any = EllipsisType{}
