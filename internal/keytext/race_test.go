//go:build race

package keytext

// racing tells that the race detector is on, which allocates.
const racing = true
