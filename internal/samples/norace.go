//go:build !race

package samples

const slowdown = 1
