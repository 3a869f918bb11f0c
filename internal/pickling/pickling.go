// Package pickling has what package pickle does for the storages of ring and for nobody
// else. Package pickle sets the functions when it is loaded.
package pickling

var (
	// Forms returns the pickles that Python makes of a value, which differ in which of its
	// equal objects are one: first that of literals, then that of pickle.Marshal, in which
	// none are. Where nothing occurs twice there is one. There are at most 16: of values with
	// much that is equal the least usual ones are left out.
	Forms func(v any, protocol int) ([][]byte, error)

	// MarshalStored is pickle.Marshal, with the classes of a *pickle.Registry or nil, of a value that is to be stored: times and durations
	// are cut down to the microseconds that Python's have. Those that are dict keys or
	// members of sets are errors still, since two of them could become one.
	MarshalStored func(classes, v any, protocol int) ([]byte, error)
)
