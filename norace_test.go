//go:build !race

package ring

const racing = 0.0
