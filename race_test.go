//go:build race

package ring_test

// racing is what the race detector may add to the allocations of a call.
const racing = 4.0
