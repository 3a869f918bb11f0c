// Package uses calls the ropes of another package.
package uses

import (
	"github.com/ring-go/ring"
	"github.com/ring-go/ring/tools/ringvet/call/testdata/cases"
)

var clips = ring.Wrap(cases.Clip, ring.Lru{})

func uses() {
	clips.Call("a", ring.Kwargs{"length": 3})
	clips.Call(1)              // want `parameter 1, "text": int is not string`
	cases.Summary.Call(1)      // want `missing 1 required positional argument`
	cases.Summary.Call("a", 1) // good
	cases.Named.Call("a")
	cases.Named.Call("a", true)           // want `parameter 2, "limit": bool is not int`
	cases.Held.Rope.Call("a")             // want `missing 1 required`
	(&cases.Holder{}).Rope.Call("a", "b") // want `parameter 2: string is not int`
}
