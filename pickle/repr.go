package pickle

import (
	"encoding"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// The limits of what a String method shows: a value may contain itself.
const (
	reprLength = 64 << 10
	reprDepth  = 32
)

// repr formats a value like Python.
func repr(v any) string {
	r := printer{}
	r.value(v, 0)
	return string(r.out)
}

type printer struct {
	out []byte
}

func (p *printer) add(s string) { p.out = append(p.out, s...) }

func (p *printer) value(v any, depth int) {
	if len(p.out) > reprLength || depth > reprDepth {
		p.add("...")
		return
	}
	switch v := v.(type) {
	case nil:
		p.add("None")
	case bool:
		p.add(map[bool]string{true: "True", false: "False"}[v])
	case string:
		p.out = strconv.AppendQuote(p.out, cut(v))
	case []byte:
		p.add("b" + strconv.Quote(cut(string(v))))
	case ByteArray:
		p.add("bytearray(b" + strconv.Quote(cut(string(v))) + ")")
	case *big.Int:
		p.bigInt(v)
	case Decimal:
		p.add("Decimal(" + strconv.Quote(cut(string(v))) + ")")
	case UUID, Date, Time:
		fmt.Fprintf(p, "%T(%v)", v, v)
	case time.Time:
		p.add(v.Format("datetime(2006-01-02T15:04:05.999999Z07:00)"))
	case Range:
		p.add(v.String())
	case *big.Rat:
		p.rat(v)
	case map[string]any:
		p.goMap(v, depth)
	case []any:
		p.items("[", v, "]", depth)
	case Tuple:
		end := ")"
		if len(v) == 1 {
			end = ",)"
		}
		p.items("(", v, end, depth)
	case *Dict:
		p.dict("{", v, "}", depth)
	case *OrderedDict:
		p.dict("OrderedDict({", &v.Dict, "})", depth)
	case *Set:
		p.set("{", v, "}", depth)
	case *FrozenSet:
		p.set("frozenset({", &v.set, "})", depth)
	default:
		p.other(v)
	}
}

// other formats a value of another type. If it may contain other values it formats only
// the type: fmt would call their String, without end if they contain this value.
func (p *printer) other(v any) {
	if m, ok := v.(encoding.TextMarshaler); ok {
		if text, err := marshalText(m); err == nil {
			p.add(cut(string(text)))
			return
		}
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Struct, reflect.Pointer, reflect.Func, reflect.Chan:
		if loc, ok := v.(*time.Location); ok {
			p.add(cut(loc.String()))
			return
		}
		fmt.Fprintf(p, "%T", v)
	default:
		p.add(cut(fmt.Sprint(v)))
	}
}

// goMap formats a plain map as a dict sorted by its keys.
func (p *printer) goMap(m map[string]any, depth int) {
	p.add("{")
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if !p.more(i) {
			break
		}
		p.value(key, depth+1)
		p.add(": ")
		p.value(m[key], depth+1)
	}
	p.add("}")
}

// Write lets fmt print to p.
func (p *printer) Write(b []byte) (int, error) {
	p.out = append(p.out, b...)
	return len(b), nil
}

func cut(s string) string {
	if len(s) > reprLength {
		return s[:reprLength] + "..."
	}
	return s
}

func (p *printer) bigInt(v *big.Int) {
	if v != nil && v.BitLen() > reprLength {
		fmt.Fprintf(p, "int of %d bits", v.BitLen())
		return
	}
	fmt.Fprint(p, v)
}

func (p *printer) rat(v *big.Rat) {
	if v == nil {
		p.add("None")
		return
	}
	p.add("Fraction(")
	p.bigInt(v.Num())
	p.add(", ")
	p.bigInt(v.Denom())
	p.add(")")
}

// more writes the comma before all items but the first. It returns false if no more are
// to be shown.
func (p *printer) more(i int) bool {
	if i > 0 {
		p.add(", ")
	}
	if len(p.out) > reprLength {
		p.add("...")
		return false
	}
	return true
}

func (p *printer) items(start string, items []any, end string, depth int) {
	p.add(start)
	for i, item := range items {
		if !p.more(i) {
			break
		}
		p.value(item, depth+1)
	}
	p.add(end)
}

func (p *printer) dict(start string, d *Dict, end string, depth int) {
	if d == nil {
		p.add("None")
		return
	}
	p.add(start)
	for i, pair := range d.pairs {
		if !p.more(i) {
			break
		}
		p.value(pair.Key, depth+1)
		p.add(": ")
		p.value(pair.Value, depth+1)
	}
	p.add(end)
}

func (p *printer) set(start string, s *Set, end string, depth int) {
	if s == nil {
		p.add("None")
		return
	}
	if s.Len() == 0 && start == "{" {
		p.add("set()")
		return
	}
	p.add(start)
	for i, pair := range s.members.pairs {
		if !p.more(i) {
			break
		}
		p.value(pair.Key, depth+1)
	}
	p.add(end)
}
