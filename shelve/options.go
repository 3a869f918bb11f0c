package shelve

import (
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/pickle"
)

// Options are those of [Open]. The zero value is Python's default.
type Options struct {
	// Flag is "c", the default: open for reading and writing, make the shelf if it is
	// missing; "r": open for reading; "w": open for reading and writing; or "n": make it,
	// or empty it when it exists. Python: shelve.open(flag).
	Flag string

	// Protocol is that of the pickles written, 2 to 5; 0 is pickle.DefaultProtocol, Python
	// 3.13's own. Python: shelve.open(protocol).
	Protocol int

	// Writeback keeps every value that was got or set in memory, returns the same one for
	// the same key, and writes all of them again in Sync and Close, so that changes inside
	// them are stored too. The calls of a shelf run one after the other then. It cannot be
	// had with flag "r". Python: shelve.open(writeback).
	Writeback bool

	// Timeout is how long a call waits for others who have the shelf locked; 0 is five
	// seconds, as in Python's sqlite3, less than 0 does not wait.
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

// creates tells whether a missing shelf is made.
func (o *Options) creates() bool { return o.Flag == "c" || o.Flag == "n" }
