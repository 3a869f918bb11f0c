// Package sqlfile has what every SQLite file needs, whatever it contains: the name of
// the file for the driver, how long SQLite waits, and the meaning of its errors. It
// does not depend on the driver.
package sqlfile

import (
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// URI returns the name of the file at an absolute path, with the parameters of the
// connection, as the driver reads it.
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

// Milliseconds returns a timeout for busy_timeout: rounded up, so that a short one is
// not 0, and limited to 32 bits, because SQLite does not wait at all if it is more.
func Milliseconds(timeout time.Duration) int64 {
	const most = math.MaxInt32
	if timeout >= most*time.Millisecond {
		return most
	}
	return (timeout + time.Millisecond - 1).Milliseconds()
}
