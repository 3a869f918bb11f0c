package diskcache

import (
	"context"
	"time"
)

// sqlFindVersion is sqlFind with what a version needs as well.
const sqlFindVersion = `SELECT rowid, expire_time, tag, mode, filename, size, value, store_time FROM Cache
	WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)`

// version identifies a write of a row. The time alone would not: a clock can stand still.
type version struct {
	id, stored any
	mode       int64
	file       string // which no other write has
	value      any    // of a row without file
}

// blob is a []byte that can be compared.
type blob string

func (r *row) version() version {
	v := version{id: r.id, stored: r.stored, mode: r.mode, file: r.file}
	if v.file != "" {
		return v
	}
	v.value = r.value
	if data, ok := r.value.([]byte); ok {
		v.value = blob(data)
	}
	return v
}

// GetAgedTo is GetTo with the time left to the value, 0 if it does not expire, and its
// version. Any write of another value, also by Python, makes another version, and so does
// a write of the same value at another time. Versions can be compared.
func (c *Cache) GetAgedTo(ctx context.Context, key, dest any) (left time.Duration, ver any, err error) {
	r, err := c.read(ctx, sqlFindVersion, key)
	if err == nil {
		ver = r.version()
		err = decodeTo(r.mode, r.value, dest)
	}
	if err != nil {
		return 0, nil, c.wrap("get", err)
	}
	left, alive := r.left(seconds(c.now()))
	if !alive { // since it was found
		left = 1
	}
	return left, ver, nil
}

// Replace stores value like Set, but only if what is stored under key is still that
// version, which GetAgedTo returned. It reports whether it did. The comparison and the
// store are one step, also for other processes.
func (c *Cache) Replace(ctx context.Context, key, ver, value any, expire time.Duration, tag ...any) (bool, error) {
	same := func(tx *Tx, k dbKey) (bool, error) {
		r, found, err := tx.conn.findRow(tx.ctx, sqlFindVersion, k, tx.now())
		return found && r.version() == ver, err
	}
	replaced, err := c.store(ctx, same, expire, tag, []any{key}, []any{value})
	return replaced, c.wrap("replace", err)
}

// Shorten leaves the value of key at most so much time, and never lengthens its life. It
// reports whether key had a value that had not expired. It does not affect the eviction
// order.
func (c *Cache) Shorten(ctx context.Context, key any, left time.Duration) (bool, error) {
	alive, err := c.each(ctx, c.update, []any{key}, func(tx *Tx, _ int, k dbKey) (bool, error) { return tx.shorten(k, left) })
	return alive[0], c.wrap("shorten", err)
}

func (tx *Tx) shorten(k dbKey, left time.Duration) (alive bool, err error) {
	if alive, err = tx.has(k); !alive || err != nil {
		return false, err
	}
	now := tx.now()
	at := now + left.Seconds()
	for k := range k.forms() {
		_, err := tx.change(`UPDATE Cache SET expire_time = ?
			WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)`, at, k.key, k.raw, max(at, now))
		if err != nil {
			return false, err
		}
	}
	return true, nil
}
