// Package shelve is a persistent map in one file, the counterpart of Python's shelve.
// The file has the format of Python 3.13's shelve.open (dbm.sqlite3). Go and Python
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
// A value is stored as one pickle, which package pickle writes and reads. [Shelf.Get]
// returns Go's counterpart of what Python stored, and [Shelf.Decode] reads it into a
// variable. [Shelf.GetBytes] and [Shelf.SetBytes] read and write the pickle itself. Keys
// are UTF-8 text. Times and durations in values are stored to the microsecond, as in
// Python, and a zone as its offset.
//
// Methods that Python's shelve has come in two forms, with and without a context. Other
// methods, such as the bulk forms, take a context.
//
// # Files
//
// The file has the name given to [Open]; no suffix is added. While the shelf is open
// there are two more files: the write-ahead log NAME-wal and its index NAME-shm. A copy
// of an open shelf needs all three; the last Close leaves one file again. NAME.lock, an
// empty file that stays, keeps flag "n" from emptying a shelf that is in use.
// NAME~making~ is a shelf that is being created: if its process dies, the next Open
// removes the file. Do not delete, move or replace the file of an open shelf: a write
// then returns [ErrMoved], and soon so does a read.
//
// Shelves of older Pythons (gdbm, ndbm, dumb) are recognized and left alone. Python
// 3.13 can convert them; the error says how.
//
// # Durability
//
// A Set that has returned survives the death of the process, however sudden. It survives
// a power failure after [Shelf.Sync], or after the last Close of all processes that have
// the shelf open.
package shelve
