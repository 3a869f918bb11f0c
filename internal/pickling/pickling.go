// Package pickling has functions of package pickle that are only for ring's storages.
// Package pickle sets them when it is loaded.
package pickling

var (
	// Forms returns the pickles that Python can make of a value. They differ in which
	// of its equal objects are one object. In the first, equal literals are one; in the
	// second, that of pickle.Marshal, none are. If nothing occurs twice there is one
	// pickle. There are at most 16: for values with many equal objects the least usual
	// ones are left out.
	Forms func(v any, protocol int) ([][]byte, error)

	// MarshalStored is pickle.Marshal for a value to be stored, with the classes of a
	// *pickle.Registry or nil. It truncates times and durations to Python's
	// microseconds. It refuses those that have more digits as dict keys or members of
	// sets, because two of them could become one.
	MarshalStored func(classes, v any, protocol int) ([]byte, error)
)
