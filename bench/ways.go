package main

import (
	"errors"
	"runtime"
	"time"

	"github.com/ring-go/ring"
)

// ways compares what else can be done with a cached function with a Call of the same
// argument, or with a cache by hand that does the same.
func ways() ([]row, error) {
	ints, texts := wrap(ofInt), wrap(ofString)
	mortal := cached(resident)
	mortal.Expire = time.Hour
	expiring := ring.Wrap(ofInt, mortal)
	var h hitRows
	h.add(keyOfStruct())
	if err := errors.Join(callAll(ints, numbers), callAll(expiring, numbers), callAll(texts, names)); err != nil {
		return nil, err
	}
	h.against("Call(int)", 1.25, 1, true, asking(ints, numbers, "int")...)
	h.against("Call(string)", 1.25, 1, true, asking(texts, names, "string")...)
	h.against("Call(int) with expiry", 1.25, 1, true,
		row{name: "Touch(int) with expiry", base: one(call(expiring, numbers)),
			ours: loop(func(i int) error { return expiring.Touch(numbers[i&last]) })})
	h.against("by hand", 2.5, 3, true, changing()...)
	return h.rows, nil
}

// callAll has all values cached, so that there is something to ask for.
func callAll[A any](rope *ring.Rope, args []A) error { return one(call(rope, args))(resident) }

func keyOfStruct() row {
	rope := wrap(ofStruct)
	return row{name: "Key(struct of 5 fields)", baseName: "by hand", goal: 1.5, allocs: 2, total: true,
		ours: loop(func(i int) error {
			key, err := rope.Key(points[i&last])
			runtime.KeepAlive(key)
			return err
		}),
		base: loop(func(i int) error {
			var buf [128]byte
			key := string(appendPoint(append(buf[:0], prefix+":"...), &points[i&last]))
			runtime.KeepAlive(key)
			return nil
		})}
}

// asking are the ways to ask for what is cached.
func asking[A any](rope *ring.Rope, args []A, typ string) []row {
	byCall := one(call(rope, args))
	return []row{
		{name: "Get(" + typ + ")", base: byCall, ours: loop(func(i int) error { return isThere(rope.Get(args[i&last])) })},
		{name: "GetOrUpdate(" + typ + ")", base: byCall, ours: loop(func(i int) error { return isThere(rope.GetOrUpdate(args[i&last])) })},
		{name: "Lookup(" + typ + ")", base: byCall, ours: loop(func(i int) error {
			v, ok, err := rope.Lookup(args[i&last])
			if !ok {
				return errMissed
			}
			return isThere(v, err)
		})},
		{name: "Has(" + typ + ")", base: byCall, ours: loop(func(i int) error {
			ok, err := rope.Has(args[i&last])
			if !ok {
				return errMissed
			}
			return err
		})},
		{name: "Touch(" + typ + ")", base: byCall, ours: loop(func(i int) error { return rope.Touch(args[i&last]) })},
	}
}

// isThere returns an error unless a call has returned a value of the functions here.
func isThere(v any, err error) error {
	if n, ok := v.(int); err != nil || !ok || n < 0 {
		return wrong(v, err)
	}
	return nil
}

// changing are the ways to change what is cached. The values are boxed beforehand, so that
// what is allocated is for the call.
func changing() []row {
	values := make([]any, resident)
	for i, n := range numbers {
		values[i] = n
	}
	ints, texts := wrap(ofInt), wrap(ofString)
	handInts, handTexts := newHandInts(resident), newHandStrings(resident)
	return []row{
		{name: "Set(int)",
			ours: loop(func(i int) error { return ints.Set(values[i&last], numbers[i&last]) }),
			base: loop(func(i int) error { handInts.set(numbers[i&last], numbers[i&last]); return nil })},
		{name: "Set(string)",
			ours: loop(func(i int) error { return texts.Set(values[i&last], names[i&last]) }),
			base: loop(func(i int) error { handTexts.set(names[i&last], numbers[i&last]); return nil })},
		{name: "Set(int) and Delete(int)",
			ours: loop(func(i int) error {
				if err := ints.Set(values[i&last], numbers[i&last]); err != nil {
					return err
				}
				return ints.Delete(numbers[i&last])
			}),
			base: loop(func(i int) error {
				handInts.set(numbers[i&last], numbers[i&last])
				handInts.delete(numbers[i&last])
				return nil
			})},
		{name: "Set(string) and Delete(string)",
			ours: loop(func(i int) error {
				if err := texts.Set(values[i&last], names[i&last]); err != nil {
					return err
				}
				return texts.Delete(names[i&last])
			}),
			base: loop(func(i int) error {
				handTexts.set(names[i&last], numbers[i&last])
				handTexts.delete(names[i&last])
				return nil
			})},
	}
}
