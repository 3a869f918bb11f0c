// Package hit answers simple calls from an LruCache: calls with positional arguments
// that have their parameters' types. It writes the key without binding the arguments,
// and looks it up without making a string. It leaves other calls to package callable,
// which makes the same key.
//
// There is one fast path for each kind of call, chosen when the rope is made, and an Op for
// what to do with the key. Which path serves which calls:
//
//	One       one scalar                                     on the stack
//	Scalars   scalars or flat structs                        on the stack
//	Method    the same, bound to a receiver of any type      in a buffer of the pool
//	General   arguments of any type                          in a buffer of the pool
//
//	Call, GetOrUpdate                      Probe with Get
//	Get, Lookup, Has, Touch, Delete        Probe with LookUp, Has, Touch, Delete
//	Key, Set, Update, other storages       Probe with Key: the key alone
//	Decorate1 to 4E, Func1 to 4E           ProbeAt, or ProbeValues
//	Decorate, Func                         ProbeTyped, by reflect.Value
//	bulk calls                             Append for each element, then one look-up
package hit

import (
	"context"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/lrucache"
)

// Plan says how to answer the calls of one rope.
type Plan struct {
	// MayHaveContext: the first argument may be a context.
	MayHaveContext bool
	// MayHaveKwargs: the last parameter could take a map, which could also be keyword
	// arguments.
	MayHaveKwargs bool
	// Plain: ProbeScalars takes the arguments as they are. There is no receiver, context or
	// keyword argument among them.
	Plain bool
	// OnlyScalars: all parameters but a receiver are scalars, in the key or not.
	OnlyScalars bool
	// ScalarCalls: ProbeScalars takes the arguments of a Scalars as they are.
	ScalarCalls bool

	way     Way
	fn      *callable.Callable
	plan    *keytext.Plan
	cache   *lrucache.LruCache    // nil: another storage, or one with a coder
	aging   *Aging                // how old the values of the cache may be, which is then not in cache; nil: any age
	asking  *Asking               // whether a call has options of its own; nil: none has
	flights *flight.Table         // those of the cache
	expire  time.Duration         // the rope's
	hits    *lrucache.Counter     // those of the rope, as far as the plan has found them
	one     one                   // the only argument of way One
	head    []byte                // the prefix and, if there are parts, their first colon
	start   [keytext.KeySize]byte // a buffer that begins with the head
	words   []keytext.TypeWord    // the types of the parameters; nil: an interface
	partial bool                  // some parameters are not part of the key
	result  reflect.Type          // nil: the function has no result
	word    keytext.TypeWord      // the result's
	dynamic bool                  // result is an interface
}

// oneHead is how long the head of a key may be that is made in the smaller buffer: it leaves
// room for any number.
const oneHead = 32

// one is a single argument that is a scalar.
type one struct {
	word   keytext.TypeWord
	scalar keytext.Scalar
	start  [64]byte // a buffer that begins with the head
}

// Way is how keys are made: by what their parts are. The zero Way is General.
type Way uint8

const (
	General Way = iota // of any type
	Method             // scalars or flat structs, except the receiver
	Scalars            // scalars or flat structs
	One                // one scalar, of a function with one parameter
)

// Way returns how keys are made.
func (h *Plan) Way() Way { return h.way }

// Config is what a plan is made of.
type Config struct {
	Fn      *callable.Callable
	Keys    *keytext.Plan
	Cache   *lrucache.LruCache // where values lie as they are; nil: elsewhere
	Aging   *Aging             // how old the values in Cache may be; nil: they are there or not
	Flights *flight.Table      // those of the cache
	Expire  time.Duration      // the rope's
}

// New returns the plan of a rope, or nil where all calls go the long way.
func New(c Config) *Plan {
	fn, plan := c.Fn, c.Keys
	h := &Plan{
		fn: fn, plan: plan, flights: c.Flights, expire: c.Expire,
		MayHaveContext: fn.ContextAt >= 0, OnlyScalars: true, result: fn.Result, word: keytext.WordOf(fn.Result),
	}
	h.dynamic = h.result != nil && h.result.Kind() == reflect.Interface
	h.partial = len(plan.Parts) < len(fn.Params)
	h.head = []byte(plan.Prefix)
	if len(plan.Parts) > 0 {
		h.head = append(h.head, ':')
	}
	h.way = wayOf(fn, plan, copy(h.start[:], h.head) == len(h.head))
	for i := range fn.Params {
		p := &fn.Params[i]
		if p.Kind != signature.PositionalOnly && p.Kind != signature.PositionalOrKeyword {
			return nil
		}
		h.words = append(h.words, keytext.WordOf(p.Type))
		h.OnlyScalars = h.OnlyScalars && (keytext.ScalarOf(p.Type.Kind()) != keytext.NoScalar || fn.Receiver && i == 0)
		h.MayHaveKwargs = p.Type.Kind() == reflect.Interface || p.Type.Kind() == reflect.Map
	}
	h.ScalarCalls = h.OnlyScalars && h.way >= Scalars && !fn.Receiver
	h.Plain = h.way >= Scalars && !fn.Receiver && !h.MayHaveContext && !h.MayHaveKwargs
	if plan.Plain && len(fn.Results) <= 1 && c.Cache != nil {
		h.hits = c.Cache.NewCounter()
		if h.aging = c.Aging; h.aging == nil {
			h.cache = c.Cache
		}
	}
	if h.way == One {
		p := &plan.Parts[0]
		h.one = one{word: h.words[0], scalar: p.Scalar()}
		copy(h.one.start[:], h.head)
	}
	return h
}

// wayOf looks at the parts. fits tells whether the head of a key leaves room on the stack.
func wayOf(fn *callable.Callable, plan *keytext.Plan, fits bool) Way {
	way := Scalars
	if !fits {
		way = Method
	}
	for i := range plan.Parts {
		p := &plan.Parts[i]
		switch {
		case p.Direct():
		case fn.Receiver && p.At == 0:
			way = min(way, Method)
		default:
			return General
		}
	}
	isOne := len(fn.Params) == 1 && len(plan.Parts) == 1 && plan.Parts[0].Scalar() != keytext.NoScalar
	if way == Scalars && isOne && len(plan.Prefix) < oneHead {
		return One
	}
	return way
}

// Hits returns how many values the plan has found.
func (h *Plan) Hits() int {
	if h.hits == nil {
		return 0
	}
	return h.hits.Load()
}

// Cached reports whether the plan looks up values.
func (h *Plan) Cached() bool { return h.cache != nil }

// Op is what is asked for under the key of a call.
type Op uint8

const (
	Get    Op = iota // its value; the caller goes on to make one that is missing
	LookUp           // its value, or that there is none
	Has              // whether it has one
	Touch            // to renew its expiry
	Delete           // to remove its value
	Key              // the key alone
)

// Found is what is known of a call after its key was looked up.
type Found uint8

const (
	Elsewhere Found = iota // the call is not simple
	Missing                // its key is known; there is no value, or it has to be asked for by the key
	Present                // there is a value
	Absent                 // there is none, and what was asked for is done
)

// Probe does op under the key of a call, or else returns the key.
func (h *Plan) Probe(op Op, bound any, isBound bool, args []any) (value any, key string, f Found) {
	switch {
	case h.way >= Scalars && !isBound:
		return h.ProbeScalars(op, args)
	case h.way != General && isBound:
		return h.ProbeMethod(op, bound, args)
	}
	t := keytext.GetText()
	if h.writeKey(t, bound, isBound, args) {
		value, key, f = h.do(op, t.Buf)
	}
	keytext.PutText(t) // no defer: after a panic the pool loses t
	return value, key, f
}

// ProbeScalars is Probe for arguments that are all scalars or flat structs. It keeps none
// of them, so that a caller who does not either can have them on the stack.
func (h *Plan) ProbeScalars(op Op, args []any) (value any, key string, f Found) {
	if h.way != One || len(args) != 1 {
		return h.probeSeveral(op, args)
	}
	if keytext.TypeAt(&args[0]) != h.one.word {
		return nil, "", Elsewhere
	}
	buf := h.one.start
	text := buf[:len(h.head)]
	switch h.one.scalar { // in a key of one part nothing needs to be escaped
	case keytext.ScalarString:
		s := keytext.StringIn(args[0])
		if len(s) > len(buf)-len(text) {
			return h.probeLong(op, args)
		}
		keytext.CopyText(buf[len(text):], s)
		text = buf[:len(text)+len(s)]
	case keytext.ScalarInt:
		text = keytext.AppendInt(text, int64(keytext.IntIn(args[0])))
	default:
		text = h.one.scalar.Append(text, args[0])
	}
	if op == Get && h.cache != nil { // do, without its call
		if value, ok := h.hits.GetBytes(text); ok {
			if h.accepts(value) {
				return value, "", Present
			}
			h.hits.TakeBack(1) // the long way counts it
		}
		return h.missing(text)
	}
	if h.hits == nil { // do would come to the same
		return h.missing(text)
	}
	return h.do(op, text)
}

// probeSeveral is ProbeScalars for more parts than one scalar.
func (h *Plan) probeSeveral(op Op, args []any) (value any, key string, f Found) {
	if len(args) != len(h.fn.Params) || h.partial && !h.allFit(args, 0) {
		return nil, "", Elsewhere
	}
	buf := h.start
	text, wrote := keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, false)
	if wrote == keytext.Ambiguous {
		text, wrote = keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, true)
	}
	switch {
	case wrote == keytext.Unfit:
		return nil, "", Elsewhere
	case wrote == keytext.Crowded:
		return h.probeLong(op, args)
	case op == Key:
		return h.missing(text)
	}
	return h.do(op, text)
}

// probeLong is ProbeScalars for a key that is too long for the stack.
func (h *Plan) probeLong(op Op, args []any) (value any, key string, f Found) {
	t := keytext.GetText()
	if h.appendScalars(t, args) {
		value, key, f = h.do(op, t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// appendScalars appends the key of arguments that are all scalars or flat structs.
func (h *Plan) appendScalars(t *keytext.Text, args []any) bool {
	start := len(t.Buf)
	var wrote keytext.Written
	t.Buf, wrote = keytext.AppendScalars(append(t.Buf, h.head...), h.plan.Parts, args, 0, false)
	if wrote == keytext.Ambiguous {
		t.Buf, wrote = keytext.AppendScalars(append(t.Buf[:start], h.head...), h.plan.Parts, args, 0, true)
	}
	return wrote == keytext.Whole
}

// ProbeMethod is ProbeScalars for a method bound to a receiver of any type.
func (h *Plan) ProbeMethod(op Op, bound any, args []any) (value any, key string, f Found) {
	t := keytext.GetText()
	if h.appendMethod(t, bound, args) {
		value, key, f = h.do(op, t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

func (h *Plan) appendMethod(t *keytext.Text, bound any, args []any) bool {
	if len(args) != len(h.fn.Params)-1 || h.partial && !h.allFit(args, 1) {
		return false
	}
	start := len(t.Buf)
	wrote := h.plan.WriteMethod(t, h.head, bound, args, false)
	if wrote == keytext.Ambiguous {
		t.Buf = t.Buf[:start]
		wrote = h.plan.WriteMethod(t, h.head, bound, args, true)
	}
	return wrote == keytext.Whole
}

// do does op under text, that of a key, if the values are in an LruCache.
func (h *Plan) do(op Op, text []byte) (value any, key string, f Found) {
	if h.cache == nil || op == Key {
		return h.doAged(op, text)
	}
	switch op {
	case Get, LookUp:
		switch value, ok := h.hits.GetBytes(text); {
		case ok && h.accepts(value):
			return value, "", Present
		case ok:
			h.hits.TakeBack(1) // the long way counts it
		case op == LookUp:
			h.hits.CountMisses(1)
			return nil, "", Absent
		}
	case Has:
		return nil, "", found(h.cache.HasBytes(text))
	case Touch:
		return nil, "", found(h.cache.TouchBytes(text, h.expire))
	case Delete:
		if h.flights.DeleteNow(text) {
			return nil, "", Absent
		}
	}
	return h.missing(text)
}

func found(ok bool) Found {
	if ok {
		return Present
	}
	return Absent
}

// missing returns the key of a call that has no value yet.
func (h *Plan) missing(text []byte) (value any, key string, f Found) {
	key, err := h.plan.Finish(string(text))
	if err != nil {
		return nil, "", Elsewhere
	}
	return nil, key, Missing
}

// Set stores value under a key, if it is a result of the function and nobody is busy with
// the key.
func (h *Plan) Set(key string, value any) bool {
	return h.cache != nil && h.accepts(value) && h.flights.SetNow(key, value, h.expire)
}

// accepts reports whether a value, which others may have stored in the cache, is a
// result of the function.
func (h *Plan) accepts(value any) bool {
	// Both are nil for a function without a result.
	return keytext.TypeOf(value) == h.word || h.dynamic && h.implements(value)
}

func (h *Plan) implements(value any) bool {
	return h.result.NumMethod() == 0 || value == nil || reflect.TypeOf(value).Implements(h.result)
}

// Fits tells whether the arguments are those of a call, as they are.
func (h *Plan) Fits(isBound bool, args []any) bool {
	skip := 0
	if isBound {
		skip = 1
	}
	return len(args)+skip == len(h.fn.Params) && h.allFit(args, skip)
}

// allFit reports whether the arguments have the types of their parameters, which begin
// after the first skip ones. It also checks those that are not part of the key: a wrong
// call must not be answered.
func (h *Plan) allFit(args []any, skip int) bool {
	for i, arg := range args {
		if !h.fits(i+skip, arg) {
			return false
		}
	}
	return true
}

func (h *Plan) fits(i int, arg any) bool {
	if word := h.words[i]; word != nil {
		return keytext.TypeOf(arg) == word
	}
	_, isContext := arg.(context.Context)
	return arg != nil && h.fn.Params[i].Type.NumMethod() == 0 && !isContext
}

// writeKey appends the key of arguments of any type to t.
func (h *Plan) writeKey(t *keytext.Text, bound any, isBound bool, args []any) bool {
	return !(isBound && bound == nil) && h.Fits(isBound, args) && h.plan.Write(t, bound, args) == nil
}

// ProbeTyped is Probe for a function of the original's type.
func (h *Plan) ProbeTyped(bound any, isBound bool, in []reflect.Value) (value any, key string, f Found) {
	if h.way < Scalars || isBound {
		return h.probeInputs(bound, isBound, in)
	}
	buf := h.start
	text, ok := h.plan.TypedScalars(buf[:len(h.head)], in, false)
	if !ok {
		text, _ = h.plan.TypedScalars(buf[:len(h.head)], in, true)
	}
	return h.do(Get, text)
}

func (h *Plan) probeInputs(bound any, isBound bool, in []reflect.Value) (value any, key string, f Found) {
	if a := h.asking; a != nil {
		if ctx, _ := in[h.contextPlace(isBound)].Interface().(context.Context); ctx != nil && a.has(ctx) {
			return nil, "", Elsewhere
		}
		return a.plan.ProbeTyped(bound, isBound, in)
	}
	t := keytext.GetText()
	t.Values = h.fn.Inputs(t.Values, bound, isBound, in)
	if h.plan.Write(t, nil, t.Values) == nil {
		value, key, f = h.do(Get, t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// Fit reports whether the inputs of a typed call could be arguments of a Call as well.
func (h *Plan) Fit(values []any) bool {
	for i, v := range values {
		if v != nil && !h.fits(i, v) {
			return false
		}
	}
	return true
}
