package diskcache

import (
	"context"
	"math"
	"time"
)

// TTL returns the time left to key, 0 for a value that does not expire. It returns
// ErrNotFound if there is no value or it has expired. It does not affect the eviction
// order. In Python, get returns the expire_time.
func (c *Cache) TTL(ctx context.Context, key any) (left time.Duration, err error) {
	k, err := c.key(key)
	if err == nil {
		err = c.view(ctx, func(tx *Tx) error {
			left, err = tx.timeLeft(k)
			return err
		})
	}
	return left, c.wrap("ttl", err)
}

func (tx *Tx) timeLeft(k dbKey) (time.Duration, error) {
	row, found, err := tx.conn.findRow(tx.ctx, sqlFind, k, tx.now())
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, ErrNotFound
	}
	left, alive := row.left(tx.now())
	if !alive {
		return 0, ErrNotFound
	}
	return left, nil
}

// left returns the time left to a row, 0 if it does not expire, and false if it has
// expired.
func (r *row) left(now float64) (left time.Duration, alive bool) {
	at, mortal := r.expire.(float64)
	if !mortal {
		return 0, true
	}
	switch left := (at - now) * float64(time.Second); {
	case left <= 0:
		return 0, false
	case left >= math.MaxInt64:
		return math.MaxInt64, true
	default:
		return max(time.Duration(left), 1), true
	}
}
