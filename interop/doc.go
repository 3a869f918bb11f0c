// Package interop tests ring together with Python's ring: a driver in Python, driver.py,
// and one in Go do the same steps on the same servers, shelf and directory, and the tests
// compare what both of them answer, and what lies in the storage, with what should be.
// There is nothing in it to import. README.md says what is tested; make interop runs it.
//
// # Drivers
//
// A driver is a process that reads requests and writes answers, each one line of JSON. A
// request names in "do" what is to be done:
//
//   - hello: say what versions there are
//   - open: connect to the servers "redis" and "memcached", open the shelf and the
//     directory "disk"
//   - define: make a function of a signature and cache it on a backend, as "name"
//   - call: do an action, such as get_or_update, with arguments; what the function returns
//     if it runs is given, in "returns"
//   - key: make the key of a call
//   - forget: let go of a function
//   - unpickle: say what a pickle holds (Python only)
//   - batch: do several requests
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
//	{"$lookalike": …}, a dataclass of another class than the one of that name
package interop
