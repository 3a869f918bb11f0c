package keytext

// Reader tells which texts are in a KeySet. It is not safe for concurrent use.
type Reader struct {
	set       *KeySet
	at, ahead []int // the states that the walk is in, and those that it comes to
	seen      []int // by state: the step of the walk that came to it last
	step      int
}

// NewReader returns a reader of a set.
func NewReader(s *KeySet) *Reader {
	return &Reader{set: s, seen: make([]int, len(s.states))}
}

// Contains reports whether the text can be a key of the set.
func (r *Reader) Contains(text string) bool {
	r.at = r.reach(r.nextStep(r.at), 0)
	for i := range len(text) {
		ahead := r.nextStep(r.ahead)
		for _, state := range r.at {
			for _, e := range r.set.states[state] {
				if e.by != nil && e.by[text[i]] {
					ahead = r.reach(ahead, e.to)
				}
			}
		}
		if r.at, r.ahead = ahead, r.at; len(r.at) == 0 {
			return false
		}
	}
	return r.seen[r.set.last()] == r.step
}

// nextStep begins a step of the walk. It returns the list, empty.
func (r *Reader) nextStep(list []int) []int {
	r.step++
	return list[:0]
}

// reach adds a state, and those that its epsilon edges lead to.
func (r *Reader) reach(list []int, state int) []int {
	if r.seen[state] == r.step {
		return list
	}
	r.seen[state] = r.step
	first := len(list)
	list = append(list, state)
	for i := first; i < len(list); i++ {
		for _, e := range r.set.states[list[i]] {
			if e.isEpsilon() && r.seen[e.to] != r.step {
				r.seen[e.to] = r.step
				list = append(list, e.to)
			}
		}
	}
	return list
}
