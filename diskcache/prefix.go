package diskcache

import (
	"context"
	"database/sql/driver"
	"strings"
)

// DeletePrefix removes the entries whose keys are text that begins with prefix, if del
// reports the key; a nil del reports every key. It returns how many it removed, also if it
// fails. Expired entries that had not been removed yet count.
//
// It removes up to 100 entries in a transaction, so that other writers get their turn in
// between. Entries that are stored meanwhile may stay. Python has no counterpart.
func (c *Cache) DeletePrefix(ctx context.Context, prefix string, del func(key string) bool) (int, error) {
	total := 0
	for from, more := prefix, true; more; {
		n := 0
		err := c.update(ctx, func(tx *Tx) (err error) {
			n, from, more, err = tx.deletePrefix(prefix, from, del)
			return err
		})
		if err != nil {
			return total, c.wrap("delete", err)
		}
		total += n
	}
	return total, nil
}

const sqlFrom = `SELECT key, rowid FROM Cache WHERE key >= ? AND raw = 1 ORDER BY key LIMIT ?`

// deletePrefix is DeletePrefix for the first entries from a key on. It returns the key to go
// on from, and whether there may be more.
func (tx *Tx) deletePrefix(prefix, from string, del func(key string) bool) (n int, next string, more bool, err error) {
	if err := tx.begin(); err != nil {
		return 0, from, false, err
	}
	var chosen []int64
	rows := 0
	err = tx.conn.query(tx.ctx, func(row []driver.Value) error {
		key, isText := row[0].(string)
		if !isText || !strings.HasPrefix(key, prefix) {
			return nil // behind all keys with the prefix
		}
		rows++
		from = key + "\x00" // the least key that is greater
		if id, ok := row[1].(int64); ok && (del == nil || del(key)) {
			chosen = append(chosen, id)
		}
		return nil
	}, sqlFrom, from, int64(batch))
	if err != nil {
		return 0, from, false, err
	}
	for _, id := range chosen {
		removed, _, err := tx.remove(`DELETE FROM Cache WHERE rowid = ? RETURNING rowid, filename`, id)
		if err != nil {
			return 0, from, false, err
		}
		n += removed
	}
	return n, from, rows == batch, nil
}
