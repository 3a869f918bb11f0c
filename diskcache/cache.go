package diskcache

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Cache is an open cache directory. It is safe for concurrent use, beside any number of
// other Go and Python processes.
//
// Keys and values can be anything that package pickle can write. A string, a []byte, a
// number or a named type of these is stored as it is: 1 and 1.0 are one key, and "1" is
// another. Everything else is stored as a pickle. Values come back in their natural
// types: string, []byte, int, float64, and otherwise what pickle.Unmarshal returns;
// GetTo decodes into your own type. The cache does not keep the caller's slices.
//
// An expire of 0 is for good; a negative one has already expired. Errors wrap
// ErrTimeout, ErrCorrupt, ErrMoved, ErrReadOnly, ErrKey, ErrValue or the error of the
// system or of ctx. After Close all methods return ErrClosed.
//
// Python: diskcache.Cache.
type Cache struct {
	directory string
	options   Options
	config    config
	now       func() time.Time
	pageSize  int64
	wal       bool         // readers and the writer do not wait for each other
	shrinks   bool         // the database file shrinks by its free pages
	file      os.FileInfo  // of cache.db
	opened    time.Time    // looked counts from here
	looked    atomic.Int64 // when a reader last found file in its place

	readers   *pool
	writer    *pool
	closing   chan struct{}
	closeOnce sync.Once
	closeErr  error
}

// Open opens the cache in directory, and creates the directory if it is missing. nil
// options are the zero Options. The caller closes the cache.
//
// Unlike Python, Open does not expand a leading ~ or $VAR in the name: use
// os.UserHomeDir and os.ExpandEnv. "~" and names that begin with "~/" are errors, so
// that nobody gets another cache without noticing; a directory with that name is "./~".
//
// If the settings of a directory belong to another Disk class of Python's, such as
// JSONDisk, Open returns an error that wraps errors.ErrUnsupported and changes nothing.
//
// Python: diskcache.Cache.
func Open(directory string, opts *Options) (*Cache, error) {
	c := &Cache{now: time.Now, opened: time.Now(), closing: make(chan struct{})}
	if opts != nil {
		c.options = *opts
	}
	if c.options.Now != nil {
		c.now = c.options.Now
	}
	if err := c.open(directory); err != nil {
		return nil, fmt.Errorf("diskcache: open %s: %w", directory, err)
	}
	return c, nil
}

func (c *Cache) open(directory string) error {
	if directory == "" {
		return errors.New("the name of the directory is empty")
	}
	if directory == "~" || strings.HasPrefix(filepath.ToSlash(directory), "~/") {
		return fmt.Errorf(`nothing expands the ~ here, as Python does: join os.UserHomeDir() and %q, or give %q for a directory of that name`, directory[min(2, len(directory)):], "./"+directory)
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return err
	}
	c.directory = absolute
	if err := os.MkdirAll(absolute, 0o755); err != nil {
		return err
	}
	timeout := c.options.timeout()
	first, err := connect(c.dbPath(), true, timeout)
	if err != nil {
		return err
	}
	if err := c.inspect(first, timeout); err != nil {
		_ = first.close()
		return err
	}
	c.writer = newPool(1, timeout, c.closing, c.connect)
	c.writer.put(first)
	// Readers hold a connection only briefly.
	c.readers = newPool(max(4, runtime.GOMAXPROCS(0)), -1, c.closing, c.connect)
	return nil
}

func (c *Cache) dbPath() string { return filepath.Join(c.directory, dbName) }

// inspect brings the database up to date and reads what does not change.
func (c *Cache) inspect(cn *conn, timeout time.Duration) (err error) {
	if c.config, err = prepare(cn, c.options.settings(), timeout); err != nil {
		return err
	}
	mode, err := cn.journalMode()
	if err != nil {
		return err
	}
	c.wal = strings.EqualFold(mode, "wal")
	if c.pageSize, err = cn.number(context.Background(), `PRAGMA page_size`); err != nil {
		return err
	}
	vacuum, err := cn.number(context.Background(), `PRAGMA auto_vacuum`) // the settings may say otherwise
	if err != nil {
		return err
	}
	c.shrinks = vacuum == 1
	c.file, err = os.Stat(c.dbPath())
	return err
}

// connect opens one more connection.
func (c *Cache) connect(ctx context.Context) (*conn, error) {
	cn, err := connect(c.dbPath(), false, c.options.timeout())
	if err != nil {
		return nil, errors.Join(err, c.moved())
	}
	err = cn.pragmas(c.waiting(ctx), c.config.pragmas)
	if err == nil {
		err = c.moved()
	}
	if err != nil {
		_ = cn.close()
		return nil, err
	}
	return cn, nil
}

// moved checks whether cache.db is still the file that is open. SQLite would go on with
// a file that was removed, and lose what is stored.
func (c *Cache) moved() error {
	file, err := os.Stat(c.dbPath())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if !os.SameFile(file, c.file) {
		return ErrMoved
	}
	return nil
}

// lookEvery is how often readers check their file. Checking each time would slow every
// Get noticeably.
const lookEvery = 100 * time.Millisecond

// movedOfLate is moved for readers: what they find in the meantime was true just now.
func (c *Cache) movedOfLate() error {
	now := time.Since(c.opened)
	if now-time.Duration(c.looked.Load()) < lookEvery {
		return nil
	}
	err := c.moved()
	if err == nil {
		c.looked.Store(int64(now))
	}
	return err
}

// Close waits for running operations and closes all files. Further calls do nothing. Do
// not call it within Transact.
// Python: Cache.close.
func (c *Cache) Close() error {
	c.closeOnce.Do(func() {
		close(c.closing)
		err := errors.Join(c.readers.close(), c.writer.close())
		if err != nil {
			c.closeErr = c.wrap("close", err)
		}
	})
	return c.closeErr
}

// Directory returns the absolute path of the directory. Python: Cache.directory.
func (c *Cache) Directory() string { return c.directory }

// Item is a value with its deadline and tag.
type Item struct {
	Value   any
	Expires time.Time // the deadline, to the microsecond; zero: never
	Tag     any       // a string, []byte, int or float64; nil: no tag
}

// Get returns the value of key, or ErrNotFound. The value may be nil.
// Python: Cache.get, __getitem__.
func (c *Cache) Get(ctx context.Context, key any) (any, error) {
	r, err := c.read(ctx, sqlFind, key)
	if err != nil {
		return nil, c.wrap("get", err)
	}
	v, err := decode(r.mode, r.value)
	return v, c.wrap("get", err)
}

// GetTo decodes the value of key into what dest points to, like pickle.Unmarshal. If
// there is no value it returns ErrNotFound and does not change dest. A value that does
// not fit is an ErrValue.
func (c *Cache) GetTo(ctx context.Context, key, dest any) error {
	r, err := c.read(ctx, sqlFind, key)
	if err == nil {
		err = decodeTo(r.mode, r.value, dest)
	}
	return c.wrap("get", err)
}

// GetItem is Get with the deadline and the tag.
// Python: Cache.get(expire_time=True), Cache.get(tag=True).
func (c *Cache) GetItem(ctx context.Context, key any) (Item, error) {
	r, err := c.read(ctx, sqlFind, key)
	if err != nil {
		return Item{}, c.wrap("get", err)
	}
	item, err := r.item()
	return item, c.wrap("get", err)
}

// read looks up a key for a Get, by sqlFind or a query like it.
func (c *Cache) read(ctx context.Context, query string, key any) (row, error) {
	k, err := c.key(key)
	if err != nil {
		return row{}, err
	}
	if c.getsWrite() {
		return c.readLocked(ctx, query, k)
	}
	for previous := ""; ; {
		r, found, err := c.readRow(ctx, query, k)
		if err != nil {
			return row{}, err
		}
		if !found {
			return row{}, ErrNotFound
		}
		if r.file == "" {
			return r, nil
		}
		found, err = c.load(&r)
		if found || err != nil {
			return r, err
		}
		// A writer that replaced the value has removed the old file.
		if r.file == previous {
			return row{}, ErrNotFound
		}
		previous = r.file
	}
}

// getsWrite reports whether a Get changes the database.
func (c *Cache) getsWrite() bool {
	return c.config.statistics || c.config.policy == LeastRecentlyUsed || c.config.policy == LeastFrequentlyUsed
}

func (c *Cache) readRow(ctx context.Context, query string, k dbKey) (r row, found bool, err error) {
	cn, err := c.reader(ctx)
	if err != nil {
		return row{}, false, err
	}
	defer c.readers.release(cn)
	return cn.findRow(c.waiting(ctx), query, k, seconds(c.now()))
}

// reader lends a connection for reading.
func (c *Cache) reader(ctx context.Context) (*conn, error) {
	cn, err := c.readers.acquire(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.movedOfLate(); err != nil {
		cn.broken = true
		c.readers.release(cn)
		return nil, err
	}
	return cn, nil
}

// waiting returns the context for a read. In WAL mode a read waits for nobody.
func (c *Cache) waiting(ctx context.Context) context.Context {
	if c.wal {
		return context.Background()
	}
	return ctx
}

func (c *Cache) readLocked(ctx context.Context, query string, k dbKey) (r row, err error) {
	found := false
	err = c.update(ctx, func(tx *Tx) (err error) {
		r, found, err = tx.get(query, k)
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return r, err
}

// Has reports whether key has a value. It does not affect the eviction order.
// Python: __contains__.
func (c *Cache) Has(ctx context.Context, key any) (bool, error) {
	found, err := c.HasMany(ctx, []any{key})
	return found[0], err
}

// Set stores value under key, with at most one tag: a string, []byte or number. Then it
// removes a few expired entries and, if the cache is full, evicts a few more, see
// Options.CullLimit.
// Python: Cache.set, __setitem__.
func (c *Cache) Set(ctx context.Context, key, value any, expire time.Duration, tag ...any) error {
	_, err := c.store(ctx, nil, expire, tag, []any{key}, []any{value})
	return c.wrap("set", err)
}

// Add stores value like Set, but only if key has no value. It reports whether it did.
// Python: Cache.add.
func (c *Cache) Add(ctx context.Context, key, value any, expire time.Duration, tag ...any) (bool, error) {
	added, err := c.store(ctx, isNew, expire, tag, []any{key}, []any{value})
	return added, c.wrap("add", err)
}

// Touch sets a new deadline for key and reports whether it had a value that had not
// expired.
// Python: Cache.touch.
func (c *Cache) Touch(ctx context.Context, key any, expire time.Duration) (bool, error) {
	touched, err := c.TouchMany(ctx, []any{key}, expire)
	return touched[0], err
}

// Delete removes key and reports whether it had a value that had not expired.
// Python: Cache.delete, __delitem__.
func (c *Cache) Delete(ctx context.Context, key any) (bool, error) {
	deleted, err := c.DeleteMany(ctx, []any{key})
	return deleted[0], err
}

// Pop removes key and returns its value, or ErrNotFound. Python: Cache.pop.
func (c *Cache) Pop(ctx context.Context, key any) (any, error) {
	item, err := c.PopItem(ctx, key)
	return item.Value, err
}

// PopItem is Pop with the deadline and the tag. A value that cannot be decoded is not
// removed.
// Python: Cache.pop(expire_time=True), Cache.pop(tag=True).
func (c *Cache) PopItem(ctx context.Context, key any) (item Item, err error) {
	found := false
	err = c.update(ctx, func(tx *Tx) (err error) {
		item, found, err = tx.pop(key)
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return item, c.wrap("pop", err)
}

// Len returns the number of entries, expired ones included until they are removed.
// Python: __len__.
func (c *Cache) Len(ctx context.Context) (int, error) {
	n, err := c.number(ctx, sqlSetting, "count")
	return int(n), c.wrap("len", err)
}

// Volume returns the size in bytes of the database and the value files.
// Python: Cache.volume.
func (c *Cache) Volume(ctx context.Context) (int64, error) {
	cn, err := c.reader(ctx)
	if err != nil {
		return 0, c.wrap("volume", err)
	}
	defer c.readers.release(cn)
	n, err := c.volume(c.waiting(ctx), cn)
	return n, c.wrap("volume", err)
}

func (c *Cache) volume(ctx context.Context, cn *conn) (int64, error) {
	pages, err := cn.number(ctx, `PRAGMA page_count`)
	if err != nil {
		return 0, err
	}
	files, err := cn.number(ctx, sqlSetting, "size")
	return c.pageSize*pages + files, err
}

// Stats returns how many Gets found a value and how many did not, while
// Options.Statistics were on.
// Python: Cache.stats.
func (c *Cache) Stats(ctx context.Context) (hits, misses int, err error) {
	h, err := c.number(ctx, sqlSetting, "hits")
	if err != nil {
		return 0, 0, c.wrap("stats", err)
	}
	m, err := c.number(ctx, sqlSetting, "misses")
	return int(h), int(m), c.wrap("stats", err)
}

// ResetStats sets the statistics to 0. Python: Cache.stats(reset=True).
func (c *Cache) ResetStats(ctx context.Context) error {
	err := c.update(ctx, func(tx *Tx) error {
		_, err := tx.conn.exec(`UPDATE Settings SET value = 0 WHERE key IN ('hits', 'misses')`)
		return err
	})
	return c.wrap("reset statistics", err)
}

const sqlSetting = `SELECT value FROM Settings WHERE key = ?`

func (c *Cache) number(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	cn, err := c.reader(ctx)
	if err != nil {
		return 0, err
	}
	defer c.readers.release(cn)
	return cn.number(c.waiting(ctx), query, args...)
}
