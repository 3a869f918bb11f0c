// Package cases has good and bad cases for the check capture.
package cases

import "github.com/ring-go/ring"

func bad() *ring.Rope {
	factor := 2
	r := ring.Wrap(func(n int) int { return n * factor }, ring.Lru{}) // want `the function uses factor, which is not in the key and changes later \(line 9\)`
	factor = 3
	return r
}

func badLoop() (ropes []*ring.Rope) {
	total := 0
	for i := range 3 {
		ropes = append(ropes, ring.Wrap(func(n int) int { return n + total + i }, ring.Lru{})) // want `uses total`
		total++
	}
	return ropes
}

var factor = 2

func good(arg int) *ring.Rope {
	runs := 0
	before := 1
	before = 2
	r := ring.Wrap(func(n int) int {
		runs++
		return n * before * arg * factor
	}, ring.Lru{})
	runs = 0
	factor = 3
	return r
}
