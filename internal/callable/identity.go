package callable

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unicode"
	"unsafe"
	"weak"

	"github.com/ring-go/ring/internal/signature"
)

// Identity says which function it is. It is determined once, and stays the same if a
// cached function is wrapped again.
type Identity struct {
	Name      string // package path and name: example.com/shop.Item.Price
	Short     string // the name without the package: Item.Price
	Origin    origin // declared: the name means only this function, in every run
	Stable    bool   // so does the name here, even if only because the user gave it
	Receiver  bool   // the first parameter is the receiver of a method expression
	Signature *signature.Signature
}

// Identify identifies a function by its runtime name.
//
// The name is that of the code. It does not contain what a closure has captured, the
// receiver of a method value, or the type arguments of a generic instance. It
// identifies only a declared function and a method expression.
func Identify(fn reflect.Value) Identity {
	if id, ok := Decorated.find(fn); ok {
		return id
	}
	full := functionName(fn.Pointer())
	pkg, local := SplitPackage(full)
	base := strings.ReplaceAll(local, "[...]", "")
	if typ, method, ok := strings.Cut(base, "·"); ok { // a type within a function: T·12.M
		base = typ + strings.TrimLeft(method, "0123456789")
	}
	parts := strings.Split(base, ".")
	method := len(parts) == 2 && isReceiver(parts[0], fn.Type()) && !isClosureName(parts[1])
	made := pkg == "reflect" && (local == "makeFuncStub" || local == "methodValueCall")
	id := Identity{Name: full, Short: local, Receiver: method}
	switch {
	case made && local == "makeFuncStub":
		id.Origin = reflected
	case made, strings.HasSuffix(local, "-fm"):
		id.Origin = MethodValue
	case len(parts) > 1 && !method, strings.Contains(local, "-"): // f-range1
		id.Origin = literal
	case strings.Contains(local, "[...]"):
		id.Origin = instance
	case base != local:
		id.Origin = localMethod
	}
	id.Stable = id.Origin == declared
	if method {
		id.Short = strings.Trim(parts[0], "(*)") + "." + parts[1]
		id.Name = pkg + "." + id.Short
	}
	return id
}

// functionName returns the name of the function whose code begins at pc. If others are
// inlined into its first instruction, it is the outermost one.
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

// SplitPackage cuts a runtime name after the package path, in which the runtime writes a
// dot of the last element as %2e.
func SplitPackage(full string) (pkg, local string) {
	slash := strings.LastIndexByte(full, '/') + 1
	dot := strings.IndexByte(full[slash:], '.')
	if dot < 0 {
		return "", full
	}
	return full[:slash+dot], full[slash+dot+1:]
}

// isReceiver reports whether the first input of fn is the type at the beginning of a
// method's name: T or (*T).
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

// isClosureName recognizes the names that the compiler makes: func1, gowrap2, ….
func isClosureName(name string) bool {
	digits := strings.TrimLeftFunc(name, unicode.IsLetter)
	switch name[:len(name)-len(digits)] {
	case "func", "gowrap", "deferwrap", "range":
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	}
	return false
}

// Decorated holds the identity of the functions that ropes have made. All of them have
// the same code, so they are told apart by their closures. An entry is removed with its
// closure.
var Decorated = registry{entries: map[uintptr]registered{}}

type registry struct {
	mu      sync.Mutex
	entries map[uintptr]registered
}

type registered struct {
	closure weak.Pointer[byte]
	id      Identity
}

func (r *registry) find(fn reflect.Value) (Identity, bool) {
	p := Closure(fn)
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[uintptr(unsafe.Pointer(p))]
	if !ok || e.closure.Value() != p { // the address was used again
		return Identity{}, false
	}
	return e.id, true
}

// Add stores the identity of fn for as long as fn exists.
func (r *registry) Add(fn reflect.Value, id Identity) {
	p := Closure(fn)
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

// Closure returns the address of a function value's closure.
func Closure(fn reflect.Value) *byte {
	f := fn.Interface()
	return (*[2]*byte)(unsafe.Pointer(&f))[1]
}
