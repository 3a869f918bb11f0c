// Package ring caches the results of functions, with the interface of Python's ring.
//
// A function goes in, a [Rope] comes out. Call it like the function. The sub-functions of
// the rope manage the cache, and take the same arguments:
//
//	import (
//		"time"
//
//		"github.com/ring-go/ring"
//	)
//
//	func fetch(url string) ([]byte, error) { … } // any function
//
//	var getURL = ring.Wrap(fetch, ring.Lru{MaxSize: 1000, Expire: time.Minute})
//
//	body, err := getURL.Call("http://example.com") // cached, or fetched and cached: body.([]byte)
//	err = getURL.Delete("http://example.com")
//	body, err = getURL.Get("http://example.com")   // nil: not cached
//	key, err := getURL.Key("http://example.com")   // the key in the storage
//
// The function is any func. [Wrap] reads its parameters, its results, a leading context
// and a trailing error by reflection, once. A call uses what was compiled then.
//
// # Where to find it
//
//   - [Wrap] and [New] make a rope of a function. [Decorate1] to [Decorate4E], and [Decorate]
//     for other shapes, replace the function in its variable. [Signature] and [Name] add
//     what reflection cannot tell.
//   - [Func1] to [Func4E] give the function of a rope its own type, [Typed] and [Wire.Func]
//     do so for other shapes, and [As] gives one to a result.
//   - [Lru], [Dict], [Redis], [RedisHash], [Memcache], [Disk] and [Shelve] are the
//     factories, and [BaseFactory] is for your own storage.
//   - [Options] holds what all factories have in common.
//   - [Rope] and [Wire] have the methods to call.
//   - [Doctor] and [Wire.Explain] help when a hit was expected.
//   - [Storage], [Coder] and [UserInterface] are what you can implement yourself.
//
// # Wrapping
//
// [Wrap] and [New] return a rope and leave the function alone. [Decorate1] and its siblings
// replace the function in its variable: the number is that of its parameters, a context
// included, and the E stands for an error result. Its recursive calls are then cached as
// well, and its type stays:
//
//	var fib func(int) int
//	fib = func(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
//	ring.Decorate1(&fib, ring.Lru{})
//
// Such a function neither boxes its arguments nor reflects, so a hit in memory costs about as
// much as one in a cache written by hand. [Decorate] takes functions of any shape, and makes
// the cached one by reflection.
//
// For a method expression, [Rope.Bind] binds the rope to a receiver, as in Python:
//
//	child := ring.Wrap((*User).Child, ring.Lru{})
//	v, err := child.Bind(user).Call(7)
//
// A context.Context as the first parameter, or after the receiver, is passed through.
// Neither the context nor its values are part of the key. If the function reads a tenant
// or a language out of its context, make that a parameter as well: otherwise calls that
// differ in it get each other's results.
//
// If the last result is an error that is not nil, it is returned, and nothing is cached.
// Its type has to be error: another type with the methods of an error is refused. Several
// results are a [Tuple].
//
// # Arguments
//
// Python knows the names and defaults of parameters; Go does not. [Signature] declares
// them, and the kinds of the parameters, in Python's syntax. Then a call can leave
// arguments out, or give them by name in a [Kwargs] as the last argument:
//
//	query := ring.Wrap(run, ring.Lru{},
//		ring.Signature("sql, limit=10, *args, dry=False, **opts"))
//	rows, err := query.Call("select 1", ring.Kwargs{"dry": true})
//
// Arguments are converted to the types of the parameters where that loses nothing: 1 fits
// an int8 and a float64, 1.5 does not fit an int. A float64 for a float32 is rounded, like
// a constant: 0.1 and float32(0.1) are then the same call. An argument that does not fit
// is an [ErrArguments], and the message says what does.
//
// # Sub-functions
//
//   - key, execute, get, update, get_or_update, set, delete, has and touch: the methods
//     [Wire.Key] to [Wire.Touch]
//   - the same for several calls at once, each an [Args] or a [Kwargs]: [Wire.KeyMany] to
//     [Wire.TouchMany]. They take one round trip where the storage can do that.
//   - [Wire.Run] runs any of them by name, and those that a user interface adds
//
// Call is get_or_update, unless [Options].DefaultAction names another one. It returns an
// any that holds the function's result type; [Wire.Func] returns the cached function with
// its own type. [Wire.Lookup] tells a cached nil from a miss. Your own [UserInterface] can
// replace sub-functions or add others; see the DoubleCache example.
//
// # Storages
//
// A factory says where values are kept. Its field Options, of type [Options], holds what
// all factories have in common.
//
//   - [Lru] keeps values in memory and evicts the least recently used. Lru{} holds 128 of
//     them, as in Python.
//   - [Dict] keeps values in a map, a sync.Map or a [Mapping], for good or until they
//     expire.
//   - [Redis], [RedisHash] and [Memcache] keep them on servers.
//   - [Disk] and [Shelve] keep them in files.
//   - [BaseFactory] takes any [Storage]; package storagetest tests one.
//
// Without a coder, a storage in memory keeps the values themselves, a server keeps text
// and numbers as Python's clients write them, and a file keeps pickles. A coder is given
// by its name in a [Registry], or directly; the storage then keeps what it returns. In
// either case a hit has the function's own result type. Two things are lost: a nil []byte
// comes back empty from a server without a coder, and JSON keeps the offset of a
// time.Time, not its zone.
//
// Stored values outlive the program. When a result type or its meaning changes, put a
// version into the KeyPrefix, "summary:v2": a value stored under the old prefix may well
// fit the new type.
//
// # Keys
//
// A key is the prefix and one part for each parameter, in order, joined by colons:
// "prefix:1:x". The prefix is the KeyPrefix of the factory, or else the function's name
// with its package path. An Lru that belongs to one function has none, as in Python.
//
// On a storage that others can reach, a name must belong to one function:
//
//   - A function literal or an instance of a generic function has no such name. It needs a
//     KeyPrefix or a [Name].
//   - A method value needs one as well, but no key contains its receiver: all receivers
//     with that prefix share their results, and [Doctor] warns. Wrap the method expression
//     and use Bind, or make a rope for each instance in its constructor, with an Lru or
//     Dict that no other rope uses.
//   - If the receiver is in the key, its RingKey must tell apart receivers whose results
//     differ.
//
// [SafeKeys], the default, are Python's text wherever that can mean only one call:
// different calls of a function never share a key. Functions with the same prefix on one
// storage share their entries, as in Python. So do functions of two programs: each can
// have a main.f.
//
// [PythonKeys] are always Python's text, for a cache that a Python process uses as well.
// [HashKeys] write lists, maps and structs as a hash of 128 bits, however large they are,
// unless they contain pointers, interfaces or unexported fields (except those of a
// time.Time). SafeKeys differ from PythonKeys as follows:
//
//   - if several parts can contain a colon, a colon is written \: and a backslash \\
//   - blanks within strings in lists stay
//   - in a dict, a string is quoted if it contains a comma or begins with a quote; in a
//     dict of values of any type, also if it contains a quote or a bracket
//   - a value of a parameter of an interface type has its type in the text: int64(1),
//     unless Python has a literal for it; a string that looks like something else is
//     quoted: '1'
//   - a pointer to something that is written None is &None
//   - a time has the T of RFC 3339, and the name of its zone
//
// Two types declared within functions can have the same name in one package. As an
// argument, or as the type of a value in an interface, the type that the program uses
// first has the plain name, and in memory the other one is pkg.row#2. On a storage that
// outlives the process the other one is an [ErrKey]: the next process could use it first.
// Declare such types at package level. (PythonKeys write no type beside a value.)
//
// # How a value becomes text
//
// The first of these rules that applies:
//
//  1. A method RingKey() string, Python's __ring_key__, of the value or its address.
//  2. A method Hash() (uint64, error), or a tag hash:"…" on a field: the conventions of
//     github.com/mitchellh/hashstructure, for Python's __hash__. The text is
//     Type:hash:… in hexadecimal. hash:"ignore" leaves a field out.
//  3. For a struct with unexported fields, or an array: encoding.TextMarshaler, if the
//     type or its pointer is an encoding.TextUnmarshaler as well. A text that can be
//     read back tells values apart. A text for people may not: all secrets may print as
//     *****.
//  4. What Python writes itself: strings, bools, numbers and nil, []byte, slices and
//     arrays, [Tuple] and *args, maps, sets (maps to struct{}), reflect.Type; structs as
//     dataclasses, with the field names of a tag ring:"…"; a pointer as what it points
//     to. A struct whose fields are all exported is written by its fields, and a named
//     string or number by its value, even if they have text methods.
//  5. Only with PythonKeys: fmt.Stringer, Python's __str__.
//
// Any other value has state that a key cannot see. Wrap refuses it and says what to add;
// in a parameter of an interface type it is an [ErrKey].
//
// A text or hash method that a struct gets from an embedded field does not apply if the
// struct has other fields: the method may not know them. RingKey does apply, as in Python.
// Within a hashed value RingKey is not called, even if only the tags of its fields ask for
// the hash. The tag hash:"string" hashes the result of a field's String method.
//
// Of the standard library, regexp.Regexp, time.Location, reflect.Value, slog.Value and
// bytes.Buffer are refused in every style: their texts leave out some of their state. The
// text of a big.Float contains its precision, and its rounding mode and accuracy if these
// are not the usual ones: 0.1@53.
//
// A time.Time is written as in RFC 9557, with the name of its zone, because the zone
// decides its dates: 2024-01-15T09:00:00+01:00[Europe/Paris]. UTC has no name, and neither
// has time.Local, because a process has only one: machines that share a storage should
// have the same local zone, or use UTC. Two zones with the same name are told apart if one
// is in the time zone database and the other is a time.FixedZone; the unusual one has a !
// before its name. A zone without a name, as time.Parse makes it, is []. PythonKeys write
// Python's text, without a name.
//
// A nil and an empty slice or map have the same text. So have all NaN, except for their
// bits within a hashed value.
//
// # When a hit was expected
//
// [Wire.Explain] takes the arguments of a call, like the sub-functions, and tells how its
// key is made: which rule made the text of each argument, what was escaped, ignored or
// hashed, what Python would write, whether a value is cached, and for how long. It does
// not call the function and does not affect the LRU order. Explain the call that stored
// the value and the call that missed it, and compare the two.
//
//	fmt.Print(getURL.Explain("http://example.com"))
//
// [Doctor] examines all ropes of the program. It finds functions that can have the same
// key in one storage, receivers that are not in the key, names that other programs have as
// well, expiries that a storage cannot keep, coders that lose a type, and keys that a
// Python process would write differently. Its [Report] is a list and a text.
//
//	fmt.Print(ring.Doctor())
//
// # Concurrency
//
// Everything is safe for concurrent use. Of concurrent calls with the same key one runs
// the function and the others wait for it, each no longer than its own context. That is
// one run per key, backend and process: ropes over the same cache, map, client or file
// share it, other processes have their own. If the context of the running call ends,
// another call runs the function. A panic reaches all of them.
//
// A write wins over a run that is under way. If a delete, set or update ends while the
// function runs, storing the result of the run does not undo it, whichever rope it came
// from. Of two updates the one that began later wins. This also holds for Set, Delete and
// Clear of an LruCache itself. Ring cannot see what other programs write to a server or a
// file.
//
// A function that calls itself with the same key through its context gets an
// [ErrRecursion]. Without a context the call deadlocks; uncached, it would have recursed
// for ever. If the key leaves out part of the arguments (IgnorableKeys, hash:"ignore", a
// RingKey, a Key function), the recursion can end: such a call runs the function, and the
// outer run stores. Ring recognizes such a call by its context or its goroutine, so if the
// function starts a goroutine and waits for it, pass the context on.
//
// Decorate1 and its siblings take less than 1 KB of stack for a level of recursion. Decorate
// takes about 2 KB if the function's type is a common one, such as func(int) int, and 4 KB
// otherwise. Go ends a process whose stack reaches 1 GB.
//
// A hit returns the same slice, map or pointer to every caller, unless a coder decodes
// it. Do not change what a cached function returned.
//
// A call that waits for a server or a file returns when its context ends. A value that
// the function has returned is stored all the same: the write goes on in the background,
// for at most ten seconds after the call has returned. Until the client has finished,
// nothing else in this process writes to that key. If a client gives up a write because of
// its own time-out, the write can still arrive, even after a later one.
//
// With [Options].FailOpen a function works without a storage that fails or hangs;
// [Options].StorageTimeout limits how long it waits.
//
// # Errors
//
// An error is an [*Error] with the action, the function and the key. It wraps
// [ErrArguments], [ErrKey], [ErrCoder], [ErrNotFound], [ErrRecursion],
// errors.ErrUnsupported or the storage's own error. The function's own error is returned
// unchanged; the bulk sub-functions join the errors of their elements. Errors that are not
// returned, such as an entry that could not be decoded, go to [Options].OnError.
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
package ring
