package diskcache

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// GetMany is Get for several keys in one transaction. found tells which keys have a
// value.
func (c *Cache) GetMany(ctx context.Context, keys []any) (values []any, found []bool, err error) {
	values = make([]any, len(keys))
	dest := make([]any, len(keys))
	for i := range dest {
		dest[i] = &values[i]
	}
	found, err = c.GetManyTo(ctx, keys, dest)
	return values, found, err
}

// GetManyTo is GetTo for several keys in one transaction: it decodes the value of
// keys[i] into what dest[i] points to. A value that cannot be decoded is reported as not
// found, and its error is joined with those of the others.
func (c *Cache) GetManyTo(ctx context.Context, keys, dest []any) (found []bool, err error) {
	if len(keys) != len(dest) {
		return nil, c.wrap("get", fmt.Errorf("%w: %d keys and %d places for values", ErrValue, len(keys), len(dest)))
	}
	rows := make([]row, len(keys))
	run := c.view
	if c.getsWrite() {
		run = c.update
	}
	found, err = c.each(ctx, run, keys, func(tx *Tx, i int, k dbKey) (ok bool, err error) {
		rows[i], ok, err = tx.get(sqlFind, k)
		return ok, err
	})
	if err != nil {
		return found, c.wrap("get", err)
	}
	if found, err = c.readAgain(ctx, keys, rows, found); err != nil {
		return found, c.wrap("get", err)
	}
	var errs []error
	for i, r := range rows {
		if !found[i] {
			continue
		}
		if err := decodeTo(r.mode, r.value, dest[i]); err != nil {
			found[i] = false
			errs = append(errs, keyError(keys[i], err))
		}
	}
	return found, c.wrap("get", errors.Join(errs...))
}

// readAgain looks up one by one the keys whose row was found but whose file was not: a
// writer has replaced the value since the transaction began, and removed the old file.
func (c *Cache) readAgain(ctx context.Context, keys []any, rows []row, found []bool) ([]bool, error) {
	if c.getsWrite() { // no writer came in between
		return found, nil
	}
	for i := range rows {
		if found[i] || rows[i].file == "" {
			continue
		}
		r, err := c.read(ctx, sqlFind, keys[i])
		if err == ErrNotFound {
			continue
		}
		if err != nil {
			clear(found)
			return found, keyError(keys[i], err)
		}
		rows[i], found[i] = r, true
	}
	return found, nil
}

// each calls run for every key in one transaction. If it fails, all results are false.
func (c *Cache) each(ctx context.Context, run func(context.Context, func(*Tx) error) error, keys []any,
	do func(tx *Tx, i int, k dbKey) (bool, error)) ([]bool, error) {
	results := make([]bool, len(keys))
	if len(keys) == 0 {
		return results, c.idle(ctx)
	}
	err := run(ctx, func(tx *Tx) error {
		for i, key := range keys {
			k, err := tx.key(key)
			if err != nil {
				return keyError(key, err)
			}
			if results[i], err = do(tx, i, k); err != nil {
				return keyError(key, err)
			}
		}
		return nil
	})
	if err != nil {
		clear(results)
	}
	return results, err
}

// idle is an operation on an empty list.
func (c *Cache) idle(ctx context.Context) error {
	select {
	case <-c.closing:
		return ErrClosed
	default:
		return ctx.Err()
	}
}

// SetMany is Set for several keys in one transaction: it stores all or none. Of equal
// keys the last one wins.
func (c *Cache) SetMany(ctx context.Context, keys, values []any, expire time.Duration, tag ...any) error {
	if len(keys) != len(values) {
		return c.wrap("set", fmt.Errorf("%w: %d keys and %d values", ErrValue, len(keys), len(values)))
	}
	if len(keys) == 0 {
		return c.wrap("set", c.idle(ctx))
	}
	_, err := c.store(ctx, nil, expire, tag, keys, values)
	return c.wrap("set", err)
}

// DeleteMany is Delete for several keys in one transaction.
func (c *Cache) DeleteMany(ctx context.Context, keys []any) (deleted []bool, err error) {
	deleted, err = c.each(ctx, c.update, keys, func(tx *Tx, _ int, k dbKey) (bool, error) { return tx.delete(k) })
	return deleted, c.wrap("delete", err)
}

// HasMany is Has for several keys in one transaction.
func (c *Cache) HasMany(ctx context.Context, keys []any) (found []bool, err error) {
	found, err = c.each(ctx, c.view, keys, func(tx *Tx, _ int, k dbKey) (bool, error) { return tx.has(k) })
	return found, c.wrap("has", err)
}

// TouchMany is Touch for several keys in one transaction.
func (c *Cache) TouchMany(ctx context.Context, keys []any, expire time.Duration) (touched []bool, err error) {
	touched, err = c.each(ctx, c.update, keys, func(tx *Tx, _ int, k dbKey) (bool, error) { return tx.touch(k, expire) })
	return touched, c.wrap("touch", err)
}
