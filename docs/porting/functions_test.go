package porting_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

func upper(word string) string {
	fmt.Println("runs for", word)
	return strings.ToUpper(word)
}

func Example_functions() {
	shout := ring.Wrap(upper, ring.Lru{MaxSize: 1000, Expire: time.Minute})

	show(shout.Call("hello")) // runs, and is kept for a minute
	show(shout.Call("hello")) // cached
	show(shout.Key("hello"))  // what it is kept under
	show(shout.Has("hello"))
	show(shout.Update("hello"))  // runs in any case, and is kept
	show(shout.Execute("hello")) // runs in any case, and is not kept

	must(shout.Set("HI!", "hello"))
	show(shout.Get("hello"))
	must(shout.Delete("hello"))
	show(shout.Get("hello")) // nil: it is not there

	show(shout.Run("get_or_update", "bye"))
	// Output:
	// runs for hello
	// HELLO
	// HELLO
	// :hello
	// True
	// runs for hello
	// HELLO
	// runs for hello
	// HELLO
	// HI!
	// None
	// runs for bye
	// BYE
}
