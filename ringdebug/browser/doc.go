// Package browser tests the pages of ringdebug in a real browser. It is a module of its own, so
// that the core does not know the library that drives it.
package browser
