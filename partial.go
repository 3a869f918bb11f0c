package ring

import (
	"slices"
	"sync/atomic"
)

// partialKeys tells of a rope whether calls with different arguments can have one key,
// because it leaves something out or is the user's own. A call within the run of such a
// key, with the same key, need not be endless.
type partialKeys struct {
	always  atomic.Bool
	dynamic bool // if what an interface holds leaves something out
}

func (r *Rope) findPartialKeys() {
	k := r.plan
	worst := k.completeness()
	r.partial.always.Store(!r.ui.standard || k.refactor != nil && !sameFunc(k.refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.parts) < len(r.fn.params) || worst == incomplete)
	r.partial.dynamic = worst == undecided
}

// has tells whether the key of a call is partial.
func (k *partialKeys) has(bound any, args []any, kwargs Kwargs) bool {
	return k.always.Load() || k.dynamic && k.hasDynamic(bound, args, kwargs)
}

func (k *partialKeys) hasDynamic(bound any, args []any, kwargs Kwargs) bool {
	if isIncomplete(bound) || slices.ContainsFunc(args, isIncomplete) {
		return true
	}
	for _, v := range kwargs {
		if isIncomplete(v) {
			return true
		}
	}
	return false
}
