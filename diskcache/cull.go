package diskcache

import (
	"context"
)

// batch is how many entries one transaction removes when many have to go, so that other
// writers get their turn in between.
const batch = 100

// cullBatch is how many Cull evicts at a time, whatever CullLimit says.
const cullBatch = 10

const sqlDeleteExpired = `DELETE FROM Cache WHERE rowid IN
	(SELECT rowid FROM Cache WHERE expire_time IS NOT NULL AND expire_time < ? ORDER BY expire_time LIMIT ?)
	RETURNING rowid, filename`

// cull is the part of a Set that removes entries. For each value set it removes up to
// CullLimit entries: expired ones first and, if the cache is full, others. The pages
// that this transaction has freed are still in the file; they do not count.
func (tx *Tx) cull(sets int) error {
	limit := int(tx.cache.config.cullLimit)
	if limit <= 0 {
		return nil
	}
	for range sets {
		settled := tx.freed
		n, err := tx.expire(limit)
		if err != nil {
			return err
		}
		if n < limit {
			evicted, err := tx.evictIfFull(limit-n, settled)
			if err != nil {
				return err
			}
			n += evicted
		}
		if n == 0 {
			return nil
		}
	}
	return nil
}

func (tx *Tx) expire(limit int) (int, error) {
	now := tx.now()
	row, err := tx.conn.first(tx.ctx,
		`SELECT 1 FROM Cache WHERE expire_time IS NOT NULL AND expire_time < ? LIMIT 1`, now)
	if row == nil || err != nil { // the usual case
		return 0, err
	}
	n, _, err := tx.remove(sqlDeleteExpired, now, int64(limit))
	return n, err
}

// evictIfFull evicts up to limit entries. If settled is set, pages that this transaction
// has freed are subtracted from the volume: they leave the file when it ends.
func (tx *Tx) evictIfFull(limit int, settled bool) (int, error) {
	c := tx.cache
	if c.config.policy == NoEviction {
		return 0, nil
	}
	volume, err := c.used(tx.ctx, tx.conn, settled)
	if err != nil {
		return 0, err
	}
	if volume < c.config.sizeLimit {
		return 0, nil
	}
	return tx.evict(limit)
}

// used returns the volume to compare with the size limit. If a file keeps its free
// pages, they do not count: evicting more would not make it smaller, so all entries
// would go.
func (c *Cache) used(ctx context.Context, cn *conn, settled bool) (int64, error) {
	volume, err := c.volume(ctx, cn)
	if c.shrinks && !settled || err != nil {
		return volume, err
	}
	free, err := cn.number(ctx, `PRAGMA freelist_count`)
	return volume - free*c.pageSize, err
}

// evict removes entries in the order of the eviction policy.
func (tx *Tx) evict(limit int) (int, error) {
	n, _, err := tx.remove(`DELETE FROM Cache WHERE rowid IN (SELECT rowid FROM Cache ORDER BY `+
		tx.cache.config.policy.column()+` LIMIT ?) RETURNING rowid, filename`, int64(limit))
	return n, err
}

// Expire removes the expired entries and returns how many it removed, also if it fails.
// Python: Cache.expire.
func (c *Cache) Expire(ctx context.Context) (int, error) {
	now := seconds(c.now())
	n, err := c.removeAll(ctx, func(tx *Tx, _ int64) (int, int64, error) {
		return tx.remove(sqlDeleteExpired, now, int64(batch))
	})
	return n, c.wrap("expire", err)
}

// Evict removes the entries with this tag and returns how many it removed, also if it
// fails. No entry has the tag nil.
// Python: Cache.evict.
func (c *Cache) Evict(ctx context.Context, tag any) (int, error) {
	column, err := tagColumn([]any{tag})
	if err != nil {
		return 0, c.wrap("evict", err)
	}
	n, err := c.removeAll(ctx, func(tx *Tx, after int64) (int, int64, error) {
		return tx.remove(`DELETE FROM Cache WHERE rowid IN
			(SELECT rowid FROM Cache WHERE tag = ? AND rowid > ? ORDER BY rowid LIMIT ?)
			RETURNING rowid, filename`, column, after, int64(batch))
	})
	return n, c.wrap("evict", err)
}

// Clear removes all entries and returns how many it removed, also if it fails.
// Python: Cache.clear.
func (c *Cache) Clear(ctx context.Context) (int, error) {
	n, err := c.removeAll(ctx, func(tx *Tx, after int64) (int, int64, error) {
		return tx.remove(`DELETE FROM Cache WHERE rowid IN
			(SELECT rowid FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT ?)
			RETURNING rowid, filename`, after, int64(batch))
	})
	return n, c.wrap("clear", err)
}

// removeAll removes entries in several transactions, until none are left. It passes to
// some the highest rowid removed so far.
func (c *Cache) removeAll(ctx context.Context, some func(tx *Tx, after int64) (int, int64, error)) (total int, err error) {
	var after int64
	for {
		n := 0
		err := c.update(ctx, func(tx *Tx) error {
			var err error
			var last int64
			n, last, err = some(tx, after)
			after = max(after, last)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
		if n == 0 {
			return total, nil
		}
	}
}

// Cull removes the expired entries, and then evicts others by the eviction policy until
// the volume is within the size limit, see Options.SizeLimit. It returns how many it
// removed, also if it fails.
// Python: Cache.cull.
func (c *Cache) Cull(ctx context.Context) (int, error) {
	total, err := c.Expire(ctx)
	if err != nil || c.config.policy == NoEviction {
		return total, err
	}
	for {
		n, err := c.evictBatch(ctx)
		total += n
		if n == 0 || err != nil {
			return total, c.wrap("cull", err)
		}
	}
}

func (c *Cache) evictBatch(ctx context.Context) (n int, err error) {
	err = c.update(ctx, func(tx *Tx) error {
		volume, err := c.used(tx.ctx, tx.conn, false)
		if volume <= c.config.sizeLimit || err != nil {
			return err
		}
		n, err = tx.evict(cullBatch)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
