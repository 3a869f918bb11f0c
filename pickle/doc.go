// Package pickle reads and writes Python's pickle format. It reads plain data of
// protocols 0 to 5 and writes protocols 2 to 5. It never looks up or runs what a pickle
// names, so it may decode data from anywhere.
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
// [Unmarshal] into an empty interface returns the natural type of a value, and [Marshal]
// turns it back into the same value:
//
//	Python                  Go                                      also into
//	None                    nil                                     pointers, slices, maps
//	bool                    bool                                    types of its kind
//	int                     int, beyond its range *big.Int          all numbers that hold it, *big.Rat
//	float                   float64                                 float32 if that is equal
//	complex                 complex128                              complex64 if that is equal
//	str                     string, lone surrogates three bytes     types with UnmarshalText
//	bytes                   []byte                                  arrays of bytes
//	bytearray               ByteArray                               []byte, arrays of bytes
//	list                    []any                                   slices, arrays
//	tuple                   Tuple                                   slices, arrays, tuple structs
//	dict                    *Dict, in order of insertion            maps, structs
//	collections.OrderedDict *OrderedDict                            maps, structs, *Dict
//	set, frozenset          *Set, *FrozenSet                        map[T]struct{}
//	range                   Range
//	datetime.datetime       time.Time
//	datetime.date           Date
//	datetime.time           Time
//	datetime.timedelta      time.Duration
//	datetime.timezone       *time.Location, a time.FixedZone
//	zoneinfo.ZoneInfo       *time.Location of that name
//	decimal.Decimal         Decimal
//	fractions.Fraction      *big.Rat
//	uuid.UUID               UUID
//	a registered class      the type that is registered
//
// Other values have no Go type of their own. Marshal writes what they became:
//
//	Python                                Go                Marshal writes
//	collections.Counter, defaultdict      *Dict             dict
//	collections.deque                     []any             list
//	pathlib.Path and its like             string            str
//	a timezone of pytz or dateutil        *time.Location    zoneinfo.ZoneInfo, datetime.timezone
//	a scalar of numpy: float64, int64,    float64, int,     float, int, bool, complex, str,
//	bool_, complex128, str_, bytes_, …    bool, …           bytes
//
// [Plain] replaces dicts whose keys are all strings by map[string]any. An empty
// interface within another Go type, such as the values of a map[string]any, gets such
// maps without it.
//
// A datetime without a timezone is a time in time.UTC, and the other way round. With a
// datetime.timezone it is a time in a time.FixedZone. With a ZoneInfo, or a timezone of
// pytz or dateutil that has the name of one, it is a time in the Location that
// time.LoadLocation returns for that name, at the moment that Python means: of two equal
// wall clocks the second if fold says so. A name that LoadLocation does not know is a
// [*TypeError], but with pytz the offset is known and kept.
//
// Marshal writes a time in a Location of the time zone database with its ZoneInfo, which
// needs Python 3.9. It writes a time in any other Location but time.UTC with its offset,
// as a datetime.timezone.
//
// Three things are dropped: a UUID's is_safe, the limit of a deque, and the default
// factory of a defaultdict. A timedelta beyond the 292 years of a time.Duration is a
// [*TypeError]. So is a time or time.Duration with more digits than microseconds in
// Marshal; packages shelve and diskcache, and ring's coder "pickle", truncate it to
// microseconds instead.
//
// # Classes
//
// Every other class or function is refused with a [*ClassError] that names it, whatever
// the pickle does with it, unless [Register] has given it a Go type:
//
//	type Point struct {
//		X, Y  int
//		Label string `pickle:"name"`
//	}
//
//	pickle.Register("app.models.Point", Point{})
//
// An object of app.models.Point is now a Point in an empty interface, also within lists
// and other values. It decodes into a Point, a *Point or an interface that Point
// implements.
//
// An attribute goes to the field with its name in the tag, or else with its Go name in
// Python's spelling, user_id for UserID, or else with its name regardless of case.
// Attributes without a field are ignored; fields without an attribute keep their value.
// All forms of pickled objects are read, whether the class has a __dict__, __slots__ or
// a state that is a list. A __dict__ within the state, which pydantic's models have,
// counts as attributes. Values that are given by position, such as the items of a
// namedtuple, have to be as many as there are fields, and so have arguments beside a
// state that leaves fields unset.
//
// A class is a [*TypeError] if its pickles have a state of another kind, or items, like
// a subclass of dict or list. So are two objects that are different keys of one dict in
// Python but equal in Go. A struct that is not registered takes an object as well, into
// the fields that it has.
//
// Marshal writes a Point and a *Point as an object of the class. The right form depends
// on the class; a blank field of the struct declares it:
//
//	                              // dataclass, frozen or not; plain classes
//	_ struct{} `pickle:",slots"`  // __slots__, dataclass(slots=True)
//	_ struct{} `pickle:",list"`   // dataclass(slots=True, frozen=True): the fields in its order
//	_ struct{} `pickle:",tuple"`  // namedtuple, typing.NamedTuple: the fields in its order
//
// Take care with dataclass(slots=True, frozen=True): it reads any other form as if it
// were a list, and gets wrong values. Pydantic's models and exceptions can be read but
// not written: Python gets a model without fields, or an exception without args. As
// always with pickles, no __init__ runs in Python.
//
// The members of an Enum are values of a string, number or bool type:
//
//	pickle.Register("app.models.Color", Color(0))                                      // by value
//	pickle.Register("app.models.Color", map[string]Color{"RED": Red, "GREEN": Green})  // by name
//
// Python 3.11.0 to 3.11.3 pickle a member by its name, all other versions by its value,
// which must be the Go value as well. A name is looked up in the map. Without a map it
// goes to UnmarshalText if the type has that, and a string type takes the name itself.
// Register a map if names and values differ and such a Python may have written. Marshal
// writes the name of a value in the map, which every Python reads. It writes any other
// value itself, the form that most Pythons write: a key of a cache directory is found
// only in its own form. Combined flags are one number.
//
// Register registers classes for the whole program. A [Registry] holds its own classes.
//
// # Types
//
// Unmarshal also stores into Go types. If [CheckType] accepts a type, what Marshal wrote
// comes back as the same value of the same type. Numbers have to fit exactly: a float
// does not fit an int, and an int fits a float only if they are equal. A list or a tuple
// goes into slices and arrays, both kinds of set into a map[T]struct{}, and both kinds
// of dict into maps and structs.
//
// A struct is a dict of its exported fields. The key is the name of the field unless a
// tag gives another one:
//
//	Name string `pickle:"name"`           // the key is "name"
//	Note string `pickle:"note,omitempty"` // left out when empty
//	Lock *Mutex `pickle:"-"`              // never written or read
//
// A struct with a blank field tagged as a tuple is a tuple of its exported fields
// instead, and is read from a list as well:
//
//	_ struct{} `pickle:",tuple"`
//
// Embedded structs, conflicts of names and omitempty follow the rules of encoding/json.
// Other types with MarshalText and UnmarshalText methods are a str. Arrays are lists; as
// keys they are tuples, which Python can hash.
//
// # Streams
//
// A [Decoder] reads pickles from an io.Reader one after the other. It leaves what
// follows the last one for others to read.
//
// # Limits
//
// Values may be nested 10000 deep, and an int in the text form of protocols 0 and 1 may
// have a million digits. A small multiple of the length of the data limits memory and
// time, however often the data shares objects, also for [Plain] and for pickling what
// was decoded: keys that hold the same objects again and again, and calls with the same
// large argument, are refused. The memory that registered types take beyond that is
// limited as well. Objects that contain themselves are decoded if a slice, map or
// pointer can represent that; Marshal refuses them.
package pickle
