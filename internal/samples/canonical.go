package samples

import (
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"
)

func canonical(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nothing"
	case v.Kind() == reflect.Interface && v.IsNil(), v.Kind() == reflect.Pointer && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Interface:
		return fmt.Sprintf("<%v %p %s>", v.Elem().Type(), v.Elem().Type(), canonical(v.Elem()))
	}
	if text, ok := canonicalStandard(v); ok {
		return text
	}
	switch v.Kind() {
	case reflect.Pointer:
		return "to " + canonical(v.Elem())
	case reflect.String:
		return fmt.Sprintf("%d=%s", v.Len(), v.String())
	case reflect.Slice, reflect.Array:
		text := fmt.Sprintf("%d[", v.Len())
		for i := range v.Len() {
			text += canonical(v.Index(i)) + ";"
		}
		return text
	case reflect.Map:
		var entries []string
		for it := v.MapRange(); it.Next(); {
			entries = append(entries, canonical(it.Key())+" is "+canonical(it.Value()))
		}
		slices.Sort(entries)
		return fmt.Sprintf("%d{%q", len(entries), entries)
	case reflect.Struct:
		text := v.Type().String()
		for i := range v.NumField() {
			text += "." + canonical(v.Field(i))
		}
		return text
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// canonicalStandard returns the text of a value whose fields do not say everything.
func canonicalStandard(v reflect.Value) (string, bool) {
	switch {
	case v.Type() == reflect.TypeFor[*big.Int]():
		return "big " + v.Interface().(*big.Int).String(), true
	case v.Type() == reflect.TypeFor[time.Time]():
		at := v.Interface().(time.Time)
		_, offset := at.Zone()
		return fmt.Sprintf("%d %d %p", at.UnixNano(), offset, at.Location()), true
	case v.Type() == reflect.TypeOf(reflect.TypeFor[int]()) || v.Type() == reflect.TypeFor[reflect.Type]():
		return fmt.Sprintf("type %p", v.Interface()), true
	case v.Type() == reflect.TypeFor[*big.Float]():
		return fmt.Sprintf("%#v", *v.Interface().(*big.Float)), true
	case v.Type() == reflect.TypeFor[big.Float]() || v.Type() == reflect.TypeFor[account]():
		return fmt.Sprintf("%#v", v.Interface()), true
	case v.Type() == reflect.TypeFor[netip.Addr]():
		return v.Interface().(netip.Addr).String(), true
	case v.Type() == reflect.TypeFor[netip.AddrPort]():
		p := v.Interface().(netip.AddrPort)
		return fmt.Sprintf("%v %d", p.Addr(), p.Port()), true
	case v.Type() == reflect.TypeFor[netip.Prefix]():
		p := v.Interface().(netip.Prefix)
		return fmt.Sprintf("%v %d", p.Addr(), p.Bits()), true
	case v.Type() == reflect.TypeFor[url.Userinfo]():
		user := v.Interface().(url.Userinfo)
		password, set := user.Password()
		return fmt.Sprintf("%q %q %v", user.Username(), password, set), true
	}
	return "", false
}

// Canonical returns the text of a call's arguments: long, with the type and length of
// everything in it, so that different calls obviously have different texts.
func Canonical(types []reflect.Type, args []any) string {
	text := ""
	for i := range args {
		v := reflect.ValueOf(&args[i]).Elem()
		if types[i].Kind() != reflect.Interface {
			v = v.Elem()
		}
		text += canonical(v) + "|"
	}
	return text
}
