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
// Other values have no type of their own here. Marshal writes what they became:
//
//	Python                                Go                Marshal writes
//	collections.Counter, defaultdict      *Dict             dict
//	collections.deque                     []any             list
//	pathlib.Path and its like             string            str
//	a timezone of pytz or dateutil        *time.Location    zoneinfo.ZoneInfo, datetime.timezone
//	a scalar of numpy: float64, int64,    float64, int,     float, int, bool, complex, str,
//	bool_, complex128, str_, bytes_, …    bool, …           bytes
//
// [Plain] replaces dicts whose keys are all strings by map[string]any. An empty interface
// within another Go type, such as the values of a map[string]any, has such maps anyway.
//
// A datetime without a timezone is a time in time.UTC, and the other way round. One with a
// datetime.timezone is a time in a time.FixedZone, and one with a ZoneInfo, or a timezone of
// pytz or dateutil that has the name of one, is a time in the Location that
// time.LoadLocation has under that name, at the very moment that Python means: the second
// of two equal wall clocks where fold says so. A name that LoadLocation does not know is a
// [*TypeError]; with pytz the offset is there and is kept. Marshal writes a time in a
// Location of the time zone database with its ZoneInfo, which takes Python 3.9, and a time
// in any other Location but time.UTC with its offset as a datetime.timezone.
//
// A UUID's is_safe, the limit of a deque and what makes the values that a defaultdict lacks
// are dropped. A timedelta beyond the 292 years of a time.Duration is a [*TypeError], as is
// a time or time.Duration with more digits than microseconds on the way out. Packages
// shelve and diskcache, and ring's coder "pickle", cut those of values down to microseconds
// instead.
//
// # Classes
//
// Every other class or function is refused by a [*ClassError] that names it, whatever the
// pickle does with it, unless [Register] has told which Go type it is:
//
//	type Point struct {
//		X, Y  int
//		Label string `pickle:"name"`
//	}
//
//	pickle.Register("app.models.Point", Point{})
//
// An object of app.models.Point is now a Point in an empty interface, within lists and other
// values as well, and decodes into a Point, a *Point or an interface that Point implements.
// Its attributes go to the fields by the names in their tags, else by the Go name in
// Python's spelling, user_id for UserID, and else regardless of case. Attributes that no field has
// are ignored, and fields that have no attribute keep what they hold. It does not matter in
// which of the forms of pickles the object comes, nor whether its class has a __dict__,
// __slots__ or a state that is a list; a __dict__ within the state, which pydantic's models
// have, counts as attributes. What is given by its order, such as the items of a
// namedtuple, has to be as many as there are fields; arguments beside a state that leaves
// fields open have to be, too. A class whose pickles have a state of another kind, or items
// as a subclass of dict or list has, is a [*TypeError], and so are two objects that are keys
// of one dict in Python and equal in Go. Structs that are no type of a class take an object as
// well, into the fields that they have.
//
// Marshal writes a Point and a *Point as an object of the class. What Python makes of that
// depends on the class, and a blank field tells:
//
//	                              // dataclass, frozen or not; plain classes
//	_ struct{} `pickle:",slots"`  // __slots__, dataclass(slots=True)
//	_ struct{} `pickle:",list"`   // dataclass(slots=True, frozen=True): the fields in its order
//	_ struct{} `pickle:",tuple"`  // namedtuple, typing.NamedTuple: the fields in its order
//
// Take care with dataclass(slots=True, frozen=True): what is not a list it takes for one, and
// has wrong values. Pydantic's models and exceptions can be read and have no such form: Python
// gets one without fields, and an exception without args. No __init__ runs in Python, as
// always in pickles.
//
// The members of an Enum are values of a string, number or bool type:
//
//	pickle.Register("app.models.Color", Color(0))                                      // by value
//	pickle.Register("app.models.Color", map[string]Color{"RED": Red, "GREEN": Green})  // by name
//
// Python 3.11.0 to 3.11.3 pickle a member by its name, all others by its value, which the
// Go value then has to be. A name is looked up in the map; without one it goes to
// UnmarshalText if the type has that, and a string type takes the name itself. Give a map
// where names and values differ and such a Python may have written. Marshal writes the
// name of a value that the map has, which every Python reads, and else the value, which is
// the form that most of them write: keys of a cache directory are found in their own form.
// Joined flags are one number.
//
// The classes that the whole program knows are registered by Register. A [Registry] of its
// own has its own.
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
// large argument, are refused. The memory that registered types take beyond that is bounded
// as well. Objects that contain themselves are decoded where a slice, map or pointer
// can show it; Marshal refuses them.
package pickle
