package porting_test

import (
	"fmt"
	"strings"

	"github.com/ring-go/ring"
)

type CaseBlind struct{ ring.CacheUserInterface }

func (c CaseBlind) Key(w *ring.Wire, p ring.ArgPack) (string, error) { // replaced; all others use it
	key, err := c.CacheUserInterface.Key(w, p)
	return strings.ToLower(key), err
}

func (c CaseBlind) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{"pop": c.pop} // added
}

func (CaseBlind) pop(w *ring.Wire, p ring.ArgPack) (any, error) {
	value, err := w.UserInterface().Get(w, p)
	if err != nil {
		return nil, err
	}
	return value, w.UserInterface().Delete(w, p)
}

func lengthOf(word string) int {
	fmt.Println("runs for", word)
	return len(word)
}

func Example_interface() {
	length := ring.Wrap(lengthOf, ring.Lru{UserInterface: CaseBlind{}})

	show(length.Call("Python"))
	show(length.Call("PYTHON"))
	show(length.Key("PYTHON"))
	show(length.Run("pop", "python"))
	show(length.Run("pop", "python"))
	// Output:
	// runs for Python
	// 6
	// 6
	// :python
	// 6
	// None
}
