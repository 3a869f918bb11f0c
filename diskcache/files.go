package diskcache

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

const (
	dbName     = "cache.db"
	fileSuffix = ".val"
)

var valueFile = regexp.MustCompile(`^[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val$`)

// newFileName returns a unique name, relative to the directory.
func newFileName() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	digits := hex.EncodeToString(id[:])
	return filepath.Join(digits[:2], digits[2:4], digits[4:]+fileSuffix)
}

// path returns the path of a value file. Another name, such as that of cache.db, can
// only come from a damaged or malicious database.
func (c *Cache) path(name string) (string, error) {
	if !valueFile.MatchString(name) {
		return "", fmt.Errorf("%w: %q is not the name of a value file", ErrCorrupt, name)
	}
	return filepath.Join(c.directory, name), nil
}

// attempts is how often to create the folders of a file, because another process that
// has removed the last file in them may just be removing them.
const attempts = 100

// writeFile creates a value file. As in Python it is not synced: after a power failure
// it can be truncated, which shows by the size in the row.
func (c *Cache) writeFile(name string, data []byte) error {
	path, err := c.path(name)
	if err != nil {
		return err
	}
	file, err := createFile(path)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		c.removeFile(name)
	}
	return err
}

func createFile(path string) (file *os.File, err error) {
	for range attempts {
		file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
		// Do not create the cache's own directory again: its database is gone.
		folder := filepath.Dir(path)
		for _, dir := range []string{filepath.Dir(folder), folder} {
			if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return nil, err
}

// readFile reads a value file. It returns false if the file is missing, has another size
// than its row says, or has an invalid name.
func (c *Cache) readFile(name string, size int64) (data []byte, ok bool, err error) {
	path, err := c.path(name)
	if err != nil {
		return nil, false, nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() != size {
		return nil, false, err
	}
	data = make([]byte, size)
	switch _, err = io.ReadFull(file, data); err {
	case nil:
		return data, true, nil
	case io.EOF, io.ErrUnexpectedEOF: // truncated meanwhile
		return nil, false, nil
	}
	return nil, false, err
}

// removeFile removes a value file, and its folders if they are empty. If it fails, Check
// finds the file later: the entry has been removed already.
func (c *Cache) removeFile(name string) {
	path, err := c.path(name)
	if err != nil {
		return
	}
	_ = os.Remove(path)
	folder := filepath.Dir(path)
	if os.Remove(folder) == nil {
		_ = os.Remove(filepath.Dir(folder))
	}
}
