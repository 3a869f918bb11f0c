// Package ring caches the results of functions, with the interface of Python's ring.
//
// A function goes in, a [Rope] comes out. It is called like the function, and it
// answers the sub-functions by which a cache is managed, all of which take the
// function's own arguments:
//
//	var getURL = ring.Wrap(fetch, ring.Lru{MaxSize: 1000, Expire: time.Minute})
//
//	body, err := getURL.Call("http://example.com")   // cached, or fetched and cached
//	err = getURL.Delete("http://example.com")
//	body, err = getURL.Get("http://example.com")     // nil: not cached
//	key, err := getURL.Key("http://example.com")     // the key in the storage
//
// The function is any func. Its parameters, its results, a leading context and a
// trailing error are read by reflection once, in [Wrap]; a call runs what was
// compiled then.
//
// # Wrapping
//
// [Wrap] and [New] return a rope and leave the function alone. [Decorate] replaces
// the function in its variable, so that its own recursive calls are cached, too, and
// the type stays:
//
//	var fib func(int) int
//	fib = func(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
//	ring.Decorate(&fib, ring.Lru{})
//
// A method expression makes a rope that is bound to a receiver as in Python:
//
//	child := ring.Wrap((*User).Child, ring.Lru{})
//	v, err := child.Bind(user).Call(7)
//
// A context.Context as the first parameter, or behind the receiver, is passed
// through and never part of the key. A last result of type error that is not nil is
// returned and nothing is cached. Several results are a [Tuple].
//
// # Arguments
//
// What Python reads off a function, Go cannot tell: [Signature] gives the parameters
// their names, defaults and kinds, in Python's syntax. Then arguments can be left out
// or be given by name, by a [Kwargs] as the last argument:
//
//	query := ring.Wrap(run, ring.Lru{}, ring.Signature("sql, limit=10, *args, dry=False, **opts"))
//	rows, err := query.Call("select 1", ring.Kwargs{"dry": true})
//
// Arguments convert to the types of the parameters where that loses nothing: 1 is an
// int8 as well as a float64, 1.5 is no int. What does not fit is [ErrArguments].
//
// # Sub-functions
//
//   - key, execute, get, update, get_or_update, set, delete, has and touch: the
//     methods [Wire.Key] to [Wire.Touch]
//   - the same for several calls at once, each an [Args] or a [Kwargs]: [Wire.KeyMany]
//     to [Wire.TouchMany]. They are one round trip where the storage can do that.
//   - [Wire.Run] does any of them by name, and those that a user interface adds
//
// Call is get_or_update, unless [Options].DefaultAction says otherwise. Its value is an
// any of the function's result type; [Wire.Func] is the cached function with its own type.
// [Wire.Lookup] tells a nil that is cached from a miss. A [UserInterface] of one's
// own replaces some of them or adds others; see the DoubleCache example.
//
// # Storages
//
// A factory says where values are kept; its field Kwargs holds the [Options] that all
// factories have in common. [Lru] keeps values in memory and evicts the least
// recently used. [Dict] keeps them
// in a map, a sync.Map or a [Mapping], for ever or until they expire. [RedisPy],
// [RedisPyHash] and [Memcache] keep them on servers. [BaseFactory] takes any [Storage];
// package storagetest has a test for one. Without a coder, a storage in memory keeps
// the values themselves, a server text and numbers as Python's clients write them. With one, registered in a [Registry] or given as it is,
// it keeps what the coder makes of them. A hit has the function's own result type in
// either case.
//
// # Keys
//
// A key is the prefix and one part for each parameter, in order, joined by colons:
// "prefix:1:x". The prefix is the KeyPrefix of the factory or else the function's name,
// package path included; an Lru of its own has none, as in Python. A function literal,
// a method value and an instance of a generic function have no name that is theirs
// alone, so a storage that others can reach demands a KeyPrefix or a [Name] for them.
//
// [SafeKeys], the default, are Python's text wherever that can mean only one call, and
// different calls of a function never share a key. (In a parameter of an interface
// type, values of two types that have one name in one package, declared inside two
// functions, cannot be told apart.) Functions with one prefix on one storage share
// their entries, as in Python; main.f is a function of every program. [PythonKeys] are Python's text always, for a cache
// that a Python process uses as well. [HashKeys] write lists, maps and structs as a
// hash. Where SafeKeys differ from PythonKeys:
//
//   - a colon in one of several parts that could have one is written \: and a backslash \\
//   - blanks within strings in lists stay
//   - in a dict, a string with a comma, or that begins with a quote, is quoted; in a
//     dict of values of any type, also one with a quote or bracket
//   - a value of a parameter of an interface type tells its type: int64(1), unless it
//     is one that Python has a literal for; a string that looks like something else is
//     quoted: '1'
//   - a pointer to something that is written None is &None
//
// # How a value becomes text
//
// The first of these that applies:
//
//  1. A method RingKey() string, Python's __ring_key__, of the value or its address.
//  2. A method Hash() (uint64, error), or a tag hash:"…" on a field: the
//     conventions of github.com/mitchellh/hashstructure, which stand for Python's
//     __hash__. The text is Type:hash:… in hexadecimal. hash:"ignore" leaves a field out.
//  3. What Python writes itself: strings, bools, numbers and nil, []byte, slices and
//     arrays, [Tuple] and *args, maps, sets (maps to struct{}), reflect.Type; structs as
//     dataclasses, with the field names of a tag ring:"…"; a pointer as what it points to.
//  4. encoding.TextMarshaler, for a struct or an array before 3.
//  5. fmt.Stringer.
//
// A struct with unexported fields and none of 1, 2, 4 and 5 has state that a key cannot
// see. Wrap refuses it, and says what to add. A text or hash method that an embedded
// field has, too, does not count where there are other fields, of which it may know
// nothing; RingKey does, as in Python. HashKeys ask no value within a hashed one for its
// RingKey.
//
// A nil and an empty slice or map are the same. So are all NaN.
//
// # When a hit was expected
//
// [Wire.Explain] takes the arguments of a call, like the sub-functions, and tells how its
// key comes about: what made the text of each argument, what was escaped, ignored or
// hashed, what Python would write, whether a value is cached under it, and for
// how long yet. It runs nothing and counts as no use. Explain the call that stored the value
// and the one that missed it, and compare the two.
//
//	fmt.Print(getURL.Explain("http://example.com"))
//
// [Doctor] looks at all ropes of the program: at functions whose keys can meet in one
// storage, names that other programs have, too, expiries that a storage cannot keep, coders
// that lose the type of what they are given, and keys that a Python process would write
// otherwise. Its [Report] is a list and a text.
//
//	fmt.Print(ring.Doctor())
//
// # Concurrency
//
// Everything is safe for concurrent use. Of concurrent calls with the same key one runs
// the function and the others wait for it, each no longer than its own context. If the
// context of the one that runs ends, another one runs. A panic reaches all of them. A
// delete, set or update by the same rope that ends while the function runs is not
// undone when its value is stored. A function that calls itself with the same key through its context gets
// [ErrRecursion]; without a context it deadlocks, where it would have recursed for
// ever.
//
// A hit returns to every caller the same slice, map or pointer, unless a coder makes
// it anew. Do not change what a cached function returned.
//
// A call that waits for a server or a file returns when its context ends. What was being written
// then goes on, and until the client is done with it nobody else of this process writes to that
// key. A client that gives up a write by a time-out of its own may have sent it: it can still
// arrive then, also after what was written next. With
// [Options].FailOpen a function goes on without a storage that fails.
//
// # Errors
//
// Errors are an [*Error] with the action, the function and the key, and wrap
// [ErrArguments], [ErrKey], [ErrCoder], [ErrNotFound], [ErrRecursion],
// errors.ErrUnsupported or the storage's own error. The function's error comes as it
// is, but for the bulk sub-functions, which join the errors of their elements. What no caller gets, an entry that could not be decoded and was made anew, goes
// to [Options].OnError.
package ring
