package diskcache

import (
	"context"
	"database/sql/driver"
	"fmt"
	"unsafe"
)

// row is what a Get reads of a row. If the value is in a file, load stores it in value,
// with the type that it would have in the row.
type row struct {
	id     driver.Value
	expire driver.Value // seconds; nil: never
	tag    driver.Value
	mode   int64
	file   string // "": the value is in the row
	size   int64
	value  driver.Value
	stored driver.Value // seconds; only by sqlFindVersion
}

const sqlFind = `SELECT rowid, expire_time, tag, mode, filename, size, value FROM Cache
	WHERE key = ? AND raw = ? AND (expire_time IS NULL OR expire_time > ?)`

// findRow finds the row of a key, unless it has expired, by sqlFind or a query like it.
func (cn *conn) findRow(ctx context.Context, query string, k dbKey, now float64) (row, bool, error) {
	columns, err := cn.first(ctx, query, k.key, k.raw, now)
	for i := 0; columns == nil && err == nil && i < len(k.others); i++ {
		columns, err = cn.first(ctx, query, k.others[i], k.raw, now)
	}
	if columns == nil || err != nil {
		return row{}, false, err
	}
	r := row{id: columns[0], expire: columns[1], tag: columns[2], value: columns[6]}
	r.mode, _ = columns[3].(int64)
	r.file, _ = columns[4].(string)
	r.size, _ = columns[5].(int64)
	if query == sqlFindVersion {
		r.stored = columns[7]
	}
	return r, true, r.check()
}

// check refuses a row that would be decoded wrongly.
func (r *row) check() error {
	inFile := r.file != ""
	switch {
	case r.mode == modeRaw && !inFile,
		(r.mode == modeBytes || r.mode == modeText) && inFile,
		r.mode == modePickle && inFile == (r.value == nil):
		return nil
	}
	return fmt.Errorf("%w: an entry has the mode %d and the file %q", ErrCorrupt, r.mode, r.file)
}

// load reads the file of a row. It returns false if the file is missing or truncated.
func (c *Cache) load(r *row) (bool, error) {
	data, ok, err := c.readFile(r.file, r.size)
	if r.mode == modeText {
		r.value = unsafe.String(unsafe.SliceData(data), len(data)) // nothing else refers to data
	} else {
		r.value = notNil(data)
	}
	return ok, err
}

func (r *row) item() (Item, error) {
	v, err := decode(r.mode, r.value)
	if err != nil {
		return Item{}, err
	}
	item := Item{Value: v, Tag: natural(r.tag)}
	if s, ok := r.expire.(float64); ok {
		item.Expires = instant(s)
	}
	return item, nil
}
