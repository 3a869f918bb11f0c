package shelve

import (
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/ring-go/ring/internal/sqlfile"
)

// The statements. Keys and values are passed as blobs, so that they need no cast.
const (
	createTable = "CREATE TABLE IF NOT EXISTS Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)"

	selectValue = "SELECT value FROM Dict WHERE key = ?"
	selectHas   = "SELECT EXISTS (SELECT 1 FROM Dict WHERE key = ?)"
	replace     = "REPLACE INTO Dict (key, value) VALUES (?, ?)"
	deleteKey   = "DELETE FROM Dict WHERE key = ?"
	deleteAll   = "DELETE FROM Dict"
	selectCount = "SELECT count(*) FROM Dict"
	selectKeys  = "SELECT key FROM Dict ORDER BY key"
	selectItems = "SELECT key, value FROM Dict WHERE key >= ? AND key <= ? ORDER BY key"

	// selectSchema returns the number of tables, indexes and so on, how many of the two
	// columns the table Dict has, and the size of the file.
	selectSchema = `SELECT (SELECT count(*) FROM sqlite_master),
		(SELECT count(*) FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		 WHERE m.type = 'table' AND m.name = 'Dict' COLLATE NOCASE AND lower(c.name) IN ('key', 'value')),
		(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)`

	// selectAny reads the first pages of the table and of its index, which reveals some
	// damage at once.
	selectAny = `SELECT (SELECT count(*) FROM (SELECT value FROM Dict NOT INDEXED LIMIT 1)) +
		(SELECT count(*) FROM (SELECT key FROM Dict ORDER BY key LIMIT 1))`
)

// mode is how SQLite opens the file. No mode creates it.
type mode string

const (
	modeRead      mode = "ro"
	modeWrite     mode = "rw"
	modeImmutable mode = "immutable" // without locks, and without files beside it
)

// dsn returns the driver's name for the file at the absolute path, with the settings of
// every connection. A commit goes to the operating system, not to the disk
// (synchronous=NORMAL): see Shelf.Sync.
func dsn(path string, mode mode, timeout time.Duration) string {
	query := url.Values{
		"mode": {string(mode)},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", sqlfile.Milliseconds(timeout)),
			"synchronous(NORMAL)",
		},
	}
	if mode == modeImmutable {
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	}
	return sqlfile.URI(path, query)
}
