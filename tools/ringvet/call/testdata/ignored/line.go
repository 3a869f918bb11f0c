// Package ignored has calls that fail on purpose.
package ignored

import "github.com/ring-go/ring"

var double = ring.Wrap(func(n int) int { return 2 * n }, ring.Lru{})

func lines() {
	double.Call() //ringvet:ignore call this is about the error
	//ringvet:ignore assert,call
	double.Call()

	double.Call()     // want `missing 1 required`
	double.Call()     /* another comment */ // want `missing 1 required`
	double.Call()     /* ringvet:ignore */  // want `missing 1 required`
	double.Call("a")  // want `string is not int`
	double.Call(1, 2) //ringvet:ignore assert this is another check // want `takes 1 positional argument`
}
