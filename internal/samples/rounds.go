package samples

// Rounds returns how many of n rounds a test makes of what a single goroutine computes: all
// of them, or a quarter under the race detector, which makes them ten times slower and has
// nothing to find there.
func Rounds(n int) int { return max(n/slowdown, 1) }
