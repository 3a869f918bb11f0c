// Package ropes finds the cached functions of a package: what was wrapped, how, and which
// variable or field holds it. The checks of ringvet share it.
package ropes

import (
	"github.com/ring-go/ring/internal/signature"
)

// Path is the import path of package ring.
const Path = "github.com/ring-go/ring"

// Rope is what is known of a cached function. It is the fact on the variable or field that
// holds it, so it contains nothing but data.
type Rope struct {
	Name      string // for people
	Params    []Type // without a context
	Results   []Type // without the error
	ContextAt int    // the input that is the context, or -1
	Receiver  bool   // the first parameter is the receiver of a method expression
	Variadic  bool
	Known     bool   // whether there is a receiver is known
	HasText   bool   // there is a Signature
	Text      string // its text
	Sure      bool   // everything that tells what a call takes is known
	Standard  bool   // the user interface is the standard one
	Action    string // the default action; Unknown if it is not known
	InMemory  bool   // the values themselves are surely kept, so that all callers get the same one
	MissValue bool   // a miss may have another type than the results
}

// Unknown is the default action of a rope whose options are not known.
const Unknown = "?"

// AFact makes a Rope a fact.
func (*Rope) AFact() {}

// String shows a fact in a test.
func (r *Rope) String() string { return "rope of " + r.Name }

// Signature returns the parameters with their names, kinds and defaults; nil if they are
// not known or do not fit the function.
func (r *Rope) Signature() *signature.Signature {
	if !r.Sure {
		return nil
	}
	if !r.HasText {
		formals := make([]signature.Formal, len(r.Params))
		if n := len(formals); r.Variadic && n > 0 {
			formals[n-1].Kind = signature.VarPositional
		}
		return signature.New(formals, false)
	}
	s, err := signature.Parse(r.Text)
	if err != nil || len(s.Formals) != len(r.Params) {
		return nil
	}
	return s
}
