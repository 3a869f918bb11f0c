package ringdebug

import (
	"fmt"
	"reflect"
)

// maxParts is how many elements, fields and bytes of text a value has at most that is written.
const maxParts = 10_000

// valueText writes a value of the user, unless it is large. One that contains itself has no end,
// and would end the program.
func valueText(value any) string {
	parts := maxParts
	if v := reflect.ValueOf(value); v.IsValid() && !isSmall(v, &parts, true) {
		return fmt.Sprintf("a %T, which is too large to be written here", value)
	}
	return shorten(fmt.Sprintf("%+v", value))
}

// isSmall reports whether v has not more parts than are left. Package fmt follows a pointer only
// at the top.
func isSmall(v reflect.Value, left *int, top bool) bool {
	if *left--; *left < 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer:
		return !top || v.IsNil() || isSmall(v.Elem(), left, false)
	case reflect.Interface:
		return v.IsNil() || isSmall(v.Elem(), left, false)
	case reflect.String:
		*left -= v.Len()
	case reflect.Slice, reflect.Array:
		return areSmall(v.Len(), v.Index, left)
	case reflect.Struct:
		return areSmall(v.NumField(), v.Field, left)
	case reflect.Map:
		for all := v.MapRange(); all.Next(); {
			if !isSmall(all.Key(), left, false) || !isSmall(all.Value(), left, false) {
				return false
			}
		}
	}
	return *left >= 0
}

// areSmall is isSmall for n parts of a value.
func areSmall(n int, part func(int) reflect.Value, left *int) bool {
	for i := range n {
		if !isSmall(part(i), left, false) {
			return false
		}
	}
	return true
}
