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

// GetMany looks the keys up. In the place of a value that is missing it leaves none. It
// reports false when something that it found is no result of the function.
func (h *Plan) GetMany(t *keytext.Text, values []any, none any) (missing int, ok bool) {
	for i := range values {
		values[i] = none
	}
	missing = h.hits.GetMany(t.Buf, t.Ends, values)
	for _, value := range values {
		if !h.accepts(value) && value != none {
			h.refused.Add(int64(len(values) - missing)) // all of them are looked for again
			return missing, false
		}
	}
	return missing, true
}

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

// TouchMany renews the expiry of the values, which it can always do.
func (h *Plan) TouchMany(t *keytext.Text) bool {
	for i := range t.Ends {
		h.cache.TouchBytes(t.Key(i), h.expire)
	}
	return true
}

// DeleteMany removes the values. It reports false, and has removed only some of them, when
// somebody is busy with a key.
func (h *Plan) DeleteMany(t *keytext.Text) bool {
	for i := range t.Ends {
		if !h.flights.DeleteNow(t.Key(i)) {
			return false
		}
	}
	return true
}

// SetMany stores values. It reports false when one is no result of the function; or, having
// stored only some of them, when somebody is busy with a key.
func (h *Plan) SetMany(t *keytext.Text, values []any) bool {
	for _, value := range values {
		if !h.accepts(value) {
			return false
		}
	}
	for i, value := range values {
		if !h.flights.SetNow(string(t.Key(i)), value, h.expire) {
			return false
		}
	}
	return true
}
