//ringvet:ignore call an error is what this shows

package porting_test

import (
	"errors"

	"github.com/ring-go/ring"
)

var errNobody = errors.New("nobody to share with")

func shareOf(total, among int) (int, error) {
	if among == 0 {
		return 0, errNobody
	}
	return total / among, nil
}

func Example_errors() {
	share := ring.Wrap(shareOf, ring.Lru{})

	_, err := share.Call(1)
	if errors.Is(err, ring.ErrArguments) {
		show("wrong arguments")
	}

	_, err = share.Call(1, 0)
	if errors.Is(err, errNobody) {
		has, err := share.Has(1, 0)
		show("the error of the function:", has, err)
	}
	// Output:
	// wrong arguments
	// the error of the function: False
}
