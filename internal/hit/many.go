package hit

import (
	"github.com/ring-go/ring/internal/keytext"
)

// A bulk call of the simple kind has all its keys in one text, of which no string is made
// but for what is not found. Its values lie in an LruCache as they are.

// Append appends the key of one of the calls to t. It reports false when the call is not of
// the simple kind.
func (h *Plan) Append(t *keytext.Text, bound any, isBound bool, args []any) (ok bool) {
	switch {
	case h.way == One && !isBound:
		if ok = len(args) == 1 && keytext.TypeOf(args[0]) == h.one.word; ok {
			t.Buf = h.one.scalar.Append(append(t.Buf, h.head...), args[0])
		}
	case h.way >= Scalars && !isBound:
		ok = len(args) == len(h.fn.Params) && !(h.partial && !h.allFit(args, 0)) && h.appendScalars(t, args)
	case h.way != General && isBound:
		ok = h.appendMethod(t, bound, args)
	default:
		ok = h.writeKey(t, bound, isBound, args)
	}
	t.Ends = append(t.Ends, len(t.Buf))
	return ok
}

// None stands for a value that GetMany has not found.
var None any = new(byte)

// GetMany looks the keys up. It puts None in the place of a value that is missing. It reports
// false, and has counted nothing, when something that it found is no result of the function.
func (h *Plan) GetMany(t *keytext.Text, values []any) (missing int, ok bool) {
	for i := range values {
		values[i] = None
	}
	missing = h.hits.GetMany(t.Buf, t.Ends, values)
	for _, value := range values {
		if !h.accepts(value) && value != None {
			h.hits.TakeBack(len(values) - missing)
			return 0, false
		}
	}
	return missing, true
}

// TakeBack takes back n hits, of a call that came to nothing.
func (h *Plan) TakeBack(n int) { h.hits.TakeBack(n) }

// Missed counts so many misses of GetMany that nobody looks for again.
func (h *Plan) Missed(n int) { h.hits.CountMisses(n) }

// HasMany tells for each key whether it has a value.
func (h *Plan) HasMany(t *keytext.Text) []bool {
	all := make([]bool, len(t.Ends))
	for i := range all {
		all[i] = h.cache.HasBytes(t.Key(i))
	}
	return all
}

// TouchMany renews the expiry of the values.
func (h *Plan) TouchMany(t *keytext.Text) {
	for i := range t.Ends {
		h.cache.TouchBytes(t.Key(i), h.expire)
	}
}

// DeleteNow removes the value of one of the keys. It reports false when somebody is busy
// with the key.
func (h *Plan) DeleteNow(t *keytext.Text, i int) bool { return h.flights.DeleteNow(t.Key(i)) }

// AcceptsAll reports whether values are results of the function.
func (h *Plan) AcceptsAll(values []any) bool {
	for _, value := range values {
		if !h.accepts(value) {
			return false
		}
	}
	return true
}
