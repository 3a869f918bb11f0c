package shelve

import (
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/pickle"
)

// Options configure [Open]. The zero value is Python's default.
type Options struct {
	// Flag is one of: "c", the default, to open for reading and writing, and create a
	// missing shelf; "r" to open for reading; "w" to open for reading and writing; "n"
	// to create a shelf, or empty an existing one.
	// Python: shelve.open(flag).
	Flag string

	// Protocol is the pickle protocol for writing, 2 to 5; 0 is pickle.DefaultProtocol,
	// which is Python 3.13's default.
	// Python: shelve.open(protocol).
	Protocol int

	// Writeback keeps every value that was read or set in memory and returns the same
	// value for the same key. Sync and Close write all of them again, so changes inside
	// them are stored, too. The calls of such a shelf run one after the other. Writeback
	// cannot be combined with flag "r".
	// Python: shelve.open(writeback).
	Writeback bool

	// Timeout is how long a call waits while others have the shelf locked; 0 is five
	// seconds, as in Python's sqlite3, and less than 0 does not wait.
	Timeout time.Duration
}

const defaultTimeout = 5 * time.Second

// complete checks opts and fills in the defaults.
func (opts *Options) complete() (Options, error) {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Protocol == 0 {
		o.Protocol = pickle.DefaultProtocol
	}
	if o.Protocol < 2 || o.Protocol > 5 {
		return o, fmt.Errorf("Options.Protocol is %d: give 2 to 5, or 0 for Python's default", o.Protocol)
	}
	switch o.Flag {
	case "":
		o.Flag = "c"
	case "c", "r", "w", "n":
	default:
		return o, fmt.Errorf(`Options.Flag is %q: give "c", "r", "w" or "n"`, o.Flag)
	}
	if o.Writeback && o.readOnly() {
		return o, errors.New(`Options.Writeback needs a shelf that can be written: give another Flag than "r"`)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	o.Timeout = max(o.Timeout, 0)
	return o, nil
}

func (o *Options) readOnly() bool { return o.Flag == "r" }

// creates reports whether a missing shelf is created.
func (o *Options) creates() bool { return o.Flag == "c" || o.Flag == "n" }
