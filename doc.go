// Package ring caches the results of functions, with the interface of Python's ring.
//
// A function goes in, a [Rope] comes out. It is called like the function, and it has the
// sub-functions that manage a cache, all of which take the function's own arguments:
//
//	var getURL = ring.Wrap(fetch, ring.Lru{MaxSize: 1000, Expire: time.Minute})
//
//	body, err := getURL.Call("http://example.com")   // cached, or fetched and cached
//	err = getURL.Delete("http://example.com")
//	body, err = getURL.Get("http://example.com")     // nil: not cached
//	key, err := getURL.Key("http://example.com")     // the key in the storage
//
// The function is any func. [Wrap] reads its parameters, its results, a leading context
// and a trailing error by reflection, once; a call runs what was compiled then.
//
// # Words
//
//   - A rope is a cached function: what [Wrap] returns.
//   - A wire is a rope bound to a receiver or a context; it has the sub-functions.
//   - A factory says where values are kept: [Lru], [Redis], [Disk] and so on.
//   - A storage keeps values under keys: a [Storage], made by the factory.
//   - A coder turns values into what the storage keeps, and back: a [Coder].
//   - A sub-function is an action of the cache: key, get, set, update, delete and so on.
//   - A user interface defines what the sub-functions do: a [UserInterface].
//   - The miss value is what Get returns for a miss: nil, or [Options].MissValue.
//   - The default action is the sub-function that Call runs: get_or_update.
//   - A flight is one look-up, run and store of a key, which concurrent callers share.
//
// # Wrapping
//
// [Wrap] and [New] return a rope and leave the function alone. [Decorate] replaces the
// function in its variable, so that its own recursive calls are cached as well, and the
// type stays:
//
//	var fib func(int) int
//	fib = func(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
//	ring.Decorate(&fib, ring.Lru{})
//
// A method expression makes a rope that is bound to a receiver, as in Python:
//
//	child := ring.Wrap((*User).Child, ring.Lru{})
//	v, err := child.Bind(user).Call(7)
//
// A context.Context as the first parameter, or behind the receiver, is passed through. It
// is never part of the key, and neither are its values: what a function reads out of its
// context, a tenant or a language, has to be a parameter as well. Otherwise calls that
// differ in it get each other's results. A last result of type error that is not nil is
// returned, and nothing is cached. A last result that is an error by its methods alone is
// refused. Several results are a [Tuple].
//
// # Arguments
//
// Go cannot tell what Python reads off a function. [Signature] gives the parameters their
// names, defaults and kinds, in Python's syntax. Then arguments can be left out, or be
// given by name in a [Kwargs] as the last argument:
//
//	query := ring.Wrap(run, ring.Lru{},
//		ring.Signature("sql, limit=10, *args, dry=False, **opts"))
//	rows, err := query.Call("select 1", ring.Kwargs{"dry": true})
//
// Arguments convert to the types of the parameters where that loses nothing: 1 is an int8
// as well as a float64, 1.5 is not an int. A float is rounded to a float32, as a constant
// is: 0.1 and float32(0.1) are one call then. What does not fit is [ErrArguments], and
// the message says what does.
//
// # Sub-functions
//
//   - key, execute, get, update, get_or_update, set, delete, has and touch: the methods
//     [Wire.Key] to [Wire.Touch]
//   - the same for several calls at once, each an [Args] or a [Kwargs]: [Wire.KeyMany] to
//     [Wire.TouchMany]. They take one round trip where the storage can do that.
//   - [Wire.Run] does any of them by name, and those that a user interface adds
//
// Call is get_or_update, unless [Options].DefaultAction names another one. It returns an
// any that holds the function's result type; [Wire.Func] is the cached function with its
// own type. [Wire.Lookup] tells a nil that is cached from a miss. Your own
// [UserInterface] can replace sub-functions or add others; see the DoubleCache example.
//
// # Storages
//
// A factory says where values are kept. Its field Options, of type [Options], holds what
// all factories have in common. [Lru] keeps values in memory and evicts the least
// recently used: Lru{} holds 128 of them, as in Python. [Dict] keeps them in a map, a
// sync.Map or a [Mapping], for ever or until they expire. [RedisPy], [RedisPyHash] and
// [Memcache] keep them on servers, [Shelve] and [DiskCache] in files. [BaseFactory] takes
// any [Storage]; package storagetest has a test for one.
//
// Without a coder, a storage in memory keeps the values themselves, a server keeps text
// and numbers as Python's clients write them, and a file keeps pickles. With a coder,
// registered in a [Registry] or given directly, a storage keeps what the coder returns.
// In either case a hit has the function's own result type. Two things do not survive: a
// nil []byte comes back empty from a server without a coder, and JSON keeps the offset of
// a time.Time, not its zone.
//
// Stored values outlive the program. When a result type or its meaning changes, put a
// version into the KeyPrefix, "summary:v2": a value that is stored under the old one may
// well fit the new type.
//
// # Keys
//
// A key is the prefix and one part for each parameter, in order, joined by colons:
// "prefix:1:x". The prefix is the KeyPrefix of the factory, or else the function's name
// with its package path. A private Lru has none, as in Python. A function literal and an
// instance of a generic function do not have a name of their own, so a storage that
// others can reach demands a KeyPrefix or a [Name] for them. A method value is refused
// there even with a prefix: its receiver is within it, where no key sees it. Wrap the
// method expression and Bind that, or make a rope for every instance in its constructor,
// with a private Lru or Dict. If the receiver is in the key, RingKey must tell apart
// those whose results differ.
//
// [SafeKeys], the default, are Python's text wherever that can mean only one call:
// different calls of a function never share a key. Functions with one prefix on one
// storage share their entries, as in Python; main.f is a function of every program.
// [PythonKeys] are always Python's text, for a cache that a Python process uses as well.
// [HashKeys] write lists, maps and structs as a hash of 128 bits, however large they are,
// unless there are pointers, interfaces or unexported fields (but those of a time.Time)
// in them. Where SafeKeys differ from PythonKeys:
//
//   - a colon in one of several parts that could have one is written \: and a backslash
//     \\
//   - blanks within strings in lists stay
//   - in a dict, a string with a comma, or that begins with a quote, is quoted; in a dict
//     of values of any type, also one with a quote or bracket
//   - a value of a parameter of an interface type tells its type: int64(1), unless it is
//     one that Python has a literal for; a string that looks like something else is
//     quoted: '1'
//   - a pointer to something that is written None is &None
//   - a time has the T of RFC 3339, and the name of its zone
//
// Two types that functions declare can have one name in one package. As an argument, or
// as the type of a value in an interface, the type that the program uses first has the
// plain name, and the other one is pkg.row#2 in memory. On a storage that outlives the
// process the other one is [ErrKey]: in the next process it could be the first. Declare
// such types at package level. (PythonKeys write no type beside a value.)
//
// # How a value becomes text
//
// The first of these that applies:
//
//  1. A method RingKey() string, Python's __ring_key__, of the value or its address.
//  2. A method Hash() (uint64, error), or a tag hash:"…" on a field: the conventions of
//     github.com/mitchellh/hashstructure, which stand for Python's __hash__. The text is
//     Type:hash:… in hexadecimal. hash:"ignore" leaves a field out.
//  3. For a struct with unexported fields, or an array: encoding.TextMarshaler, if the
//     type or its pointer is an encoding.TextUnmarshaler as well. A text that can be
//     read back tells values apart. A text that is made for people need not: all
//     secrets print as *****.
//  4. What Python writes itself: strings, bools, numbers and nil, []byte, slices and
//     arrays, [Tuple] and *args, maps, sets (maps to struct{}), reflect.Type; structs as
//     dataclasses, with the field names of a tag ring:"…"; a pointer as what it points
//     to. A struct whose fields are all exported is written by its fields, and a named
//     string or number by its value, whatever text methods they have.
//  5. With PythonKeys alone fmt.Stringer, Python's __str__.
//
// Anything else has state that a key cannot see. Wrap refuses it, and says what to add;
// in a parameter of an interface type it is [ErrKey]. A text or hash method that an
// embedded field has as well does not apply where there are other fields, of which it may
// know nothing; RingKey does, as in Python. Within a hashed value nothing is asked for
// its RingKey, also where only its tags ask for a hash. The tag hash:"string" takes a
// field's String as it is.
//
// Of the standard library, regexp.Regexp, time.Location, reflect.Value, slog.Value and
// bytes.Buffer are refused in every style: their texts leave out what makes a difference.
// A big.Float has its precision in its text, and its rounding mode and accuracy where
// these are not the usual ones: 0.1@53.
//
// A time.Time is written as RFC 9557 does, with the name of its zone, which decides its
// dates: 2024-01-15T09:00:00+01:00[Europe/Paris]. UTC has none, and neither has
// time.Local, which is one zone in a process: machines that share a storage should share
// their local zone, or use UTC. Two zones of one name are told apart if one is in the
// time zone database and the other is a time.FixedZone; the unusual one has a ! before
// its name. A zone without a name, as time.Parse makes it, is []. PythonKeys write
// Python's text, without a name.
//
// A nil and an empty slice or map are the same. So are all NaN, but for the bits of those
// within a hashed value.
//
// # When a hit was expected
//
// [Wire.Explain] takes the arguments of a call, like the sub-functions, and tells how its
// key is made: what made the text of each argument, what was escaped, ignored or hashed,
// what Python would write, whether a value is cached under it, and for how long. It does
// not call the function and does not affect the LRU order. Explain the call that stored
// the value and the call that missed it, and compare the two.
//
//	fmt.Print(getURL.Explain("http://example.com"))
//
// [Doctor] looks at all ropes of the program: at functions whose keys can meet in one
// storage, receivers that are not in the key, names that other programs have as well,
// expiries that a storage cannot keep, coders that lose the type of what they are given,
// and keys that a Python process would write otherwise. Its [Report] is a list and a
// text.
//
//	fmt.Print(ring.Doctor())
//
// # Concurrency
//
// Everything is safe for concurrent use. Of concurrent calls with the same key one runs
// the function and the others wait for it, each no longer than its own context. That is
// one run per key, backend and process: ropes over one cache, map, client or file share
// it, other processes have their own. If the context of the one that runs ends, another
// one runs. A panic reaches all of them.
//
// A write wins over a run that is under way. A delete, set or update that ends while the
// function runs is not undone when its value is stored, whichever rope it came from. Of
// two updates the one that began later wins. The same holds for Set, Delete and Clear of
// an LruCache itself. Ring cannot see what other programs write to a server or a file.
//
// A function that calls itself with the same key through its context gets [ErrRecursion];
// without a context it deadlocks, where it would have recursed for ever. Where the key
// leaves something of the arguments out (IgnorableKeys, hash:"ignore", a RingKey, a Key
// function) the recursion can end: such a call runs the function, and the outer run
// stores. Ring knows such a call by its context or its goroutine: a goroutine that the
// function starts and waits for needs the context. Decorate takes about 2 KB of stack for
// a level of recursion where the function's type is a common one, such as func(int) int,
// and 4 KB elsewhere; Go ends a process at 1 GB.
//
// A hit returns to every caller the same slice, map or pointer, unless a coder decodes
// it. Do not change what a cached function returned.
//
// A call that waits for a server or a file returns when its context ends. A value that
// the function has returned is stored all the same: the write goes on by itself, for at
// most ten seconds after the call has returned. Until the client has finished, nothing
// else in this process writes to that key. If a client gives up a write because of its
// own time-out, the write can still arrive, even after a later one.
//
// With [Options].FailOpen a function goes on without a storage that fails or hangs;
// [Options].StorageTimeout says how long it waits.
//
// # Errors
//
// An error is an [*Error] with the action, the function and the key. It wraps
// [ErrArguments], [ErrKey], [ErrCoder], [ErrNotFound], [ErrRecursion],
// errors.ErrUnsupported or the storage's own error. The function's own error comes back
// as it is; the bulk sub-functions join the errors of their elements. Errors that are not
// returned, such as an entry that could not be decoded, go to [Options].OnError.
package ring
