package sqlfile

import (
	"errors"
	"fmt"
	"os"
)

// The result codes of SQLite that matter to the user of a file, see
// sqlite.org/rescode.html.
const (
	Busy     = 5
	Locked   = 6
	ReadOnly = 8
	IO       = 10
	Corrupt  = 11
	Full     = 13
	CantOpen = 14
	NotADB   = 26
)

// Code returns the result code in err, or 0. It recognizes the driver's error by its
// method.
func Code(err error) int {
	var coded interface {
		error
		Code() int
	}
	if !errors.As(err, &coded) {
		return 0
	}
	return coded.Code() & 0xff // the higher bits have more detail than needed
}

// Causes are a package's errors for the errors of SQLite. All of them are set.
type Causes struct {
	Busy      error // another process or connection kept the lock
	ReadOnly  error // the file cannot be written
	IO        error // reading or writing failed
	Corrupt   error // the file is damaged, or no database
	Full      error // there is no space
	NoHandles error // the process cannot open any more files
	CantOpen  error // this file cannot be opened
}

// Explain puts the cause before an error of SQLite. It returns any other error
// unchanged.
func (c *Causes) Explain(err error) error {
	cause := c.of(Code(err))
	if cause == nil {
		return err
	}
	return fmt.Errorf("%w: %w", cause, err)
}

func (c *Causes) of(code int) error {
	switch code {
	case Busy, Locked:
		return c.Busy
	case ReadOnly:
		return c.ReadOnly
	case IO:
		return c.IO
	case Corrupt, NotADB:
		return c.Corrupt
	case Full:
		return c.Full
	case CantOpen:
		return c.cantOpen()
	}
	return nil
}

// openAtOnce is how many files SQLite needs at a time. When it gets all but the last of them,
// it closes the others before it says that it cannot open the database.
const openAtOnce = 4

// cantOpen checks what SQLite does not tell: whether the process is out of file handles.
func (c *Causes) cantOpen() error {
	for range openAtOnce {
		file, err := os.Open(os.DevNull)
		if err != nil {
			return fmt.Errorf("%w: %w", c.NoHandles, err)
		}
		defer file.Close()
	}
	return c.CantOpen
}
