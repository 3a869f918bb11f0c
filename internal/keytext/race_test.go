//go:build race

package keytext

// racing says that the race detector is on, which allocates.
const racing = true
