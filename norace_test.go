//go:build !race

package ring_test

const racing = 0.0
