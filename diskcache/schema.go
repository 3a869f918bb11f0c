package diskcache

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// object is a table, an index or a trigger of the database.
type object struct{ name, create string }

// objects returns what a cache with these settings needs, in the order of creation.
func (c config) objects() []object {
	list := []object{
		{"Settings", `CREATE TABLE IF NOT EXISTS Settings (key TEXT NOT NULL UNIQUE, value)`},
		{"Cache", `CREATE TABLE IF NOT EXISTS Cache (rowid INTEGER PRIMARY KEY, key BLOB, raw INTEGER,
			store_time REAL, expire_time REAL, access_time REAL, access_count INTEGER DEFAULT 0,
			tag BLOB, size INTEGER DEFAULT 0, mode INTEGER DEFAULT 0, filename TEXT, value BLOB)`},
		{"Cache_key_raw", `CREATE UNIQUE INDEX IF NOT EXISTS Cache_key_raw ON Cache (key, raw)`},
		{"Cache_expire_time", `CREATE INDEX IF NOT EXISTS Cache_expire_time ON Cache (expire_time)`},
		{"Settings_count_insert", `CREATE TRIGGER IF NOT EXISTS Settings_count_insert AFTER INSERT ON Cache FOR EACH ROW
			BEGIN UPDATE Settings SET value = value + 1 WHERE key = 'count'; END`},
		{"Settings_count_delete", `CREATE TRIGGER IF NOT EXISTS Settings_count_delete AFTER DELETE ON Cache FOR EACH ROW
			BEGIN UPDATE Settings SET value = value - 1 WHERE key = 'count'; END`},
		{"Settings_size_insert", `CREATE TRIGGER IF NOT EXISTS Settings_size_insert AFTER INSERT ON Cache FOR EACH ROW
			BEGIN UPDATE Settings SET value = value + NEW.size WHERE key = 'size'; END`},
		{"Settings_size_update", `CREATE TRIGGER IF NOT EXISTS Settings_size_update AFTER UPDATE ON Cache FOR EACH ROW
			BEGIN UPDATE Settings SET value = value + NEW.size - OLD.size WHERE key = 'size'; END`},
		{"Settings_size_delete", `CREATE TRIGGER IF NOT EXISTS Settings_size_delete AFTER DELETE ON Cache FOR EACH ROW
			BEGIN UPDATE Settings SET value = value - OLD.size WHERE key = 'size'; END`},
	}
	if column := c.policy.column(); column != "" {
		name := "Cache_" + column
		list = append(list, object{name, `CREATE INDEX IF NOT EXISTS ` + name + ` ON Cache (` + column + `)`})
	}
	if c.tagIndex {
		list = append(list, object{tagIndex, `CREATE INDEX IF NOT EXISTS ` + tagIndex + ` ON Cache (tag, rowid)`})
	}
	return list
}

const tagIndex = "Cache_tag_rowid"

// state is what a directory already contains.
type state struct {
	names  []string // of tables, indexes and triggers
	stored settings
}

func readState(cn *conn) (state, error) {
	var s state
	err := cn.query(context.Background(), func(row []driver.Value) error {
		s.names = append(s.names, row[0].(string))
		return nil
	}, `SELECT name FROM sqlite_master WHERE name IS NOT NULL`)
	if err != nil || !slices.Contains(s.names, "Settings") {
		return s, err
	}
	s.stored = settings{}
	err = cn.query(context.Background(), func(row []driver.Value) error {
		if name, ok := row[0].(string); ok {
			s.stored[name] = row[1]
		}
		return nil
	}, `SELECT key, value FROM Settings`)
	return s, err
}

// changes returns the statements that create what the directory lacks.
func (s state) changes(want settings, c config) []change {
	var list []change
	for _, o := range c.objects() {
		if !slices.Contains(s.names, o.name) {
			list = append(list, change{o.create, nil})
		}
	}
	if !c.tagIndex && slices.Contains(s.names, tagIndex) {
		list = append(list, change{`DROP INDEX IF EXISTS ` + tagIndex, nil})
	}
	for name, value := range want {
		if old, ok := s.stored[name]; !ok || !reflect.DeepEqual(old, value) {
			list = append(list, change{`INSERT OR REPLACE INTO Settings VALUES (?, ?)`, []driver.Value{name, value}})
		}
	}
	for _, name := range counters {
		if _, ok := s.stored[name]; !ok {
			list = append(list, change{`INSERT OR IGNORE INTO Settings VALUES (?, 0)`, []driver.Value{name}})
		}
	}
	return list
}

type change struct {
	query string
	args  []driver.Value
}

// prepare makes the database of cn match the settings. It only reads a database that
// already does.
func prepare(cn *conn, given settings, timeout time.Duration) (config, error) {
	changes, c, err := outstanding(cn, given)
	if err != nil {
		return config{}, err
	}
	if err := cn.setPragmas(c, timeout); err != nil {
		return config{}, err
	}
	mode, err := cn.journalMode()
	if err != nil {
		return config{}, err
	}
	if want, ok := given[journalMode].(string); ok && !strings.EqualFold(want, mode) {
		return config{}, fmt.Errorf("SQLite does not take the journal mode %q for this database: it stays %q", want, mode)
	}
	if len(changes) == 0 {
		return c, nil
	}
	if _, err := cn.exec(sqlBegin); err != nil {
		return config{}, err
	}
	c, err = prepareLocked(cn, given)
	if err == nil {
		_, err = cn.exec(sqlCommit)
	}
	if err != nil {
		_, _ = cn.exec(sqlRollback) // the first error says why
	}
	return c, err
}

// outstanding returns the changes that make the database match the settings.
func outstanding(cn *conn, given settings) ([]change, config, error) {
	s, err := readState(cn)
	if err != nil {
		return nil, config{}, err
	}
	want, c, err := s.settle(given)
	if err != nil {
		return nil, config{}, err
	}
	return s.changes(want, c), c, nil
}

// settle determines the settings in force.
func (s state) settle(given settings) (settings, config, error) {
	if p, ok := given[pickleProtocol].(int64); ok && (p == 0 || p == 1) {
		return nil, config{}, fmt.Errorf("%s %d cannot be given: give 2 to 5, or nothing for a directory that has it", pickleProtocol, p)
	}
	want := defaultSettings().over(s.stored)
	for _, name := range counters {
		delete(want, name)
	}
	want = want.over(given)
	c, err := want.config()
	return want, c, err
}

// prepareLocked locks out other writers, reads the state again and changes it.
func prepareLocked(cn *conn, given settings) (config, error) {
	changes, c, err := outstanding(cn, given)
	if err != nil {
		return config{}, err
	}
	for _, change := range changes {
		if _, err := cn.exec(change.query, change.args...); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

// journalMode returns the mode in force. If SQLite does not know the requested mode or
// cannot use it, such as a WAL on some file systems, it keeps the one before.
func (cn *conn) journalMode() (string, error) {
	row, err := cn.first(context.Background(), `PRAGMA journal_mode`)
	cn.forget(`PRAGMA journal_mode`)
	if row == nil || err != nil {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}

// setPragmas waits if several processes create one directory at the same time: a change
// of the journal mode fails at once while another connection is open.
func (cn *conn) setPragmas(c config, timeout time.Duration) error {
	ctx := context.Background()
	return retry(ctx, timeout, func() error { return cn.pragmas(ctx, c.pragmas) })
}
