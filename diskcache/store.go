package diskcache

import (
	"context"
	"database/sql/driver"
	"os"
	"time"
)

// entry is a value on its way into the cache.
type entry struct {
	key dbKey
	payload
	expire time.Duration
	tag    driver.Value
	file   string // the name of its file, once written; "": none
}

// entry encodes a value. It writes nothing.
func (c *Cache) entry(key, value any, expire time.Duration, tag []any) (*entry, error) {
	k, err := c.key(key)
	if err != nil {
		return nil, err
	}
	p, err := c.encode(value)
	if err != nil {
		return nil, err
	}
	t, err := tagColumn(tag)
	if err != nil {
		return nil, err
	}
	return &entry{key: k, payload: p, expire: expire, tag: t}, nil
}

// writeOut writes the file of an entry that needs one.
func (c *Cache) writeOut(e *entry) error {
	if e.data == nil {
		return nil
	}
	name := newFileName()
	if err := c.writeFile(name, e.data); err != nil {
		return err
	}
	e.file = name
	return nil
}

// store stores entries in one transaction. Everything that takes long happens before it.
// With a condition it stores only the entries that meet it; the result tells whether it
// stored the last one.
func (c *Cache) store(ctx context.Context, only condition, expire time.Duration, tag, keys, values []any) (stored bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	entries := make([]*entry, len(keys))
	for i, key := range keys {
		if entries[i], err = c.entry(key, values[i], expire, tag); err != nil {
			return false, keyError(key, err)
		}
	}
	var files []string
	committed := false
	defer func() {
		if !committed {
			for _, name := range files {
				c.removeFile(name)
			}
		}
	}()
	for _, e := range entries {
		if err := c.writeOut(e); err != nil {
			return false, err
		}
		if e.file != "" {
			files = append(files, e.file)
		}
	}
	err = c.update(ctx, func(tx *Tx) error {
		for _, e := range entries {
			var err error
			if stored, err = tx.store(e, only); err != nil {
				return err
			}
		}
		if !stored {
			return nil
		}
		return tx.cull(len(entries))
	})
	committed = err == nil
	return stored, err
}

// put stores one value within a transaction.
func (tx *Tx) put(only condition, key, value any, expire time.Duration, tag []any) (bool, error) {
	if err := tx.begin(); err != nil {
		return false, err
	}
	e, err := tx.cache.entry(key, value, expire, tag)
	if err != nil {
		return false, err
	}
	if err := tx.cache.writeOut(e); err != nil {
		return false, err
	}
	if e.file != "" {
		tx.fresh = append(tx.fresh, e.file)
	}
	return tx.storeAndCull(e, only)
}

func (tx *Tx) storeAndCull(e *entry, only condition) (bool, error) {
	stored, err := tx.store(e, only)
	if stored && err == nil {
		err = tx.cull(1)
	}
	if err != nil {
		tx.failed = err
		return false, err
	}
	return stored, nil
}

// sqlSet stores an entry, unless the key has a row with a file, which has to be removed.
const sqlSet = `INSERT INTO Cache (key, raw, store_time, expire_time, access_time, access_count,
	tag, size, mode, filename, value) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
	ON CONFLICT (key, raw) DO UPDATE SET store_time = excluded.store_time, expire_time = excluded.expire_time,
	access_time = excluded.access_time, access_count = 0, tag = excluded.tag, size = excluded.size,
	mode = excluded.mode, filename = excluded.filename, value = excluded.value WHERE filename IS NULL`

// condition decides within the transaction whether to store an entry. nil is none.
type condition func(tx *Tx, k dbKey) (met bool, err error)

// isNew is the condition that a key has no value.
func isNew(tx *Tx, k dbKey) (bool, error) {
	found, err := tx.has(k)
	return !found, err
}

// store writes the row of an entry.
func (tx *Tx) store(e *entry, only condition) (bool, error) {
	if e.file != "" {
		if err := tx.stillThere(e); err != nil {
			return false, err
		}
	}
	now := tx.now()
	if only != nil {
		met, err := only(tx, e.key)
		if err != nil {
			return false, err
		}
		if !met {
			if e.file != "" {
				tx.obsolete = append(tx.obsolete, e.file)
			}
			return false, nil
		}
	}
	if err := tx.settleForm(e); err != nil {
		return false, err
	}
	n, err := tx.upsert(e, now)
	if n == 0 && err == nil {
		if err = tx.dropFile(e.key); err == nil {
			_, err = tx.upsert(e, now)
		}
	}
	return true, err
}

func (tx *Tx) upsert(e *entry, now float64) (int64, error) {
	var file driver.Value
	if e.file != "" {
		file = e.file
	}
	return tx.change(sqlSet, e.key.key, e.key.raw, now, deadline(now, e.expire), now,
		e.tag, int64(len(e.data)), e.mode, file, e.value)
}

// settleForm gives an entry the form of its key that already has a row, the first of
// them, and removes the rows of the other forms: they would keep the old value.
func (tx *Tx) settleForm(e *entry) error {
	if e.key.others == nil {
		return nil
	}
	var settled *dbKey
	for k := range e.key.forms() {
		row, err := tx.conn.first(tx.ctx, `SELECT rowid FROM Cache WHERE key = ? AND raw = ?`, k.key, k.raw)
		switch {
		case err != nil:
			return err
		case row == nil:
		case settled == nil:
			settled = &k
		default:
			if _, _, err := tx.remove(`DELETE FROM Cache WHERE key = ? AND raw = ? RETURNING rowid, filename`, k.key, k.raw); err != nil {
				return err
			}
		}
	}
	if settled == nil {
		settled = &dbKey{key: e.key.key, raw: e.key.raw}
	}
	e.key = *settled
	return nil
}

// dropFile removes the file from the row of a key.
func (tx *Tx) dropFile(k dbKey) error {
	row, err := tx.conn.first(tx.ctx, `SELECT filename FROM Cache WHERE key = ? AND raw = ?`, k.key, k.raw)
	if row == nil || err != nil {
		return err
	}
	if name, ok := row[0].(string); ok {
		tx.obsolete = append(tx.obsolete, name)
	}
	_, err = tx.change(`UPDATE Cache SET filename = NULL WHERE key = ? AND raw = ?`, k.key, k.raw)
	return err
}

// stillThere writes a value file again if a Check has removed it as a leftover. It was
// written before the transaction.
func (tx *Tx) stillThere(e *entry) error {
	path, err := tx.cache.path(e.file)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return tx.cache.writeFile(e.file, e.data)
}
