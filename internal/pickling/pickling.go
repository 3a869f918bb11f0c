// Package pickling holds what package pickle does only for ring's storages. Package
// pickle sets the functions when it is loaded.
package pickling

var (
	// Forms returns the pickles that Python can make of a value, which differ in which
	// of its equal objects are one. The first is that of literals, the second that of
	// pickle.Marshal, in which none are one. If nothing occurs twice there is one
	// pickle. There are at most 16: for values with many equal objects the least usual
	// ones are left out.
	Forms func(v any, protocol int) ([][]byte, error)

	// MarshalStored is pickle.Marshal for a value to be stored, with the classes of a
	// *pickle.Registry or nil. It truncates times and durations to Python's
	// microseconds. It refuses those that have more digits as dict keys or members of
	// sets, because two of them could become one.
	MarshalStored func(classes, v any, protocol int) ([]byte, error)
)
