package store

import (
	"context"
	"slices"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// Together is how a function runs for several elements of a bulk call at once. After Put the
// run of an element returns what was put, and does not call the function.
type Together struct {
	Max    int // elements of one run; 0: any number
	Groups func(places []int, contextOf func(i int) context.Context) [][]int
	Run    func(ctx context.Context, places []int) (put func()) // it may go on after its time is over
	Fail   func(places []int, err error)                        // puts an error
}

// runTogether runs the function for the elements at places, each key once. A key that another
// call runs, in this process or another one, is waited for after everything of this call has
// ended: two calls with the same keys in any order cannot block each other.
func (b *bulkRun) runTogether(t *Together, places []int, contextOf func(i int) context.Context, run elementFunc) {
	for _, i := range places {
		b.reportForeign(i, b.keys[i])
	}
	defer b.unqueue()
	for len(places) > 0 {
		var theirs []element
		var locked []int
		groups := t.Groups(places, contextOf)
		for n, group := range groups {
			for len(group) > 0 {
				c := chunk{bulkRun: b, t: t, ctx: contextOf(group[0]), run: run, last: n == len(groups)-1 && len(b.led) == 0}
				group = c.lead(group)
				theirs, locked = append(theirs, c.theirs...), append(locked, c.locked...)
			}
		}
		b.store()
		places = append(b.waitFor(theirs, contextOf, run), locked...)
	}
}

// elementFunc computes the value of an element of a bulk call, in its flight.
type elementFunc func(f *flight.Flight, i int) (any, error)

// waitFor waits for the flights of other calls. It returns the places that have to be tried
// again.
func (b *bulkRun) waitFor(theirs []element, contextOf func(i int) context.Context, run elementFunc) (again []int) {
	for _, e := range theirs {
		apart, ok := b.s.follow(contextOf(e.place), e.flight, &b.outcomes[e.place])
		if apart != nil {
			b.runApart(apart, e.place, func(f *flight.Flight) (any, error) { return run(f, e.place) })
		}
		if !ok || !b.followed[e.place] && b.s.mayBeDeleted(&b.outcomes[e.place]) {
			again = append(again, e.place)
			b.outcomes[e.place] = flight.Outcome{}
			b.follows(e.place)
		}
	}
	return again
}

// follows records that an element was waited for.
func (b *bulkRun) follows(place int) {
	if b.followed == nil {
		b.followed = map[int]bool{}
	}
	b.followed[place] = true
}

// chunk is one run for several elements.
type chunk struct {
	*bulkRun
	t      *Together
	ctx    context.Context // of the elements
	run    elementFunc
	mine   []element // those whose flights it leads, until they have ended
	theirs []element // those that others lead

	last    bool      // nothing of the call remains to be run but what it gets
	blocked []element // those whose flights it leads and whose locks it has not got
	locked  []int     // those of which other processes hold the locks: for later
}

// lead runs the function for as many of the places as go into one run, and returns the rest.
// A later element begins no flight yet: the run may need its key.
func (c *chunk) lead(places []int) (rest []int) {
	defer c.crash()
	if err := c.ctx.Err(); err != nil {
		for _, i := range places {
			c.outcomes[i] = flight.Outcome{Err: err, Abandoned: true}
		}
		return nil
	}
	for n, i := range places {
		if c.t.Max > 0 && len(c.mine) == c.t.Max {
			rest = places[n:]
			break
		}
		f, leader := c.s.Flights.Join(c.ctx, c.keys[i], c.s, c.who)
		e := element{flight: f, place: i}
		switch {
		case !leader:
			c.theirs = append(c.theirs, e)
		case !c.recall(e):
			c.mine = append(c.mine, e)
		}
	}
	c.last = c.last && len(rest) == 0 && len(c.theirs) == 0
	c.lookAgain()
	if c.s.Lock.Locker != nil && len(c.mine) > 0 {
		c.lock()
	}
	if len(c.mine) > 0 {
		c.runMine()
	}
	return rest
}

// crash ends the flights if the function panics or ends the goroutine.
func (c *chunk) crash() {
	led := slices.Concat(c.mine, c.blocked)
	if len(led) == 0 {
		return
	}
	o := flight.Outcome{Abandoned: true}
	r := recover()
	if r != nil {
		o = flight.Outcome{Err: &flight.Panicked{Value: r}}
	}
	for _, e := range led {
		c.s.Flights.Land(e.flight, &o)
	}
	if r != nil {
		panic(r)
	}
}

// recall ends the flight of an element of which an error is remembered.
func (c *chunk) recall(e element) bool {
	r := c.s.policy().Recall(e.flight.Key)
	if r == nil {
		return false
	}
	c.outcomes[e.place] = flight.Outcome{Err: r}
	c.s.Flights.Land(e.flight, &c.outcomes[e.place])
	return true
}

// lookAgain looks for the values once more if something was written since the first look-up,
// unless the storage has failed. Those that are there now need no run.
func (c *chunk) lookAgain() {
	if c.s.Flights.WritesEnded() == c.writes {
		return
	}
	var keys []string
	var looked, missing []element
	for _, e := range c.mine {
		if c.outcomes[e.place].Failed {
			missing = append(missing, e)
			continue
		}
		keys, looked = append(keys, e.flight.Key), append(looked, e)
	}
	if len(keys) == 0 {
		return
	}
	found := c.s.lookForMany(c.bulkRun.ctx, keys)
	c.mine = missing
	for n, e := range looked {
		if !c.settle(e, &found[n]) {
			c.mine = append(c.mine, e)
		}
	}
}

// settle ends the flight of an element by what a second look-up has found. It returns false if
// the function has to run.
func (c *chunk) settle(e element, o *flight.Outcome) bool {
	switch {
	case o.Hit && (o.Age == nil || c.s.policy().Of(e.flight.Key, o.Age.Left) <= fresh.Due):
	case !o.Hit && !isMissing(o):
		o.Abandoned = ended(c.ctx) != nil
	default:
		c.outcomes[e.place].Failed = o.Failed
		return false
	}
	c.land(e, o)
	return true
}

// land ends the flight of an element that needs no run.
func (c *chunk) land(e element, o *flight.Outcome) {
	c.outcomes[e.place] = *o
	c.outcomes[e.place].MakeOwn()
	c.s.Flights.Land(e.flight, o)
}

// runMine runs the function once, and ends the flights. They stay in their places until the
// values are stored.
func (c *chunk) runMine() {
	flights, places := make([]*flight.Flight, len(c.mine)), make([]int, len(c.mine))
	for n, e := range c.mine {
		flights[n], places[n] = e.flight, e.place
		if !c.s.Memory {
			c.s.Flights.Runs(e.flight)
		}
	}
	c.t.runFor(c.ctx, c.s, flights, places)
	for n, e := range c.mine {
		o := flight.Outcome{Failed: c.outcomes[e.place].Failed}
		if o.Value, o.Err = c.run(e.flight, e.place); o.Err != nil {
			o.Err = ofFunction(o.Err)
			o.Abandoned = !IsLate(o.Err) && (e.flight.Left || ended(c.ctx) != nil)
		}
		o.Ran = o.Err == nil
		c.mine = c.mine[1:]
		c.ended(flights[n], e.place, &o)
	}
}

// ended ends the flight of an element that has been run.
func (b *bulkRun) ended(f *flight.Flight, place int, o *flight.Outcome) {
	b.outcomes[place] = *o
	b.outcomes[place].MakeOwn()
	if !o.Ran || o.Failed {
		b.s.Flights.Land(f, o)
		return
	}
	if b.s.Lock.Locker == nil {
		b.s.Flights.End(f, o)
	} else { // others do not get a value that somebody has voided
		b.s.Flights.Stores(f, *o)
	}
	b.led = append(b.led, element{f, place, o.Value})
}

// runFor runs the function for the elements at places, whose flights are known if they have
// some. What the function says about the life of its values holds for each.
func (t *Together) runFor(ctx context.Context, s *Values, flights []*flight.Flight, places []int) {
	head := flight.NewApart(ctx, "", s)
	if n := len(flights); n > 0 {
		flight.Together(flights)
		head = flights[n-1]
	}
	run := func(ctx context.Context, f *flight.Flight) (any, error) {
		return t.Run(flight.Within(ctx, f), places), nil
	}
	var put any
	var err error
	if limit := s.policy().Run; limit > 0 {
		put, err = s.runWithin(ctx, &Call{Run: run}, head, limit)
	} else {
		put, err = run(ctx, head)
	}
	if err != nil {
		t.Fail(places, err)
		return
	}
	put.(func())()
	if life := head.Life(); life != 0 {
		for _, f := range flights {
			f.SetLife(life)
		}
	}
}

// allPlaces returns the places of n elements.
func allPlaces(n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	return places
}

// prefetch runs the function beside the cache for the elements at places.
func (t *Together) prefetch(s *Values, places []int, contextOf func(i int) context.Context) {
	for _, part := range t.parts(places, contextOf) {
		ctx := contextOf(part[0])
		if ctx.Err() == nil { // else each element finds that out
			t.runFor(ctx, s, nil, part)
		}
	}
}

// parts divides the elements at places into those of one run each.
func (t *Together) parts(places []int, contextOf func(i int) context.Context) (parts [][]int) {
	for _, group := range t.Groups(places, contextOf) {
		size := len(group)
		if t.Max > 0 {
			size = t.Max
		}
		parts = slices.AppendSeq(parts, slices.Chunk(group, size))
	}
	return parts
}

// Execute runs the function for all of n elements, and knows of no cache.
func (t *Together) Execute(n int, contextOf func(i int) context.Context) {
	for _, part := range t.parts(allPlaces(n), contextOf) {
		t.Run(contextOf(part[0]), part)()
	}
}

// isDone tells whether the look-up has settled an element.
func (b *bulkRun) isDone(i int) bool { return !isMissing(&b.outcomes[i]) }

// everyPlace returns the places of n elements, those with equal keys once.
func (b *bulkRun) everyPlace(skip func(i int) bool) (places []int) {
	for i := range b.keys {
		if b.same[i] = i; !skip(i) && !b.repeats(i) {
			places = append(places, i)
		}
	}
	return places
}

// updateTogether is updateOne for the elements at places.
func (b *bulkRun) updateTogether(t *Together, places []int, contextOf func(i int) context.Context, run elementFunc) {
	for _, part := range t.parts(places, contextOf) {
		b.updatePart(t, part, contextOf(part[0]), run)
	}
}

// updatePart runs the function once.
func (b *bulkRun) updatePart(t *Together, places []int, ctx context.Context, run elementFunc) {
	flights := make([]*flight.Flight, len(places))
	for n, i := range places {
		flights[n] = b.s.Flights.Begin(ctx, b.keys[i], b.s, b.who)
	}
	left := flights
	defer func() {
		for _, f := range left {
			b.s.Flights.Drop(f)
		}
	}()
	t.runFor(ctx, b.s, flights, places)
	for n, i := range places {
		f := flights[n]
		value, err := b.s.runUpdate(f, func(f *flight.Flight) (any, error) { return run(f, i) })
		left = flights[n+1:]
		if err != nil {
			b.outcomes[i] = flight.Outcome{Value: value, Err: err, Abandoned: ended(ctx) != nil}
			b.s.Flights.Drop(f)
			continue
		}
		b.outcomes[i] = flight.Outcome{Value: value, Ran: true}
		b.outcomes[i].MakeOwn()
		b.led = append(b.led, element{f, i, value})
	}
}
