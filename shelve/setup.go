package shelve

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ring-go/ring/internal/sqlfile"
)

// setUp prepares the store for use: it checks that it can write if it has to, and that
// the table exists.
func (s *store) setUp(ctx context.Context, o *Options) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if s.mode == modeWrite {
		if err := setUpWriter(ctx, conn, o); err != nil {
			return err
		}
	}
	var any int
	return conn.QueryRowContext(ctx, selectAny).Scan(&any)
}

func setUpWriter(ctx context.Context, conn *sql.Conn, o *Options) error {
	if err := checkWritable(ctx, conn, o); err != nil {
		return err
	}
	// As in Python, a database that cannot be switched now can still be used.
	if _, err := conn.ExecContext(ctx, "PRAGMA journal_mode = wal"); err != nil && sqlfile.Code(err) != sqlfile.Busy {
		return err
	}
	if !o.creates() {
		return nil
	}
	_, err := conn.ExecContext(ctx, createTable)
	return err
}

// checkWritable begins a transaction, which fails if SQLite could open the file only for
// reading. If another writer is busy, the file can be written as well.
func checkWritable(ctx context.Context, conn *sql.Conn, o *Options) error {
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		_, err = conn.ExecContext(ctx, "ROLLBACK")
	}
	if err != nil && sqlfile.Code(err) != sqlfile.Busy {
		return err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", sqlfile.Milliseconds(min(o.Timeout, busyTimeout))))
	return err
}

func (s *store) prepare() error {
	statements := []struct {
		stmt **sql.Stmt
		text string
	}{{&s.value, selectValue}, {&s.has, selectHas}, {&s.replace, replace}, {&s.delete, deleteKey}}
	for _, p := range statements {
		stmt, err := s.db.Prepare(p.text)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}
