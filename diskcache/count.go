package diskcache

import (
	"context"
	"fmt"
	"math"
)

// Incr adds delta to the integer under key and returns the sum. Without a value it
// stores initial (default 0) + delta, for good. A value that is not an integer, or a sum
// beyond 64 bits, is an ErrValue.
// Python: Cache.incr.
func (c *Cache) Incr(ctx context.Context, key any, delta int64, initial ...int64) (sum int64, err error) {
	err = c.update(ctx, func(tx *Tx) (err error) {
		sum, err = tx.incr(key, delta, initial)
		return err
	})
	return sum, c.wrap("incr", err)
}

// Decr is Incr with -delta. Python: Cache.decr.
func (c *Cache) Decr(ctx context.Context, key any, delta int64, initial ...int64) (difference int64, err error) {
	err = c.update(ctx, func(tx *Tx) (err error) {
		difference, err = tx.decr(key, delta, initial)
		return err
	})
	return difference, c.wrap("decr", err)
}

// Incr is Cache.Incr.
func (tx *Tx) Incr(key any, delta int64, initial ...int64) (int64, error) {
	sum, err := tx.incr(key, delta, initial)
	return sum, tx.cache.wrap("incr", err)
}

// Decr is Cache.Decr.
func (tx *Tx) Decr(key any, delta int64, initial ...int64) (int64, error) {
	difference, err := tx.decr(key, delta, initial)
	return difference, tx.cache.wrap("decr", err)
}

func (tx *Tx) decr(key any, delta int64, initial []int64) (int64, error) {
	if delta == math.MinInt64 {
		return 0, fmt.Errorf("%w: %d cannot be subtracted", ErrValue, delta)
	}
	return tx.incr(key, -delta, initial)
}

func (tx *Tx) incr(key any, delta int64, initial []int64) (int64, error) {
	k, err := tx.key(key)
	if err != nil {
		return 0, err
	}
	now := tx.now()
	r, found, err := tx.conn.findRow(tx.ctx, sqlFind, k, now)
	if err != nil {
		return 0, err
	}
	if !found {
		return tx.startCount(k, delta, initial)
	}
	old, ok := r.value.(int64)
	if !ok {
		return 0, fmt.Errorf("%w: it is not an integer", ErrValue)
	}
	sum, err := add(old, delta)
	if err != nil {
		return 0, err
	}
	if _, err := tx.change(`UPDATE Cache SET store_time = ?, value = ? WHERE rowid = ?`, now, sum, r.id); err != nil {
		return 0, err
	}
	return sum, tx.use(r.id, now)
}

func (tx *Tx) startCount(k dbKey, delta int64, initial []int64) (int64, error) {
	var start int64
	if len(initial) > 1 {
		return 0, fmt.Errorf("%w: %d initial values are given", ErrValue, len(initial))
	}
	if len(initial) == 1 {
		start = initial[0]
	}
	sum, err := add(start, delta)
	if err != nil {
		return 0, err
	}
	e := entry{key: k, payload: payload{mode: modeRaw, value: sum}}
	_, err = tx.storeAndCull(&e, nil)
	return sum, err
}

func add(a, b int64) (int64, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, fmt.Errorf("%w: %d + %d is beyond 64 bits", ErrValue, a, b)
	}
	return sum, nil
}
