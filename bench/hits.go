package main

import (
	"fmt"
	"reflect"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/mitchellh/hashstructure/v2"

	"github.com/ring-go/ring"
)

// each calls a function with the arguments in turn, as a user would.
func each[A, R any](args []A, f func(A) R) func(worker, n int) error {
	return func(worker, n int) error {
		var result R
		for i := range n {
			result = f(args[(i+worker*resident/2)&last])
		}
		runtime.KeepAlive(result)
		return nil
	}
}

// hits compares hits in memory with those of a cache written by hand, and with each
// other.
func hits() ([]row, error) {
	var h hitRows
	h.scalars()
	h.typed()
	h.others()
	h.structures()
	h.expiry()
	if err := h.goroutines(); err != nil {
		return nil, err
	}
	h.bound()
	return h.rows, nil
}

type hitRows struct{ rows []row }

func (h *hitRows) add(rows ...row) { h.rows = append(h.rows, rows...) }

// against adds rows with the same base and goals.
func (h *hitRows) against(baseName string, goal, allocs float64, total bool, rows ...row) {
	for _, r := range rows {
		r.baseName, r.goal, r.allocs, r.total = baseName, goal, allocs, total
		h.add(r)
	}
}

// one is an operation of workers with one of them.
func one(op func(worker, n int) error) operation { return func(n int) error { return op(0, n) } }

// call and callScalars are loops around a Call as a user writes it: with the arguments
// in place, so that the compiler sees how they are used.

func call[A any](rope *ring.Rope, args []A) func(worker, n int) error {
	return func(worker, n int) error {
		sum := 0
		for i := range n {
			v, err := rope.Call(args[(i+worker*resident/2)&last])
			if err != nil {
				return err
			}
			sum += v.(int)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

func callScalars[A any](rope *ring.Rope, args []A) func(worker, n int) error {
	scalars := rope.Scalars()
	return func(worker, n int) error {
		sum := 0
		for i := range n {
			v, err := scalars.Call(args[(i+worker*resident/2)&last])
			if err != nil {
				return err
			}
			sum += v.(int)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

// wrong is the error of a loop when a call did not return its value.
func wrong(v any, err error) error { return fmt.Errorf("a call returned %v, %v", v, err) }

// scalars compares calls with scalars with the closure.
func (h *hitRows) scalars() {
	compare(h, "int", goals{scalars: 1.15, call: 1.5, boxes: 1}, numbers, wrap(ofInt), handInt(resident, ofInt))
	compare(h, "string", goals{scalars: 1.35, call: 2.4, boxes: 1}, names, wrap(ofString), handString(resident, ofString))
	compare(h, "bool", goals{scalars: 1.6}, switches, wrap(ofBool), handBool(resident, ofBool))
	compare(h, "float64", goals{scalars: 1.6, boxes: 1}, floats, wrap(ofFloat), handFloat(resident, ofFloat))
	h.several()
}

// several is compare for a function of several arguments.
func (h *hitRows) several() {
	rope, closure := wrap(ofSeveral), handSeveral(resident, ofSeveral)
	scalars := rope.Scalars()
	byHand := func(n int) error {
		sum := 0
		for i := range n {
			i &= last
			sum += closure(numbers[i], names[i], switches[i], floats[i])
		}
		runtime.KeepAlive(sum)
		return nil
	}
	asScalars := func(n int) error {
		for i := range n {
			i &= last
			if v, err := scalars.Call(numbers[i], names[i], switches[i], floats[i]); err != nil || v.(int) < 0 {
				return wrong(v, err)
			}
		}
		return nil
	}
	asAny := func(n int) error {
		for i := range n {
			i &= last
			if v, err := rope.Call(numbers[i], names[i], switches[i], floats[i]); err != nil || v.(int) < 0 {
				return wrong(v, err)
			}
		}
		return nil
	}
	h.beside("int, string, bool, float64", goals{scalars: 1.6, boxes: 3}, asScalars, asAny, byHand)
}

// goals are those of the calls of one function beside the closure, and the allocations of
// its Call.
type goals struct{ scalars, call, boxes float64 }

// beside is the goal of a Call beside the call as scalars. Of a text, the box alone takes
// more than half of what the whole call as scalars does, and nothing else differs: there, the
// goals of the two beside the closure say what the box may come to.
func (g goals) beside() float64 {
	if g.call == 0 {
		return 1.6
	}
	return max(1.6, g.call/g.scalars)
}

// beside adds the rows of a function: its calls as scalars beside the closure, and its
// calls as anything beside both.
func (h *hitRows) beside(types string, g goals, scalars, call, byHand operation) {
	h.add(
		row{name: "Scalars(" + types + ")", ours: scalars, base: byHand, baseName: "by hand", goal: g.scalars, allocs: 0, total: true},
		row{name: "Call(" + types + ")", ours: call, base: byHand, baseName: "by hand", goal: g.call, allocs: g.boxes, total: true},
		row{name: "Call(" + types + ")", ours: call, base: scalars, baseName: "Scalars", goal: g.beside(), allocs: g.boxes, total: true})
}

// compare is beside for a function with one argument.
func compare[A any](h *hitRows, typ string, g goals, args []A, rope *ring.Rope, closure func(A) int) {
	h.beside(typ, g, one(callScalars(rope, args)), one(call(rope, args)), one(each(args, closure)))
}

// prebuilt is a MakeFunc that only returns a result made in advance.
func prebuilt[F any](result any) F {
	typ := reflect.TypeFor[F]()
	results := []reflect.Value{reflect.ValueOf(result)}
	for i := 1; i < typ.NumOut(); i++ {
		results = append(results, reflect.Zero(typ.Out(i)))
	}
	return reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value { return results }).Interface().(F)
}

// typed compares functions of the original's type with the least that such a function of
// any type costs.
func (h *hitRows) typed() {
	decorated := ofInt
	ring.Decorate(&decorated, cached(resident))
	function := wrap(ofString).Func().(func(string) int)
	failing := wrap(ofStringOrError).Func().(func(string) (int, error))
	several := wrap(ofSeveral).Func().(func(int, string, bool, float64) int)
	bare := prebuilt[func(int, string, bool, float64) int](1)
	loop := func(f func(int, string, bool, float64) int) operation {
		return func(n int) error {
			sum := 0
			for i := range n {
				i &= last
				sum += f(numbers[i], names[i], switches[i], floats[i])
			}
			runtime.KeepAlive(sum)
			return nil
		}
	}
	h.against("bare MakeFunc", 1.9, 0, false,
		row{name: "decorated func(int) int", ours: one(each(numbers, decorated)), base: one(each(numbers, prebuilt[func(int) int](1)))},
		row{name: "Func() of func(string) int", ours: one(each(names, function)), base: one(each(names, prebuilt[func(string) int](1)))},
		row{name: "Func() of func(string) (int, error)", ours: answers(names, failing), base: answers(names, prebuilt[func(string) (int, error)](1))},
		row{name: "Func() of func(int, string, bool, float64) int", ours: loop(several), base: loop(bare)})
}

// others compares arguments that are not scalars with scalars of about the same text:
// the method differs, not the length.
func (h *hitRows) others() {
	ofNames, ofAnys, ofUsers := wrap(ofNamed), wrap(ofAny), wrap(ofUser)
	ints, texts := one(call(wrap(ofInt), numbers)), one(call(wrap(ofString), names))
	// A single scalar has the shortest way of all, which the others stand beside.
	h.against("Call(int)", 2, 1, true,
		row{name: "Call(a type of its own, an int)", base: ints,
			ours: func(n int) error {
				for i := range n {
					if v, err := ofNames.Call(named(numbers[i&last])); err != nil || v.(int) < 0 {
						return wrong(v, err)
					}
				}
				return nil
			}},
		row{name: "Call(int), where the parameter is any", base: ints, ours: one(call(ofAnys, numbers))})
	h.against("Call(string)", 1.7, 1, true,
		row{name: "Call(pointer with RingKey)", base: texts, ours: one(call(ofUsers, users))})
	h.pairs()
}

// pairs is others for what has two numbers in it.
func (h *hitRows) pairs() {
	two, ofPairs, ofLists := wrap(ofTwo), wrap(ofPair), wrap(ofList)
	twoInts := func(n int) error {
		for i := range n {
			i &= last
			if v, err := two.Call(numbers[i], 1000+i); err != nil || v.(int) < 0 {
				return wrong(v, err)
			}
		}
		return nil
	}
	h.against("Call(int, int)", 1.75, 1, true,
		row{name: "Call(struct of 2 ints)", base: twoInts,
			ours: func(n int) error {
				for i := range n {
					i &= last
					if v, err := ofPairs.Call(pair{numbers[i], 1000 + i}); err != nil || v.(int) < 0 {
						return wrong(v, err)
					}
				}
				return nil
			}},
		row{name: "Call(slice of 2 ints)", base: twoInts, ours: one(call(ofLists, short))})
}

// structures compares whole hits with the closure, and with the cost of hashing the
// argument alone.
func (h *hitRows) structures() {
	ofPoints, ofLists, ofMaps := wrap(ofStruct), wrap(ofList), wrap(ofMap)
	callPoint, callList, callMap := one(call(ofPoints, points)), one(call(ofLists, lists)), one(call(ofMaps, maps))
	const (
		ofFive    = "Call(struct of 5 fields)"
		ofHundred = "Call(slice of 100 ints)"
		ofTwenty  = "Call(map of 20 entries)"
		hash      = "hashstructure alone"
	)
	h.add(
		// By hand nothing is boxed and no types are checked: the goal is that of the key
		// alone, in a table of its own.
		row{name: ofFive, ours: callPoint, base: one(each(points, handStruct(resident, ofStruct))), baseName: "by hand", allocs: 1, total: true},
		row{name: ofHundred, ours: callList, base: one(each(lists, handSlice(resident, ofList))), baseName: "by hand", allocs: 1, total: true},
		row{name: ofTwenty, ours: callMap, base: one(each(maps, handMap(resident, ofMap))), baseName: "by hand", allocs: -1},
		row{name: ofFive, ours: callPoint, base: hashes(points), baseName: hash, goal: 7.5, faster: true, allocs: -1},
		row{name: ofHundred, ours: callList, base: hashes(lists), baseName: hash, goal: 5, faster: true, allocs: -1},
		row{name: ofTwenty, ours: callMap, base: hashes(maps), baseName: hash, goal: 1.3, faster: true, allocs: -1})
}

// hashes hashes the values in turn.
func hashes[T any](values []T) operation {
	return func(n int) error {
		for i := range n {
			if _, err := hashstructure.Hash(values[i&last], hashstructure.FormatV2, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// expiry compares a function whose values expire with one whose values do not.
func (h *hitRows) expiry() {
	mortal := cached(resident)
	mortal.Expire = time.Hour
	h.against("without", 1.75, 0, true,
		row{name: "Scalars(int) with expiry", ours: one(callScalars(ring.Wrap(ofInt, mortal), numbers)), base: one(callScalars(wrap(ofInt), numbers))},
		row{name: "Scalars(string) with expiry", ours: one(callScalars(ring.Wrap(ofString, mortal), names)), base: one(callScalars(wrap(ofString), names))})
}

// goroutines compares the throughput of two goroutines with that of one, and with that
// of golang-lru, which gets the finished key.
func (h *hitRows) goroutines() error {
	cache, err := lru.New[string, int](resident)
	if err != nil {
		return err
	}
	for _, name := range names {
		cache.Add(name, ofString(name))
	}
	get := func(worker, n int) error {
		sum := 0
		for i := range n {
			v, ok := cache.Get(names[(i+worker*resident/2)&last])
			if !ok {
				return errMissed
			}
			sum += v
		}
		runtime.KeepAlive(sum)
		return nil
	}
	for _, way := range []struct {
		name        string
		ints, texts func(worker, n int) error
		allocs      float64
		goal        float64 // beside golang-lru, which has no argument to box
	}{
		{"Scalars", callScalars(wrap(ofInt), numbers), callScalars(wrap(ofString), names), 0, 1.3},
		{"Call", call(wrap(ofInt), numbers), call(wrap(ofString), names), 1, 0},
	} {
		for _, c := range []struct {
			typ string
			op  func(worker, n int) error
		}{{"int", way.ints}, {"string", way.texts}} {
			h.add(row{name: way.name + "(" + c.typ + "), 2 goroutines", timed: true, ours: parallel(2, c.op), base: parallel(1, c.op), baseName: "1 goroutine",
				goal: 1.3, allocs: way.allocs, total: true})
		}
		h.add(row{name: way.name + "(string), 2 goroutines", timed: true, ours: parallel(2, way.texts), base: parallel(2, get), baseName: "golang-lru, 2 goroutines",
			goal: way.goal, allocs: way.allocs, total: true})
	}
	h.shards()
	return nil
}

// shards compares a cache of 16 shards on many goroutines with itself on one, and on one
// with a cache that has none.
func (h *hitRows) shards() {
	divided := cached(2 * resident) // no shard evicts what is called
	divided.Shards = 16
	sharded := callScalars(ring.Wrap(ofString, divided), names)
	h.add(
		row{name: "Scalars(string), 16 shards, 64 goroutines", timed: true, ours: parallel(64, sharded), base: parallel(1, sharded), baseName: "1 goroutine",
			goal: 1.3, allocs: -1},
		row{name: "Scalars(string), 16 shards", ours: one(sharded), base: one(callScalars(wrap(ofString), names)), baseName: "without shards",
			goal: 1.25, allocs: 0, total: true})
}

// bound compares a method with a function that has the receiver's key as one more
// argument.
func (h *hitRows) bound() {
	method, function := wrap((*user).Balance), wrap(ofMonth)
	wires := make([]*ring.Wire, resident)
	for i, u := range users {
		wires[i] = method.Bind(u)
	}
	plain := func(n int) error {
		for i := range n {
			if v, err := function.Call(names[i&last], 2026); err != nil || v.(int) < 0 {
				return wrong(v, err)
			}
		}
		return nil
	}
	h.add(
		row{name: "bound method, Call(int)", base: plain, baseName: "Call(string, int)", goal: 1.3, allocs: -1,
			ours: func(n int) error {
				for i := range n {
					if v, err := wires[i&last].Call(2026); err != nil || v.(int) < 0 {
						return wrong(v, err)
					}
				}
				return nil
			}},
		row{name: "the same, bound again for every call", base: plain, baseName: "Call(string, int)", allocs: -1,
			ours: func(n int) error {
				for i := range n {
					if v, err := method.Bind(users[i&last]).Call(2026); err != nil || v.(int) < 0 {
						return wrong(v, err)
					}
				}
				return nil
			}})
}
