// Package interop tests ring together with Python's ring. A driver in Python,
// driver.py, and one in Go take the same steps on the same servers, shelf and
// directory. The tests compare both answers, and the content of the storage, with the
// expected ones. The package exports nothing. README.md says what is tested; make
// interop runs it.
//
// # Drivers
//
// A driver is a process that reads requests and writes answers, each one line of JSON.
// The member "do" of a request is one of these:
//
//   - hello: return the versions
//   - open: connect to the servers "redis" and "memcached", open the shelf and the
//     directory "disk"
//   - define: make a function with a signature and cache it on a backend, as "name"
//   - call: run an action, such as get_or_update, with arguments; "returns" is what the
//     function returns if it runs
//   - key: make the key of a call
//   - forget: drop a function
//   - unpickle: return the content of a pickle (Python only)
//   - batch: run several requests
//
// The answer has a "result", or an "error" by the name of its kind, and "executed", how
// many times the function ran.
//
// # Notes
//
// Values are written as notes. Strings, small ints, bools and null stand for Python's
// str, int, bool and None. Every other value is an object with one member:
//
//	{"$int": "36893488147419103232"}   {"$float": "1.5"}   {"$bytes": "AAE="}
//	{"$list": [1, 2]}   {"$tuple": [1, 2]}   {"$set": [1]}   {"$frozenset": [1]}
//	{"$dict": [["key", "value"]]}   {"$dataclass": {"name": "Point", "fields": [["x", 1]]}}
//	{"$ringkey": "what __ring_key__ returns"}   {"$type": "Point"}   {"$ellipsis": true}
//	{"$lookalike": …}, a dataclass of another class than the one with that name
package interop
