// Package diskcache keeps values in a directory on disk, the counterpart of
// Python's diskcache.Cache: a SQLite database and, beside it, a file for each large
// value. The directory is the one that Python's diskcache 5 makes. Go and Python processes
// can use it at the same time, and what one of them has stored, the other finds.
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
// Text, bytes, integers of 64 bits and floats are stored as they are, other keys and
// values as a pickle, see package pickle for what these can be. [Cache.Get] returns
// what is natural in Go for what is stored; [Cache.GetTo] decodes into a type of the
// caller's, for one a struct:
//
//	cache.Set(ctx, "p", Point{1, 2}, 0) // in Python: {'X': 1, 'Y': 2}
//	var p Point
//	err := cache.GetTo(ctx, "p", &p)
//
// # Size
//
// Every Set removes a few entries whose time is over, and, from a volume of
// Options.SizeLimit on, a few more, by the [EvictionPolicy]. [Cache.Cull],
// [Cache.Expire], [Cache.Evict] and [Cache.Clear] remove more at once.
//
// # Transactions
//
// Each operation is one transaction. The …Many operations are one for all of their keys,
// which is several times faster, and [Cache.Transact] makes one of anything:
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
// # What a crash leaves
//
// A process that is killed loses nothing that it has stored. It can leave a value
// file that no entry knows, which [Cache.Check] removes, with fix, once it is a minute
// old: one that is younger may be that of a Set whose row is still to come. As in
// Python, nothing is forced to the disk before the next checkpoint of the database, so
// that a power failure can undo the last changes; a value file that it has cut short
// counts as missing.
//
// # Differences to Python
//
//   - Python compares keys that it pickles by their pickle, which tells whether equal parts
//     of a key are one object: ("en", "en") of two literals has another one than of two
//     texts that were read. Here all of them are one key. It is stored in the form of
//     literals, as long as there is none of another form, and found in all forms up to 16: up
//     to four times the same part, or four parts twice. Removing or replacing it removes all
//     of them.
//   - A key that no Go value leads to comes out of [Cache.Keys] as a [StoredKey], which all
//     methods take: a datetime with a fold, a key under another pickle protocol, one that is
//     beyond those forms.
//   - A directory with disk_pickle_protocol 0 or 1 opens, but keys that would have to be
//     pickled are errors wrapping errors.ErrUnsupported; a StoredKey is not. Values are
//     written with protocol 2, which Python reads.
//   - A directory whose settings are of another Disk class is refused, in Python too. One of
//     JSONDisk that was made without disk_compress_level has none, and opens in both; its
//     keys and values are compressed bytes then.
//   - The name of the directory is taken as it is. Python expands ~ and $VAR: see [Open].
//   - Times and durations in values are kept to the microsecond. In keys more digits are an
//     error.
//   - An expire of 0 is none; Python's None.
//   - Text in files comes back with its line ends unchanged.
//   - NaN as a value stays NaN. As a key it is refused: Python stores it and never
//     finds it again.
//   - A value file of the wrong size makes a miss, and Check removes the entry. Python
//     returns what is there.
//   - A value that is replaced while it is read is read again; in Python it can be a miss.
//   - Incr is for integers only. With Python's default=None it fails where there is no
//     value; here Has and Incr in Transact do that.
//   - Check leaves files alone that are not the cache's, and those that no entry knows
//     for their first minute.
//   - Free pages of a database that does not give them back (SQLiteAutoVacuum other
//     than 1) do not count for the size limit. Python evicts everything then.
//   - A journal mode that SQLite does not take is an error where Options name it.
//   - push, pull, peek, peekitem, iterkeys, memoize, FanoutCache, Deque, Index and
//     the recipes are not here.
package diskcache
