package diskcache

import (
	"context"
	"database/sql/driver"
	"iter"
)

// Keys returns the keys in the order of their first Set, also of expired entries that
// have not been removed yet, but not of entries that are stored meanwhile. It holds no
// lock between two keys, so the loop can use the cache.
//
// An error with a nil key ends the loop, unless it is an ErrKey, which is about one key
// that cannot be decoded. The other methods accept every key; one that no Go value
// represents is a StoredKey.
//
// Python: __iter__, iterkeys.
func (c *Cache) Keys(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		last, err := c.number(ctx, `SELECT COALESCE(MAX(rowid), 0) FROM Cache`)
		if err != nil {
			yield(nil, c.wrap("keys", err))
			return
		}
		for after := int64(0); after < last; {
			found, err := c.keysAfter(ctx, after, last)
			if err != nil {
				yield(nil, c.wrap("keys", err))
				return
			}
			if len(found) == 0 {
				return
			}
			for _, k := range found {
				after = k.rowid
				key, err := c.goKey(k.dbKey)
				if !yield(key, c.wrap("keys", err)) {
					return
				}
			}
		}
	}
}

type keyRow struct {
	rowid int64
	dbKey
}

func (c *Cache) keysAfter(ctx context.Context, after, last int64) (found []keyRow, err error) {
	cn, err := c.reader(ctx)
	if err != nil {
		return nil, err
	}
	defer c.readers.release(cn)
	err = cn.query(c.waiting(ctx), func(row []driver.Value) error {
		rowid, _ := row[0].(int64)
		found = append(found, keyRow{rowid, dbKey{key: row[1], raw: row[2]}})
		return nil
	}, `SELECT rowid, key, raw FROM Cache WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?`, after, last, int64(batch))
	return found, err
}
