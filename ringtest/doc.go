// Package ringtest helps to test code that uses ring: it turns caches off for a test,
// empties them, watches what they keep, and makes storages that fail.
//
//	func TestInvoice(t *testing.T) {
//		ringtest.Isolate(t, prices, customers) // no server, and no entries of other tests
//		…
//	}
//
// Bypass, Isolate and Guard change ropes that exist already, package variables above all,
// until the test ends. Settle waits for the renewals that calls have started. What was changed last counts, and is undone first: a subtest can
// Isolate a rope that its test has to Bypass. Faulty is a storage for a rope that the test
// makes itself.
//
// They apply to every way of calling a rope: Call, the sub-functions and their bulk forms,
// wires, Scalars, and the typed functions of Decorate1, Func and the others, also those
// that were made before. They do not change keys, coders, the default action or the user
// interface.
//
// # Tests at the same time
//
// A rope is one for the whole program. So tests that call t.Parallel and use the same rope
// see each other: what one of them changes applies to all, and when it ends the change ends
// for all. In the end every rope is as it was. Give such tests ropes of their own.
//
// Changing a rope is safe while other goroutines call it. A call that has begun before ends
// where it began: its run stores into the storage that the rope had then.
//
// # Time
//
// Values expire by package time, so in a bubble of testing/synctest they expire by the
// bubble's clock, without a wait. Call Isolate within the bubble: then nothing in it waits
// for a server, and all that it makes belongs to it.
package ringtest
