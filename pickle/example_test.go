package pickle_test

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/pickle"
)

// dumped is the result of Python's pickle.dumps({"id": 7, "tags": ["a", "b"]}).
const dumped = "\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x02id\x94K\x07\x8c\x04tags\x94]\x94(\x8c\x01a\x94\x8c\x01b\x94eu."

func Example() {
	type user struct {
		ID   int      `pickle:"id"`
		Tags []string `pickle:"tags"`
	}
	data, err := pickle.Marshal(user{7, []string{"a", "b"}}, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	var back user
	fmt.Println(pickle.Unmarshal(data, &back), back)

	var v any
	fmt.Println(pickle.Unmarshal(data, &v), v)
	// Output:
	// <nil> {7 [a b]}
	// <nil> {"id": 7, "tags": ["a", "b"]}
}

func ExampleMarshal() {
	data, err := pickle.Marshal([]any{1, "two", pickle.Tuple{3.0, nil}}, pickle.DefaultProtocol)
	fmt.Printf("%q %v\n", data, err)
	// Output: "\x80\x04\x95\x16\x00\x00\x00\x00\x00\x00\x00](K\x01\x8c\x03twoG@\b\x00\x00\x00\x00\x00\x00N\x86e." <nil>
}

func ExampleUnmarshal() {
	var v any
	if err := pickle.Unmarshal([]byte(dumped), &v); err != nil {
		fmt.Println(err)
		return
	}
	id, ok := v.(*pickle.Dict).Get("id")
	fmt.Println(id, ok)

	var m map[string]any
	if err := pickle.Unmarshal([]byte(dumped), &m); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	// Output:
	// 7 true
	// map[id:7 tags:[a b]]
}

func ExamplePlain() {
	v := []any{pickle.NewDict(pickle.Pair{Key: "a", Value: 1}), pickle.NewDict(pickle.Pair{Key: 1, Value: "a"})}
	fmt.Printf("%T %T\n", v[0], v[1])
	plain := pickle.Plain(v).([]any)
	fmt.Printf("%T %T\n", plain[0], plain[1])
	// Output:
	// *pickle.Dict *pickle.Dict
	// map[string]interface {} *pickle.Dict
}

func ExampleCheckType() {
	type good struct{ When time.Time }
	type bad struct{ Err error }
	fmt.Println(pickle.CheckType(reflect.TypeFor[good]()))
	fmt.Println(pickle.CheckType(reflect.TypeFor[bad]()))
	// Output:
	// <nil>
	// pickle: field Err: error: what it held cannot be told from a pickle: use the type itself
}

func ExampleClassError() {
	var v any
	err := pickle.Unmarshal([]byte("cos\nsystem\n(S'rm -rf /'\ntR."), &v)
	var class *pickle.ClassError
	fmt.Println(errors.As(err, &class), class.Module, class.Name, errors.Is(err, errors.ErrUnsupported))
	// Output: true os system true
}

func ExampleTypeError() {
	var row struct{ Tags map[string]int }
	err := pickle.Unmarshal([]byte(dumped), &row)
	var mismatch *pickle.TypeError
	fmt.Println(errors.As(err, &mismatch), mismatch.Field, mismatch.Value, mismatch.Type)
	// Output: true Tags list map[string]int
}

func Example_syntax() {
	var v any
	err := pickle.Unmarshal([]byte(dumped[:20]), &v)
	fmt.Println(errors.Is(err, pickle.ErrSyntax))
	// Output: true
}

func ExampleDict() {
	d := pickle.NewDict(pickle.Pair{Key: "b", Value: 1}, pickle.Pair{Key: 1, Value: "int"})
	d.Set(1.0, "float") // the same key as 1, as in Python
	d.Set(pickle.Tuple{"x", 2}, nil)
	fmt.Println(d, d.Len())
	fmt.Println(d.Get(pickle.Tuple{"x", 2}))
	fmt.Println(d.Delete("b"), d.Delete("b"))
	for key, value := range d.All() {
		fmt.Println(key, value)
	}
	// Output:
	// {"b": 1, 1: "float", ("x", 2): None} 3
	// <nil> true
	// true false
	// 1 float
	// [x 2] <nil>
}

func ExampleOrderedDict() {
	d := pickle.NewOrderedDict(pickle.Pair{Key: "z", Value: 1})
	d.Set("a", 2)
	fmt.Println(d)
	// Output: OrderedDict({"z": 1, "a": 2})
}

func ExampleSet() {
	s := pickle.NewSet("a", 1)
	s.Add(true) // equal to 1
	s.Add("b")
	fmt.Println(s, s.Len(), s.Has(1.0))
	for item := range s.All() {
		fmt.Print(item, " ")
	}
	// Output:
	// {"a", 1, "b"} 3 true
	// a 1 b
}

func ExampleFrozenSet() {
	s := pickle.NewFrozenSet(1, 2)
	d := pickle.NewDict(pickle.Pair{Key: s, Value: "both"})
	fmt.Println(s.Len(), s.Has(2))
	fmt.Println(d.Get(pickle.NewFrozenSet(2, 1)))
	for item := range s.All() {
		fmt.Print(item, " ")
	}
	// Output:
	// 2 true
	// both true
	// 1 2
}

func ExampleTuple() {
	data, _ := pickle.Marshal(pickle.Tuple{"a", 1}, 2)
	var pair struct{ Name, Count any }
	var items []any
	fmt.Println(pickle.Unmarshal(data, &items), items)
	fmt.Println(pickle.Unmarshal(data, &pair))
	// Output:
	// <nil> [a 1]
	// pickle: tuple as struct { Name interface {}; Count interface {} }: the types do not match
}

func ExampleByteArray() {
	data, _ := pickle.Marshal([]any{[]byte("bytes"), pickle.ByteArray("bytearray")}, 5)
	var v []any
	fmt.Println(pickle.Unmarshal(data, &v))
	fmt.Printf("%T %T\n", v[0], v[1])
	// Output:
	// <nil>
	// []uint8 pickle.ByteArray
}

func ExampleDecimal() {
	data, _ := pickle.Marshal(pickle.Decimal("1.50"), 0)
	var price pickle.Decimal
	fmt.Println(pickle.Unmarshal(data, &price), price)
	// Output: <nil> 1.50
}

func ExampleUUID() {
	data, _ := pickle.Marshal(pickle.UUID{0x12, 0x34}, 0)
	var id pickle.UUID
	fmt.Println(pickle.Unmarshal(data, &id), id)
	// Output: <nil> 12340000-0000-0000-0000-000000000000
}

func ExampleDate() {
	day := pickle.Date{Year: 2024, Month: time.February, Day: 29}
	fmt.Println(day, day.Time(time.UTC))
	// Output: 2024-02-29 2024-02-29 00:00:00 +0000 UTC
}
