//go:build race

package ringdebug

// underRace: the race detector makes everything slow.
const underRace = true
