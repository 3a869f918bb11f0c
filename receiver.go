package ring

import (
	"fmt"
	"reflect"
	"slices"
)

// receiverNotInKey looks for methods whose receivers come to one key, and so to each
// other's results.
func (r *Rope) receiverNotInKey() (Finding, bool) {
	if r.makesOwnKeys() {
		return Finding{}, false
	}
	f := Finding{Kind: ReceiverNotInKey}
	switch {
	case r.fn.origin == methodValue && !r.private:
		f.Message = fmt.Sprintf("it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix %q come to its values", r.plan.prefix)
		f.Remedy = r.fn.bindRemedy()
	case !r.fn.receiver || r.fn.params[0].typ.Size() == 0: // a value without state is one receiver
		return Finding{}, false
	case len(r.plan.parts) == 0 || r.plan.parts[0].param != 0:
		f.Message = "IgnorableKeys leaves its receiver out of the key, so that all receivers have each other's results"
		f.Remedy = "leave it in, and " + ringKeyRemedy
	case addsNothing(r.fn.params[0].typ):
		f.Message = fmt.Sprintf("all receivers of the type %v have one key, since it has no fields that are in it, and so each other's results", r.fn.params[0].typ)
		f.Remedy = ringKeyRemedy
	default:
		return Finding{}, false
	}
	return f, true
}

const ringKeyRemedy = "give the type a method RingKey() string that tells apart the receivers whose results differ, with one text for all if no results do"

// addsNothing tells whether all receivers of a type have one text. Also the addresses of
// values without state can mean something.
func addsNothing(receiver reflect.Type) bool {
	if receiver.Kind() == reflect.Pointer {
		receiver = receiver.Elem()
	}
	return isConstant(receiver, nil)
}

// isConstant tells whether all values of a type have one text, but for nil pointers. What a
// type says of itself is believed. outer are the types that t stands in.
func isConstant(t reflect.Type, outer []reflect.Type) bool {
	if slices.Contains(outer, t) { // a list, of which the length is seen
		return false
	}
	if has(t, ringKeyerType) || has(t, hashableType) || has(t, includableType) || has(t, includableMapType) {
		return false
	}
	outer = append(slices.Clip(outer), t)
	switch t.Kind() {
	case reflect.Pointer:
		return isConstant(t.Elem(), outer)
	case reflect.Array:
		return t.Len() == 0 || isConstant(t.Elem(), outer)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			tag := f.Tag.Get("hash")
			if tag == "string" || tag != "ignore" && tag != "-" && f.Name != "_" && !isConstant(f.Type, outer) {
				return false
			}
		}
		return true
	}
	return false
}
