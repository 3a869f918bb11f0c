// Package shelve is a persistent map in one file, the counterpart of Python's shelve. The
// file is the one that shelve.open of Python 3.13 writes (dbm.sqlite3), and Go and Python
// programs can have it open at the same time.
//
//	shelf, err := shelve.Open("results.shelf", nil)
//	if err != nil {
//		return err
//	}
//	defer shelf.Close()
//	if err := shelf.Set("answer", 42); err != nil {
//		return err
//	}
//	answer, err := shelf.Get("answer") // 42, or an error wrapping shelve.ErrNotFound
//
// # Values
//
// A value is stored as one pickle, as package pickle writes and reads it: [Shelf.Get]
// returns Go's counterpart of what Python stored, [Shelf.Decode] reads it into a variable,
// and [Shelf.GetBytes] and [Shelf.SetBytes] leave the pickle as it is. Keys are UTF-8 text.
// Times and durations in values are kept to the microsecond, as Python's are, and a zone as
// its offset.
//
// Methods that Python's shelf has too come in a second form that takes a context. Those
// that it does not have, such as the bulk forms, take one at once.
//
// # Files
//
// The file has the name given to [Open], without a suffix. While it is open there are two
// more, which belong to it: the write-ahead log NAME-wal and its index NAME-shm. A copy of
// an open shelf needs all three; after the last Close it is one file again. NAME.lock,
// which is empty and stays, keeps flag "n" from emptying a shelf that is in use.
// NAME~making~ is a shelf that is being made: when its maker dies, the next Open removes it.
// Do not delete, move or replace the file of an open shelf: a write returns [ErrMoved]
// then, and so does a read before long.
//
// Shelves of older Pythons (gdbm, ndbm, dumb) are recognised and left alone. Python 3.13
// converts them; the error tells how.
//
// # Durability
//
// A Set that returned survives the death of the process, however sudden. After
// [Shelf.Sync], or the Close of the last one who has the shelf open, it survives a power
// cut too.
package shelve
