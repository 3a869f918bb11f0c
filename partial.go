package ring

import (
	"slices"
	"sync/atomic"

	"github.com/ring-go/ring/internal/keytext"
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
	worst := k.Completeness()
	r.partial.always.Store(!r.ui.standard || k.Refactor != nil && !sameFunc(k.Refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.Parts) < len(r.fn.Params) || worst == keytext.Incomplete)
	r.partial.dynamic = worst == keytext.Undecided
}

// has tells whether the key of a call is partial.
func (k *partialKeys) has(bound any, args []any, kwargs Kwargs) bool {
	return k.always.Load() || k.dynamic && k.hasDynamic(bound, args, kwargs)
}

func (k *partialKeys) hasDynamic(bound any, args []any, kwargs Kwargs) bool {
	if keytext.IsIncomplete(bound) || slices.ContainsFunc(args, keytext.IsIncomplete) {
		return true
	}
	for _, v := range kwargs {
		if keytext.IsIncomplete(v) {
			return true
		}
	}
	return false
}
