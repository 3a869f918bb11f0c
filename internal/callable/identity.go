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

// Identity is who a function is. It is found once, and travels along when a cached
// function is wrapped again.
type Identity struct {
	Name      string // package path and name: example.com/shop.Item.Price
	Short     string // the name without the package: Item.Price
	Origin    origin // declared: name means this function and no other, in every run
	Stable    bool   // name does, if only because the user gave it
	Receiver  bool   // the first parameter is the receiver of a method expression
	Signature *signature.Signature
}

// Identify tells who a function is by its runtime name.
//
// The name is that of the code, so it says nothing of what a closure, a method
// value or a generic instantiation was made with. Only a declared function and a
// method expression are known by it.
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

// SplitPackage cuts a runtime name behind the package path, in which the runtime
// writes a dot of the last element as %2e.
func SplitPackage(full string) (pkg, local string) {
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

// Decorated remembers the identity of the functions that ropes have made. They all
// share one piece of code, so it goes by the closure. An entry goes with it.
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
	if !ok || e.closure.Value() != p { // an address that was used again
		return Identity{}, false
	}
	return e.id, true
}

// Add remembers who fn is, for as long as there is fn.
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

// Closure returns what a function value points to.
func Closure(fn reflect.Value) *byte {
	f := fn.Interface()
	return (*[2]*byte)(unsafe.Pointer(&f))[1]
}
