package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unsafe"
	"weak"

	"github.com/ring-go/ring/internal/fault"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	tupleType   = reflect.TypeFor[Tuple]()
)

// identity is who a function is. It is found once, and travels along when a cached
// function is wrapped again.
type identity struct {
	name     string // package path and name: example.com/shop.Item.Price
	short    string // the name without the package: Item.Price
	origin   origin // declared: name means this function and no other, in every run
	stable   bool   // name does, if only because the user gave it
	receiver bool   // the first parameter is the receiver of a method expression
	sig      *signature
}

// callable is a function and what reflection tells about it, read once.
type callable struct {
	identity
	fn      reflect.Value
	direct  any // fn as it is, for callDirect
	typ     reflect.Type
	ctx     int         // the input that is the context, or -1
	params  []parameter // the inputs but the context
	sig     *signature
	results []reflect.Type // the outputs but the error
	result  reflect.Type   // what a value of the rope is: nil for no result, a struct of all for several
	fails   bool           // the last output is an error
}

// parameter is an input of the function and how it is declared.
type parameter struct {
	formal
	in  int // its place among the inputs of the function
	typ reflect.Type
}

func (p *parameter) describe(i int) string {
	if p.name == "" {
		return fmt.Sprintf("parameter %d (%v)", i+1, p.typ)
	}
	return fmt.Sprintf("parameter %d, %q (%v)", i+1, p.label(), p.typ)
}

// called is the parameter's name, or its number where it has none.
func (p *parameter) called(i int) string {
	if p.name == "" {
		return strconv.Itoa(i + 1)
	}
	return p.label()
}

// inspect reads fn, which must be a function. sigText is the user's Signature, or
// nil.
func inspect(fn any, sigText *string) (*callable, error) {
	v := reflect.ValueOf(fn)
	if !v.IsValid() || v.Kind() == reflect.Func && v.IsNil() {
		return nil, errors.New("nil is not a function: hand over a func")
	}
	if v.Kind() != reflect.Func {
		return nil, functionHint(fn)
	}
	c := &callable{fn: v, direct: fn, typ: v.Type(), ctx: -1, identity: identify(v)}
	if err := c.readResults(); err != nil {
		return nil, err
	}
	if err := c.readParameters(); err != nil {
		return nil, err
	}
	if err := c.readSignature(sigText); err != nil {
		return nil, err
	}
	return c, c.checkDefaults()
}

// resultTag tells the struct that stands for several results from one of the user's.
const resultTag = `ring:"result"`

func (c *callable) readResults() error {
	n := c.typ.NumOut()
	if c.fails = n > 0 && c.typ.Out(n-1) == errorType; c.fails {
		n--
	}
	if !c.fails && n > 0 && c.typ.Out(n-1).Implements(errorType) {
		return fmt.Errorf("result %d (%v) is an error by its methods, and not of type error, so that a failure would be cached as a value: "+
			"return error, or wrap it in a struct if it is a value", n, c.typ.Out(n-1))
	}
	for i := range n {
		c.results = append(c.results, c.typ.Out(i))
	}
	switch n {
	case 0:
	case 1:
		c.result = c.results[0]
	default:
		fields := make([]reflect.StructField, n)
		for i, t := range c.results {
			fields[i] = reflect.StructField{Name: "R" + strconv.Itoa(i), Type: t, Tag: resultTag}
		}
		c.result = reflect.StructOf(fields)
	}
	return nil
}

func (c *callable) readParameters() error {
	place := 0
	if c.receiver {
		place = 1
	}
	for i := range c.typ.NumIn() {
		t := c.typ.In(i)
		if t != contextType {
			c.params = append(c.params, parameter{in: i, typ: t})
			continue
		}
		if i != place {
			return fmt.Errorf("parameter %d (%v): a context must be the first parameter, or follow the receiver of a method expression", i+1, t)
		}
		c.ctx = i
	}
	return nil
}

// readSignature gives the parameters their names, kinds and defaults.
func (c *callable) readSignature(text *string) error {
	c.sig = c.identity.sig
	if text != nil {
		sig, err := parseSignature(*text)
		if err != nil {
			return err
		}
		c.sig = sig
		c.identity.sig = sig
	}
	if c.sig == nil {
		c.sig = c.unnamedSignature()
	}
	if have, want := len(c.sig.formals), len(c.params); have != want {
		return fmt.Errorf("the signature has %d parameter%s, the function %v has %d (a context does not count, a receiver does)",
			have, plural(have), c.typ, want)
	}
	for i := range c.params {
		p := &c.params[i]
		p.formal = c.sig.formals[i]
		if err := c.checkKind(i, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *callable) unnamedSignature() *signature {
	formals := make([]formal, len(c.params))
	if n := len(formals); c.typ.IsVariadic() && n > 0 {
		formals[n-1].kind = varPositional
	}
	return newSignature(formals, false)
}

// checkKind compares how a parameter is declared with its Go type.
func (c *callable) checkKind(i int, p *parameter) error {
	variadic := c.typ.IsVariadic() && p.in == c.typ.NumIn()-1
	switch {
	case variadic && p.kind != varPositional:
		return fmt.Errorf("%s is variadic: write *%s", p.describe(i), p.name)
	case p.kind == varPositional && p.typ.Kind() != reflect.Slice:
		return fmt.Errorf("%s must be variadic or a slice", p.describe(i))
	case p.kind == varKeyword && (p.typ.Kind() != reflect.Map || p.typ.Key().Kind() != reflect.String):
		return fmt.Errorf("%s must be a map[string]T", p.describe(i))
	case i == 0 && c.receiver && (p.kind != positionalOnly && p.kind != positionalOrKeyword || p.hasDefault):
		return fmt.Errorf("%s is the receiver: it must come first and without a default value", p.describe(i))
	}
	return nil
}

func (c *callable) checkDefaults() error {
	for i := range c.params {
		if _, err := c.params[i].defaultValue(); err != nil {
			return fmt.Errorf("%s: the default value %w", c.params[i].describe(i), err)
		}
	}
	return nil
}

// defaultValue makes the parameter's default, anew each time: the function may
// change a list that it was given.
func (p *parameter) defaultValue() (any, error) {
	if !p.hasDefault {
		return nil, nil
	}
	v, err := p.convert(cloneLiteral(p.def))
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// convert makes v a value of the parameter's type. For a pointer with a default that may
// be what it is to point to: x=None makes a parameter a pointer, x='a' can be called.
func (p *parameter) convert(v any) (reflect.Value, error) {
	to, err := convert(v, p.typ)
	if err == nil || !p.hasDefault || p.typ.Kind() != reflect.Pointer {
		return to, err
	}
	elem, elemErr := convert(v, p.typ.Elem())
	if elemErr != nil {
		return to, err
	}
	to = reflect.New(p.typ.Elem())
	to.Elem().Set(elem)
	return to, nil
}

// bind makes the arguments of a call values of the parameters' types, in order.
// ctx is the context found among them, or nil.
func (c *callable) bind(p ArgPack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.sig.bind, p, bound)
}

// bindNamed is bind for an element of a bulk call in keyword form.
func (c *callable) bindNamed(p ArgPack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.sig.bindNamed, p, bound)
}

func (c *callable) bindWith(bind func(string, []any, Kwargs, int) ([]any, error), p ArgPack, bound bool) ([]any, context.Context, error) {
	args, ctx := []any(p.Args), context.Context(nil)
	if !p.bare {
		args, ctx = c.takeContext(p.Args, bound)
	}
	if ctx != nil && isNilContext(ctx) {
		return nil, nil, errNilContext
	}
	skip := 0
	if bound {
		skip = 1
		args = append([]any{p.Bound}, args...)
	}
	values, err := bind(c.short, args, p.Kwargs, skip)
	if err != nil {
		return nil, nil, fmt.Errorf("%w%s", err, c.bindHint(c.own(args, bound), p.Kwargs, bound))
	}
	for i := range c.params {
		v := values[i]
		switch values[i], err = c.params[i].value(v); err {
		case nil:
		case errContextPlace:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.short, c.params[i].describe(i), err, c.contextHint())
		default:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.short, c.params[i].describe(i), err, c.valueHint(i, v, c.nilFirst(c.own(args, bound), bound)))
		}
	}
	return values, ctx, nil
}

// value makes what bind found for a parameter a value of its type.
func (p *parameter) value(v any) (any, error) {
	if v == unset {
		return p.defaultValue()
	}
	if v != nil && reflect.TypeOf(v) == p.typ {
		return v, nil
	}
	switch p.kind {
	case varPositional, varKeyword:
		if isAny(p.typ.Elem()) && holdsContext(v) {
			return nil, errContextPlace
		}
	default:
		if isAny(p.typ) && isContext(v) {
			return nil, errContextPlace
		}
	}
	if tuple, ok := v.(Tuple); ok && p.kind == varPositional {
		v = []any(tuple)
	}
	to, err := p.convert(v)
	if err != nil {
		return nil, err
	}
	return to.Interface(), nil
}

// takeContext takes the context out of args: the first of them or, when the
// receiver is among them, the one behind it.
func (c *callable) takeContext(args []any, bound bool) ([]any, context.Context) {
	if c.ctx < 0 || len(args) == 0 {
		return args, nil
	}
	if ctx, ok := args[0].(context.Context); ok {
		return args[1:], ctx
	}
	if c.receiver && !bound && len(args) > 1 {
		if ctx, ok := args[1].(context.Context); ok {
			return append([]any{args[0]}, args[2:]...), ctx
		}
	}
	return args, nil
}

// pack is the inverse of bind: arguments that bind to values.
func (c *callable) pack(values []any, bound bool) ArgPack {
	p := ArgPack{bare: true}
	for i, v := range values {
		switch param := &c.params[i]; param.kind {
		case varPositional:
			rest, _ := elements(v)
			p.Args = append(p.Args, rest...)
		case varKeyword, keywordOnly:
			if p.Kwargs == nil {
				p.Kwargs = Kwargs{}
			}
			if param.kind == keywordOnly {
				p.Kwargs[param.name] = v
				continue
			}
			for it := reflect.ValueOf(v).MapRange(); it.Next(); {
				p.Kwargs[it.Key().String()] = it.Value().Interface()
			}
		default:
			if i == 0 && bound {
				p.Bound = v
				continue
			}
			p.Args = append(p.Args, v)
		}
	}
	return p
}

// call runs the function with bound values. A panic in it is not caught.
func (c *callable) call(ctx context.Context, values []any) (value any, err error) {
	var ok bool
	if c.fails {
		value, err, ok = c.callFailing(ctx, values)
	} else {
		value, err, ok = c.callDirect(ctx, values)
	}
	if !ok {
		return c.callReflected(ctx, values)
	}
	return value, err
}

func (c *callable) callReflected(ctx context.Context, values []any) (any, error) {
	var room [4]reflect.Value // saves an allocation
	in := room[:]
	if n := c.typ.NumIn(); n <= len(room) {
		in = in[:n]
	} else {
		in = make([]reflect.Value, n)
	}
	if c.ctx >= 0 {
		in[c.ctx] = reflect.ValueOf(ctx)
	}
	for i := range c.params {
		p := &c.params[i]
		if values[i] == nil {
			in[p.in] = reflect.Zero(p.typ)
			continue
		}
		in[p.in] = reflect.ValueOf(values[i])
	}
	var out []reflect.Value
	if c.typ.IsVariadic() {
		out = c.fn.CallSlice(in)
	} else {
		out = c.fn.Call(in)
	}
	return c.value(out)
}

// value makes the outputs of the function one value and its error. A function may
// well return something beside an error.
func (c *callable) value(out []reflect.Value) (any, error) {
	var err error
	if c.fails {
		err, _ = out[len(out)-1].Interface().(error)
	}
	switch len(c.results) {
	case 0:
		return nil, err
	case 1:
		return out[0].Interface(), err
	}
	tuple := make(Tuple, len(c.results))
	for i := range tuple {
		tuple[i] = out[i].Interface()
	}
	return tuple, err
}

// outputs is the inverse of value. A value that is nil gives zero results. They take the
// place of in, the inputs of the call, if there is room: reflect needs these no more.
func (c *callable) outputs(in []reflect.Value, value any, err error) []reflect.Value {
	n := c.typ.NumOut()
	if cap(in) < n {
		in = lendOutputs(n)
	}
	out := in[:n]
	tuple, _ := value.(Tuple)
	for i, t := range c.results {
		v := value
		if len(c.results) > 1 {
			v = nil
			if i < len(tuple) {
				v = tuple[i]
			}
		}
		out[i] = output(v, t)
	}
	if c.fails {
		out[len(out)-1] = output(err, errorType)
	}
	return out
}

func output(v any, t reflect.Type) reflect.Value {
	if v == nil {
		return reflect.Zero(t)
	}
	if t.Kind() != reflect.Interface {
		return reflect.ValueOf(v)
	}
	out := reflect.New(t).Elem()
	out.Set(reflect.ValueOf(v))
	return out
}

// fit makes a value one of the function's result type: what Set is given, or what
// a storage or coder gave back.
func (c *callable) fit(v any) (any, error) {
	switch len(c.results) {
	case 0:
		if v != nil {
			return nil, fmt.Errorf("the function has no result, so a %T cannot be one", v)
		}
		return nil, nil
	case 1:
		return fitTo(v, c.result)
	}
	parts, err := c.parts(v)
	if err != nil {
		return nil, err
	}
	tuple := make(Tuple, len(parts))
	for i, part := range parts {
		if tuple[i], err = fitTo(part, c.results[i]); err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
	}
	return tuple, nil
}

func fitTo(v any, t reflect.Type) (any, error) {
	if v != nil && reflect.TypeOf(v) == t {
		return v, nil
	}
	to, err := convert(v, t)
	if err != nil {
		return nil, err
	}
	return to.Interface(), nil
}

// parts takes several results apart: a Tuple or another list, or the struct that a
// coder was given as their type.
func (c *callable) parts(v any) ([]any, error) {
	var parts []any
	switch s := reflect.ValueOf(v); {
	case s.IsValid() && s.Type() == c.result:
		for i := range s.NumField() {
			parts = append(parts, s.Field(i).Interface())
		}
	case s.IsValid() && (s.Kind() == reflect.Slice || s.Kind() == reflect.Array):
		parts, _ = elements(v)
	default:
		return nil, fmt.Errorf("%T is not a Tuple of %d results", v, len(c.results))
	}
	if len(parts) != len(c.results) {
		return nil, fmt.Errorf("%d values are not a Tuple of %d results", len(parts), len(c.results))
	}
	return parts, nil
}

// identify tells who a function is by its runtime name.
//
// The name is that of the code, so it says nothing of what a closure, a method
// value or a generic instantiation was made with. Only a declared function and a
// method expression are known by it.
func identify(fn reflect.Value) identity {
	if id, ok := decorated.find(fn); ok {
		return id
	}
	full := functionName(fn.Pointer())
	pkg, local := splitPackage(full)
	base := strings.ReplaceAll(local, "[...]", "")
	if typ, method, ok := strings.Cut(base, "·"); ok { // a type within a function: T·12.M
		base = typ + strings.TrimLeft(method, "0123456789")
	}
	parts := strings.Split(base, ".")
	method := len(parts) == 2 && isReceiver(parts[0], fn.Type()) && !isClosureName(parts[1])
	made := pkg == "reflect" && (local == "makeFuncStub" || local == "methodValueCall")
	id := identity{name: full, short: local, receiver: method}
	switch {
	case made && local == "makeFuncStub":
		id.origin = reflected
	case made, strings.HasSuffix(local, "-fm"):
		id.origin = methodValue
	case len(parts) > 1 && !method, strings.Contains(local, "-"): // f-range1
		id.origin = literal
	case strings.Contains(local, "[...]"):
		id.origin = instance
	case base != local:
		id.origin = localMethod
	}
	id.stable = id.origin == declared
	if method {
		id.short = strings.Trim(parts[0], "(*)") + "." + parts[1]
		id.name = pkg + "." + id.short
	}
	return id
}

// functionName is the name of the function whose code begins at pc: the outermost
// one where others are inlined into its first instruction.
func functionName(pc uintptr) string {
	name := "func"
	frames := runtime.CallersFrames([]uintptr{pc + 1})
	for {
		frame, more := frames.Next()
		if frame.Function != "" {
			name = frame.Function
		}
		if !more {
			return name
		}
	}
}

// splitPackage cuts a runtime name behind the package path, in which the runtime
// writes a dot of the last element as %2e.
func splitPackage(full string) (pkg, local string) {
	slash := strings.LastIndexByte(full, '/') + 1
	dot := strings.IndexByte(full[slash:], '.')
	if dot < 0 {
		return "", full
	}
	return full[:slash+dot], full[slash+dot+1:]
}

// isReceiver tells whether the first input of fn is the type that a method's name
// begins with: T or (*T).
func isReceiver(part string, fn reflect.Type) bool {
	if fn.NumIn() == 0 {
		return false
	}
	t := fn.In(0)
	name := part
	if ptr, ok := strings.CutPrefix(part, "(*"); ok {
		if t.Kind() != reflect.Pointer || t.Name() != "" {
			return false
		}
		name, t = strings.TrimSuffix(ptr, ")"), t.Elem()
	}
	typeName, _, _ := strings.Cut(t.Name(), "[")
	return typeName != "" && typeName == name
}

// isClosureName tells the names that the compiler gives: func1, gowrap2, ….
func isClosureName(name string) bool {
	digits := strings.TrimLeftFunc(name, unicode.IsLetter)
	switch name[:len(name)-len(digits)] {
	case "func", "gowrap", "deferwrap", "range":
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	}
	return false
}

// decorated remembers the identity of the functions that ropes have made. They all
// share one piece of code, so it goes by the closure. An entry goes with it.
var decorated = registry{entries: map[uintptr]registered{}}

type registry struct {
	mu      sync.Mutex
	entries map[uintptr]registered
}

type registered struct {
	closure weak.Pointer[byte]
	id      identity
}

func (r *registry) find(fn reflect.Value) (identity, bool) {
	p := closure(fn)
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[uintptr(unsafe.Pointer(p))]
	if !ok || e.closure.Value() != p { // an address that was used again
		return identity{}, false
	}
	return e.id, true
}

func (r *registry) add(fn reflect.Value, id identity) {
	p := closure(fn)
	addr := uintptr(unsafe.Pointer(p))
	e := registered{weak.Make(p), id}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[addr] = e
	runtime.AddCleanup(p, func(addr uintptr) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.entries[addr].closure == e.closure {
			delete(r.entries, addr)
		}
	}, addr)
}

// closure returns what a function value points to.
func closure(fn reflect.Value) *byte {
	f := fn.Interface()
	return (*[2]*byte)(unsafe.Pointer(&f))[1]
}
