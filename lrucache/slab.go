package lrucache

const (
	chunkBits = 10
	chunkSize = 1 << chunkBits // elements that a slab grows by
	minFirst  = 5              // elements of the first chunk: four entries and the unused index 0
	maxFirst  = 32 * chunkSize
)

// slab is a list that grows and shrinks at its end. It is stored in chunks, so a list
// of millions grows without being copied, and releases memory that it no longer needs.
//
// The first chunk differs from the others. It doubles up to maxFirst, so a short list is
// small, and its elements are reached without the list of chunks. It is about as large
// as a processor's cache: for a list that fits there, a mispredicted branch would take
// longer than the read. The other chunks are small, because allocating one takes
// time in proportion to its size, and more while a garbage collection is under way.
type slab[T any] struct {
	first []T
	rest  []*[chunkSize]T // the elements after the first maxFirst
	len   uint32
	max   uint32 // of len: the size beyond which the first chunk does not grow
}

func (s *slab[T]) at(i uint32) *T {
	if uint(i) < uint(len(s.first)) {
		return &s.first[i]
	}
	return &s.rest[(i-maxFirst)>>chunkBits][i%chunkSize]
}

// push appends a zero element and returns its index. It may move the other elements.
func (s *slab[T]) push() uint32 {
	i := s.len
	switch {
	case i < uint32(len(s.first)):
	case i < maxFirst:
		s.resize(min(max(2*i, minFirst), maxFirst, s.max))
	case chunks(i+1) > len(s.rest):
		s.rest = append(s.rest, new([chunkSize]T))
	}
	s.len++
	return i
}

// pop removes the last element. It may move the other elements. It keeps one spare chunk
// for the next push.
func (s *slab[T]) pop() {
	s.len--
	var zero T
	*s.at(s.len) = zero // the old element can be collected
	if keep := chunks(s.len) + 1; len(s.rest) > keep {
		s.rest[keep] = nil
		s.rest = s.rest[:keep]
	}
	if half := uint32(len(s.first)) / 2; s.len <= half/2 && half >= minFirst {
		s.rest = nil
		s.resize(half)
	}
}

// chunks returns how many chunks a list of this length has after the first one.
func chunks(len uint32) int {
	return int(max(len, maxFirst)-maxFirst+chunkSize-1) >> chunkBits
}

// resize reallocates the first chunk, which is the only one in use.
func (s *slab[T]) resize(size uint32) {
	first := make([]T, size)
	copy(first, s.first[:s.len])
	s.first = first
}
