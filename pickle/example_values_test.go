package pickle_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/pickle"
)

func ExampleNewDict() {
	d := pickle.NewDict(pickle.Pair{Key: "b", Value: 1}, pickle.Pair{Key: "a", Value: 2}, pickle.Pair{Key: "b", Value: 3})
	fmt.Println(d)
	// Output: {"b": 3, "a": 2}
}

func ExamplePair() {
	fmt.Println(pickle.NewDict(pickle.Pair{Key: pickle.Tuple{1, 2}, Value: "a tuple can be a key"}))
	// Output: {(1, 2): "a tuple can be a key"}
}

func ExampleDict_Get() {
	d := pickle.NewDict(pickle.Pair{Key: 1, Value: "one"})
	fmt.Println(d.Get(1.0)) // equal in Python
	fmt.Println(d.Get("1"))
	// Output:
	// one true
	// <nil> false
}

func ExampleDict_Set() {
	var d pickle.Dict
	d.Set("x", 1)
	d.Set("x", 2)
	fmt.Println(&d)
	// Output: {"x": 2}
}

func ExampleDict_Delete() {
	d := pickle.NewDict(pickle.Pair{Key: "x", Value: 1})
	fmt.Println(d.Delete("x"), d.Delete("x"), d)
	// Output: true false {}
}

func ExampleDict_Len() {
	fmt.Println(pickle.NewDict(pickle.Pair{Key: "x"}).Len())
	// Output: 1
}

func ExampleDict_All() {
	d := pickle.NewDict(pickle.Pair{Key: "b", Value: 1}, pickle.Pair{Key: "a", Value: 2})
	for key, value := range d.All() {
		fmt.Println(key, value)
	}
	// Output:
	// b 1
	// a 2
}

func ExampleDict_String() {
	fmt.Println(pickle.NewDict(pickle.Pair{Key: "x", Value: nil}).String())
	// Output: {"x": None}
}

func ExampleNewOrderedDict() {
	d := pickle.NewOrderedDict(pickle.Pair{Key: "b", Value: 1}, pickle.Pair{Key: "a", Value: 2})
	fmt.Println(d.Len(), d)
	// Output: 2 OrderedDict({"b": 1, "a": 2})
}

func ExampleOrderedDict_String() {
	fmt.Println(pickle.NewOrderedDict().String())
	// Output: OrderedDict({})
}

func ExampleNewSet() {
	fmt.Println(pickle.NewSet(1, 2, 1.0))
	// Output: {1, 2}
}

func ExampleSet_Add() {
	var s pickle.Set
	s.Add("a")
	s.Add("a")
	fmt.Println(&s)
	// Output: {"a"}
}

func ExampleSet_Has() {
	s := pickle.NewSet(1)
	fmt.Println(s.Has(true), s.Has(2))
	// Output: true false
}

func ExampleSet_Len() {
	fmt.Println(pickle.NewSet("a", "b").Len())
	// Output: 2
}

func ExampleSet_All() {
	for member := range pickle.NewSet("b", "a").All() {
		fmt.Println(member)
	}
	// Output:
	// b
	// a
}

func ExampleSet_String() {
	fmt.Println(pickle.NewSet().String())
	// Output: set()
}

func ExampleNewFrozenSet() {
	fmt.Println(pickle.NewFrozenSet(1, 2))
	// Output: frozenset({1, 2})
}

func ExampleFrozenSet_Has() {
	fmt.Println(pickle.NewFrozenSet("a").Has("a"))
	// Output: true
}

func ExampleFrozenSet_Len() {
	fmt.Println(pickle.NewFrozenSet("a", "a").Len())
	// Output: 1
}

func ExampleFrozenSet_All() {
	for member := range pickle.NewFrozenSet("b", "a").All() {
		fmt.Println(member)
	}
	// Output:
	// b
	// a
}

func ExampleFrozenSet_String() {
	fmt.Println(pickle.NewFrozenSet().String())
	// Output: frozenset({})
}

func ExampleDate_String() {
	fmt.Println(pickle.Date{Year: 2024, Month: time.February, Day: 29}.String())
	// Output: 2024-02-29
}

func ExampleDate_Time() {
	fmt.Println(pickle.Date{Year: 2024, Month: time.February, Day: 29}.Time(time.UTC))
	// Output: 2024-02-29 00:00:00 +0000 UTC
}

func ExampleUUID_String() {
	fmt.Println(pickle.UUID{0xde, 0xad, 0xbe, 0xef}.String())
	// Output: deadbeef-0000-0000-0000-000000000000
}

func ExampleClassError_Error() {
	fmt.Println((&pickle.ClassError{Module: "posix", Name: "system"}).Error())
	// Output: pickle: posix.system is not plain data: register a Go type for the class, or have Python store built-in types
}

func ExampleClassError_Unwrap() {
	fmt.Println(errors.Is(&pickle.ClassError{Module: "posix", Name: "system"}, errors.ErrUnsupported))
	// Output: true
}

func ExampleTypeError_Error() {
	data, err := pickle.Marshal(300, 0)
	if err != nil {
		fmt.Println(err)
	}
	var small int8
	fmt.Println(pickle.Unmarshal(data, &small).Error())
	// Output: pickle: int 300 as int8: the value does not fit
}

func ExampleTypeError_Unwrap() {
	data, err := pickle.Marshal("no time", 0)
	if err != nil {
		fmt.Println(err)
	}
	var misfit *pickle.TypeError
	var t time.Time
	fmt.Println(errors.As(pickle.Unmarshal(data, &t), &misfit), misfit.Unwrap())
	// Output: true <nil>
}

func ExampleTime() {
	data, err := pickle.Marshal(pickle.Time{Hour: 9, Minute: 30}, 0) // datetime.time(9, 30)
	if err != nil {
		fmt.Println(err)
	}
	var opens pickle.Time
	fmt.Println(pickle.Unmarshal(data, &opens), opens)
	// Output: <nil> 09:30:00
}

func ExampleTime_String() {
	fmt.Println(pickle.Time{Hour: 9, Microsecond: 5, Location: time.UTC}.String())
	// Output: 09:00:00.000005 UTC
}

func ExampleTime_On() {
	day := pickle.Date{Year: 2024, Month: time.February, Day: 29}
	fmt.Println(pickle.Time{Hour: 9}.On(day, time.UTC))
	// Output: 2024-02-29 09:00:00 +0000 UTC
}

func ExampleRange() {
	data, err := pickle.Marshal(pickle.Range{Start: 10, Stop: 0, Step: -3}, 0)
	if err != nil {
		fmt.Println(err)
	}
	var r pickle.Range
	fmt.Println(pickle.Unmarshal(data, &r), r)
	// Output: <nil> range(10, 0, -3)
}

func ExampleRange_All() {
	for i := range (pickle.Range{Start: 10, Stop: 0, Step: -3}).All() {
		fmt.Print(i, " ")
	}
	// Output: 10 7 4 1
}

func ExampleRange_Len() {
	fmt.Println(pickle.Range{Start: 10, Stop: 0, Step: -3}.Len())
	// Output: 4
}

func ExampleRange_String() {
	fmt.Println(pickle.Range{Stop: 5, Step: 1}.String())
	// Output: range(0, 5)
}
