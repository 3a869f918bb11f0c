// Package samples has values of all types that a parameter can have, for tests: fixed
// ones and random ones.
package samples

import (
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring/internal/pyvalue"
)

// Source is the source of random values: a generator, or the bytes of a fuzzer. It
// returns a number below n.
type Source func(n int) int

// Random returns a generator.
func Random(seed uint64) Source {
	return rand.New(rand.NewPCG(seed, 1)).IntN
}

// FromBytes returns a Source that makes the same values for the same bytes.
func FromBytes(data []byte) Source {
	i := 0
	return func(n int) int {
		if i >= len(data) {
			return 0
		}
		i++
		return int(data[i-1]) % n
	}
}

// Value makes a value of a random type. A type can occur more than once, with other
// values.
func (s Source) Value() (reflect.Type, any) {
	m := makers[s(len(makers))]
	return m.typ, m.make(s)
}

// Make makes a value of a type that Function has returned.
func (s Source) Make(typ reflect.Type) any {
	return makers[slices.IndexFunc(makers, func(m maker) bool { return m.typ == typ })].make(s)
}

// Function makes the types of the parameters of a function, and calls of it.
func (s Source) Function() (types []reflect.Type, call func() []any) {
	var params []maker
	for range 1 + s(4) {
		params = append(params, makers[s(len(makers))])
	}
	for _, p := range params {
		types = append(types, p.typ)
	}
	return types, func() []any {
		args := make([]any, len(params))
		for i, p := range params {
			args[i] = p.make(s)
		}
		return args
	}
}

// pieces are the parts of adversarial strings.
var pieces = []string{
	"", "a", "b", ":", `\`, ",", "'", `"`, " ", "(", ")", "[", "]", "{", "}", "&", "1", "0", "-", ".", "e", "None", "True", "b'",
	"int64(1)", "x,y", "a:b", `\:`, `'a'`, "=", "é", "\xff", "\n", "hash:", "X,", "set()",
}

func (s Source) string() string {
	var b strings.Builder
	for range s(4) {
		b.WriteString(pieces[s(len(pieces))])
	}
	return b.String()
}

func (s Source) strings() []string {
	list := []string{}
	for range s(3) {
		list = append(list, s.string())
	}
	return list
}

func (s Source) pointer() *string {
	if s(4) == 0 {
		return nil
	}
	text := s.string()
	return &text
}

func (s Source) list(depth int) []any {
	list := []any{}
	for range s(3) {
		list = append(list, s.any(depth+1))
	}
	return list
}

func (s Source) dict(depth int) map[string]any {
	m := map[string]any{}
	for range s(3) {
		m[s.string()] = s.any(depth + 1)
	}
	return m
}

func (s Source) member() any {
	return []any{s.string(), s(3), true, nil, 1.0, [2]any{s.string(), s(2)}, [1]byte{'a'}, int8(1), wordKey(s.string()), [2]string{"a", s.string()}}[s(10)]
}

// any makes a value of any type.
func (s Source) any(depth int) any {
	if depth > 2 {
		return s.string()
	}
	switch s(20) {
	default:
		return s.string()
	case 1:
		return s(3)
	case 2:
		return float64(s(3))
	case 3:
		return s(2) == 0
	case 4:
		return nil
	case 5:
		return s.list(depth)
	case 6:
		return pyvalue.Tuple(s.list(depth))
	case 7:
		return s.dict(depth)
	case 8:
		return []byte(s.string())
	case 9:
		return int64(s(3))
	case 10:
		return s.strings()
	case 11:
		return wordKey(s.string())
	case 12:
		return keyStruct{s.string(), s.any(depth + 1), s.strings(), s.pointer()}
	case 13:
		return s.pointer()
	case 14:
		return pyvalue.Ellipsis
	case 15:
		return map[any]struct{}{s.member(): {}}
	case 16:
		return pyvalue.FrozenSet{s.member(): {}}
	case 17:
		return float32(s(3))
	case 18:
		return big.NewInt(int64(s(3)))
	case 19:
		return []any{s.time(), s.float(), s.addr(), s.user(), money{s(2), s.string()}, account{s(2)}, timeAndName{s.time(), s.string()}, localTypes[s(len(localTypes))],
			localRow(s(3))}[s(9)]
	}
}
