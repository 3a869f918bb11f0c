// Ringgen writes typed ropes. For
//
//	//go:generate go tool ringgen
//
//	var summary = NewSummaryRope(ring.Wrap(summarize, ring.Lru{}))
//
// it writes a file ring_gen.go with a type SummaryRope, whose methods have the parameters
// and results of summarize: Call, Get, Lookup, Set, Delete and so on, a struct SummaryArgs
// for their Many forms, and the constructor NewSummaryRope. Install it with
//
//	go get -tool github.com/ring-go/ring/tools/ringgen
//
// # Which ropes
//
// Ringgen reads calls of Wrap, New, Decorate, Decorate1 to Decorate4E and Typed
//
//   - within a NewXRope(…), wherever that is, also by way of a variable; the type is XRope;
//   - that initialise package variables or are assigned to fields. The name comes from the
//     variable or field: summary and summaryRope make SummaryRope. Make the typed rope with
//     NewSummaryRope(summary).
//
// Other local variables are left alone. The package need not compile for want of the file.
// Two ropes with the same name are one type; their functions must have the same type.
//
// # The methods
//
// Call has the results of the function. It costs what Decorate1 to Decorate4E cost. If the
// function has no error result, an error of the key or the storage goes to Options.OnError,
// as Decorate1 tells. All other methods return an error. Get and Lookup return false for a
// miss; Lookup tells a nil that is cached from one. For a method expression, Bind gives a
// type XWire, whose methods lack the receiver. Where the function has a context, the Many
// forms take one as well.
//
// NewXRope panics with an *Error where the function of the rope is another one, or if the
// default action returns no result, as Func1 does.
//
// # Names and defaults
//
// Where the call has no Signature, the file registers one with the names of the function, so
// that IgnorableKeys, Kwargs and Explain know them; the keys are the same. This needs a
// function with a name of its own, and for a package variable the call within NewXRope: a
// mere ring.Wrap runs too early. A parameter without a name becomes arg1, arg2, …, and one
// whose name is a keyword of Python gets an underscore: from_. If the compiler sees an
// initialization cycle, because the function itself comes to call NewXRope, give the call a
// Signature.
//
// Methods give every parameter. SummaryArgs holds a whole call as well: its zero fields are
// zero values, never defaults. Where the Signature has defaults, NewSummaryArgs takes the
// other parameters, and fills in the defaults that are numbers, strings, bools or None;
// parameters with another default it takes as well. Typed methods need a Signature that is a
// constant.
//
// # Result
//
// A rope that cannot be typed is named with its place and the reason; the others are written
// all the same, and the exit status is 1. The comment //ringgen:ignore above the statement
// leaves one alone. Ropes in test files, and in files with a build constraint, are none of
// ringgen's. With -check ringgen writes nothing, prints a diff and exits with status 1 if a
// file is out of date. A file without ropes any more is removed.
//
// Usage:
//
//	ringgen [-check] [-tags list] [packages]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main. Its result is 0, 1 for a problem in the packages, or 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("ringgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "write nothing; print a diff and fail if a file is out of date")
	tags := flags.String("tags", "", "build `tags`, separated by commas")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: ringgen [-check] [-tags list] [packages]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	g := &generator{check: *check, tags: *tags, stdout: stdout, stderr: stderr}
	if err := g.run(flags.Args()); err != nil {
		fmt.Fprintf(stderr, "ringgen: %v\n", err)
		return 1
	}
	if g.failed {
		return 1
	}
	return 0
}
