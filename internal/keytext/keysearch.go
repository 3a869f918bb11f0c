package keytext

import (
	"slices"
	"strings"
)

// Meet returns a key that is in both sets. It is as short as possible, with ordinary
// characters where possible.
func (s *KeySet) Meet(o *KeySet) (key string, ok bool) {
	search := keySearch{s: s, o: o, cameBy: map[statePair]step{{}: {}}}
	end := statePair{s.last(), o.last()}
	for layer := []statePair{{}}; len(layer) > 0; layer = search.byOneByte(layer) {
		layer = search.byEpsilon(layer)
		if _, ok := search.cameBy[end]; ok {
			return search.keyTo(end), true
		}
	}
	return "", false
}

// keySearch walks through two sets at once, one byte after the other.
type keySearch struct {
	s, o   *KeySet
	cameBy map[statePair]step // how the walk first came to a pair of states
}

type statePair struct{ s, o int }

// step is the last step to a pair.
type step struct {
	from statePair
	by   string
}

// visit appends a pair to the pairs from which the walk continues, unless it was
// visited.
func (k *keySearch) visit(pairs []statePair, from, to statePair, by string) []statePair {
	if _, known := k.cameBy[to]; known {
		return pairs
	}
	k.cameBy[to] = step{from, by}
	return append(pairs, to)
}

// byEpsilon adds the pairs to which epsilon edges lead.
func (k *keySearch) byEpsilon(pairs []statePair) []statePair {
	for i := 0; i < len(pairs); i++ { // the added ones count as well
		at := pairs[i]
		for _, e := range k.s.states[at.s] {
			if e.isEpsilon() {
				pairs = k.visit(pairs, at, statePair{e.to, at.o}, "")
			}
		}
		for _, e := range k.o.states[at.o] {
			if e.isEpsilon() {
				pairs = k.visit(pairs, at, statePair{at.s, e.to}, "")
			}
		}
	}
	return pairs
}

// byOneByte returns the pairs to which one more byte leads from any of pairs.
func (k *keySearch) byOneByte(pairs []statePair) []statePair {
	var next []statePair
	for _, at := range pairs {
		for _, e := range k.s.states[at.s] {
			for _, f := range k.o.states[at.o] {
				if by, ok := common(e.by, f.by); ok {
					next = k.visit(next, at, statePair{e.to, f.to}, by)
				}
			}
		}
	}
	return next
}

// keyTo returns the bytes read on the way to a pair.
func (k *keySearch) keyTo(at statePair) string {
	var bytes []string
	for ; at != (statePair{}); at = k.cameBy[at].from {
		bytes = append(bytes, k.cameBy[at].by)
	}
	slices.Reverse(bytes)
	return strings.Join(bytes, "")
}
