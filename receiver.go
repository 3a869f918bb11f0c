package ring

import (
	"fmt"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
)

// receiverNotInKey looks for methods whose receivers come to one key, and so to each
// other's results.
func (r *Rope) receiverNotInKey() (Finding, bool) {
	if r.makesOwnKeys() {
		return Finding{}, false
	}
	f := Finding{Kind: ReceiverNotInKey}
	switch {
	case r.fn.Origin == callable.MethodValue && !r.private:
		f.Message = fmt.Sprintf("it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix %q come to its values", r.plan.Prefix)
		f.Remedy = r.fn.BindRemedy()
	case !r.fn.Receiver || r.fn.Params[0].Type.Size() == 0: // a value without state is one receiver
		return Finding{}, false
	case !r.plan.Has(0):
		f.Message = "IgnorableKeys leaves its receiver out of the key, so that all receivers have each other's results"
		f.Remedy = "leave it in, and " + ringKeyRemedy
	case keytext.AddsNothing(r.fn.Params[0].Type):
		f.Message = fmt.Sprintf("all receivers of the type %v have one key, since it has no fields that are in it, and so each other's results", r.fn.Params[0].Type)
		f.Remedy = ringKeyRemedy
	default:
		return Finding{}, false
	}
	return f, true
}

const ringKeyRemedy = "give the type a method RingKey() string that tells apart the receivers whose results differ, with one text for all if no results do"
