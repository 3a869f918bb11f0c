package diskcache

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/ring-go/ring/pickle"
)

// settings are the rows of the Settings table, by name, as SQLite returns them.
type settings map[string]driver.Value

const (
	pragmaPrefix = "sqlite_"
	journalMode  = pragmaPrefix + "journal_mode"

	pickleProtocol = "disk_pickle_protocol"
)

func defaultSettings() settings {
	return settings{
		"statistics":         int64(0),
		"tag_index":          int64(0),
		"eviction_policy":    string(LeastRecentlyStored),
		"size_limit":         int64(1 << 30),
		"cull_limit":         int64(10),
		"disk_min_file_size": int64(32768),
		pickleProtocol:       int64(5),
		"sqlite_auto_vacuum": int64(1),
		"sqlite_cache_size":  int64(8192),
		journalMode:          "wal",
		"sqlite_mmap_size":   int64(1 << 26),
		"sqlite_synchronous": int64(1),
	}
}

// counters are the rows of the Settings table that the triggers and the statistics
// update.
var counters = []string{"count", "size", "hits", "misses"}

// settings returns the options that are given.
func (o Options) settings() settings {
	s := settings{}
	number(s, "size_limit", o.SizeLimit)
	number(s, "cull_limit", o.CullLimit)
	number(s, "disk_min_file_size", o.DiskMinFileSize)
	number(s, pickleProtocol, o.DiskPickleProtocol)
	number(s, "sqlite_auto_vacuum", o.SQLiteAutoVacuum)
	number(s, "sqlite_cache_size", o.SQLiteCacheSize)
	number(s, "sqlite_mmap_size", o.SQLiteMmapSize)
	number(s, "sqlite_synchronous", o.SQLiteSynchronous)
	flag(s, "statistics", o.Statistics)
	flag(s, "tag_index", o.TagIndex)
	text(s, "eviction_policy", string(o.EvictionPolicy))
	text(s, journalMode, o.SQLiteJournalMode)
	return s
}

func number[T int | int64](s settings, name string, v *T) {
	if v != nil {
		s[name] = int64(*v)
	}
}

func flag(s settings, name string, v *bool) {
	if v == nil {
		return
	}
	s[name] = int64(0)
	if *v {
		s[name] = int64(1)
	}
}

func text(s settings, name, v string) {
	if v != "" {
		s[name] = v
	}
}

// over returns s, with the values of others where these have one.
func (s settings) over(others settings) settings {
	merged := maps.Clone(s)
	maps.Copy(merged, others)
	return merged
}

// config is the meaning of the settings.
type config struct {
	policy         EvictionPolicy
	sizeLimit      int64
	cullLimit      int64
	minFileSize    int64
	pickleProtocol int   // for writing
	keysRefused    error // the error for keys that have to be pickled; nil: there is none
	statistics     bool
	tagIndex       bool
	pragmas        []pragma
}

func (s settings) config() (config, error) {
	protocol := s.number(pickleProtocol)
	switch {
	case s[pickleProtocol] == nil: // Python's None, for pickle.dumps
		protocol = pickle.DefaultProtocol
	case protocol < 0:
		protocol = 5
	}
	c := config{
		policy:         EvictionPolicy(s.text("eviction_policy")),
		sizeLimit:      s.number("size_limit"),
		cullLimit:      s.number("cull_limit"),
		minFileSize:    s.number("disk_min_file_size"),
		pickleProtocol: int(protocol),
		statistics:     s.number("statistics") != 0,
		tagIndex:       s.number("tag_index") != 0,
	}
	if c.policy.column() == "" && c.policy != NoEviction {
		return config{}, fmt.Errorf("eviction_policy %q is not known: give %q, %q, %q or %q", c.policy,
			LeastRecentlyStored, LeastRecentlyUsed, LeastFrequentlyUsed, NoEviction)
	}
	if protocol > 5 {
		return config{}, fmt.Errorf("%s %d is not supported: give 2 to 5", pickleProtocol, protocol)
	}
	if protocol < lowestProtocol { // a value can be read with any protocol, but a key is found by its bytes
		c.pickleProtocol = lowestProtocol
		c.keysRefused = fmt.Errorf("%w: the directory has %s %d, under which only text, bytes and numbers can be keys in Go: have Python make one with protocol 2 to 5", errors.ErrUnsupported, pickleProtocol, protocol)
	}
	err := s.ofOtherDisk()
	if err != nil {
		return config{}, err
	}
	c.pragmas, err = s.pragmas()
	return c, err
}

// lowestProtocol is the lowest protocol that package pickle writes.
const lowestProtocol = 2

// ofOtherDisk returns the error for a setting of one of Python's other Disk classes,
// which store keys and values differently. Python's Cache refuses it, too.
func (s settings) ofOtherDisk() error {
	own := defaultSettings()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if _, ok := own[name]; !ok && strings.HasPrefix(name, "disk_") {
			return fmt.Errorf("%w: the setting %s is of another Disk class of Python's, such as JSONDisk, whose keys and values cannot be read here: give another directory, or copy the entries in Python to a Cache with the default Disk", errors.ErrUnsupported, name)
		}
	}
	return nil
}

// number also reads a float: a limit that was computed in Python can be one.
func (s settings) number(name string) int64 {
	switch v := s[name].(type) {
	case int64:
		return v
	case float64:
		if v >= math.MaxInt64 {
			return math.MaxInt64
		}
		return int64(v)
	}
	return 0
}

func (s settings) text(name string) string {
	v, _ := s[name].(string)
	return v
}

type pragma struct{ name, value string }

var pragmaWord = regexp.MustCompile(`^[A-Za-z_]+$`)

// pragmas returns those to set on every connection. auto_vacuum is the first, because it
// has to be set while the file is still empty.
func (s settings) pragmas() ([]pragma, error) {
	var list []pragma
	for _, setting := range slices.Sorted(maps.Keys(s)) {
		name, ok := strings.CutPrefix(setting, pragmaPrefix)
		if !ok {
			continue
		}
		value, isNumber := pragmaValue(s[setting])
		if !pragmaWord.MatchString(name) || !isNumber && !pragmaWord.MatchString(value) {
			return nil, fmt.Errorf("the setting %s = %q is not a pragma with a word or a whole number", setting, value)
		}
		list = append(list, pragma{name, value})
	}
	return list, nil
}

// pragmaValue returns the text of a value and whether it is a whole number. A float that
// was computed in Python can be one.
func pragmaValue(v driver.Value) (text string, isNumber bool) {
	switch v := v.(type) {
	case int64:
		return fmt.Sprint(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			return fmt.Sprint(int64(v)), true
		}
	}
	return fmt.Sprint(v), false
}
