// Package context has the name of another one.
package context

// Context is no context.
type Context struct{ N int }

// Get is a function of another package.
func Get(c Context, ring string) (int, error) { return c.N + len(ring), nil }
