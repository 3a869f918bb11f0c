// Package sqlfile has what every file of SQLite needs, whatever is in it: how the driver is
// told which file to open, for how long SQLite waits, and what its errors mean. It does not
// know the driver.
package sqlfile

import (
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// URI names the file at an absolute path to the driver, with the parameters of the
// connection.
func URI(path string, parameters url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	// _error_rc: an error has the message of its code, and none of an older error.
	query := parameters.Encode() + "&_error_rc=1"
	file := url.URL{Scheme: "file", Path: path, RawQuery: query}
	return file.String()
}

// Milliseconds is a timeout as busy_timeout takes it: rounded up, so that a short one is
// not none, and in 32 bits, since SQLite does not wait at all when it is more.
func Milliseconds(timeout time.Duration) int64 {
	const most = math.MaxInt32
	if timeout >= most*time.Millisecond {
		return most
	}
	return (timeout + time.Millisecond - 1).Milliseconds()
}
