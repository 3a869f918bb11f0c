//go:build race

package ring_test

// racing is the number of allocations that the race detector may add to a call.
const racing = 4.0
