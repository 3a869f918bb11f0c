package ring

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/ring-go/ring/internal/callable"
)

// registered holds the signatures of functions without a Signature option, by the address of
// their code. All closures of one code have the same parameters.
var registered sync.Map // of uintptr, string

// RegisterSignature declares the parameters of a function for every later Wrap without a
// Signature option, so that they have names in IgnorableKeys, Kwargs and Explain. It is for
// the code that ringgen writes, which calls it before the package variables are wrapped; by
// hand, the Signature option is easier. A rope's keys are the same with and without names.
//
// A nil function and one that ring has made are left as they are. RegisterSignature panics
// with an *Error if the text is no Signature of fn. Its result is there to initialise a
// package variable.
func RegisterSignature(fn any, signature string) struct{} {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() || !callable.HasOwnCode(v) {
		return struct{}{}
	}
	c, err := callable.Inspect(fn, &signature)
	if err != nil {
		panic(&Error{Action: "register", Rope: describe(fn),
			Err: fmt.Errorf("%w: if ringgen wrote this call, its file is out of date", err)})
	}
	registered.Store(c.Func.Pointer(), signature)
	return struct{}{}
}

// registeredSignature returns the signature that is registered for fn, or nil.
func registeredSignature(fn any) *string {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return nil
	}
	text, ok := registered.Load(v.Pointer())
	if !ok || !callable.HasOwnCode(v) {
		return nil
	}
	s := text.(string)
	return &s
}
