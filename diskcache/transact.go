package diskcache

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// Tx is a transaction in progress. It has the methods of Cache, and they see what the
// transaction has changed. One goroutine uses it, until the function given to Transact
// returns; after that its methods return an error.
type Tx struct {
	cache    *Cache
	conn     *conn           // nil: the transaction is over
	ctx      context.Context // for reads
	fresh    []string        // files to remove if the transaction fails
	obsolete []string        // files to remove after the transaction
	freed    bool            // the transaction has removed rows
	failed   error           // the error of a change: what is half done must not be committed
}

var errTxDone = errors.New("diskcache: the transaction is over: use Tx only within the function given to Transact")

// Transact calls do in one transaction. All of its changes happen at one moment, or none
// if it returns an error or panics. Other writers wait meanwhile. do uses tx and not the
// Cache, whose methods would wait for the transaction to end. ctx limits the wait for
// its start and, without a WAL, the wait for readers at its end. The error of do is
// returned unchanged. A change that the database refuses ends the transaction: all
// further calls of do return the same error.
// Python: Cache.transact.
func (c *Cache) Transact(ctx context.Context, do func(tx *Tx) error) error {
	var own error
	err := c.update(ctx, func(tx *Tx) error {
		own = do(tx)
		return own
	})
	if own != nil {
		return own
	}
	return c.wrap("transact", err)
}

// update calls do in a transaction that can write.
func (c *Cache) update(ctx context.Context, do func(*Tx) error) error {
	cn, err := c.writer.acquire(ctx)
	if err != nil {
		return err
	}
	tx := &Tx{cache: c, conn: cn, ctx: context.Background()}
	defer tx.rollback(c.writer) // unless it is committed
	if err := c.moved(); err != nil {
		return err
	}
	if _, err := cn.execContext(ctx, sqlBegin); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.commit(ctx, c.writer)
}

// view calls do in a transaction that only reads.
func (c *Cache) view(ctx context.Context, do func(*Tx) error) error {
	cn, err := c.reader(ctx)
	if err != nil {
		return err
	}
	tx := &Tx{cache: c, conn: cn, ctx: c.waiting(ctx)}
	defer tx.rollback(c.readers)
	if _, err := cn.exec(sqlView); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.commit(ctx, c.readers)
}

func (tx *Tx) commit(ctx context.Context, p *pool) error {
	if tx.failed != nil {
		return tx.failed
	}
	if err := tx.cache.commit(ctx, tx.conn); err != nil {
		return err
	}
	cn := tx.conn
	tx.conn = nil
	p.release(cn)
	tx.removeFiles(tx.obsolete)
	return nil
}

// commit ends the transaction of a connection. Without a WAL it has to wait for readers.
// It waits here and not in the driver: if a context ends there, the driver does not tell
// whether it has committed the transaction.
func (c *Cache) commit(ctx context.Context, cn *conn) (err error) {
	if c.wal {
		_, err := cn.exec(sqlCommit)
		return err
	}
	if err := cn.wait(0); err != nil {
		return err
	}
	defer func() {
		if cn.wait(c.options.timeout()) != nil {
			cn.broken = true
		}
	}()
	return retry(ctx, c.options.timeout(), func() error {
		_, err := cn.exec(sqlCommit)
		return err
	})
}

func (tx *Tx) rollback(p *pool) {
	if tx.conn == nil {
		return
	}
	cn := tx.conn
	tx.conn = nil
	// It fails if no transaction was begun, or if SQLite has rolled it back because of
	// the error that led here. That does not matter, nor does a transaction that is
	// left: the connection is then closed.
	_, err := cn.exec(sqlRollback)
	cn.broken = cn.broken || err != nil
	p.release(cn)
	tx.removeFiles(tx.fresh)
}

func (tx *Tx) removeFiles(names []string) {
	for _, name := range names {
		tx.cache.removeFile(name)
	}
}

// begin starts an operation.
func (tx *Tx) begin() error {
	if tx.conn == nil {
		return errTxDone
	}
	return tx.failed
}

// key returns the columns of a key at the start of an operation.
func (tx *Tx) key(key any) (dbKey, error) {
	if err := tx.begin(); err != nil {
		return dbKey{}, err
	}
	return tx.cache.key(key)
}

// change runs a statement that changes rows. After an error such as a full disk, SQLite
// has undone the whole transaction, and would commit each following statement by itself.
func (tx *Tx) change(query string, args ...driver.Value) (int64, error) {
	n, err := tx.conn.exec(query, args...)
	if err != nil {
		tx.failed = err
	}
	return n, err
}

func (tx *Tx) now() float64 { return seconds(tx.cache.now()) }

// Get is Cache.Get.
func (tx *Tx) Get(key any) (any, error) {
	item, err := tx.GetItem(key)
	return item.Value, err
}

// GetTo is Cache.GetTo.
func (tx *Tx) GetTo(key, dest any) error {
	r, err := tx.read(key)
	if err == nil {
		err = decodeTo(r.mode, r.value, dest)
	}
	return tx.cache.wrap("get", err)
}

// GetItem is Cache.GetItem.
func (tx *Tx) GetItem(key any) (Item, error) {
	r, err := tx.read(key)
	if err != nil {
		return Item{}, tx.cache.wrap("get", err)
	}
	item, err := r.item()
	return item, tx.cache.wrap("get", err)
}

func (tx *Tx) read(key any) (row, error) {
	k, err := tx.key(key)
	if err != nil {
		return row{}, err
	}
	r, found, err := tx.get(sqlFind, k)
	if err == nil && !found {
		err = ErrNotFound
	}
	return r, err
}

// get finds a value, counts the look-up and records the use.
func (tx *Tx) get(query string, k dbKey) (r row, found bool, err error) {
	now := tx.now()
	r, found, err = tx.conn.findRow(tx.ctx, query, k, now)
	if err == nil && found && r.file != "" {
		found, err = tx.cache.load(&r)
	}
	if err != nil {
		return row{}, false, err
	}
	if tx.cache.config.statistics {
		if err := tx.count(found); err != nil {
			return row{}, false, err
		}
	}
	if found {
		err = tx.use(r.id, now)
	}
	return r, found, err
}

// count adds to the statistics.
func (tx *Tx) count(found bool) error {
	name := "misses"
	if found {
		name = "hits"
	}
	_, err := tx.change(`UPDATE Settings SET value = value + 1 WHERE key = ?`, name)
	return err
}

// use records for the eviction policy that a row was used.
func (tx *Tx) use(id driver.Value, now float64) (err error) {
	switch tx.cache.config.policy {
	case LeastRecentlyUsed:
		_, err = tx.change(`UPDATE Cache SET access_time = ? WHERE rowid = ?`, now, id)
	case LeastFrequentlyUsed:
		_, err = tx.change(`UPDATE Cache SET access_count = access_count + 1 WHERE rowid = ?`, id)
	}
	return err
}

// Has is Cache.Has.
func (tx *Tx) Has(key any) (bool, error) {
	k, err := tx.key(key)
	if err != nil {
		return false, tx.cache.wrap("has", err)
	}
	found, err := tx.has(k)
	return found, tx.cache.wrap("has", err)
}

func (tx *Tx) has(k dbKey) (bool, error) {
	now := tx.now()
	for k := range k.forms() {
		row, err := tx.conn.first(tx.ctx, `SELECT rowid FROM Cache
			WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)`, k.key, k.raw, now)
		if row != nil || err != nil {
			return row != nil, err
		}
	}
	return false, nil
}

// Set is Cache.Set.
func (tx *Tx) Set(key, value any, expire time.Duration, tag ...any) error {
	_, err := tx.put(nil, key, value, expire, tag)
	return tx.cache.wrap("set", err)
}

// Add is Cache.Add.
func (tx *Tx) Add(key, value any, expire time.Duration, tag ...any) (bool, error) {
	added, err := tx.put(isNew, key, value, expire, tag)
	return added, tx.cache.wrap("add", err)
}

// Touch is Cache.Touch.
func (tx *Tx) Touch(key any, expire time.Duration) (bool, error) {
	k, err := tx.key(key)
	if err != nil {
		return false, tx.cache.wrap("touch", err)
	}
	touched, err := tx.touch(k, expire)
	return touched, tx.cache.wrap("touch", err)
}

func (tx *Tx) touch(k dbKey, expire time.Duration) (touched bool, err error) {
	now := tx.now()
	for k := range k.forms() {
		n, err := tx.change(`UPDATE Cache SET expire_time = ?
			WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)`,
			deadline(now, expire), k.key, k.raw, now)
		if err != nil {
			return false, err
		}
		touched = touched || n > 0
	}
	return touched, nil
}

// deadline returns the value of its column; nil is no deadline.
func deadline(now float64, expire time.Duration) driver.Value {
	if expire == 0 {
		return nil
	}
	return now + expire.Seconds()
}

// Delete is Cache.Delete.
func (tx *Tx) Delete(key any) (bool, error) {
	k, err := tx.key(key)
	if err != nil {
		return false, tx.cache.wrap("delete", err)
	}
	deleted, err := tx.delete(k)
	return deleted, tx.cache.wrap("delete", err)
}

func (tx *Tx) delete(k dbKey) (deleted bool, err error) {
	now := tx.now()
	for k := range k.forms() {
		n, _, err := tx.remove(`DELETE FROM Cache
			WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)
			RETURNING rowid, filename`, k.key, k.raw, now)
		if err != nil {
			return false, err
		}
		deleted = deleted || n > 0
	}
	return deleted, nil
}

// remove runs a query that deletes rows and returns their rowids and files. The files
// are removed after the transaction.
func (tx *Tx) remove(query string, args ...driver.Value) (n int, last int64, err error) {
	err = tx.conn.query(tx.ctx, func(row []driver.Value) error {
		n++
		if id, ok := row[0].(int64); ok {
			last = max(last, id)
		}
		if name, ok := row[1].(string); ok {
			tx.obsolete = append(tx.obsolete, name)
		}
		return nil
	}, query, args...)
	if err != nil {
		tx.failed = err
	}
	tx.freed = tx.freed || n > 0
	return n, last, err
}

// Pop is Cache.Pop.
func (tx *Tx) Pop(key any) (any, error) {
	item, err := tx.PopItem(key)
	return item.Value, err
}

// PopItem is Cache.PopItem.
func (tx *Tx) PopItem(key any) (Item, error) {
	item, found, err := tx.pop(key)
	if err == nil && !found {
		err = ErrNotFound
	}
	return item, tx.cache.wrap("pop", err)
}

func (tx *Tx) pop(key any) (item Item, found bool, err error) {
	k, err := tx.key(key)
	if err != nil {
		return Item{}, false, err
	}
	r, found, err := tx.conn.findRow(tx.ctx, sqlFind, k, tx.now())
	if !found || err != nil {
		return Item{}, false, err
	}
	if r.file != "" {
		if found, err = tx.cache.load(&r); err != nil {
			return Item{}, false, err
		}
	}
	if found {
		if item, err = r.item(); err != nil {
			return Item{}, false, err
		}
	}
	if _, _, err = tx.remove(`DELETE FROM Cache WHERE rowid = ? RETURNING rowid, filename`, r.id); err == nil && k.others != nil {
		_, err = tx.delete(k)
	}
	return item, found, err
}
