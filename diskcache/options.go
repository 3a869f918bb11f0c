package diskcache

import "time"

// EvictionPolicy says which entries are evicted first when a cache has reached its size
// limit.
type EvictionPolicy string

// The policies. With LeastRecentlyUsed and LeastFrequentlyUsed every Get is a write.
const (
	LeastRecentlyStored EvictionPolicy = "least-recently-stored" // the default: oldest Set first
	LeastRecentlyUsed   EvictionPolicy = "least-recently-used"   // oldest Get or Set first
	LeastFrequentlyUsed EvictionPolicy = "least-frequently-used" // fewest Gets since the last Set first
	NoEviction          EvictionPolicy = "none"                  // only expired entries are removed
)

// column returns the column that the policy sorts by, "" if there is none.
func (p EvictionPolicy) column() string {
	switch p {
	case LeastRecentlyStored:
		return "store_time"
	case LeastRecentlyUsed:
		return "access_time"
	case LeastFrequentlyUsed:
		return "access_count"
	}
	return ""
}

// Options are the settings of a cache. All but Timeout and Now are stored in the
// directory. A setting that is given is written there, and other processes use it when
// they next open the directory. A setting that is not given, nil or "", is read from the
// directory; in a new directory it is Python's default.
//
//	&diskcache.Options{SizeLimit: new(int64(4 << 30)), Statistics: new(true)}
//
// Python: Cache(**settings).
type Options struct {
	// SizeLimit is the volume in bytes from which on entries are evicted; the default is
	// 1 GiB. Free pages do not count if the database keeps them, which it does if it was
	// created with an auto_vacuum other than 1. In Python they count, which empties such
	// a cache.
	SizeLimit *int64

	// CullLimit is the largest number of entries that one Set removes. The default is
	// 10. With 0, only methods such as Cull and Expire remove entries.
	CullLimit *int

	// EvictionPolicy is LeastRecentlyStored by default.
	EvictionPolicy EvictionPolicy

	// DiskMinFileSize is the length from which on a value gets its own file: in
	// characters for text, else in bytes. The default is 32768.
	DiskMinFileSize *int

	// DiskPickleProtocol is the pickle protocol for keys and values that are not text,
	// bytes or numbers: 2 to 5, or -1 for the highest. The default is 5. A key is found
	// only with the protocol that it was stored with. In a directory that Python created
	// with 0 or 1, such keys are errors that wrap errors.ErrUnsupported, and such values
	// are written with 2, which Python reads as well.
	DiskPickleProtocol *int

	// Statistics turns on the counting of hits and misses, which makes every Get a
	// write. The default is off.
	// Python: Cache.stats(enable).
	Statistics *bool

	// TagIndex keeps an index for Evict. The default is off.
	// Python: create_tag_index, drop_tag_index.
	TagIndex *bool

	// SQLite's pragmas with these names. The defaults are 1 (full), 8192 pages, "wal",
	// 64 MiB and 1 (normal). If SQLite does not accept the journal mode, Open returns an
	// error.
	SQLiteAutoVacuum  *int
	SQLiteCacheSize   *int
	SQLiteJournalMode string
	SQLiteMmapSize    *int64
	SQLiteSynchronous *int

	// Timeout is how long an operation waits for other writers before it fails with
	// ErrTimeout: once for those in this process, and once for those in others. If the
	// journal mode is not "wal", readers and writers wait for each other, too. 0 is 60
	// seconds; a negative Timeout does not wait.
	// Python: Cache(timeout), Cache.timeout.
	Timeout time.Duration

	// Now is the clock; nil is time.Now. It must be safe for concurrent use.
	// Python: Cache.expire(now).
	Now func() time.Time
}

const defaultTimeout = 60 * time.Second

func (o Options) timeout() time.Duration {
	if o.Timeout == 0 {
		return defaultTimeout
	}
	return max(o.Timeout, 0)
}
