package ring

import (
	"context"
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/keytext"
)

// Probe answers calls of a cached function of any shape: variadic ones, and those with more
// than four parameters, several results or none. It is for the code that ringgen writes; by
// hand, Func1 to Func4E and Typed are easier. A hit allocates nothing where one of
// Decorate1's does not, up to 16 parameters. A probe is safe for concurrent use.
type Probe struct {
	wire  *Wire
	words []keytext.TypeWord // of the pointers to the inputs
}

// Miss is what a probe knows of a call without a value. It is good for one Run, of the same
// call.
type Miss struct {
	key   string
	found hit.Found
}

// maxProbed is how many inputs a hit can have. Others go the general way.
const maxProbed = 16

// NewProbe returns the probe of a rope or a wire, and the function for its runs, which is nil
// if a receiver is bound: the probe then runs the method itself. F is the type of the
// function, without the receiver if that is bound. NewProbe panics with an *Error if the
// rope is nil, if the function has another type, or if the default action returns no result.
func NewProbe[F any](c Cached) (*Probe, F) {
	w, fn := view[F](c)
	typ := w.funcType()
	p := &Probe{wire: w, words: make([]keytext.TypeWord, typ.NumIn())}
	for i := range p.words {
		p.words[i] = keytext.WordOf(reflect.PointerTo(typ.In(i)))
	}
	return p, fn
}

// Of returns the probe of another wire of the same rope, for example one with a context or a
// receiver. It costs less than a NewProbe. Of panics with an *Error if the rope is another one.
func (p *Probe) Of(c Cached) *Probe {
	w := c.self()
	if w.rope != p.wire.rope {
		panic(&Error{Action: "probe", Rope: p.wire.rope.fn.Name, Err: fault.Argumentf("the wire is one of %s", w.rope.fn.Name)})
	}
	if w.err == callable.ErrNilContext { // as in a call of the function with a nil context
		w = w.WithContext(context.Background())
	}
	words := p.words
	if len(words) > w.inputCount() {
		words = words[1:] // without the receiver
	}
	return &Probe{wire: w, words: words}
}

// inputCount is the number of inputs of the typed function.
func (w *Wire) inputCount() int {
	n := w.rope.fn.Type.NumIn()
	if w.isBound && w.rope.fn.Receiver {
		n--
	}
	return n
}

// Hit looks for the value of a call. inputs are pointers to all inputs of the function, in
// its order: the context as well, and the slice of a variadic one. Hit panics with an *Error
// if they are others.
func (p *Probe) Hit(inputs ...any) (value any, m Miss, ok bool) {
	if len(inputs) > maxProbed {
		return nil, Miss{}, false
	}
	var room [maxProbed]unsafe.Pointer // filled here: the compiler then keeps the inputs on the stack
	p.check(inputs)
	for i := range inputs {
		room[i] = pointerIn(&inputs[i])
	}
	at := room[:len(inputs)]
	value, m.key, m.found = p.wire.probeAt(at)
	return value, m, m.found == hit.Present
}

// Run completes a call for which Hit found no value: it is the default action of the rope.
// run calls the function with what inputs, the pointers that Hit got, point to; the context
// among them becomes that of the run. The value is nil for a function without results and
// a Tuple for several. If the function returns no error, Run does not either: an error of
// the key or the storage goes to Options.OnError, as Wire.Func tells.
func (p *Probe) Run(m Miss, run func() (any, error), inputs ...any) (any, error) {
	p.check(inputs)
	at := make([]unsafe.Pointer, len(inputs))
	for i := range inputs {
		at[i] = pointerIn(&inputs[i])
	}
	return p.wire.finishTyped(m.key, m.found, p.wire.contextIn(at), func() []any { return pointees(inputs) }, run)
}

// pointerIn returns the pointer that an interface holds.
func pointerIn(input *any) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(input))[1]
}

// check panics if one of the inputs is no pointer to its parameter.
func (p *Probe) check(inputs []any) {
	if len(inputs) != len(p.words) {
		p.refuse(len(inputs))
	}
	for i := range inputs {
		if keytext.TypeOf(inputs[i]) != p.words[i] || pointerIn(&inputs[i]) == nil {
			p.refuse(len(inputs))
		}
	}
}

// refuse panics for inputs that are not the function's.
func (p *Probe) refuse(n int) {
	panic(&Error{Action: "probe", Rope: p.wire.rope.fn.Name,
		Err: fault.Argumentf("the %d inputs are not pointers to those of %v, in order", n, p.wire.funcType())})
}

// pointees returns what the inputs point to.
func pointees(inputs []any) []any {
	values := make([]any, len(inputs))
	for i, p := range inputs {
		values[i] = reflect.ValueOf(p).Elem().Interface()
	}
	return values
}
