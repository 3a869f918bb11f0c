package diskcache

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/ring-go/ring/internal/sqlfile"
)

const (
	sqlBegin    = `BEGIN IMMEDIATE`
	sqlView     = `BEGIN`
	sqlCommit   = `COMMIT`
	sqlRollback = `ROLLBACK`
)

// conn is one connection to cache.db with its prepared statements. One goroutine at a
// time uses it.
//
// It uses the driver directly: the pool of sql.DB costs a Get a sixth of its time and
// doubles its allocations, see BenchmarkFloor.
type conn struct {
	db     driverConn
	stmts  map[string]statement
	args   []driver.NamedValue // reused
	row    []driver.Value      // reused
	broken bool                // close it instead of using it again
}

// driverConn has the methods of the driver's connections beside driver.Conn.
type driverConn interface {
	driver.Conn
	driver.ConnPrepareContext
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// connect opens the database file path. Nothing else in the process may open that file:
// closing it would release SQLite's locks (POSIX).
func connect(path string, create bool, timeout time.Duration) (*conn, error) {
	mode := "rw"
	if create {
		mode = "rwc"
	}
	connector, err := sqlite.NewConnector(sqlfile.URI(path, url.Values{"mode": {mode}}))
	if err != nil {
		return nil, err
	}
	opened, err := connector.Connect(context.Background())
	if err != nil {
		return nil, causes.Explain(err)
	}
	db, ok := opened.(driverConn)
	if !ok {
		_ = opened.Close()
		return nil, fmt.Errorf("the SQLite driver's %T lacks the methods with a context", opened)
	}
	cn := &conn{db: db, stmts: map[string]statement{}}
	if err := cn.wait(timeout); err != nil {
		_ = cn.close()
		return nil, err
	}
	return cn, nil
}

// wait sets how long SQLite waits for a lock, unless a context ends first.
func (c *conn) wait(timeout time.Duration) error {
	return c.once(context.Background(), fmt.Sprintf("PRAGMA busy_timeout = %d", sqlfile.Milliseconds(timeout)))
}

// retryEvery is the time between two attempts of retry.
const retryEvery = 5 * time.Millisecond

// retry repeats do while it returns ErrTimeout, until timeout is over or ctx ends. do
// has to return ErrTimeout without waiting.
func retry(ctx context.Context, timeout time.Duration, do func() error) error {
	start := time.Now()
	for {
		err := do()
		if !errors.Is(err, ErrTimeout) || time.Since(start) >= timeout {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// pragmas sets those that have another value: some of them write, and would wait for
// other writers.
func (c *conn) pragmas(ctx context.Context, list []pragma) error {
	for _, p := range list {
		row, err := c.first(ctx, "PRAGMA "+p.name)
		c.forget("PRAGMA " + p.name)
		if err != nil {
			return err
		}
		if row != nil && strings.EqualFold(fmt.Sprint(row[0]), p.value) {
			continue
		}
		if err := c.once(ctx, "PRAGMA "+p.name+" = "+p.value); err != nil {
			return err
		}
	}
	return nil
}

// once runs a statement that is not worth keeping.
func (c *conn) once(ctx context.Context, query string) error {
	_, err := c.execContext(ctx, query)
	c.forget(query)
	return err
}

func (c *conn) forget(query string) {
	if stmt, ok := c.stmts[query]; ok {
		delete(c.stmts, query)
		_ = stmt.Close() // repeats the error of its last run
	}
}

func (c *conn) close() error {
	for _, stmt := range c.stmts {
		_ = stmt.Close() // repeats the error of its last run
	}
	return c.db.Close()
}

// statement prepares a query. It may have to read the schema for that, and to wait for a
// lock.
func (c *conn) statement(ctx context.Context, query string) (statement, error) {
	if stmt, ok := c.stmts[query]; ok {
		return stmt, nil
	}
	prepared, err := c.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, causes.Explain(err)
	}
	stmt, ok := prepared.(statement)
	if !ok {
		_ = prepared.Close()
		return nil, fmt.Errorf("the SQLite driver's %T lacks the methods with a context", prepared)
	}
	c.stmts[query] = stmt
	return stmt, nil
}

func (c *conn) bind(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, arg := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	return c.args
}

// exec runs a statement to its end and returns how many rows it changed.
//
// Only statements that can wait or take long get the caller's context: for a context
// that can be cancelled the driver starts a goroutine.
func (c *conn) exec(query string, args ...driver.Value) (int64, error) {
	return c.execContext(context.Background(), query, args...)
}

func (c *conn) execContext(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, c.bind(args))
	if err != nil {
		return 0, causes.Explain(err)
	}
	return result.RowsAffected()
}

// first returns the first row of a query, nil if there is none. The row is valid until
// the next call.
func (c *conn) first(ctx context.Context, query string, args ...driver.Value) (row []driver.Value, err error) {
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, c.bind(args))
	if err != nil {
		return nil, causes.Explain(err)
	}
	row, err = c.next(rows)
	if closeErr := rows.Close(); err == nil && closeErr != nil {
		return nil, causes.Explain(closeErr)
	}
	return row, err
}

func (c *conn) next(rows driver.Rows) ([]driver.Value, error) {
	width := len(rows.Columns())
	if cap(c.row) < width {
		c.row = make([]driver.Value, width)
	}
	row := c.row[:width]
	switch err := rows.Next(row); err {
	case nil:
		return row, nil
	case io.EOF:
		return nil, nil
	default:
		return nil, causes.Explain(err)
	}
}

// query calls each for every row of a query. each must not use c, and the row is valid
// only during the call.
func (c *conn) query(ctx context.Context, each func(row []driver.Value) error, query string, args ...driver.Value) error {
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, c.bind(args))
	if err != nil {
		return causes.Explain(err)
	}
	for {
		row, err := c.next(rows)
		if row != nil {
			err = each(row)
		}
		if row == nil || err != nil {
			if closeErr := rows.Close(); err == nil && closeErr != nil {
				return causes.Explain(closeErr)
			}
			return err
		}
	}
}

// number returns the single number that a query results in.
func (c *conn) number(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	row, err := c.first(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	if row == nil {
		return 0, fmt.Errorf("%w: nothing is found by %s", ErrCorrupt, query)
	}
	switch n := row[0].(type) {
	case int64:
		return n, nil
	case float64:
		return int64(n), nil
	}
	return 0, fmt.Errorf("%w: %T instead of a number is found by %s", ErrCorrupt, row[0], query)
}
