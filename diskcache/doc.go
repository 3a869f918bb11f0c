// Package diskcache keeps values in a directory on disk, the counterpart of Python's
// diskcache.Cache: a SQLite database and, beside it, a file for each large value. The
// directory has the format of Python's diskcache 5. Go and Python processes can use it
// at the same time, and find what the others have stored.
//
//	package main
//
//	import (
//		"context"
//		"errors"
//		"fmt"
//		"time"
//
//		"github.com/ring-go/ring/diskcache"
//	)
//
//	func main() {
//		ctx := context.Background()
//		cache, err := diskcache.Open("/var/cache/pages", nil)
//		if err != nil {
//			panic(err)
//		}
//		defer cache.Close()
//		page, err := cache.Get(ctx, "http://example.com")
//		if errors.Is(err, diskcache.ErrNotFound) {
//			page, err = "…", cache.Set(ctx, "http://example.com", "…", time.Hour)
//		}
//		fmt.Println(page, err)
//	}
//
// # Keys and values
//
// Text, bytes, integers of 64 bits and floats are stored as they are. Other keys and
// values are stored as pickles: package pickle lists the types. [Cache.Get] returns the
// natural Go type of what is stored. [Cache.GetTo] decodes into your own type, for
// example a struct:
//
//	cache.Set(ctx, "p", Point{1, 2}, 0) // in Python: {'X': 1, 'Y': 2}
//	var p Point
//	err := cache.GetTo(ctx, "p", &p)
//
// # Size
//
// Every Set removes a few expired entries. When the volume has reached
// Options.SizeLimit, it also evicts a few others, by the [EvictionPolicy]. [Cache.Cull],
// [Cache.Expire], [Cache.Evict] and [Cache.Clear] remove more at once.
//
// # Transactions
//
// Each operation is one transaction. An operation with Many in its name is one
// transaction for all of its keys, which is several times faster. [Cache.Transact] makes
// one transaction of any operations:
//
//	err := cache.Transact(ctx, func(tx *diskcache.Tx) error {
//		balance, err := tx.Incr("ann", -10)
//		if err != nil || balance < 0 {
//			return errors.Join(err, errBroke)
//		}
//		_, err = tx.Incr("bob", 10)
//		return err
//	})
//
// # After a crash
//
// A process that is killed loses nothing that it has stored. It can leave a value file
// that no entry names. [Cache.Check] with fix removes such a file once it is a minute
// old: a younger one may belong to a Set that has not written its row yet.
//
// As in Python, nothing is forced to the disk before the next checkpoint of the
// database, so a power failure can undo the last changes. A value file that it has
// truncated is a miss.
//
// # Differences to Python
//
//   - Python compares keys that it pickles by their pickle, which tells whether equal parts
//     of a key are one object: ("en", "en") of two literals has another pickle than of two
//     texts that were read. Here all of them are one key. It is stored in the form of
//     literals, unless it is already stored in another form. It is found in all forms, of
//     which there may be up to 16: up to four times the same part, or four parts twice.
//     Removing or replacing it removes all of them.
//   - [Cache.Keys] returns a key that no Go value represents as a [StoredKey], which all
//     methods accept: a datetime with a fold, a key under another pickle protocol, or a key
//     with more than those forms.
//   - A directory with disk_pickle_protocol 0 or 1 opens, but keys that have to be pickled
//     are errors that wrap errors.ErrUnsupported; a StoredKey is not. Values are written
//     with protocol 2, which Python reads.
//   - A directory with the settings of another Disk class is refused, as in Python. A
//     directory of JSONDisk without disk_compress_level has no such settings and opens in
//     both; its keys and values are then compressed bytes.
//   - ~ and $VAR in the name of the directory are not expanded, unlike in Python: see [Open].
//   - Times and durations in values are stored to the microsecond. In a key, more digits are
//     an error.
//   - An expire of 0 is no expiry, which is None in Python.
//   - Text in files keeps its line ends.
//   - NaN as a value stays NaN. As a key it is refused: Python stores it and never finds it
//     again.
//   - A value file of the wrong size is a miss, and Check removes the entry. Python returns
//     the content of the file.
//   - A value that is replaced while it is read is read again; in Python it can be a miss.
//   - Incr is for integers only. Python's Incr with default=None fails if there is no value;
//     here use Has and Incr in Transact.
//   - Check leaves files alone that do not belong to the cache, and files that no entry
//     names for their first minute.
//   - Free pages do not count for the size limit if the database keeps them
//     (SQLiteAutoVacuum other than 1). In Python they do, and it evicts everything.
//   - A journal mode in Options that SQLite does not accept is an error.
//   - push, pull, peek, peekitem, iterkeys, memoize, FanoutCache, Deque, Index and the
//     recipes do not exist here.
package diskcache
