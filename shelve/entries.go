package shelve

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// write calls f while no other goroutine of this process writes.
func (s *store) write(ctx context.Context, f func() error) error {
	if s.mode != modeWrite {
		return fmt.Errorf(`%w: it was opened with flag "r"`, ErrReadOnly)
	}
	deadline := time.Now().Add(s.timeout)
	if err := s.awaitTurn(ctx); err != nil {
		return err
	}
	defer func() { <-s.writing }()
	err := retryUntil(deadline, f)
	if moved := s.check(); moved != nil {
		return moved
	}
	return err
}

// awaitTurn waits until no other goroutine of this process writes.
func (s *store) awaitTurn(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	default:
	}
	timeout := time.NewTimer(s.timeout)
	defer timeout.Stop()
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return fmt.Errorf("%w: others wrote to it for the whole Timeout of %v: try again, or give a longer one", ErrLocked, s.timeout)
	}
}

// read calls f, which does not write.
func (s *store) read(f func() error) error {
	err := s.retry(f)
	check := s.checkRead
	if err != nil && err != ErrNotFound {
		check = s.check // the file may have been replaced
	}
	if moved := check(); moved != nil {
		return moved
	}
	return err
}

// each calls f n times with stmt, all in one transaction.
func (s *store) each(ctx context.Context, stmt *sql.Stmt, n int, f func(stmt *sql.Stmt, i int) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt = tx.StmtContext(ctx, stmt)
	for i := range n {
		if err := f(stmt, i); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func queryValue(ctx context.Context, stmt *sql.Stmt, key string) ([]byte, error) {
	var data []byte
	err := stmt.QueryRowContext(ctx, []byte(key)).Scan(&data)
	if err == sql.ErrNoRows {
		err = ErrNotFound
	}
	return data, err
}

func queryHas(ctx context.Context, stmt *sql.Stmt, key string) (bool, error) {
	var has bool
	err := stmt.QueryRowContext(ctx, []byte(key)).Scan(&has)
	return has, err
}

func (s *store) getValue(ctx context.Context, key string) (data []byte, err error) {
	err = s.read(func() error {
		data, err = queryValue(ctx, s.value, key)
		return err
	})
	return data, err
}

func (s *store) hasKey(ctx context.Context, key string) (has bool, err error) {
	err = s.read(func() error {
		has, err = queryHas(ctx, s.has, key)
		return err
	})
	return has, err
}

func (s *store) setValue(ctx context.Context, key string, data []byte) error {
	return s.write(ctx, func() error {
		_, err := s.replace.ExecContext(ctx, []byte(key), blob(data))
		return err
	})
}

func (s *store) deleteKey(ctx context.Context, key string) error {
	return s.write(ctx, func() error {
		result, err := s.delete.ExecContext(ctx, []byte(key))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); n > 0 || err != nil {
			return err
		}
		return ErrNotFound
	})
}

// getValues returns nil in the place of a missing key.
func (s *store) getValues(ctx context.Context, keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	err := s.read(func() error {
		return s.each(ctx, s.value, len(keys), func(stmt *sql.Stmt, i int) error {
			data, err := queryValue(ctx, stmt, keys[i])
			if err == ErrNotFound {
				return nil
			}
			values[i] = blob(data)
			return err
		})
	})
	return values, err
}

func (s *store) hasKeys(ctx context.Context, keys []string) ([]bool, error) {
	has := make([]bool, len(keys))
	err := s.read(func() error {
		return s.each(ctx, s.has, len(keys), func(stmt *sql.Stmt, i int) (err error) {
			has[i], err = queryHas(ctx, stmt, keys[i])
			return err
		})
	})
	return has, err
}

func (s *store) setValues(ctx context.Context, keys []string, values [][]byte) error {
	return s.write(ctx, func() error {
		return s.each(ctx, s.replace, len(keys), func(stmt *sql.Stmt, i int) error {
			_, err := stmt.ExecContext(ctx, []byte(keys[i]), blob(values[i]))
			return err
		})
	})
}

func (s *store) deleteKeys(ctx context.Context, keys []string) error {
	return s.write(ctx, func() error {
		return s.each(ctx, s.delete, len(keys), func(stmt *sql.Stmt, i int) error {
			_, err := stmt.ExecContext(ctx, []byte(keys[i]))
			return err
		})
	})
}

func (s *store) clear(ctx context.Context) error {
	return s.write(ctx, func() error {
		_, err := s.db.ExecContext(ctx, deleteAll)
		return err
	})
}

func (s *store) count(ctx context.Context) (n int, err error) {
	err = s.read(func() error {
		return s.db.QueryRowContext(ctx, selectCount).Scan(&n)
	})
	return n, err
}

// sync commits a transaction that waits for the disk (synchronous=FULL). With it
// everything earlier in the log reaches the disk; what is no longer in the log is there
// already. A checkpoint would do the same, but waits as long as others go on writing.
func (s *store) sync() error {
	if s.mode != modeWrite {
		return nil
	}
	ctx := context.Background() // a context that ends would interrupt the sequence and leave the connection in the middle of it
	return s.write(ctx, func() error {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = FULL"); err != nil {
			return err
		}
		defer conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL")
		return commitNothing(ctx, conn)
	})
}

// commitNothing writes a page without changing its content: a transaction without a
// written page would not reach the log.
func commitNothing(ctx context.Context, conn *sql.Conn) (err error) {
	// Not BeginTx: its transactions become writers only with the first write, which
	// fails if another connection has written since the read.
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			conn.ExecContext(ctx, "ROLLBACK")
		}
	}()
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; COMMIT", version))
	return err
}

// blob replaces nil by an empty blob: the driver would store NULL.
func blob(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// keys returns all keys in their order.
func (s *store) keys(ctx context.Context) (keys []string, err error) {
	err = s.read(func() error {
		keys, err = s.queryKeys(ctx)
		return err
	})
	return keys, err
}

func (s *store) queryKeys(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, selectKeys)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		if n := len(keys); n > 0 && keys[n-1] >= key {
			return nil, errOrder
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// errOrder: with an index out of order, a loop would miss entries.
var errOrder = fmt.Errorf("%w: its keys are out of order: restore it from a copy, or remove it to start anew", ErrCorrupt)

// entry is one row.
type entry struct {
	key  string
	data []byte
}

// The limits of a page, which is kept in memory.
const (
	pageEntries = 256
	pageBytes   = 1 << 20
)

// page reads the entries of the first of keys, which are sorted, and returns how many
// keys these are. It leaves out entries that have been removed.
func (s *store) page(ctx context.Context, keys []string) (page []entry, n int, err error) {
	keys = keys[:min(len(keys), pageEntries)]
	err = s.read(func() error {
		page, n, err = s.queryPage(ctx, keys)
		return err
	})
	return page, n, err
}

func (s *store) queryPage(ctx context.Context, keys []string) (page []entry, n int, err error) {
	rows, err := s.db.QueryContext(ctx, selectItems, []byte(keys[0]), []byte(keys[len(keys)-1]))
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for size := 0; size < pageBytes; {
		if !rows.Next() {
			return page, len(keys), rows.Err()
		}
		var e entry
		if err := rows.Scan(&e.key, &e.data); err != nil {
			return nil, 0, err
		}
		for n < len(keys) && keys[n] < e.key {
			n++
		}
		if n < len(keys) && keys[n] == e.key { // otherwise the entry is new
			n++
			page = append(page, e)
			size += len(e.key) + len(e.data)
		}
	}
	return page, n, nil
}
