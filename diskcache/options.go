package diskcache

import "time"

// EvictionPolicy tells which entries go first when a cache has reached its size
// limit.
type EvictionPolicy string

// The policies. Under LeastRecentlyUsed and LeastFrequentlyUsed every Get is a
// write.
const (
	LeastRecentlyStored EvictionPolicy = "least-recently-stored" // the default: oldest Set first
	LeastRecentlyUsed   EvictionPolicy = "least-recently-used"   // oldest Get or Set first
	LeastFrequentlyUsed EvictionPolicy = "least-frequently-used" // fewest Gets since the last Set first
	NoEviction          EvictionPolicy = "none"                  // only expired entries go
)

// column is what the policy sorts by; "" for none.
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

// Options are the settings of a cache. All but Timeout and Now are kept in the
// directory: one that is not given, nil or "", is what the directory says, and in
// a new directory Python's default. One that is given is written to the directory,
// where other processes find it when they open it next.
//
//	&diskcache.Options{SizeLimit: new(int64(4 << 30)), Statistics: new(true)}
//
// Python: Cache(**settings).
type Options struct {
	// SizeLimit is the volume in bytes from which on entries are evicted; the
	// default is 1 GiB. Free pages of a database that keeps them, which one has that
	// was made with an auto_vacuum other than 1, do not count. In Python they do, which
	// empties such a cache.
	SizeLimit *int64

	// CullLimit is how many entries one Set removes at most; 0 is none, so that
	// only Cull, Expire and the like remove entries. The default is 10.
	CullLimit *int

	// EvictionPolicy is LeastRecentlyStored by default.
	EvictionPolicy EvictionPolicy

	// DiskMinFileSize is the length from which on a value has a file of its own:
	// characters of text, else bytes. The default is 32768.
	DiskMinFileSize *int

	// DiskPickleProtocol is the pickle protocol of keys and values that are not
	// text, bytes or numbers: 2 to 5, or -1 for the highest. The default is 5. A
	// key is only found under the protocol that it was stored with. In a directory that
	// Python made with 0 or 1, such keys are errors wrapping errors.ErrUnsupported, and
	// such values are written with 2, which Python reads as well.
	DiskPickleProtocol *int

	// Statistics turns the counting of hits and misses on, which makes every Get
	// a write. The default is off. Python: Cache.stats(enable).
	Statistics *bool

	// TagIndex keeps an index for Evict. The default is off.
	// Python: create_tag_index, drop_tag_index.
	TagIndex *bool

	// SQLite's pragmas of the same names. The defaults are 1 (full), 8192 pages,
	// "wal", 64 MiB and 1 (normal). A journal mode that SQLite does not take is an
	// error of Open.
	SQLiteAutoVacuum  *int
	SQLiteCacheSize   *int
	SQLiteJournalMode string
	SQLiteMmapSize    *int64
	SQLiteSynchronous *int

	// Timeout is how long to wait for other writers, in this process and again in
	// others, before an operation fails with ErrTimeout; where the journal mode is not
	// "wal", readers and writers wait for each other, too. 0 is 60 seconds, below 0
	// is not at all. Python: Cache(timeout), Cache.timeout.
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
