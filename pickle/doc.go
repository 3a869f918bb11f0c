// Package pickle reads and writes Python's pickle format: plain data of protocols 0 to 5
// in, protocols 2 to 5 out. Nothing that a pickle names is ever looked up or run, so data
// from anywhere may be decoded.
//
//	data, err := pickle.Marshal(map[string]any{"id": 7, "tags": []string{"a", "b"}}, 0)
//	...
//	var v any
//	err = pickle.Unmarshal(data, &v) // *pickle.Dict {"id": 7, "tags": ["a", "b"]}
//
//	var user struct {
//		ID   int      `pickle:"id"`
//		Tags []string `pickle:"tags"`
//	}
//	err = pickle.Unmarshal(data, &user)
//
// # Values
//
// [Unmarshal] into an empty interface gives the natural type of a value, and [Marshal]
// turns it back into the same value:
//
//	Python                  Go
//	None                    nil
//	bool                    bool
//	int                     int, beyond its range *big.Int
//	float                   float64
//	complex                 complex128
//	str                     string, lone surrogates as three bytes each
//	bytes                   []byte
//	bytearray               ByteArray
//	list                    []any
//	tuple                   Tuple
//	dict                    *Dict, in order of insertion
//	collections.OrderedDict *OrderedDict
//	set, frozenset          *Set, *FrozenSet
//	datetime.datetime       time.Time
//	datetime.date           Date
//	datetime.timedelta      time.Duration
//	datetime.timezone       *time.Location
//	decimal.Decimal         Decimal
//	uuid.UUID               UUID
//
// [Plain] replaces dicts whose keys are all strings by map[string]any. An empty interface
// within another Go type, such as the values of a map[string]any, has such maps anyway.
//
// A datetime without a timezone is a time in time.UTC, and one with a datetime.timezone is
// a time in a time.FixedZone: so a time in any Location but time.UTC is pickled with its
// offset, and the name of its zone is lost. A datetime's fold and a UUID's is_safe have no
// counterpart and are dropped. A timedelta beyond the 292 years of a time.Duration is a
// [*TypeError], as is a time or time.Duration with more digits than microseconds on the way
// out. Packages shelve and diskcache, and ring's coder "pickle", cut those of values down to
// microseconds instead.
//
// Every other class or function is refused by a [*ClassError] that names it, whatever the
// pickle does with it.
//
// # Types
//
// Unmarshal also stores into Go types, and what Marshal took comes back as the same value
// of the same type if [CheckType] says so. Numbers have to fit exactly: a float is no int,
// an int is a float only if that is equal. A list goes into slices and arrays, and so does
// a tuple; both kinds of set go into a map[T]struct{}; both kinds of dict into maps and
// structs.
//
// Structs are dicts of their exported fields. The key is the name of the field unless a tag
// gives another one:
//
//	Name string `pickle:"name"`           // the key is "name"
//	Note string `pickle:"note,omitempty"` // left out when empty
//	Lock *Mutex `pickle:"-"`              // never written or read
//
// A struct with a blank field that is tagged as a tuple is a tuple of its exported fields
// instead, and is read from a list as well:
//
//	_ struct{} `pickle:",tuple"`
//
// Embedded structs, conflicts of names and omitempty follow the rules of encoding/json.
// Other types with MarshalText and UnmarshalText methods are a str. Arrays are lists, but
// as keys tuples, which Python can hash.
//
// # Streams
//
// A [Decoder] reads pickles from an io.Reader one after the other, and leaves what follows
// the last one to be read.
//
// # Limits
//
// Values may be nested 10000 deep, and an int in the text form of protocols 0 and 1 may
// have a million digits. Memory and time are bounded by a small multiple of the length of
// the data, however often objects are shared in it, also for [Plain] and for pickling what
// was decoded: keys that hold the same objects again and again, and calls with the same
// large argument, are refused. Objects that contain themselves are decoded where a slice, map or pointer
// can show it; Marshal refuses them.
package pickle
