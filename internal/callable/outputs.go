package callable

import (
	"reflect"
	"sync"
	"weak"
)

// outputRoom is where the results of typed calls lie that have more of them than inputs.
// What was lent once is not lent again: reflect reads it after the call, and does not say
// when it is done. The room itself is held only by what was lent, so that the next garbage
// collection frees old results, as it does those that lie in a slice of their own.
type outputRoom struct {
	values weak.Pointer[outputValues]
	used   int
}

type outputValues [128]reflect.Value

var outputRooms = sync.Pool{New: func() any { return new(outputRoom) }}

// lendOutputs returns a slice for n results, which are zero.
func lendOutputs(n int) []reflect.Value {
	if n > len(outputValues{})/4 {
		return make([]reflect.Value, n)
	}
	room := outputRooms.Get().(*outputRoom)
	values := room.values.Value()
	if values == nil || room.used+n > len(values) {
		values = new(outputValues)
		*room = outputRoom{values: weak.Make(values)}
	}
	out := values[room.used : room.used+n : room.used+n]
	room.used += n
	outputRooms.Put(room)
	return out
}
