package porting_test

import "github.com/ring-go/ring"

func Example_typing() {
	ann := &Member{"ann"}
	length := ring.Wrap(lengthOf, ring.Lru{})

	v, err := length.Call("ring")
	must(err)
	n := v.(int) // what lengthOf returns

	lengthFunc := length.Func().(func(string) int)
	friends := memberFriends.Bind(ann).Func().(func(int) string)

	show(n, lengthFunc("ring"), friends(3))
	// Output:
	// runs for ring
	// 4 4 3 friends of ann
}
