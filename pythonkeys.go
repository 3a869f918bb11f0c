package ring

import (
	"fmt"
	"strings"

	"github.com/ring-go/ring/internal/keytext"
)

// pythonPlan makes the keys that the rope would have with PythonKeys.
func (r *Rope) pythonPlan() (*keytext.Plan, error) {
	k, err := keytext.NewPlan(keyParams(r.fn, r.config.IgnorableKeys), rulesOf(PythonKeys, r.storage.Memory), r.plan.Prefix)
	if err != nil {
		return nil, err
	}
	if what := k.OwnHash(); what != "" {
		return nil, fmt.Errorf("%s: Python's hash of it is its own", what)
	}
	k.Reform(r.plan.Encoding, r.plan.Refactor)
	return k, nil
}

// pythonKey is the key that a call has with PythonKeys.
func (r *Rope) pythonKey(values []any) (string, error) {
	k, err := r.pythonPlan()
	if err != nil {
		return "", err
	}
	return k.Key(values)
}

// pythonDiffers compares the keys with those of a Python process that was given the
// same prefix. One that is the Go function's own name nobody would give there.
func (r *Rope) pythonDiffers() (Finding, bool) {
	if !r.base.isOutside() || r.config.KeyStyle == PythonKeys || r.makesOwnKeys() || r.plan.Prefix == r.original().Name {
		return Finding{}, false
	}
	f := Finding{Kind: PythonDiffers, Remedy: "if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do"}
	python, err := r.pythonPlan()
	if err != nil {
		f.Message = "a Python process cannot have these keys: " + err.Error()
		f.Remedy = "if Python shares the values, give it a type with a text, such as RingKey() string; otherwise there is nothing to do"
		return f, true
	}
	all := r.plan.Differences(python)
	if all == nil {
		return Finding{}, false
	}
	f.Message = "a Python process can come to other keys, and miss, " + strings.Join(all, "; ")
	return f, true
}
