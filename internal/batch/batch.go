// Package batch makes a function for one element of a function for many, and runs the latter
// for several elements at once.
package batch

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// Func is a function for many elements: func(ctx, []K, …) (map[K]V, error) or []V instead of
// the map. It is safe for concurrent use.
type Func struct {
	fn        reflect.Value
	single    reflect.Value
	contextAt int // the input that is the context, or -1
	elements  int // the input that is the []K
	place     int // of the element among the values of a call, which have no context
	fails     bool
	gatherer

	// Around calls run, which runs the function for so many elements; nil: nothing does. It is
	// set before the first run.
	Around func(ctx context.Context, elements int, run func(context.Context) error)
}

// Result is what came for one element.
type Result struct {
	Value any
	Err   error
}

// New reads fn, which is a function.
func New(fn any, c Config) (*Func, error) {
	b := &Func{fn: reflect.ValueOf(fn), contextAt: -1}
	b.gatherer = gatherer{Config: c, run: b.Run, shared: b.further}
	if err := b.read(callable.Identify(b.fn).Receiver); err != nil {
		return nil, fmt.Errorf("%w: a Batch takes func(ctx, []K, …) (map[K]V, error) or func(ctx, []K, …) ([]V, error), "+
			"of which the context, the error and further parameters can be left out, but it got a %v", err, b.fn.Type())
	}
	b.single = reflect.MakeFunc(b.singleType(), b.call)
	callable.Decorated.Add(b.single, callable.Identify(b.fn))
	return b, nil
}

// read finds the parts of the function.
func (b *Func) read(receiver bool) error {
	t := b.fn.Type()
	if receiver {
		b.place = 1
	}
	b.elements = b.place
	if b.elements < t.NumIn() && t.In(b.elements) == contextType {
		b.contextAt = b.elements
		b.elements++
	}
	last := t.NumOut() - 1
	b.fails = last >= 0 && t.Out(last) == errorType
	switch {
	case b.elements >= t.NumIn():
		return errors.New("there is no parameter for the elements")
	case t.In(b.elements).Kind() != reflect.Slice:
		return fmt.Errorf("the parameter for the elements, %v, is no slice", t.In(b.elements))
	case t.IsVariadic() && b.elements == t.NumIn()-1:
		return errors.New("the parameter for the elements is variadic: make it a slice")
	case b.fails && last != 1, !b.fails && last != 0:
		return errors.New("there is not one result for the elements")
	}
	switch out := t.Out(0); {
	case out.Kind() == reflect.Slice:
	case out.Kind() != reflect.Map:
		return fmt.Errorf("the result, %v, is neither a map nor a slice", out)
	case out.Key() != t.In(b.elements).Elem():
		return fmt.Errorf("the keys of the result are of type %v, and the elements are of type %v", out.Key(), t.In(b.elements).Elem())
	}
	return nil
}

// singleType returns the type of the function for one element. It always has an error, since
// there may be no value for the element.
func (b *Func) singleType() reflect.Type {
	t := b.fn.Type()
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	in[b.elements] = in[b.elements].Elem()
	return reflect.FuncOf(in, []reflect.Type{t.Out(0).Elem(), errorType}, t.IsVariadic())
}

// Single returns the function for one element, with the identity of the one for many.
func (b *Func) Single() any { return b.single.Interface() }

// call is the function for one element.
func (b *Func) call(in []reflect.Value) []reflect.Value {
	ctx := context.Background()
	values := make([]any, 0, len(in))
	for i, v := range in {
		if i != b.contextAt {
			values = append(values, v.Interface())
		} else if given, _ := v.Interface().(context.Context); given != nil {
			ctx = given
		}
	}
	value, err := b.Call(ctx, values)
	t := b.single.Type()
	return []reflect.Value{callable.ValueOf(value, t.Out(0)), callable.ValueOf(err, errorType)}
}

// further returns what calls that go into one run have in common: the receiver and the
// parameters after the elements.
func (b *Func) further(values []any) []any {
	rest := make([]any, 0, len(values)-1)
	rest = append(rest, values[:b.place]...)
	return append(rest, values[b.place+1:]...)
}

// Run runs the function once for the elements of several calls, whose values differ in
// nothing else. It does not catch a panic.
func (b *Func) Run(ctx context.Context, calls [][]any) []Result {
	elements, at := b.distinct(calls)
	var found []Result
	run := func(ctx context.Context) (err error) {
		found, err = b.runFor(ctx, elements, calls[0])
		return err
	}
	if b.Around == nil {
		_ = run(ctx) // found holds the error, too
	} else {
		b.Around(ctx, len(elements), run)
	}
	results := make([]Result, len(calls))
	for i := range results {
		results[i] = found[at[i]]
	}
	return results
}

// runFor runs the function for distinct elements. values are those of one of the calls.
func (b *Func) runFor(ctx context.Context, elements []reflect.Value, values []any) ([]Result, error) {
	t := b.fn.Type()
	in := make([]reflect.Value, t.NumIn())
	n := 0
	for i := range in {
		switch i {
		case b.contextAt:
			in[i] = reflect.ValueOf(ctx)
			continue
		case b.elements:
			in[i] = reflect.Append(reflect.MakeSlice(t.In(i), 0, len(elements)), elements...) // the function may change it
		default:
			in[i] = callable.ValueOf(values[n], t.In(i))
		}
		n++
	}
	if t.IsVariadic() {
		return b.results(b.fn.CallSlice(in), elements)
	}
	return b.results(b.fn.Call(in), elements)
}

// distinct returns the elements of calls, equal ones once, and where that of each call is.
func (b *Func) distinct(calls [][]any) (elements []reflect.Value, at []int) {
	t := b.fn.Type().In(b.elements).Elem()
	at = make([]int, len(calls))
	known := make(map[any]int, len(calls))
	for i, values := range calls {
		v := values[b.place]
		comparable := isComparable(v)
		if comparable {
			if same, ok := known[v]; ok {
				at[i] = same
				continue
			}
			known[v] = len(elements)
		}
		at[i] = len(elements)
		elements = append(elements, callable.ValueOf(v, t))
	}
	return elements, at
}

// results returns what the outputs of the function have for each element, and its error.
func (b *Func) results(out, asked []reflect.Value) ([]Result, error) {
	var err error
	if b.fails {
		err, _ = out[1].Interface().(error)
	}
	results := make([]Result, len(asked))
	list := out[0].Kind() == reflect.Slice
	if list && err == nil && out[0].Len() != len(asked) {
		err = &fault.Unanswered{Err: fmt.Errorf("the function returned %d values for %d elements: a slice has one for each, in their order; a map can lack some",
			out[0].Len(), len(asked))}
	}
	for i := range results {
		switch value := b.find(out[0], asked[i], i, err); {
		case value.IsValid():
			results[i].Value = value.Interface()
		case err != nil:
			results[i].Err = err
		default:
			results[i].Err = missing
		}
	}
	return results, err
}

// missing is the error of an element that the map lacks.
var missing = &fault.Unanswered{Err: fmt.Errorf("the function returned no value for the element: %w", fault.ErrNotFound)}

// IsMissing tells whether the function returned no value for an element, and no error.
func IsMissing(err error) bool { return err == error(missing) }

// find returns the value of element i, or none. A slice beside an error has no values.
func (b *Func) find(out, element reflect.Value, i int, err error) reflect.Value {
	switch {
	case out.Kind() == reflect.Map:
		return out.MapIndex(element)
	case err != nil:
		return reflect.Value{}
	}
	return out.Index(i)
}
