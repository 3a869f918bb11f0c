package callable

import (
	"reflect"
	"sync"
	"weak"
)

// outputRoom holds the results of typed calls that have more results than inputs. It
// does not reuse a slice that it has lent: reflect reads it after the call, and does
// not say when it has finished. Only lent slices refer to the room, so the next garbage
// collection frees old results, like those in separate slices.
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
